/**
 * Chips: single characters of Unicode plane 16 that represent something longer in a prompt, so that every motion and deletion treats it
 * as one character. The content is stored next to the text, and stays there after a deletion so that undo can restore it.
 */
import type { Attachment } from "../../protocol/events.ts";

/** An attachment before it is sent. `bytes` is the content of an image, to be uploaded with the prompt. */
export interface LocalAttachment extends Attachment {
  bytes?: Buffer;
}

export type Chip = { kind: "paste"; text: string } | { kind: "attachment"; attachment: LocalAttachment };

/** Keyed by the character that represents the chip. */
export type Chips = ReadonlyMap<string, Chip>;

const FIRST = 0x10f000;
/** The last two code points of a plane are noncharacters. */
const LAST = 0x10fffd;

const plane16 = /[\u{100000}-\u{10ffff}]/gu;

/** Plane 16 is private use: in text from elsewhere it has no meaning, and here it would be read as a chip. */
export const stripPlane16 = (text: string): string => text.replace(plane16, "");

/** Removes plane 16 characters that represent no known chip. */
export const stripUnknownChips = (text: string, chips: Chips): string =>
  text.replace(plane16, (mark) => (chips.has(mark) ? mark : ""));

/** The character for a new chip; null if all are in use. */
export function nextChipCharacter(chips: Chips): string | null {
  const code = FIRST + chips.size;
  return code > LAST ? null : String.fromCodePoint(code);
}

/** The chip that this grapheme represents. */
export const findChip = (grapheme: string, chips: Chips): Chip | undefined =>
  grapheme.length < 2 ? undefined : chips.get(String.fromCodePoint(grapheme.codePointAt(0) ?? 0));

export function chipLabel(chip: Chip): string {
  if (chip.kind === "paste") {
    const lines = chip.text.split("\n").length;
    return lines > 1 ? `[Pasted ${lines} lines]` : `[Pasted ${chip.text.length} characters]`;
  }
  const { name, mediaType } = chip.attachment;
  return `[${mediaType.startsWith("image/") ? "Image" : "File"}: ${name}]`;
}

/** Replaces each chip in the text. */
export const replaceChips = (text: string, chips: Chips, by: (chip: Chip, mark: string) => string): string =>
  text.replace(plane16, (mark) => {
    const chip = chips.get(mark);
    return chip ? by(chip, mark) : "";
  });
