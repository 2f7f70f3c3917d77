/** Formats a line for the server's log: without keys and control characters. */
import { printable } from "../../protocol/printable.ts";
import { maskKeys } from "../model/mask-keys.ts";

/** `redact` removes known keys; text that looks like a key is removed, too. Further lines of an entry are indented. */
export const formatLogLine = (text: string, redact: (text: string) => string): string =>
  printable(maskKeys(redact(text), []), { keepNewlines: true }).replaceAll("\n", "\n  ");
