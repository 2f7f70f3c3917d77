/** Code in the colours of the editor. The grammars are a script of their own, loaded when code is first seen. */
import type { ComponentChildren, VNode } from "preact";
import { useEffect, useState } from "preact/hooks";

/** Says HTML with classes and nothing else; nothing where it does not know the language. */
export type ToHtml = (code: string, language: string) => string | undefined;

const MOST = 60_000;

export function Code({ text, language }: { text: string; language: string }): VNode {
  const colored = useColored(text, language);
  return (
    <pre class="code" data-language={language}>
      <code>{colored ?? text}</code>
    </pre>
  );
}

/** Null while nothing is known of its colors. */
export function useColored(text: string, language: string): ComponentChildren {
  const [toHtml, set] = useState<ToHtml | null>(() => loaded);
  useEffect(() => {
    if (toHtml || language === "") return;
    let here = true;
    void grammars().then((made) => here && set(() => made));
    return () => {
      here = false;
    };
  }, [toHtml, language]);
  const html = toHtml && language !== "" && text.length <= MOST ? toHtml(text, language) : undefined;
  return html === undefined ? null : pieces(html);
}

let loaded: ToHtml | null = null;
let loading: Promise<ToHtml> | undefined;

function grammars(): Promise<ToHtml> {
  loading ??= new Promise((resolve) => {
    const own = document.querySelector<HTMLScriptElement>("script[data-grammars]");
    const script = document.createElement("script");
    script.nonce = own?.nonce ?? "";
    script.src = own?.dataset.grammars ?? "";
    script.addEventListener("load", () => {
      loaded = (globalThis as { tuttiGrammars?: ToHtml }).tuttiGrammars ?? null;
      if (loaded) resolve(loaded);
    });
    document.head.append(script);
  });
  return loading;
}

const piece = /<span class="([^"]*)">|<\/span>|&(amp|lt|gt|quot|#x27);|[^<&]+/g;
const characters: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#x27": "'" };

/** What the highlighter said, as elements: nothing of it is given to the browser as HTML. */
function pieces(html: string): ComponentChildren {
  const open: { class: string; inside: ComponentChildren[] }[] = [{ class: "", inside: [] }];
  for (const { 0: whole, 1: classes, 2: character } of html.matchAll(piece)) {
    const top = open.at(-1);
    if (classes !== undefined) open.push({ class: classes, inside: [] });
    else if (whole === "</span>") {
      const done = open.length > 1 ? open.pop() : undefined;
      if (done) open.at(-1)?.inside.push(<span class={done.class}>{done.inside}</span>);
    } else top?.inside.push(character === undefined ? whole : (characters[character] ?? ""));
  }
  return open.flatMap(({ inside }) => inside);
}
