/** Handles one key in Vim's modes: pending counts, operators and chords, insert mode, and repeating changes. */
import { lineStart, nextCharacter, previousCharacter } from "../../edit/boundaries.ts";
import {
  type Editor,
  insertText,
  joinUndoSteps,
  moveCursor,
  type Range,
  replaceRange,
  sanitizeText,
  typeText,
} from "../../edit/editor.ts";
import { endKillSequence } from "../../edit/kill-ring.ts";
import { expandChips } from "../../edit/paste.ts";
import { applyBinding } from "../apply.ts";
import type { Context } from "../binding.ts";
import type { Command, Focus, InputState, KeyContext, KeyResult } from "../input-state.ts";
import { type Key, keyName, textOfKey } from "../key.ts";
import { type Binding, findBinding, type Keymap } from "../lookup.ts";
import { offsetOf, toCells } from "./cells.ts";
import { selectedSpan } from "./changes.ts";
import { isVimCommand, type VimCommandName, vimCommands } from "./commands.ts";
import type { VimEditor } from "./operators.ts";
import { runVimCommand } from "./run.ts";
import { clearPending, initialVimState, isIdle, isSelecting, isWriting, type VimState } from "./state.ts";

export function pressVim(map: Keymap, state: InputState, key: Key, context: KeyContext): KeyResult {
  const { handled, ...after } = handleKey(map, recordKey(state, key), key, context);
  return { ...after, state: finishKey(after.state, after.commands), handled };
}

export function vimStatus({ chord, vim }: InputState): { mode: string; pending: string } {
  const mode = modeNames[vim.mode];
  const isBegun = chord.length > 0 || !isIdle(vim);
  if (!isBegun) return { mode, pending: "" };
  const typedKeys = vim.keys.map((key) => textOfKey(key) ?? keyName(key)).join("");
  return { mode, pending: vim.mode === "normal" ? typedKeys : vim.count + chord.join(" ") };
}

const modeNames: Readonly<Record<VimState["mode"], string>> = {
  normal: "NORMAL",
  insert: "INSERT",
  replace: "REPLACE",
  visual: "VISUAL",
  visualLine: "VISUAL LINE",
};

/** The selection of visual mode as a range of the text. */
export function vimSelection({ editor, vim }: InputState): Range | null {
  const span = selectedSpan({ editor, state: vim, clipboard: null });
  if (!span) return null;
  const cells = toCells(editor.text);
  return { from: offsetOf(cells, span.from), to: offsetOf(cells, span.to) };
}

/** The contexts in which keys are looked up. */
export function vimContextStack({ editor, vim }: InputState, focus: Focus): readonly Context[] {
  if (vim.operator !== null) return ["vim.operator", "vim.motion"];
  const isEmpty = editor.text === "";
  const before: Context[] = focus === "question" || focus === "completion" ? [focus] : [];
  if (isWriting(vim)) {
    return [...before, "vim.insert", ...(isEmpty ? (["empty"] as const) : []), "prompt", "edit", "any"];
  }
  if (isSelecting(vim)) return [...before, "vim.visual", "vim.motion", "prompt", "any"];
  return [...before, ...(isEmpty ? (["vim.empty"] as const) : []), "vim.normal", "vim.motion", "prompt", "any"];
}

/** Records the key. In normal mode with nothing pending, it starts a new change that can be repeated. */
function recordKey(state: InputState, key: Key): InputState {
  const { vim, editor, chord } = state;
  const isNew = vim.mode === "normal" && isIdle(vim) && chord.length === 0;
  // The undo history is shorter if the text was replaced between two keys.
  const isOther = editor.past.length < vim.changeStart.steps;
  const changeStart = isNew || isOther ? { steps: editor.past.length, text: editor.text } : vim.changeStart;
  return { ...state, vim: { ...vim, changeStart, keys: isNew ? [key] : [...vim.keys, key] } };
}

