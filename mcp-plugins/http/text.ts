/** Answers for a model: compact and bounded. Pure. */

/** Characters of one answer. */
export const MAX_TEXT = 40_000;

export const truncate = (text: string, maxLength: number): string =>
  text.length <= maxLength ? text : `${text.slice(0, maxLength)}… (${text.length - maxLength} more characters)`;

/** A text of any length by pieces: this one, and where the next begins. */
export function sliceText(text: string, offset = 0, maxLength = MAX_TEXT): string {
  if (offset > 0 && offset >= text.length)
    return `There is nothing from offset ${offset}: the text has ${text.length} characters.`;
  const end = Math.min(text.length, offset + maxLength);
  // A piece ends with a line where one does not waste much of it.
  const line = end < text.length ? text.lastIndexOf("\n", end - 1) + 1 : end;
  const cut = line > offset + maxLength * 0.8 ? line : end;
  const more = cut < text.length ? `\n… ${text.length - cut} more characters; go on with offset ${cut}.` : "";
  return text.slice(offset, cut).trimEnd() + more;
}

/** The day of an ISO time, or the minute. */
export const formatDay = (time: string): string => time.slice(0, 10);
export const formatMinute = (time: string): string => `${time.slice(0, 16).replace("T", " ")} UTC`;

/** One line, whatever a vendor put into it. */
export const toOneLine = (text: string, maxLength = 200): string => truncate(text.replace(/\s+/g, " ").trim(), maxLength);

export const formatCount = (number: number, noun: string, plural = `${noun}s`): string =>
  `${number.toLocaleString("en")} ${number === 1 ? noun : plural}`;

/** What there is of these, with something between. */
export const joinParts = (parts: (string | null | undefined | false)[], separator = ", "): string =>
  parts.filter((part) => typeof part === "string" && part !== "").join(separator);
