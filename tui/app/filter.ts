/** Which rows of a list fit what was typed, best first. */
import { Fzf } from "fzf";
import type { Item, ListDialog } from "./state.ts";

/** As much of the library as is used; its own types do not resolve as a module of this kind. */
interface Finder {
  find(text: string): { item: Item }[];
}

const MOST_KEPT = 4;
const made: { items: readonly Item[]; fzf: Finder }[] = [];
const last = new WeakMap<readonly Item[], { filter: string; found: readonly Item[] }>();

/** The rows that a dialog shows: its own search has chosen already, else what was typed chooses. */
export const rowsOf = ({ items, typing, searches }: ListDialog): readonly Item[] =>
  searches ? items : filtered(items, typing.editor.text);

export function filtered(items: readonly Item[], filter: string): readonly Item[] {
  const wanted = filter.trim();
  if (wanted === "") return items;
  const before = last.get(items);
  if (before?.filter === wanted) return before.found;
  const found = finder(items)
    .find(wanted)
    .map(({ item }) => item);
  last.set(items, { filter: wanted, found });
  return found;
}

function finder(items: readonly Item[]): Finder {
  const known = made.find((one) => one.items === items);
  if (known) return known.fzf;
  const fzf: Finder = new Fzf(items, {
    selector: ({ text, detail = "", group = "" }: Item) => `${text} ${detail} ${group}`,
    casing: "smart-case",
  });
  made.unshift({ items, fzf });
  made.length = Math.min(made.length, MOST_KEPT);
  return fzf;
}
