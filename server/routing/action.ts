/** Finds what a prompt asks to be done: the most demanding of the verbs that begin its sentences, or how its question begins. */
import { findNearest } from "../../protocol/nearest.ts";
import { createPhraseTable, type PhraseTable, splitWords, type Word } from "./phrases.ts";
import { POLITE, QUESTIONS, UNSPACED_VERBS, VERBS, type Verb } from "./verbs.ts";

export interface ActionTables {
  verbs: PhraseTable;
  unspacedVerbs: PhraseTable;
  questions: PhraseTable;
  /** Long enough to be recognized if they are misspelt. */
  names: readonly string[];
}

const MAX_ACTIONS = 6;
const MAX_POLITE = 10;
/** Shorter words are too similar to each other. */
const SHORTEST_MISSPELT = 5;
const PLEASE: ReadonlySet<string> = new Set(["please", "pls", "plz", "bitte"]);

export function createActionTables(): ActionTables {
  const toTable = (rows: readonly Verb[]) => createPhraseTable(rows.map(({ id, words }) => ({ id, phrases: words })));
  return {
    verbs: toTable(VERBS),
    unspacedVerbs: toTable(UNSPACED_VERBS),
    questions: toTable(QUESTIONS),
    names: VERBS.flatMap(({ words }) => words.split("|")).filter((word) => word.length >= SHORTEST_MISSPELT),
  };
}

export function findAction(words: readonly Word[], prose: string, tables: ActionTables): Verb | null {
  const actions: Verb[] = [];
  for (let index = 0; index < words.length && actions.length < MAX_ACTIONS; index++) {
    const { starts, text = "" } = words[index] ?? {};
    if (starts === null && !PLEASE.has(text)) continue;
    const action = readAction(words, index, starts === "sentence", tables);
    // "… What is going on?" after a description asks for no fact.
    if (action && (index === 0 || action.id !== "question.fact")) actions.push(action);
  }
  if (actions.length === 0) {
    const ids = tables.unspacedVerbs.count([], prose);
    actions.push(...UNSPACED_VERBS.filter(({ id }) => ids.has(id)));
  }
  return actions.toSorted((a, b) => b.points - a.points)[0] ?? null;
}

/** A text that follows an instruction such as "Summarize this:" says nothing about the task. */
export function withoutMaterial(prose: string, tables: ActionTables): string {
  const [first = ""] = prose.split(/\n[ \t]*\n/, 1);
  if (first.length === prose.length || !/:\s*$|\b(?:this|these|following|below)\b/.test(first)) return prose;
  const id = findAction(splitWords(first), first, tables)?.id;
  return id === "verb.material" || id === "verb.convert" ? first : prose;
}

function readAction(words: readonly Word[], start: number, mayAsk: boolean, tables: ActionTables): Verb | null {
  const question = mayAsk ? tables.questions.at(words, start) : null;
  let index = start;
  while (POLITE.has(words[index]?.text ?? "") && index < start + MAX_POLITE) index++;
  const verb = tables.verbs.at(words, index);
  if (verb !== null && (index > start || question === null)) return VERBS.find(({ id }) => id === verb) ?? null;
  if (question !== null) return QUESTIONS.find(({ id }) => id === question) ?? null;
  return start === 0 ? readMisspelt(words[index]?.text ?? "", tables.names) : null;
}

/** A letter more or less, or two that changed places: other words that look like a verb are often words of their own. */
function readMisspelt(word: string, names: readonly string[]): Verb | null {
  if (word.length < SHORTEST_MISSPELT) return null;
  const letters = sortLetters(word);
  const isAlike = (name: string): boolean =>
    name[0] === word[0] && (name.length !== word.length || sortLetters(name) === letters);
  const name = findNearest(word, names.filter(isAlike));
  return VERBS.find(({ words }) => name !== null && words.split("|").includes(name)) ?? null;
}

const sortLetters = (word: string): string => [...word].sort().join("");
