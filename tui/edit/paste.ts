/** Inserts pastes and attachments into a prompt, and expands them again when the prompt is sent. */
import { nextCharacter, previousCharacter } from "./boundaries.ts";
import { type Chip, findChip, type LocalAttachment, nextChipCharacter, replaceChips } from "./chips.ts";
import { type Draft, type Editor, insertText, replaceRange, sanitizeText } from "./editor.ts";

/** Longer pastes are shown as a chip. */
const MAX_LINES = 4;
const MAX_CHARACTERS = 1000;

/** Inserts the paste as text, whatever it contains: nothing in it is run or submitted. One undo step. */
export function insertPaste(editor: Editor, raw: string): Editor {
  const text = sanitizeText(raw);
  const long = text.length > MAX_CHARACTERS || text.split("\n").length > MAX_LINES;
  return long ? insertChip(editor, { kind: "paste", text }, text) : insertText(editor, text);
}

/** Inserts a chip for the attachment at the cursor. */
export const insertAttachment = (editor: Editor, attachment: LocalAttachment): Editor =>
  insertChip(editor, { kind: "attachment", attachment }, "");

/** The text to send, with pastes in full, and the attachments. */
export function expandChips({ text, chips }: Draft): { text: string; attachments: LocalAttachment[] } {
  const attachments: LocalAttachment[] = [];
  const whole = replaceChips(text, chips, (chip) => {
    if (chip.kind === "paste") return chip.text;
    attachments.push(chip.attachment);
    return `[${chip.attachment.name}]`;
  });
  return { text: whole, attachments };
}

/** Replaces the paste chip at the cursor, or before it, with its text; null if there is none. */
export function expandPasteAtCursor(editor: Editor): Editor | null {
  const { text, cursor, chips } = editor;
  const here = { from: cursor, to: nextCharacter(text, cursor) };
  const before = { from: previousCharacter(text, cursor), to: cursor };
  for (const range of [here, before]) {
    const chip = findChip(text.slice(range.from, range.to), chips);
    if (chip?.kind === "paste") return replaceRange(editor, range, chip.text);
  }
  return null;
}

function insertChip(editor: Editor, chip: Chip, instead: string): Editor {
  const mark = nextChipCharacter(editor.chips);
  if (mark === null) return insertText(editor, instead);
  return insertText({ ...editor, chips: new Map([...editor.chips, [mark, chip]]) }, mark);
}
