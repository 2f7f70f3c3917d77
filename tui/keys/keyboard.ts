/** The keyboard: a key table with the user's custom bindings, and how each key changes a text input. */
import { endUndoStep, type Range, selectedRange, typeText } from "../edit/editor.ts";
import { endKillSequence } from "../edit/kill-ring.ts";
import { applyBinding } from "./apply.ts";
import { type BindingRow, type CommandName, type Context, titleOf } from "./binding.ts";
import { applyCustomBindings, type CustomBindings } from "./custom-bindings.ts";
import { defaultTable } from "./default.ts";
import { emacsTable } from "./emacs.ts";
import type { InputState, KeyContext, KeyResult } from "./input-state.ts";
import { type Key, keyName, textOfKey } from "./key.ts";
import { createKeymap, findBinding, findContinuations, type Keymap } from "./lookup.ts";
import { pressVim, vimContextStack, vimSelection, vimStatus } from "./vim/press.ts";
import { isWriting } from "./vim/state.ts";
import { vimTable } from "./vim.ts";

export const keyTables = { default: defaultTable, vim: vimTable, emacs: emacsTable } as const satisfies Record<
  string,
  readonly BindingRow[]
>;

export type KeyTableName = keyof typeof keyTables;

export interface Keyboard {
  readonly name: KeyTableName;
  readonly map: Keymap;
}

/** `problems` are messages for the user. Invalid bindings are left out; all others apply. */
export function openKeyboard(name: KeyTableName, custom: CustomBindings): { keyboard: Keyboard; problems: string[] } {
  const { bindings, problems } = applyCustomBindings(keyTables[name], custom);
  return { keyboard: { name, map: createKeymap(bindings) }, problems };
}

/**
 * Handles one key. Pure: `state` is the result of the previous key, or `createInputState()`; its editor may be replaced in between, the
 * rest belongs to the keyboard. Edits are applied to the returned state; other commands are returned for the caller to run.
 * `handled: false` means that the key has no meaning here and nothing changed. A pending chord swallows a key that does not belong to it.
 */
export function pressKey(keyboard: Keyboard, state: InputState, key: Key, context: KeyContext): KeyResult {
  if (keyboard.name === "vim" && hasModes(context)) return pressVim(keyboard.map, state, key, context);
  return pressWithoutModes(keyboard, state, key, context);
}

/** Call after a pause in typing: what follows is a new undo step. */
export const pauseTyping = (state: InputState): InputState => ({ ...state, editor: endUndoStep(state.editor) });

/** For the status bar: the mode, if the table has modes, and the pending keys. */
export function keyboardStatus(keyboard: Keyboard, state: InputState): { mode: string | null; pending: string } {
  const chord = state.chord.join(" ");
  if (keyboard.name === "vim") return vimStatus(state);
  return { mode: null, pending: state.argument === null ? chord : `argument ${state.argument || "4"} ${chord}`.trim() };
}

/** The keys that can follow a pending chord. */
export function listContinuations(
  keyboard: Keyboard,
  state: InputState,
  context: KeyContext,
): { keys: string; title: string; command: CommandName }[] {
  if (state.chord.length === 0) return [];
  return findContinuations(keyboard.map, contextStack(keyboard, state, context), state.chord).flatMap(
    ({ keys, binding }) => {
      const command = [binding.commands].flat()[0];
      return command === undefined ? [] : [{ keys, title: titleOf(command), command }];
    },
  );
}

export function cursorShapeOf(keyboard: Keyboard, { vim }: InputState): "bar" | "block" | "underline" {
  if (keyboard.name !== "vim" || vim.mode === "insert") return "bar";
  return vim.mode === "replace" || vim.operator !== null ? "underline" : "block";
}

/** The range to draw as selected. */
export const promptSelection = (keyboard: Keyboard, state: InputState): Range | null =>
  keyboard.name === "vim" && !isWriting(state.vim) ? vimSelection(state) : selectedRange(state.editor);

