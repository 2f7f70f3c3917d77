/** The keyboard: a key table with a person's own bindings over it, and what each key does to what is being written. */
import { paused, type Range, selection, typed } from "../edit/editor.ts";
import { settled } from "../edit/kills.ts";
import { apply } from "./apply.ts";
import { type Context, type Does, type Row, titleOf } from "./binding.ts";
import { laidOver, type OwnBindings } from "./bindings.ts";
import { defaultTable } from "./default.ts";
import { emacsTable } from "./emacs.ts";
import { type Key, keyName, textOfKey } from "./key.ts";
import { find, following, type Keymap, keymap } from "./lookup.ts";
import type { Pressed, Typing, Where } from "./typing.ts";
import { pressVim, statusOfVim, vimSelection, vimStack } from "./vim/press.ts";
import { isWriting } from "./vim/state.ts";
import { vimTable } from "./vim.ts";

export const tables = { default: defaultTable, vim: vimTable, emacs: emacsTable } as const satisfies Record<
  string,
  readonly Row[]
>;

export type TableName = keyof typeof tables;

export interface Keyboard {
  readonly name: TableName;
  readonly map: Keymap;
}

/** Problems are whole sentences, to be shown; a binding with a problem that cannot be is left out, the rest holds. */
export function openKeyboard(name: TableName, own: OwnBindings): { keyboard: Keyboard; problems: string[] } {
  const { bindings, problems } = laidOver(tables[name], own);
  return { keyboard: { name, map: keymap(bindings) }, problems };
}

/**
 * One key. Pure: `state` is what the answer before gave, or `startTyping()`; its editor may be exchanged between two keys (`pasted`,
 * `withDraft`, another input line with its own editor), the rest is the keyboard's own. Edits are done in the state that comes back;
 * actions and asks come out in `does`, for the caller to do in order. `handled: false` means that the key has no meaning here, and
 * nothing has changed. A pending chord swallows a key that does not belong to it.
 */
export function press(keyboard: Keyboard, state: Typing, key: Key, where: Where): Pressed {
  if (keyboard.name === "vim" && hasModes(where)) return pressVim(keyboard.map, state, key, where);
  return pressPlain(keyboard, state, key, where);
}

/** Nothing was typed for a while: what follows is another step to undo. */
export const pause = (state: Typing): Typing => ({ ...state, editor: paused(state.editor) });

/** For the status line: the mode, where there are modes, and what is pending as it was typed. */
export function status(keyboard: Keyboard, state: Typing): { mode: string | null; pending: string } {
  const chord = state.chord.join(" ");
  if (keyboard.name === "vim") return statusOfVim(state);
  return { mode: null, pending: state.argument === null ? chord : `argument ${state.argument || "4"} ${chord}`.trim() };
}

/** What could follow a pending chord: the keys still to come, and what they do. */
export function continuations(
  keyboard: Keyboard,
  state: Typing,
  where: Where,
): { keys: string; title: string; does: Does }[] {
  if (state.chord.length === 0) return [];
  return following(keyboard.map, stackOf(keyboard, state, where), state.chord).flatMap(({ keys, binding }) => {
    const does = [binding.does].flat()[0];
    return does === undefined ? [] : [{ keys, title: titleOf(does), does }];
  });
}

export function cursorShape(keyboard: Keyboard, { vim }: Typing): "bar" | "block" | "underline" {
  if (keyboard.name !== "vim" || vim.mode === "insert") return "bar";
  return vim.mode === "replace" || vim.operator !== null ? "underline" : "block";
}

/** What is drawn as selected: for `layout`'s `selected`. */
export const selected = (keyboard: Keyboard, state: Typing): Range | null =>
  keyboard.name === "vim" && !isWriting(state.vim) ? vimSelection(state) : selection(state.editor);

/** The keys that do this, a person's own first: for the palette and for help. */
export function bindingsFor(keyboard: Keyboard, does: string): string[] {
  const all = keyboard.map.bindings.filter((binding) => [binding.does].flat().some((one) => one === does));
  return [...new Set(all.map(({ keys }) => keys))];
}

/** Every binding, for the dialog of keys. */
export function listBindings(
  keyboard: Keyboard,
): { context: Context; keys: string; does: readonly Does[]; title: string; own: boolean }[] {
  return keyboard.map.bindings.map(({ when, keys, does, own }) => {
    const all = [does].flat();
    return { context: when, keys, does: all, title: all.map(titleOf).join(", or "), own };
  });
}

const hasModes = ({ context }: Where): boolean =>
  context === "prompt" || context === "question" || context === "completion";

function stackOf({ name }: Keyboard, state: Typing, where: Where): readonly Context[] {
  if (name === "vim" && hasModes(where)) return vimStack(state, where.context);
  const prompt: Context[] = state.editor.text === "" ? ["empty", "prompt", "edit", "any"] : ["prompt", "edit", "any"];
  switch (where.context) {
    case "prompt":
      return prompt;
    case "question":
    case "completion":
      return [where.context, ...prompt];
    case "list":
    case "search":
      return [where.context, "edit", "any"];
    case "transcript":
      return ["transcript", "any"];
  }
}

/** Keys that give up what is pending, whatever it is. */
const givesUp: ReadonlySet<string> = new Set(["escape", "ctrl+g"]);

function pressPlain(keyboard: Keyboard, state: Typing, key: Key, where: Where): Pressed {
  const name = keyName(key);
  const isPending = state.chord.length > 0 || state.argument !== null;
  const calm: Typing = { ...state, chord: [], argument: null };
  if (isPending && givesUp.has(name)) return { state: calm, does: [], handled: true };
  if (state.argument !== null && state.chord.length === 0 && /^\d$/.test(name)) {
    return { state: { ...state, argument: digits(state.argument + name) }, does: [], handled: true };
  }
  const chord = [...state.chord, name];
  const found = find(keyboard.map, stackOf(keyboard, state, where), chord);
  if (found.state === "beginning") return { state: { ...state, chord }, does: [], handled: true };
  if (found.state === "found") {
    if (found.binding.does === "keys.argument") return { state: argued(state, key), does: [], handled: true };
    const done = apply(found.binding, calm, where.columns, timesOf(state));
    return { ...done, handled: true };
  }
  const text = textOfKey(key);
  if (state.chord.length > 0) return { state: calm, does: [], handled: true };
  if (text === null || where.context === "transcript") return { state: calm, does: [], handled: isPending };
  const editor = typed(state.editor, text.repeat(timesOf(state)));
  return { state: { ...calm, editor, kills: settled(state.kills) }, does: [], handled: true };
}

const MOST_DIGITS = 3;

const digits = (written: string): string => written.slice(-MOST_DIGITS);

/** Ctrl+U is four, again is sixteen; Alt and a digit begin with the digit. */
function argued(state: Typing, { key }: Key): Typing {
  const before = state.argument;
  const isDigit = /^\d$/.test(key);
  const argument = isDigit ? digits((before ?? "") + key) : before === null ? "" : `${4 * timesOf(state)}`;
  return { ...state, chord: [], argument: digits(argument) };
}

const timesOf = ({ argument }: Typing): number => (argument === null ? 1 : argument === "" ? 4 : Number(argument));