/** Back in normal mode: clamps the cursor, and makes the change one undo step that can be repeated. */
function finishKey(state: InputState, commands: readonly Command[]): InputState {
  const { vim, chord } = state;
  if (isWriting(vim)) return commands.length > 0 ? { ...state, vim: restartInsert(state) } : state;
  const editor = clampCursor(state.editor);
  const isOver = vim.mode === "normal" && isIdle(vim) && chord.length === 0;
  if (!isOver || vim.keys.length === 0 || editor.text === vim.changeStart.text) return { ...state, editor };
  if (commands.some(({ action }) => action !== "clipboard.write")) return { ...state, editor };
  return { ...state, editor: joinUndoSteps(editor, vim.changeStart.steps), vim: { ...vim, lastChange: vim.keys } };
}

/** After another command, such as sending the prompt, insert mode continues with what may be another text. */
const restartInsert = ({ vim, editor }: InputState): VimState => ({
  ...vim,
  keys: initialVimState.keys,
  insert: initialVimState.insert,
  changeStart: { steps: editor.past.length, text: editor.text },
});

/** Moves the cursor onto a character; in an empty line it stays on the line end. */
function clampCursor(editor: Editor): Editor {
  const { text, cursor, column } = editor;
  const isBehind = (cursor === text.length || text[cursor] === "\n") && cursor > lineStart(text, cursor);
  return isBehind ? moveCursor(editor, previousCharacter(text, cursor), column) : editor;
}

function handleKey(map: Keymap, state: InputState, key: Key, context: KeyContext): KeyResult {
  const { vim, chord } = state;
  // Traditionally the same byte as Escape.
  const name = keyName(key) === "ctrl+[" ? "escape" : keyName(key);
  const idle: InputState = { ...state, chord: [], vim: clearPending(vim) };
  const consumed = (after: InputState): KeyResult => ({ state: after, commands: [], handled: true });
  if ((chord.length > 0 || !isIdle(vim)) && name === "escape") return consumed(idle);
  if (vim.awaitingCharacter !== null) {
    const character = name === "enter" ? "\n" : sanitizeText(textOfKey(key) ?? "");
    const resumed: InputState = { ...state, vim: { ...vim, awaitingCharacter: null } };
    return character === ""
      ? consumed(idle)
      : resultOr(runNamed(map, resumed, vim.awaitingCharacter, character, context), idle);
  }
  if (!isWriting(vim) && chord.length === 0 && isCount(name, vim.count, context)) {
    return consumed({ ...state, vim: { ...vim, count: (vim.count + name).slice(-MAX_DIGITS) } });
  }
  const found = findBinding(map, vimContextStack(state, context.focus), [...chord, name]);
  if (found.state === "prefix") return consumed({ ...state, chord: [...chord, name] });
  if (found.state === "found") return runBinding(map, { ...state, chord: [] }, found.binding, context);
  const text = textOfKey(key);
  if (chord.length > 0 || !isIdle(vim)) return consumed(idle);
  if (!isWriting(vim) || text === null) return { state: idle, commands: [], handled: text !== null };
  const write = vim.mode === "replace" ? overwriteText : typeText;
  return consumed({ ...state, editor: write(state.editor, text), killRing: endKillSequence(state.killRing) });
}

const MAX_DIGITS = 3;

/** In a question, digits choose an answer instead. */
const isCount = (name: string, count: string, { focus }: KeyContext): boolean =>
  (/^[1-9]$/.test(name) || (name === "0" && count !== "")) && (focus !== "question" || count !== "");

type CommandResult = { state: InputState; commands: readonly Command[] } | null;

const resultOr = (result: CommandResult, idle: InputState): KeyResult =>
  result ? { ...result, handled: true } : { state: idle, commands: [], handled: true };