/** The keys of this command, the user's bindings first. For the palette and help. */
export function bindingsFor(keyboard: Keyboard, command: string): string[] {
  const all = keyboard.map.bindings.filter((binding) => [binding.commands].flat().some((one) => one === command));
  return [...new Set(all.map(({ keys }) => keys))];
}

/** All bindings, for the list of keys. */
export function listBindings(
  keyboard: Keyboard,
): { context: Context; keys: string; commands: readonly CommandName[]; title: string; isCustom: boolean }[] {
  return keyboard.map.bindings.map(({ when, keys, commands, isCustom }) => {
    const all = [commands].flat();
    return { context: when, keys, commands: all, title: all.map(titleOf).join("; or "), isCustom };
  });
}

const hasModes = ({ focus }: KeyContext): boolean =>
  focus === "prompt" || focus === "question" || focus === "completion";

function contextStack({ name }: Keyboard, state: InputState, context: KeyContext): readonly Context[] {
  if (name === "vim" && hasModes(context)) return vimContextStack(state, context.focus);
  const prompt: Context[] = state.editor.text === "" ? ["empty", "prompt", "edit", "any"] : ["prompt", "edit", "any"];
  switch (context.focus) {
    case "prompt":
      return prompt;
    case "question":
    case "completion":
      return [context.focus, ...prompt];
    case "list":
    case "search":
      return [context.focus, "edit", "any"];
    case "transcript":
      return name === "vim" && !isWriting(state.vim) ? ["vim.transcript", "transcript", "any"] : ["transcript", "any"];
  }
}

/** Keys that cancel a pending chord or argument. */
const cancelKeys: ReadonlySet<string> = new Set(["escape", "ctrl+g"]);

function pressWithoutModes(keyboard: Keyboard, state: InputState, key: Key, context: KeyContext): KeyResult {
  const name = keyName(key);
  const isPending = state.chord.length > 0 || state.argument !== null;
  const idle: InputState = { ...state, chord: [], argument: null };
  if (isPending && cancelKeys.has(name)) return { state: idle, commands: [], handled: true };
  if (state.argument !== null && state.chord.length === 0 && /^\d$/.test(name)) {
    return { state: { ...state, argument: limitDigits(state.argument + name) }, commands: [], handled: true };
  }
  const chord = [...state.chord, name];
  const found = findBinding(keyboard.map, contextStack(keyboard, state, context), chord);
  if (found.state === "prefix") return { state: { ...state, chord }, commands: [], handled: true };
  if (found.state === "found") {
    if (found.binding.commands === "keys.argument")
      return { state: extendArgument(state, key), commands: [], handled: true };
    const done = applyBinding(found.binding, idle, context.columns, repeatCount(state));
    return { ...done, handled: true };
  }
  const text = textOfKey(key);
  if (state.chord.length > 0) return { state: idle, commands: [], handled: true };
  if (text === null || context.focus === "transcript") return { state: idle, commands: [], handled: isPending };
  const editor = typeText(state.editor, text.repeat(repeatCount(state)));
  return { state: { ...idle, editor, killRing: endKillSequence(state.killRing) }, commands: [], handled: true };
}

const MAX_DIGITS = 3;

const limitDigits = (written: string): string => written.slice(-MAX_DIGITS);

/** Ctrl+U multiplies by four; Alt and a digit start with the digit. */
function extendArgument(state: InputState, { key }: Key): InputState {
  const before = state.argument;
  const isDigit = /^\d$/.test(key);
  const argument = isDigit ? limitDigits((before ?? "") + key) : before === null ? "" : `${4 * repeatCount(state)}`;
  return { ...state, chord: [], argument: limitDigits(argument) };
}

const repeatCount = ({ argument }: InputState): number =>
  argument === null ? 1 : argument === "" ? 4 : Number(argument);
