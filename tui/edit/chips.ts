/**
 * Chips: single characters of plane 16 that stand in a prompt for something longer, so that every motion and deletion treats it as
 * one character for free. What a character stands for is kept beside the text, also after it was deleted, so that it can be undone.
 */
import type { Attachment } from "../../protocol/events.ts";

export type Chip = { kind: "paste"; text: string } | { kind: "attachment"; attachment: Attachment };

/** By the character that stands for it. */
export type Chips = ReadonlyMap<string, Chip>;

const FIRST = 0x10f000;
/** The last two code points of a plane are no characters. */
const LAST = 0x10fffd;

const plane16 = /[\u{100000}-\u{10ffff}]/gu;

/** Plane 16 has no meaning in text from outside, and would be taken for a chip here. */
export const withoutPlane16 = (text: string): string => text.replace(plane16, "");

/** Leaves out characters that stand for nothing here. */
export const withKnown = (text: string, chips: Chips): string =>
  text.replace(plane16, (mark) => (chips.has(mark) ? mark : ""));

/** The character for one more chip; null when all are taken. */
export function nextMark(chips: Chips): string | null {
  const code = FIRST + chips.size;
  return code > LAST ? null : String.fromCodePoint(code);
}

/** The chip that is drawn for this character as a person sees it. */
export const chipOf = (grapheme: string, chips: Chips): Chip | undefined =>
  grapheme.length < 2 ? undefined : chips.get(String.fromCodePoint(grapheme.codePointAt(0) ?? 0));

export function labelOf(chip: Chip): string {
  if (chip.kind === "paste") {
    const lines = chip.text.split("\n").length;
    return lines > 1 ? `[Pasted ${lines} lines]` : `[Pasted ${chip.text.length} characters]`;
  }
  const { name, mediaType } = chip.attachment;
  return `[${mediaType.startsWith("image/") ? "Image" : "File"}: ${name}]`;
}

/** The text with another text for each chip. */
export const replaceChips = (text: string, chips: Chips, by: (chip: Chip, mark: string) => string): string =>
  text.replace(plane16, (mark) => {
    const chip = chips.get(mark);
    return chip ? by(chip, mark) : "";
  });
