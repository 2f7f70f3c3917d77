/** Checks a text before it is parsed as JSON: size, depth, number of keys, and keys that could change a prototype. */
import { createScanner } from "jsonc-parser";
import { maxFileBytes } from "./small-file.ts";

const maxDepth = 32;
const maxKeys = 10_000;
const forbidden = new Set(["__proto__", "constructor", "prototype"]);

/** Null if the text may be parsed. Scans tokens only, so the cost is one pass over the text for any depth or number of keys. */
export function checkJsonLimits(content: string): { offset: number; message: string } | null {
  if (content.length > maxFileBytes) return { offset: 0, message: "The file is larger than 1 MiB and was not read." };
  const scanner = createScanner(content, true);
  let depth = 0;
  let keys = 0;
  let last = { value: "", offset: 0 };
  // Token kinds: 1 { · 2 } · 3 [ · 4 ] · 6 : · 10 string · 17 end.
  for (let token: number = scanner.scan(); token !== 17; token = scanner.scan()) {
    if (token === 10) last = { value: scanner.getTokenValue(), offset: scanner.getTokenOffset() };
    if (token === 1 || token === 3) depth += 1;
    if (token === 2 || token === 4) depth -= 1;
    if (depth > maxDepth)
      return {
        offset: scanner.getTokenOffset(),
        message: `The file is nested deeper than ${maxDepth} levels and was not read.`,
      };
    if (token !== 6) continue;
    keys += 1;
    if (keys > maxKeys)
      return { offset: last.offset, message: `The file has more than ${maxKeys} keys and was not read.` };
    if (forbidden.has(last.value))
      return { offset: last.offset, message: `The key "${last.value}" is not allowed; the file was not read.` };
  }
  return null;
}
