/** What can be done to a text, as one table by name. The key tables and the configuration's `bindings` name these beside the actions. */
import {
  boundary,
  lineEnd,
  lineStart,
  nextCharacter,
  nextWord,
  previousCharacter,
  previousWord,
} from "./boundaries.ts";
import {
  type Editor,
  inserted,
  marked,
  moved,
  type Range,
  redone,
  replaced,
  selection,
  stretched,
  typed,
  undone,
  unselected,
} from "./editor.ts";
import { copied, type Kills, killed, settled } from "./kills.ts";
import { rowOf, vertically } from "./layout.ts";

export interface Editing {
  readonly editor: Editor;
  readonly kills: Kills;
}

export interface EditCommand {
  /** For people. */
  title: string;
  /** The columns are those that the text is laid out in. What can do nothing answers with the same editor. */
  apply(editing: Editing, columns: number): Editing;
  /** Gives what it took to the clipboard of the machine, too. */
  copies?: true;
}

type Place = (editor: Editor, columns: number) => number;

const left: Place = ({ text, cursor }) => previousCharacter(text, cursor);
const right: Place = ({ text, cursor }) => nextCharacter(text, cursor);
const wordLeft: Place = ({ text, cursor }) => previousWord(text, cursor);
const wordRight: Place = ({ text, cursor }) => nextWord(text, cursor).to;
const startOfLine: Place = ({ text, cursor }) => lineStart(text, cursor);
const endOfLine: Place = ({ text, cursor }) => lineEnd(text, cursor);

/** Back over everything that is not a blank, as a shell does. */
const blankLeft: Place = ({ text, cursor }) => cursor - (/\S*\s*$/u.exec(text.slice(0, cursor))?.[0].length ?? 0);

const edits =
  (change: (editor: Editor, columns: number) => Editor): EditCommand["apply"] =>
  ({ editor, kills }, columns) => ({ editor: change(editor, columns), kills: settled(kills) });

const move = (title: string, to: Place): EditCommand => ({
  title,
  apply: edits((editor, columns) => {
    const at = to(editor, columns);
    return at === editor.cursor && (editor.anchor === null || editor.marked) ? editor : moved(editor, at);
  }),
});

/** Left and right leave a selection at its end, as everywhere. */
const step = (title: string, to: Place, end: (range: Range) => number): EditCommand => ({
  title,
  apply: edits((editor, columns) => {
    const chosen = editor.marked ? null : selection(editor);
    const at = chosen ? end(chosen) : to(editor, columns);
    return at === editor.cursor && chosen === null ? editor : moved(editor, at);
  }),
});

const select = (title: string, to: Place): EditCommand => ({
  title,
  apply: edits((editor, columns) => {
    const at = to(editor, columns);
    return at === editor.cursor ? editor : stretched(editor, at);
  }),
});

const vertical = (title: string, rows: number, go: typeof moved): EditCommand => ({
  title,
  apply: edits((editor, columns) => {
    const found = vertically(editor, columns, rows);
    return found ? go(editor, found.to, found.column) : editor;
  }),
});

const erase = (title: string, to: Place): EditCommand => ({
  title,
  apply: edits((editor, columns) => {
    const range = selection(editor) ?? between(editor.cursor, to(editor, columns));
    return range.from === range.to ? editor : replaced(unselected(editor), range, "", "erasing");
  }),
});

const kill = (title: string, to: Place): EditCommand => ({
  title,
  apply: ({ editor, kills }, columns) => {
    const range = between(editor.cursor, to(editor, columns));
    const text = editor.text.slice(range.from, range.to);
    const side = range.from < editor.cursor ? "left" : "right";
    return text === ""
      ? { editor, kills: settled(kills) }
      : { editor: replaced(editor, range, ""), kills: killed(kills, text, side) };
  },
});

const word = (title: string, change: (word: string) => string): EditCommand => ({
  title,
  apply: edits((editor) => {
    const { from, to } = nextWord(editor.text, editor.cursor);
    return from === to ? editor : replaced(editor, { from, to }, change(editor.text.slice(from, to)));
  }),
});

