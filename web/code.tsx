/** Code with syntax highlighting. The grammars are a separate script, loaded when the first code block is shown. */
import type { ComponentChildren, VNode } from "preact";
import { useEffect, useState } from "preact/hooks";

/** Returns highlighted HTML with class attributes only; undefined for an unknown language. */
export type ToHtml = (code: string, language: string) => string | undefined;

const MAX_LENGTH = 60_000;

export function Code({ text, language }: { text: string; language: string }): VNode {
  const colored = useHighlighting(text, language);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable content must be reachable with the keyboard.
    <pre class="code" data-language={language} tabIndex={0}>
      <code>{colored ?? text}</code>
    </pre>
  );
}

/** Null until the grammars are loaded, and for an unknown language. */
export function useHighlighting(text: string, language: string): ComponentChildren {
  const toHtml = useGrammars(language);
  const html = toHtml && language !== "" && text.length <= MAX_LENGTH ? toHtml(text, language) : undefined;
  return html === undefined ? null : toElements(html);
}

/** Null until the grammars are loaded. */
export function useGrammars(language: string): ToHtml | null {
  const [toHtml, set] = useState<ToHtml | null>(() => loaded);
  useEffect(() => {
    if (toHtml || language === "") return;
    let mounted = true;
    void loadGrammars().then((made) => mounted && set(() => made));
    return () => {
      mounted = false;
    };
  }, [toHtml, language]);
  return toHtml;
}

export interface Token {
  /** Of the innermost element; empty for plain text. */
  class: string;
  text: string;
}

/** The highlighted lines of a text; empty if it is too long or its language is not known. */
export function highlightLines(toHtml: ToHtml | null, text: string, language: string): Token[][] {
  const html = toHtml && language !== "" && text.length <= MAX_LENGTH ? toHtml(text, language) : undefined;
  if (html === undefined) return [];
  const lines: Token[][] = [[]];
  const open: string[] = [];
  for (const { 0: whole, 1: classes, 2: character } of html.matchAll(piece)) {
    if (classes !== undefined) open.push(classes);
    else if (whole === "</span>") open.pop();
    else {
      const value = character === undefined ? whole : (characters[character] ?? "");
      for (const [index, line] of value.split("\n").entries()) {
        if (index > 0) lines.push([]);
        if (line !== "") lines.at(-1)?.push({ class: open.at(-1) ?? "", text: line });
      }
    }
  }
  return lines;
}

let loaded: ToHtml | null = null;
let loading: Promise<ToHtml> | undefined;

function loadGrammars(): Promise<ToHtml> {
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

/** Converts the highlighter's HTML to elements: it is never inserted as HTML. */
function toElements(html: string): ComponentChildren {
  const open: { class: string; children: ComponentChildren[] }[] = [{ class: "", children: [] }];
  for (const { 0: whole, 1: classes, 2: character } of html.matchAll(piece)) {
    const top = open.at(-1);
    if (classes !== undefined) open.push({ class: classes, children: [] });
    else if (whole === "</span>") {
      const done = open.length > 1 ? open.pop() : undefined;
      if (done) open.at(-1)?.children.push(<span class={done.class}>{done.children}</span>);
    } else top?.children.push(character === undefined ? whole : (characters[character] ?? ""));
  }
  return open.flatMap(({ children }) => children);
}
