/** Answers for a model: compact and bounded. Pure. */

/** Characters of one answer. */
export const MOST_TEXT = 40_000;

export const shortened = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most)}… (${text.length - most} more characters)`;

/** A text of any length by pieces: this one, and where the next begins. */
export function pieceOf(text: string, offset = 0, most = MOST_TEXT): string {
  if (offset > 0 && offset >= text.length)
    return `There is nothing from offset ${offset}: the text has ${text.length} characters.`;
  const end = Math.min(text.length, offset + most);
  // A piece ends with a line where one does not waste much of it.
  const line = end < text.length ? text.lastIndexOf("\n", end - 1) + 1 : end;
  const cut = line > offset + most * 0.8 ? line : end;
  const more = cut < text.length ? `\n… ${text.length - cut} more characters; go on with offset ${cut}.` : "";
  return text.slice(offset, cut).trimEnd() + more;
}

/** The day of an ISO time, or the minute. */
export const day = (time: string): string => time.slice(0, 10);
export const minute = (time: string): string => `${time.slice(0, 16).replace("T", " ")} UTC`;

/** One line, whatever a vendor put into it. */
export const oneLine = (text: string, most = 200): string => shortened(text.replace(/\s+/g, " ").trim(), most);

export const count = (number: number, what: string, many = `${what}s`): string =>
  `${number.toLocaleString("en")} ${number === 1 ? what : many}`;

/** What there is of these, with something between. */
export const joined = (parts: (string | null | undefined | false)[], between = ", "): string =>
  parts.filter((part) => typeof part === "string" && part !== "").join(between);
