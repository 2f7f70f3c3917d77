/** Text editing commands as one table. Key tables and the configuration's `bindings` refer to them by name. */
import {
  lineEnd,
  lineStart,
  nearestBoundary,
  nextCharacter,
  nextWord,
  previousCharacter,
  previousWord,
} from "./boundaries.ts";
import {
  clearSelection,
  type Editor,
  extendSelection,
  insertText,
  moveCursor,
  type Range,
  redo,
  replaceRange,
  selectedRange,
  setMark,
  typeText,
  undo,
} from "./editor.ts";
import { addCopy, addKill, endKillSequence, type KillRing } from "./kill-ring.ts";
import { moveVertically, rowRange } from "./layout.ts";

export interface Editing {
  readonly editor: Editor;
  readonly killRing: KillRing;
}

export interface EditCommand {
  /** Shown in the list of keys. */
  title: string;
  /** `columns` is the width of the text's layout. Returns the same editor if there is nothing to do. */
  apply(editing: Editing, columns: number): Editing;
  /** Also copies the text to the system clipboard. */
  copies?: true;
}

type CursorPosition = (editor: Editor, columns: number) => number;

const left: CursorPosition = ({ text, cursor }) => previousCharacter(text, cursor);
const right: CursorPosition = ({ text, cursor }) => nextCharacter(text, cursor);
const wordLeft: CursorPosition = ({ text, cursor }) => previousWord(text, cursor);
const wordRight: CursorPosition = ({ text, cursor }) => nextWord(text, cursor).to;
const startOfLine: CursorPosition = ({ text, cursor }) => lineStart(text, cursor);
const endOfLine: CursorPosition = ({ text, cursor }) => lineEnd(text, cursor);

/** The start of the word before, where words are separated by spaces only, as in a shell. */
const blankLeft: CursorPosition = ({ text, cursor }) =>
  cursor - (/\S*\s*$/u.exec(text.slice(0, cursor))?.[0].length ?? 0);

const editOnly =
  (change: (editor: Editor, columns: number) => Editor): EditCommand["apply"] =>
  ({ editor, killRing }, columns) => ({ editor: change(editor, columns), killRing: endKillSequence(killRing) });

const move = (title: string, to: CursorPosition): EditCommand => ({
  title,
  apply: editOnly((editor, columns) => {
    const at = to(editor, columns);
    return at === editor.cursor && (editor.anchor === null || editor.isMarkSet) ? editor : moveCursor(editor, at);
  }),
});

/** Left and right move to the end of a selection. */
const step = (title: string, to: CursorPosition, end: (range: Range) => number): EditCommand => ({
  title,
  apply: editOnly((editor, columns) => {
    const selection = editor.isMarkSet ? null : selectedRange(editor);
    const at = selection ? end(selection) : to(editor, columns);
    return at === editor.cursor && selection === null ? editor : moveCursor(editor, at);
  }),
});

const select = (title: string, to: CursorPosition): EditCommand => ({
  title,
  apply: editOnly((editor, columns) => {
    const at = to(editor, columns);
    return at === editor.cursor ? editor : extendSelection(editor, at);
  }),
});

const vertical = (title: string, rows: number, go: typeof moveCursor): EditCommand => ({
  title,
  apply: editOnly((editor, columns) => {
    const found = moveVertically(editor, columns, rows);
    return found ? go(editor, found.to, found.column) : editor;
  }),
});

const erase = (title: string, to: CursorPosition): EditCommand => ({
  title,
  apply: editOnly((editor, columns) => {
    const range = selectedRange(editor) ?? rangeBetween(editor.cursor, to(editor, columns));
    return range.from === range.to ? editor : replaceRange(clearSelection(editor), range, "", "erasing");
  }),
});

const kill = (title: string, to: CursorPosition): EditCommand => ({
  title,
  apply: ({ editor, killRing }, columns) => {
    const range = rangeBetween(editor.cursor, to(editor, columns));
    const text = editor.text.slice(range.from, range.to);
    const side = range.from < editor.cursor ? "left" : "right";
    return text === ""
      ? { editor, killRing: endKillSequence(killRing) }
      : { editor: replaceRange(editor, range, ""), killRing: addKill(killRing, text, side) };
  },
});

