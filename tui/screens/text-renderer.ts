/** Renders Markdown and diffs, reusing work for texts that still grow. */
import { renderDiff } from "../text/diff.ts";
import { type Highlight, loadHighlighter } from "../text/highlight.ts";
import { createMarkdownRenderer, type RenderMarkdown, renderMarkdown } from "../text/markdown.ts";
import type { RenderOptions } from "./render-options.ts";

export interface TextRenderer extends Pick<RenderOptions, "markdown" | "diff"> {
  /** Loads syntax highlighting. Code is plain until then. Call once. */
  loadHighlighter(): Promise<void>;
}

const MAX_GROWING = 4;

/** `onHighlighterLoaded`: text that was rendered before should be rendered again. */
export function createTextRenderer(onHighlighterLoaded: () => void): TextRenderer {
  let highlight: Highlight | undefined;
  const growing = new Map<string, RenderMarkdown>();
  const rendererFor = (id: string): RenderMarkdown => {
    const known = growing.get(id);
    if (known) return known;
    const made = createMarkdownRenderer();
    growing.set(id, made);
    if (growing.size > MAX_GROWING) growing.delete(growing.keys().next().value ?? "");
    return made;
  };
  return {
    markdown(id, text, columns, grows) {
      const options = { columns, highlight, open: grows };
      if (grows) return rendererFor(id)(text, options);
      const last = growing.get(id);
      growing.delete(id);
      return (last ?? renderMarkdown)(text, options);
    },
    diff: (text, columns, split) => renderDiff(text, { columns, style: split ? "split" : "unified", highlight }),
    async loadHighlighter() {
      highlight = await loadHighlighter();
      onHighlighterLoaded();
    },
  };
}
