/** Text of every kind as lines, with what is worth keeping kept: a growing text by its part, diffs by what they say. */
import { renderDiff } from "../text/diff.ts";
import { type Highlight, loadHighlighter } from "../text/highlight.ts";
import { createMarkdown, type RenderMarkdown, renderMarkdown } from "../text/markdown.ts";
import type { Pen } from "./pen.ts";

export interface Texts extends Pick<Pen, "markdown" | "diff"> {
  /** Once; what was drawn plain is drawn again when it is there. */
  loadHighlighter(): Promise<void>;
}

const MOST_GROWING = 4;

export function createTexts(highlighted: () => void): Texts {
  let highlight: Highlight | undefined;
  const growing = new Map<string, RenderMarkdown>();
  const rendererOf = (id: string): RenderMarkdown => {
    const known = growing.get(id);
    if (known) return known;
    const made = createMarkdown();
    growing.set(id, made);
    if (growing.size > MOST_GROWING) growing.delete(growing.keys().next().value ?? "");
    return made;
  };
  return {
    markdown(id, text, columns, grows) {
      const options = { columns, highlight, open: grows };
      if (grows) return rendererOf(id)(text, options);
      const last = growing.get(id);
      growing.delete(id);
      return (last ?? renderMarkdown)(text, options);
    },
    diff: (text, columns, split) => renderDiff(text, { columns, style: split ? "split" : "unified", highlight }),
    async loadHighlighter() {
      highlight = await loadHighlighter();
      highlighted();
    },
  };
}