/** Runs the first of the binding's commands that has an effect. */
function runBinding(map: Keymap, state: InputState, { commands, argument }: Binding, context: KeyContext): KeyResult {
  const idle: InputState = { ...state, vim: clearPending(state.vim) };
  for (const name of [commands].flat()) {
    if (isVimCommand(name)) {
      if (vimCommands[name].awaits) {
        return { state: { ...state, vim: { ...state.vim, awaitingCharacter: name } }, commands: [], handled: true };
      }
      const result = runNamed(map, state, name, "", context);
      if (result) return { ...result, handled: true };
      continue;
    }
    const times = Number(state.vim.count || "1");
    const done = applyBinding(
      { commands: name, ...(argument !== undefined && { argument }) },
      idle,
      context.columns,
      times,
    );
    const isScroll = done.commands.some(({ action }) => action.startsWith("transcript."));
    const all = isScroll ? Array.from({ length: times }, () => done.commands).flat() : done.commands;
    if (all.length > 0 || done.state.editor !== idle.editor) return { state: done.state, commands: all, handled: true };
  }
  return { state: idle, commands: [], handled: true };
}

function runNamed(
  map: Keymap,
  state: InputState,
  name: VimCommandName,
  character: string,
  context: KeyContext,
): CommandResult {
  if (name === "vim.repeat") return repeatChange(map, state, context);
  if (name === "vim.normalMode") return { state: leaveInsertMode(map, state, context), commands: [] };
  const vim: VimEditor = { editor: state.editor, state: state.vim, clipboard: null };
  const result = runVimCommand(vim, name, character);
  if (!result) return null;
  const commands: Command[] =
    result.clipboard === null
      ? []
      : [
          {
            action: "clipboard.write",
            argument: expandChips({ text: result.clipboard, chips: result.editor.chips }).text,
          },
        ];
  return { state: { ...state, editor: result.editor, vim: result.state }, commands };
}

/** Escape: repeats the insertion according to its count, and moves the cursor back onto the last character. */
function leaveInsertMode(map: Keymap, state: InputState, context: KeyContext): InputState {
  const { vim } = state;
  const { times, from, between } = vim.insert;
  const again = vim.keys.slice(from, -1);
  let now = state;
  for (let time = 1; isWriting(vim) && time < times; time++) {
    now = { ...now, editor: insertText(now.editor, between) };
    now = pressKeys(map, now, again, context);
  }
  const { editor } = now;
  const back = isWriting(vim)
    ? Math.max(lineStart(editor.text, editor.cursor), previousCharacter(editor.text, editor.cursor))
    : editor.cursor;
  return {
    ...now,
    editor: moveCursor(editor, back),
    vim: { ...clearPending(now.vim), mode: "normal", keys: vim.keys, changeStart: vim.changeStart, goalColumn: null },
  };
}

/** Presses the keys of the last change again. A new count replaces the original one. */
function repeatChange(map: Keymap, state: InputState, context: KeyContext): CommandResult {
  const { lastChange, count } = state.vim;
  if (lastChange === null) return null;
  const bare = lastChange.slice(lastChange.findIndex((key) => !/^\d$/.test(key.key)));
  const digits = [...count].map((digit): Key => ({ ...plainKey, key: digit, text: digit }));
  const keys = count === "" ? lastChange : [...digits, ...bare];
  const steps = state.editor.past.length;
  const after = pressKeys(map, { ...state, vim: clearPending(state.vim) }, keys, context);
  // Without keys, so that the repeated change stays the last one.
  const vim = { ...after.vim, keys: [], change: keys };
  return { state: { ...after, editor: joinUndoSteps(after.editor, steps), vim }, commands: [] };
}

const plainKey = { ctrl: false, alt: false, shift: false, super: false } as const;

const pressKeys = (map: Keymap, state: InputState, keys: readonly Key[], context: KeyContext): InputState =>
  keys.reduce((now, key) => pressVim(map, now, key, { ...context, focus: "prompt" }).state, state);

/** Replace mode: each character overwrites an existing one, except line ends. */
function overwriteText(editor: Editor, text: string): Editor {
  let now = editor;
  for (const cell of toCells(sanitizeText(text))) {
    const { cursor } = now;
    const isEnd = cursor === now.text.length || now.text[cursor] === "\n";
    now = replaceRange(now, { from: cursor, to: isEnd ? cursor : nextCharacter(now.text, cursor) }, cell, "typing");
  }
  return now;
}
