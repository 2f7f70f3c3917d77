/** What comes into a prompt whole, pastes and files, and how a prompt is told when it is sent. Nothing here submits anything. */
import type { Attachment } from "../../protocol/events.ts";
import { nextCharacter, previousCharacter } from "./boundaries.ts";
import { type Chip, chipOf, nextMark, replaceChips } from "./chips.ts";
import { cleaned, type Draft, type Editor, inserted, replaced } from "./editor.ts";

/** What is longer stands in the prompt as a chip. */
const MOST_LINES = 4;
const MOST_CHARACTERS = 1000;

/** A paste is always text, whatever is in it; one step to undo. */
export function pasted(editor: Editor, raw: string): Editor {
  const text = cleaned(raw);
  const long = text.length > MOST_CHARACTERS || text.split("\n").length > MOST_LINES;
  return long ? withChip(editor, { kind: "paste", text }, text) : inserted(editor, text);
}

/** Something that goes along with the prompt, seen where the cursor was. */
export const attached = (editor: Editor, attachment: Attachment): Editor =>
  withChip(editor, { kind: "attachment", attachment }, "");

/** What is sent: pastes are whole again, and what goes along stands in a list. */
export function expanded({ text, chips }: Draft): { text: string; attachments: Attachment[] } {
  const attachments: Attachment[] = [];
  const whole = replaceChips(text, chips, (chip) => {
    if (chip.kind === "paste") return chip.text;
    attachments.push(chip.attachment);
    return `[${chip.attachment.name}]`;
  });
  return { text: whole, attachments };
}

/** The paste at the cursor, or before it, as plain text; null where there is none. */
export function unfolded(editor: Editor): Editor | null {
  const { text, cursor, chips } = editor;
  const here = { from: cursor, to: nextCharacter(text, cursor) };
  const before = { from: previousCharacter(text, cursor), to: cursor };
  for (const range of [here, before]) {
    const chip = chipOf(text.slice(range.from, range.to), chips);
    if (chip?.kind === "paste") return replaced(editor, range, chip.text);
  }
  return null;
}

function withChip(editor: Editor, chip: Chip, instead: string): Editor {
  const mark = nextMark(editor.chips);
  if (mark === null) return inserted(editor, instead);
  return inserted({ ...editor, chips: new Map([...editor.chips, [mark, chip]]) }, mark);
}
