/** What the shared server writes to its log: without keys, without anything that steers a terminal, and one entry is never taken for two. */
import { printable } from "../../protocol/printable.ts";
import { maskKeys } from "../model/mask.ts";

/** `redact` takes out the keys that are known; what only looks like one goes as well. Further lines of an entry are indented. */
export const logLine = (text: string, redact: (text: string) => string): string =>
  printable(maskKeys(redact(text), []), { keepNewlines: true }).replaceAll("\n", "\n  ");