const changeWord = (title: string, change: (word: string) => string): EditCommand => ({
  title,
  apply: editOnly((editor) => {
    const { from, to } = nextWord(editor.text, editor.cursor);
    return from === to ? editor : replaceRange(editor, { from, to }, change(editor.text.slice(from, to)));
  }),
});

const table = {
  "edit.left": step("Move left", left, ({ from }) => from),
  "edit.right": step("Move right", right, ({ to }) => to),
  "edit.up": vertical("Move up a row", -1, moveCursor),
  "edit.down": vertical("Move down a row", 1, moveCursor),
  "edit.wordLeft": move("Move to the previous word", wordLeft),
  "edit.wordRight": move("Move to the end of the word", wordRight),
  "edit.lineStart": move("Move to the start of the line", startOfLine),
  "edit.lineEnd": move("Move to the end of the line", endOfLine),
  "edit.rowStart": move("Move to the start of the row", (editor, columns) => rowRange(editor, columns).from),
  "edit.rowEnd": move("Move to the end of the row", (editor, columns) => rowRange(editor, columns).to),
  "edit.textStart": move("Move to the start of the text", () => 0),
  "edit.textEnd": move("Move to the end of the text", ({ text }) => text.length),
  "edit.selectLeft": select("Select to the left", left),
  "edit.selectRight": select("Select to the right", right),
  "edit.selectUp": vertical("Select up a row", -1, extendSelection),
  "edit.selectDown": vertical("Select down a row", 1, extendSelection),
  "edit.selectWordLeft": select("Select the previous word", wordLeft),
  "edit.selectWordRight": select("Select to the end of the word", wordRight),
  "edit.selectLineStart": select("Select to the start of the line", startOfLine),
  "edit.selectLineEnd": select("Select to the end of the line", endOfLine),
  "edit.selectTextStart": select("Select to the start of the text", () => 0),
  "edit.selectTextEnd": select("Select to the end of the text", ({ text }) => text.length),
  "edit.selectAll": {
    title: "Select all",
    apply: editOnly((editor) =>
      editor.text === "" ? editor : extendSelection(moveCursor(clearSelection(editor), 0), editor.text.length),
    ),
  },
  "edit.unselect": { title: "Clear the selection", apply: editOnly(clearSelection) },
  "edit.deleteLeft": erase("Delete to the left", left),
  "edit.deleteRight": erase("Delete to the right", right),
  "edit.deleteWordLeft": erase("Delete the previous word", wordLeft),
  "edit.deleteWordRight": erase("Delete to the end of the word", wordRight),
  "edit.deleteToLineStart": erase("Delete to the start of the line", startOfLine),
  "edit.deleteToLineEnd": erase("Delete to the end of the line", endOfLine),
  "edit.newline": { title: "Insert a line break", apply: editOnly((editor) => typeText(editor, "\n")) },
  "edit.openLine": {
    title: "Insert a line break after the cursor",
    apply: editOnly((editor) => moveCursor(insertText(editor, "\n"), selectedRange(editor)?.from ?? editor.cursor)),
  },
  "edit.undo": { title: "Undo", apply: editOnly(undo) },
  "edit.redo": { title: "Redo", apply: editOnly(redo) },
  "edit.transpose": { title: "Transpose two characters", apply: editOnly(transposeCharacters) },
  "edit.transposeWords": { title: "Transpose two words", apply: editOnly(transposeWords) },
  "edit.upcaseWord": changeWord("Uppercase the word", (text) => text.toUpperCase()),
  "edit.downcaseWord": changeWord("Lowercase the word", (text) => text.toLowerCase()),
  "edit.capitalizeWord": changeWord("Capitalize the word", (text) => {
    const first = nextCharacter(text, 0);
    return text.slice(0, first).toUpperCase() + text.slice(first).toLowerCase();
  }),
  "edit.killLineEnd": kill("Cut to the end of the line", ({ text, cursor }) => {
    const end = lineEnd(text, cursor);
    return end === cursor ? nextCharacter(text, cursor) : end;
  }),
  "edit.killLineStart": kill("Cut to the start of the line", ({ text, cursor }) => {
    const start = lineStart(text, cursor);
    return start === cursor ? previousCharacter(text, cursor) : start;
  }),
  "edit.killWordLeft": kill("Cut the previous word", wordLeft),
  "edit.killWordRight": kill("Cut to the end of the word", wordRight),
  "edit.killBlankLeft": kill("Cut to the previous space", blankLeft),
  "edit.yank": { title: "Insert the last cut text", apply: yank },
  "edit.yankPop": { title: "Replace the inserted text with the previous cut text", apply: yankPop },
  "edit.setMark": { title: "Set the mark", apply: editOnly(setMark) },
  "edit.exchangeMark": {
    title: "Swap the cursor and the mark",
    apply: editOnly((editor) =>
      editor.anchor === null
        ? editor
        : { ...editor, cursor: nearestBoundary(editor.text, editor.anchor), anchor: editor.cursor },
    ),
  },
  "edit.copyRegion": { title: "Copy the region", apply: copy, copies: true },
  "edit.killRegion": { title: "Cut the region", apply: cut, copies: true },
  "edit.copy": { title: "Copy", apply: copy, copies: true },
  "edit.cut": { title: "Cut", apply: cut, copies: true },
} as const satisfies Record<string, EditCommand>;

