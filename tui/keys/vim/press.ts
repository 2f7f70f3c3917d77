/** One key in Vim's modes: counts, operators and chords that are pending, insert mode, and changes that are done again. */
import { lineStart, nextCharacter, previousCharacter } from "../../edit/boundaries.ts";
import { cleaned, type Editor, inserted, joined, moved, type Range, replaced, typed } from "../../edit/editor.ts";
import { settled } from "../../edit/kills.ts";
import { expanded } from "../../edit/paste.ts";
import { apply } from "../apply.ts";
import type { Context } from "../binding.ts";
import { type Key, keyName, textOfKey } from "../key.ts";
import { type Binding, find, type Keymap } from "../lookup.ts";
import type { Done, Focus, Pressed, Typing, Where } from "../typing.ts";
import { cellsOf, offsetOf } from "./cells.ts";
import { selectedSpan } from "./changes.ts";
import { isVimCommand, type VimCommandName, vimCommands } from "./commands.ts";
import type { Vim } from "./operators.ts";
import { run } from "./run.ts";
import { isIdle, isSelecting, isWriting, settledVim, startVim, type VimState } from "./state.ts";

export function pressVim(map: Keymap, state: Typing, key: Key, where: Where): Pressed {
  const { handled, ...after } = handle(map, recorded(state, key), key, where);
  return { ...after, state: finished(after.state, after.does), handled };
}

