/** Filters list items by a typed text, best matches first. */
import { Fzf } from "fzf";
import type { Item, ListDialog } from "./state.ts";

/** The part of fzf that is used; its own types do not resolve in this kind of module. */
interface Finder {
  find(text: string): { item: Item }[];
}

/** Memo caches, keyed by the list: the case-folded text of each item, and the last results. */
const searchIndex = new WeakMap<readonly Item[], readonly string[]>();
const lastResults = new WeakMap<readonly Item[], { filter: string; found: readonly Item[] }>();

/** The items that a dialog shows: filtered here, unless the server has searched for them. */
export const visibleItems = ({ items, input, isServerSearch }: ListDialog): readonly Item[] =>
  isServerSearch ? items : filterItems(items, input.editor.text);

export function filterItems(items: readonly Item[], filter: string): readonly Item[] {
  const query = filter.trim();
  if (query === "") return items;
  const before = lastResults.get(items);
  if (before?.filter === query) return before.found;
  const folded = foldCase(query);
  const candidates = findCandidates(items, folded);
  // With so many candidates the user will type more, and ranking all of them would delay each key.
  const isCheap = candidates.length > MAX_RANKED && folded === query;
  const found = isCheap ? exactMatchesFirst(candidates, folded) : rankMatches(candidates, query);
  lastResults.set(items, { filter: query, found });
  return found;
}

const searchText = ({ text, detail = "", group = "" }: Item): string => `${text} ${detail} ${group}`;

/** Lower case without accents, as fzf compares letters when it ignores case. */
const foldCase = (text: string): string => {
  const lower = text.toLowerCase();
  return /^[^\u00c0-\uffff]*$/.test(lower) ? lower : lower.normalize("NFD").replaceAll(/\p{M}/gu, "");
};

/** Prepares the items for filtering. With thousands of items this is slow enough to notice, so it is done before the first key. */
export function indexItems(items: readonly Item[]): readonly string[] {
  const texts = searchIndex.get(items) ?? items.map((item) => foldCase(searchText(item)));
  searchIndex.set(items, texts);
  return texts;
}

interface Candidate {
  item: Item;
  text: string;
}

/** Items that contain all letters in order. This is far cheaper than ranking, which then has fewer items to handle. */
function findCandidates(items: readonly Item[], query: string): Candidate[] {
  const texts = indexItems(items);
  return items.flatMap((item, index) => {
    const text = texts[index] ?? "";
    return isSubsequence(text, query) ? [{ item, text }] : [];
  });
}

function isSubsequence(text: string, query: string): boolean {
  let index = -1;
  for (const character of query) {
    index = text.indexOf(character, index + 1);
    if (index < 0) return false;
  }
  return true;
}

/** With more candidates, use fzf's faster algorithm; with even more, do not rank at all. */
const MAX_FUZZY_V2 = 150;
const MAX_RANKED = 800;

function rankMatches(candidates: readonly Candidate[], query: string): readonly Item[] {
  const fuzzy = candidates.length > MAX_FUZZY_V2 ? "v1" : "v2";
  const items = candidates.map(({ item }) => item);
  const finder: Finder = new Fzf(items, { selector: searchText, casing: "smart-case", fuzzy });
  return finder.find(query).map(({ item }) => item);
}

/** Items that contain the query as a substring, then the others, in their original order. */
function exactMatchesFirst(candidates: readonly Candidate[], query: string): readonly Item[] {
  const exact = candidates.filter(({ text }) => text.includes(query));
  return [...exact, ...candidates.filter(({ text }) => !text.includes(query))].map(({ item }) => item);
}
