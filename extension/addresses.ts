/** Validates URIs from outside the editor and links in a response. Pure. */
import { checkPrefill } from "../client/prefill.ts";
import { printable } from "../protocol/printable.ts";

/** The text that a `/prompt` URI wants to insert; null if the URI is invalid. All other parameters are ignored. */
export function readPromptUri({ path, query }: { path: string; query: string }): string | null {
  return path === "/prompt" ? checkPrefill(new URLSearchParams(query).get("text")) : null;
}

/** The actual target of a link, in ASCII form so that lookalike characters are visible; null if it must not be opened. */
export function resolveLinkTarget(href: string): string | null {
  if (printable(href) !== href || !URL.canParse(href)) return null;
  const url = new URL(href);
  return ["http:", "https:", "file:"].includes(url.protocol) ? url.href : null;
}
