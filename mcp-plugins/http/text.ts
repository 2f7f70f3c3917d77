/** Formats compact, bounded text for a model. Pure. */

/** Characters of one result. */
export const MAX_TEXT = 40_000;

export const truncate = (text: string, maxLength: number): string =>
  text.length <= maxLength ? text : `${text.slice(0, maxLength)}… (${text.length - maxLength} more characters)`;

/** Returns the part of a text that starts at an offset, and the offset of the next part. */
export function sliceText(text: string, offset = 0, maxLength = MAX_TEXT): string {
  if (offset > 0 && offset >= text.length)
    return `Nothing at offset ${offset}: the text has ${text.length} characters.`;
  const end = Math.min(text.length, offset + maxLength);
  // Ends at a line break if that loses little.
  const line = end < text.length ? text.lastIndexOf("\n", end - 1) + 1 : end;
  const cut = line > offset + maxLength * 0.8 ? line : end;
  const more = cut < text.length ? `\n… ${text.length - cut} more characters; continue with offset ${cut}.` : "";
  return text.slice(offset, cut).trimEnd() + more;
}

/** The date of an ISO time, or date and minute. */
export const formatDay = (time: string): string => time.slice(0, 10);
export const formatMinute = (time: string): string => `${time.slice(0, 16).replace("T", " ")} UTC`;

/** Collapses whitespace to one line, and truncates. */
export const toOneLine = (text: string, maxLength = 200): string =>
  truncate(text.replace(/\s+/g, " ").trim(), maxLength);

export const formatCount = (number: number, noun: string, plural = `${noun}s`): string =>
  `${number.toLocaleString("en")} ${number === 1 ? noun : plural}`;

/** Joins the parts that are present. */
export const joinParts = (parts: (string | null | undefined | false)[], separator = ", "): string =>
  parts.filter((part) => typeof part === "string" && part !== "").join(separator);
