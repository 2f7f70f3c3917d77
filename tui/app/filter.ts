/** Which rows of a list fit what was typed, best first. */
import { Fzf } from "fzf";
import type { Item, ListDialog } from "./state.ts";

/** As much of the library as is used; its own types do not resolve as a module of this kind. */
interface Finder {
  find(text: string): { item: Item }[];
}

/** What is searched of each row, in small letters: made once for a list. */
const folded = new WeakMap<readonly Item[], readonly string[]>();
const last = new WeakMap<readonly Item[], { filter: string; found: readonly Item[] }>();

/** The rows that a dialog shows: its own search has chosen already, else what was typed chooses. */
export const rowsOf = ({ items, typing, searches }: ListDialog): readonly Item[] =>
  searches ? items : filtered(items, typing.editor.text);

export function filtered(items: readonly Item[], filter: string): readonly Item[] {
  const wanted = filter.trim();
  if (wanted === "") return items;
  const before = last.get(items);
  if (before?.filter === wanted) return before.found;
  const small = fold(wanted);
  const fit = possible(items, small);
  // So many say that more is typed yet; telling the better ones apart would be felt at each key.
  const found = fit.length > MOST_RANKED && small === wanted ? wholeFirst(fit, small) : ranked(fit, wanted);
  last.set(items, { filter: wanted, found });
  return found;
}

const searched = ({ text, detail = "", group = "" }: Item): string => `${text} ${detail} ${group}`;

/** As the finder compares letters where it is least strict. */
const fold = (text: string): string => {
  const small = text.toLowerCase();
  return /^[^\u00c0-\uffff]*$/.test(small) ? small : small.normalize("NFD").replaceAll(/\p{M}/gu, "");
};

/** What is searched of each row. For thousands of them it takes long enough to be felt, so it is made before the first key. */
export function prepared(items: readonly Item[]): readonly string[] {
  const texts = folded.get(items) ?? items.map((item) => fold(searched(item)));
  folded.set(items, texts);
  return texts;
}

interface Fit {
  item: Item;
  text: string;
}

/** Those that hold all its letters in their order: finding the places of letters costs far more, so few are left to that. */
function possible(items: readonly Item[], wanted: string): Fit[] {
  const texts = prepared(items);
  return items.flatMap((item, index) => {
    const text = texts[index] ?? "";
    return holds(text, wanted) ? [{ item, text }] : [];
  });
}

function holds(text: string, wanted: string): boolean {
  let at = -1;
  for (const character of wanted) {
    at = text.indexOf(character, at + 1);
    if (at < 0) return false;
  }
  return true;
}

/** Among more rows than the first, the first place that fits is as good as the best one; among more than the second, any. */
const CAREFUL = 150;
const MOST_RANKED = 800;

function ranked(fit: readonly Fit[], wanted: string): readonly Item[] {
  const fuzzy = fit.length > CAREFUL ? "v1" : "v2";
  const items = fit.map(({ item }) => item);
  const finder: Finder = new Fzf(items, { selector: searched, casing: "smart-case", fuzzy });
  return finder.find(wanted).map(({ item }) => item);
}

/** Those that say it in one piece, then the others, each in the order that they had. */
function wholeFirst(fit: readonly Fit[], wanted: string): readonly Item[] {
  const whole = fit.filter(({ text }) => text.includes(wanted));
  return [...whole, ...fit.filter(({ text }) => !text.includes(wanted))].map(({ item }) => item);
}
