/** The rows that key tables are made of. */
import type { ActionName } from "../actions.ts";
import { actions } from "../actions.ts";
import { type EditCommandName, editCommands } from "../edit/commands.ts";
import { type AskName, asks } from "./asks.ts";
import { type VimCommandName, vimCommands } from "./vim/commands.ts";

/** Where a key is pressed. A table has rows for each; where one has none, those of `beneath` count. */
export const contexts = {
  empty: "the prompt, while nothing is written",
  prompt: "the prompt",
  edit: "wherever text is written",
  transcript: "the transcript, while it has the keyboard",
  list: "dialogs with rows to choose from",
  question: "a question, while nothing is written",
  completion: "the menu of files and commands under the prompt",
  search: "a line to search with",
  any: "everywhere",
  "vim.normal": "Vim: the prompt in normal mode",
  "vim.empty": "Vim: normal mode, while nothing is written",
  "vim.visual": "Vim: visual mode",
  "vim.operator": "Vim: after an operator",
  "vim.motion": "Vim: normal and visual mode, and after an operator",
  "vim.insert": "Vim: insert mode",
} as const;

export type Context = keyof typeof contexts;

export const isContext = (name: string): name is Context => Object.hasOwn(contexts, name);

/** Done by the keyboard itself. */
const own = {
  "keys.argument": "A count for what follows",
} as const;

export type OwnName = keyof typeof own;

export type Does = ActionName | EditCommandName | AskName | OwnName | VimCommandName;

export interface Row {
  readonly when: Context | readonly Context[];
  /** Canonical names with blanks between. */
  readonly keys: string;
  /** The first of several that has something to do: an edit that would change nothing leaves it to the next. */
  readonly does: Does | readonly Does[];
  /** Goes with it. */
  readonly argument?: string;
}

/** For people. */
export const titleOf = (does: Does): string => titles.get(does) ?? does;

export const isDoes = (name: string): name is Does => titles.has(name);

const titles: ReadonlyMap<string, string> = new Map<string, string>([
  ...Object.entries(actions).map(([name, { title }]) => [name, title] as const),
  ...Object.entries(editCommands).map(([name, { title }]) => [name, title] as const),
  ...Object.entries(vimCommands).map(([name, { title }]) => [name, title] as const),
  ...Object.entries(asks),
  ...Object.entries(own),
]);

/** Everything that a key can be bound to. */
export const allDoes: readonly string[] = [...titles.keys()];

/** One row for each line of keys and names: for tables that are mostly that. */
export const rows = (when: Row["when"], table: Readonly<Record<string, Row["does"]>>): Row[] =>
  Object.entries(table).map(([keys, does]) => ({ when, keys, does }));