export function statusOfVim({ chord, vim }: Typing): { mode: string; pending: string } {
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

/** What visual mode has selected, as a range of the text. */
export function vimSelection({ editor, vim }: Typing): Range | null {
  const span = selectedSpan({ editor, state: vim, clipboard: null });
  if (!span) return null;
  const cells = cellsOf(editor.text);
  return { from: offsetOf(cells, span.from), to: offsetOf(cells, span.to) };
}

/** Where keys are looked up. */
export function vimStack({ editor, vim }: Typing, focus: Focus): readonly Context[] {
  if (vim.operator !== null) return ["vim.operator", "vim.motion"];
  const isEmpty = editor.text === "";
  const before: Context[] = focus === "question" || focus === "completion" ? [focus] : [];
  if (isWriting(vim)) {
    return [...before, "vim.insert", ...(isEmpty ? (["empty"] as const) : []), "prompt", "edit", "any"];
  }
  if (isSelecting(vim)) return [...before, "vim.visual", "vim.motion", "prompt", "any"];
  return [...before, ...(isEmpty ? (["vim.empty"] as const) : []), "vim.normal", "vim.motion", "prompt", "any"];
}

/** A key in normal mode with nothing pending begins what may be done again. */
function recorded(state: Typing, key: Key): Typing {
  const { vim, editor, chord } = state;
  const isNew = vim.mode === "normal" && isIdle(vim) && chord.length === 0;
  // The history is shorter than it was where another text was begun between two keys.
  const isOther = editor.past.length < vim.before.steps;
  const before = isNew || isOther ? { steps: editor.past.length, text: editor.text } : vim.before;
  return { ...state, vim: { ...vim, before, keys: isNew ? [key] : [...vim.keys, key] } };
}

/** Back in normal mode: the cursor stands on a character, and a change is one step to undo, which can be done again. */
function finished(state: Typing, does: readonly Done[]): Typing {
  const { vim, chord } = state;
  if (isWriting(vim)) return does.length > 0 ? { ...state, vim: begunAnew(state) } : state;
  const editor = onCharacter(state.editor);
  const isOver = vim.mode === "normal" && isIdle(vim) && chord.length === 0;
  if (!isOver || vim.keys.length === 0 || editor.text === vim.before.text) return { ...state, editor };
  if (does.some(({ action }) => action !== "clipboard.write")) return { ...state, editor };
  return { ...state, editor: joined(editor, vim.before.steps), vim: { ...vim, change: vim.keys } };
}

/** After something else was done, a prompt sent for example, insert mode goes on with what may be another text. */
const begunAnew = ({ vim, editor }: Typing): VimState => ({
  ...vim,
  keys: startVim.keys,
  insert: startVim.insert,
  before: { steps: editor.past.length, text: editor.text },
});

/** In an empty line it stands on the line end. */
function onCharacter(editor: Editor): Editor {
  const { text, cursor, column } = editor;
  const isBehind = (cursor === text.length || text[cursor] === "\n") && cursor > lineStart(text, cursor);
  return isBehind ? moved(editor, previousCharacter(text, cursor), column) : editor;
}

function handle(map: Keymap, state: Typing, key: Key, where: Where): Pressed {
  const { vim, chord } = state;
  // What used to be the same byte, and still is to Vim's users.
  const name = keyName(key) === "ctrl+[" ? "escape" : keyName(key);
  const calm: Typing = { ...state, chord: [], vim: settledVim(vim) };
  const yes = (after: Typing): Pressed => ({ state: after, does: [], handled: true });
  if ((chord.length > 0 || !isIdle(vim)) && name === "escape") return yes(calm);
  if (vim.waiting !== null) {
    const character = name === "enter" ? "\n" : cleaned(textOfKey(key) ?? "");
    const waited = { ...state, vim: { ...vim, waiting: null } };
    return character === "" ? yes(calm) : yesOr(runNamed(map, waited, vim.waiting, character, where), calm);
  }
  if (!isWriting(vim) && chord.length === 0 && isCount(name, vim.count, where)) {
    return yes({ ...state, vim: { ...vim, count: (vim.count + name).slice(-MOST_DIGITS) } });
  }
  const found = find(map, vimStack(state, where.context), [...chord, name]);
  if (found.state === "beginning") return yes({ ...state, chord: [...chord, name] });
  if (found.state === "found") return runBinding(map, { ...state, chord: [] }, found.binding, where);
  const text = textOfKey(key);
  if (chord.length > 0 || !isIdle(vim)) return yes(calm);
  if (!isWriting(vim) || text === null) return { state: calm, does: [], handled: text !== null };
  const write = vim.mode === "replace" ? writtenOver : typed;
  return yes({ ...state, editor: write(state.editor, text), kills: settled(state.kills) });
}

const MOST_DIGITS = 3;

/** In a question, digits choose. */
const isCount = (name: string, count: string, { context }: Where): boolean =>
  (/^[1-9]$/.test(name) || (name === "0" && count !== "")) && (context !== "question" || count !== "");

type Ran = { state: Typing; does: readonly Done[] } | null;

const yesOr = (ran: Ran, calm: Typing): Pressed =>
  ran ? { ...ran, handled: true } : { state: calm, does: [], handled: true };

/** The first of the binding's names that has something to do. */
function runBinding(map: Keymap, state: Typing, { does, argument }: Binding, where: Where): Pressed {
  const calm: Typing = { ...state, vim: settledVim(state.vim) };
  for (const name of [does].flat()) {
    if (isVimCommand(name)) {
      if (vimCommands[name].takes) {
        return { state: { ...state, vim: { ...state.vim, waiting: name } }, does: [], handled: true };
      }
      const ran = runNamed(map, state, name, "", where);
      if (ran) return { ...ran, handled: true };
      continue;
    }
    const times = Number(state.vim.count || "1");
    const done = apply({ does: name, ...(argument !== undefined && { argument }) }, calm, where.columns, times);
    const isScroll = done.does.some(({ action }) => action.startsWith("transcript."));
    const all = isScroll ? Array.from({ length: times }, () => done.does).flat() : done.does;
    if (all.length > 0 || done.state.editor !== calm.editor) return { state: done.state, does: all, handled: true };
  }
  return { state: calm, does: [], handled: true };
}

function runNamed(map: Keymap, state: Typing, name: VimCommandName, character: string, where: Where): Ran {
  if (name === "vim.repeat") return repeated(map, state, where);
  if (name === "vim.normalMode") return { state: leftInsert(map, state, where), does: [] };
  const vim: Vim = { editor: state.editor, state: state.vim, clipboard: null };
  const ran = run(vim, name, character);
  if (!ran) return null;
  const does: Done[] =
    ran.clipboard === null
      ? []
      : [
          {
            action: "clipboard.write",
            argument: expanded({ text: ran.clipboard, chips: ran.editor.chips }).text,
          },
        ];
  return { state: { ...state, editor: ran.editor, vim: ran.state }, does };
}

/** Escape: what was inserted comes as often as was said before, and the cursor goes back onto the last character. */
function leftInsert(map: Keymap, state: Typing, where: Where): Typing {
  const { vim } = state;
  const { times, from, between } = vim.insert;
  const again = vim.keys.slice(from, -1);
  let now = state;
  for (let time = 1; isWriting(vim) && time < times; time++) {
    now = { ...now, editor: inserted(now.editor, between) };
    now = pressAll(map, now, again, where);
  }
  const { editor } = now;
  const back = isWriting(vim)
    ? Math.max(lineStart(editor.text, editor.cursor), previousCharacter(editor.text, editor.cursor))
    : editor.cursor;
  return {
    ...now,
    editor: moved(editor, back),
    vim: { ...settledVim(now.vim), mode: "normal", keys: vim.keys, before: vim.before, wanted: null },
  };
}

/** Presses the keys of the last change again; a count goes in the place of the one it had. */
function repeated(map: Keymap, state: Typing, where: Where): Ran {
  const { change, count } = state.vim;
  if (change === null) return null;
  const bare = change.slice(change.findIndex((key) => !/^\d$/.test(key.key)));
  const digits = [...count].map((digit): Key => ({ ...plainKey, key: digit, text: digit }));
  const keys = count === "" ? change : [...digits, ...bare];
  const steps = state.editor.past.length;
  const after = pressAll(map, { ...state, vim: settledVim(state.vim) }, keys, where);
  // No keys: it is the change that is repeated, not the repeating.
  const vim = { ...after.vim, keys: [], change: keys };
  return { state: { ...after, editor: joined(after.editor, steps), vim }, does: [] };
}

const plainKey = { ctrl: false, alt: false, shift: false, super: false } as const;

const pressAll = (map: Keymap, state: Typing, keys: readonly Key[], where: Where): Typing =>
  keys.reduce((now, key) => pressVim(map, now, key, { ...where, context: "prompt" }).state, state);

/** Replace mode: each character instead of one that is there, but for the line end. */
function writtenOver(editor: Editor, text: string): Editor {
  let now = editor;
  for (const cell of cellsOf(cleaned(text))) {
    const { cursor } = now;
    const isEnd = cursor === now.text.length || now.text[cursor] === "\n";
    now = replaced(now, { from: cursor, to: isEnd ? cursor : nextCharacter(now.text, cursor) }, cell, "typing");
  }
  return now;
}