export type EditCommandName = keyof typeof table;

export const editCommands: Readonly<Record<EditCommandName, EditCommand>> = table;

export const isEditCommand = (name: string): name is EditCommandName => Object.hasOwn(table, name);

const rangeBetween = (one: number, other: number): Range => ({ from: Math.min(one, other), to: Math.max(one, other) });

/** Swaps the characters around the cursor; at the end of a line, the last two. */
function transposeCharacters(editor: Editor): Editor {
  const { text, cursor } = editor;
  const middle = cursor === lineEnd(text, cursor) ? previousCharacter(text, cursor) : cursor;
  const from = previousCharacter(text, middle);
  const to = nextCharacter(text, middle);
  if (from < lineStart(text, cursor) || from === middle || middle === to || text.slice(middle, to) === "\n")
    return editor;
  return replaceRange(editor, { from, to }, text.slice(middle, to) + text.slice(from, middle));
}

/** Swaps the word before or at the cursor with the next one; after the last word, the last two. */
function transposeWords(editor: Editor): Editor {
  const { text, cursor } = editor;
  const here = nextWord(text, cursor);
  const isInside = here.from === cursor && previousWord(text, here.to) < cursor;
  const first = previousWord(text, isInside ? here.to : cursor);
  const hasNext = nextWord(text, nextWord(text, first).to).from < text.length;
  const one = nextWord(text, hasNext ? first : previousWord(text, first));
  const other = nextWord(text, one.to);
  if (other.from === other.to || one.to > other.from) return editor;
  const exchanged = text.slice(other.from, other.to) + text.slice(one.to, other.from) + text.slice(one.from, one.to);
  return replaceRange(editor, { from: one.from, to: other.to }, exchanged);
}

function yank({ editor, killRing }: Editing): Editing {
  const at = killRing.texts.length - 1;
  const text = killRing.texts[at];
  if (text === undefined) return { editor, killRing };
  const from = editor.isMarkSet ? editor.cursor : (selectedRange(editor)?.from ?? editor.cursor);
  return { editor: insertText(editor, text), killRing: { ...killRing, last: { kind: "yank", from, at } } };
}

function yankPop({ editor, killRing }: Editing): Editing {
  const { texts, last } = killRing;
  if (last?.kind !== "yank") return { editor, killRing };
  const at = (last.at + texts.length - 1) % texts.length;
  const changed = replaceRange(editor, { from: last.from, to: editor.cursor }, texts[at] ?? "");
  return { editor: changed, killRing: { texts, last: { ...last, at } } };
}

function copy({ editor, killRing }: Editing): Editing {
  const selection = selectedRange(editor);
  if (!selection) return { editor, killRing: endKillSequence(killRing) };
  const text = editor.text.slice(selection.from, selection.to);
  return { editor: editor.isMarkSet ? clearSelection(editor) : editor, killRing: addCopy(killRing, text) };
}

function cut({ editor, killRing }: Editing): Editing {
  const selection = selectedRange(editor);
  if (!selection) return { editor, killRing: endKillSequence(killRing) };
  const text = editor.text.slice(selection.from, selection.to);
  return { editor: replaceRange(editor, selection, ""), killRing: addCopy(killRing, text) };
}