const table = {
  "edit.left": step("Left", left, ({ from }) => from),
  "edit.right": step("Right", right, ({ to }) => to),
  "edit.up": vertical("Up a row", -1, moved),
  "edit.down": vertical("Down a row", 1, moved),
  "edit.wordLeft": move("To the word before", wordLeft),
  "edit.wordRight": move("To the end of the word", wordRight),
  "edit.lineStart": move("To the start of the line", startOfLine),
  "edit.lineEnd": move("To the end of the line", endOfLine),
  "edit.rowStart": move("To the start of the row", (editor, columns) => rowOf(editor, columns).from),
  "edit.rowEnd": move("To the end of the row", (editor, columns) => rowOf(editor, columns).to),
  "edit.textStart": move("To the start of the text", () => 0),
  "edit.textEnd": move("To the end of the text", ({ text }) => text.length),
  "edit.selectLeft": select("Select to the left", left),
  "edit.selectRight": select("Select to the right", right),
  "edit.selectUp": vertical("Select up a row", -1, stretched),
  "edit.selectDown": vertical("Select down a row", 1, stretched),
  "edit.selectWordLeft": select("Select the word before", wordLeft),
  "edit.selectWordRight": select("Select to the end of the word", wordRight),
  "edit.selectLineStart": select("Select to the start of the line", startOfLine),
  "edit.selectLineEnd": select("Select to the end of the line", endOfLine),
  "edit.selectTextStart": select("Select to the start of the text", () => 0),
  "edit.selectTextEnd": select("Select to the end of the text", ({ text }) => text.length),
  "edit.selectAll": {
    title: "Select everything",
    apply: edits((editor) =>
      editor.text === "" ? editor : stretched(moved(unselected(editor), 0), editor.text.length),
    ),
  },
  "edit.unselect": { title: "Select nothing", apply: edits(unselected) },
  "edit.deleteLeft": erase("Delete to the left", left),
  "edit.deleteRight": erase("Delete to the right", right),
  "edit.deleteWordLeft": erase("Delete the word before", wordLeft),
  "edit.deleteWordRight": erase("Delete to the end of the word", wordRight),
  "edit.deleteToLineStart": erase("Delete to the start of the line", startOfLine),
  "edit.deleteToLineEnd": erase("Delete to the end of the line", endOfLine),
  "edit.newline": { title: "New line", apply: edits((editor) => typed(editor, "\n")) },
  "edit.openLine": {
    title: "New line after the cursor",
    apply: edits((editor) => moved(inserted(editor, "\n"), selection(editor)?.from ?? editor.cursor)),
  },
  "edit.undo": { title: "Undo", apply: edits(undone) },
  "edit.redo": { title: "Redo", apply: edits(redone) },
  "edit.transpose": { title: "Exchange two characters", apply: edits(transposed) },
  "edit.transposeWords": { title: "Exchange two words", apply: edits(transposedWords) },
  "edit.upcaseWord": word("Word in capitals", (text) => text.toUpperCase()),
  "edit.downcaseWord": word("Word in small letters", (text) => text.toLowerCase()),
  "edit.capitalizeWord": word("Word with a capital", (text) => {
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
  "edit.killWordLeft": kill("Cut the word before", wordLeft),
  "edit.killWordRight": kill("Cut to the end of the word", wordRight),
  "edit.killBlankLeft": kill("Cut back to a blank", blankLeft),
  "edit.yank": { title: "Put back what was cut", apply: yanked },
  "edit.yankPop": { title: "Put back what was cut before that", apply: yankedBefore },
  "edit.setMark": { title: "Set the mark", apply: edits(marked) },
  "edit.exchangeMark": {
    title: "Exchange cursor and mark",
    apply: edits((editor) =>
      editor.anchor === null
        ? editor
        : { ...editor, cursor: boundary(editor.text, editor.anchor), anchor: editor.cursor },
    ),
  },
  "edit.copyRegion": { title: "Copy what is marked", apply: copy, copies: true },
  "edit.killRegion": { title: "Cut what is marked", apply: cut, copies: true },
  "edit.copy": { title: "Copy", apply: copy, copies: true },
  "edit.cut": { title: "Cut", apply: cut, copies: true },
} as const satisfies Record<string, EditCommand>;

export type EditCommandName = keyof typeof table;

export const editCommands: Readonly<Record<EditCommandName, EditCommand>> = table;

export const isEditCommand = (name: string): name is EditCommandName => Object.hasOwn(table, name);

const between = (one: number, other: number): Range => ({ from: Math.min(one, other), to: Math.max(one, other) });

/** The character before the cursor goes behind the next one; at the end of a line, the last two change places. */
function transposed(editor: Editor): Editor {
  const { text, cursor } = editor;
  const middle = cursor === lineEnd(text, cursor) ? previousCharacter(text, cursor) : cursor;
  const from = previousCharacter(text, middle);
  const to = nextCharacter(text, middle);
  if (from < lineStart(text, cursor) || from === middle || middle === to || text.slice(middle, to) === "\n")
    return editor;
  return replaced(editor, { from, to }, text.slice(middle, to) + text.slice(from, middle));
}

/** The word before the cursor, or the one it is in, goes behind the next one; behind the last word, the last two change places. */
function transposedWords(editor: Editor): Editor {
  const { text, cursor } = editor;
  const here = nextWord(text, cursor);
  const isInside = here.from === cursor && previousWord(text, here.to) < cursor;
  const first = previousWord(text, isInside ? here.to : cursor);
  const hasNext = nextWord(text, nextWord(text, first).to).from < text.length;
  const one = nextWord(text, hasNext ? first : previousWord(text, first));
  const other = nextWord(text, one.to);
  if (other.from === other.to || one.to > other.from) return editor;
  const exchanged = text.slice(other.from, other.to) + text.slice(one.to, other.from) + text.slice(one.from, one.to);
  return replaced(editor, { from: one.from, to: other.to }, exchanged);
}

function yanked({ editor, kills }: Editing): Editing {
  const at = kills.texts.length - 1;
  const text = kills.texts[at];
  if (text === undefined) return { editor, kills };
  const from = editor.marked ? editor.cursor : (selection(editor)?.from ?? editor.cursor);
  return { editor: inserted(editor, text), kills: { ...kills, last: { kind: "yank", from, at } } };
}

function yankedBefore({ editor, kills }: Editing): Editing {
  const { texts, last } = kills;
  if (last?.kind !== "yank") return { editor, kills };
  const at = (last.at + texts.length - 1) % texts.length;
  const changed = replaced(editor, { from: last.from, to: editor.cursor }, texts[at] ?? "");
  return { editor: changed, kills: { texts, last: { ...last, at } } };
}

function copy({ editor, kills }: Editing): Editing {
  const chosen = selection(editor);
  if (!chosen) return { editor, kills: settled(kills) };
  const text = editor.text.slice(chosen.from, chosen.to);
  return { editor: editor.marked ? unselected(editor) : editor, kills: copied(kills, text) };
}

function cut({ editor, kills }: Editing): Editing {
  const chosen = selection(editor);
  if (!chosen) return { editor, kills: settled(kills) };
  const text = editor.text.slice(chosen.from, chosen.to);
  return { editor: replaced(editor, chosen, ""), kills: copied(kills, text) };
}
