/** The rows of the key tables, and the names of everything that a key can be bound to. */
import type { ActionName } from "../actions.ts";
import { actions } from "../actions.ts";
import { type EditCommandName, editCommands } from "../edit/commands.ts";
import { type FocusCommandName, focusCommands } from "./focus-commands.ts";
import { type VimCommandName, vimCommands } from "./vim/commands.ts";

/** Where a key is pressed, with a description for the list of keys. */
export const contexts = {
  empty: "the prompt, while it is empty",
  prompt: "the prompt",
  edit: "all text fields",
  transcript: "the transcript, while it has the focus",
  list: "lists in dialogs",
  question: "questions and approval requests, while the prompt is empty",
  completion: "the completion menu",
  search: "input lines in dialogs",
  any: "everywhere",
  "vim.normal": "Vim: normal mode",
  "vim.empty": "Vim: normal mode, while the prompt is empty",
  "vim.visual": "Vim: visual mode",
  "vim.operator": "Vim: after an operator",
  "vim.motion": "Vim: normal and visual mode, and after an operator",
  "vim.insert": "Vim: insert mode",
  "vim.transcript": "Vim: normal mode, while the transcript has the focus",
} as const;

export type Context = keyof typeof contexts;

export const isContext = (name: string): name is Context => Object.hasOwn(contexts, name);

/** Handled by the keyboard itself. */
const keyboardCommands = {
  "keys.argument": "Repeat the next command",
} as const;

export type KeyboardCommandName = keyof typeof keyboardCommands;

export type CommandName = ActionName | EditCommandName | FocusCommandName | KeyboardCommandName | VimCommandName;

export interface BindingRow {
  readonly when: Context | readonly Context[];
  /** Canonical key names, separated by spaces. */
  readonly keys: string;
  /** The first command that has an effect runs: an edit that would change nothing is skipped. */
  readonly commands: CommandName | readonly CommandName[];
  /** Passed to the command. */
  readonly argument?: string;
}

export const titleOf = (name: CommandName): string => titles.get(name) ?? name;

export const isCommandName = (name: string): name is CommandName => titles.has(name);

const titles: ReadonlyMap<string, string> = new Map<string, string>([
  ...Object.entries(actions).map(([name, { title }]) => [name, title] as const),
  ...Object.entries(editCommands).map(([name, { title }]) => [name, title] as const),
  ...Object.entries(vimCommands).map(([name, { title }]) => [name, title] as const),
  ...Object.entries(focusCommands),
  ...Object.entries(keyboardCommands),
]);

/** Everything that a key can be bound to. */
export const commandNames: readonly string[] = [...titles.keys()];

/** Creates a row for each entry. */
export const bindKeys = (
  when: BindingRow["when"],
  table: Readonly<Record<string, BindingRow["commands"]>>,
): BindingRow[] => Object.entries(table).map(([keys, commands]) => ({ when, keys, commands }));
