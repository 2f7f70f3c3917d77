/** What addresses from outside may ask for, and where those of a text may lead. Pure. */
import { printable } from "../protocol/printable.ts";

const MOST = 4_000;

/** What an address wants to have written; null where it wants nothing that may be. Whatever else it names counts nothing. */
export function promptOf({ path, query }: { path: string; query: string }): string | null {
  if (path !== "/prompt") return null;
  const text = new URLSearchParams(query).get("text")?.trim() ?? "";
  return text === "" || text.length > MOST ? null : printable(text, { keepNewlines: true });
}

/** Where a link of a text leads, as it is asked for, so that letters that look like others are seen; null for what no text may open. */
export function targetOf(href: string): string | null {
  if (printable(href) !== href || !URL.canParse(href)) return null;
  const url = new URL(href);
  return ["http:", "https:", "file:"].includes(url.protocol) ? url.href : null;
}
