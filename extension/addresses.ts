/** Validates URIs from outside the editor and links in a response. Pure. */
import { printable } from "../protocol/printable.ts";

const MAX_PROMPT = 4_000;

/** The text that a `/prompt` URI wants to insert; null if the URI is invalid. All other parameters are ignored. */
export function readPromptUri({ path, query }: { path: string; query: string }): string | null {
  if (path !== "/prompt") return null;
  const text = new URLSearchParams(query).get("text")?.trim() ?? "";
  return text === "" || text.length > MAX_PROMPT ? null : printable(text, { keepNewlines: true });
}

/** The actual target of a link, in ASCII form so that lookalike characters are visible; null if it must not be opened. */
export function resolveLinkTarget(href: string): string | null {
  if (printable(href) !== href || !URL.canParse(href)) return null;
  const url = new URL(href);
  return ["http:", "https:", "file:"].includes(url.protocol) ? url.href : null;
}
