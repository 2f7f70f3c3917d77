/** Shows the part of a long line that contains a match. */
import type { Files } from "../ports.ts";

const BYTES_BEFORE = 160;
const BYTES = 400;

/** `offset`: where the line begins in the file; `column`: where the match begins in the line. Null if the file is not in UTF-8. */
export async function readExcerpt(files: Files, path: string, offset: number, column: number): Promise<string | null> {
  const start = Math.max(0, column - BYTES_BEFORE);
  const bytes = await files.read(path, BYTES, offset + start);
  if (bytes.includes(0)) return null;
  const text = new TextDecoder().decode(bytes);
  const line = text.slice(0, text.indexOf("\n") < 0 ? text.length : text.indexOf("\n"));
  const cut = line.length < text.length ? line.replace(/\r$/, "") : `${line.replace(/\ufffd+$/, "")}…`;
  return `${start > 0 ? "…" : ""}${cut.replace(/^\ufffd+/, "")} (at column ${(column + 1).toLocaleString("en-US")})`;
}
