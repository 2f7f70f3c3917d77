/** Finds the phrases of a table in a text, in one pass over its words. */

/** `starts`: the word begins a sentence, a line or a list item; or a part of a sentence, after a comma or a dash. */
export interface Word {
  text: string;
  starts: "sentence" | "part" | null;
}

/** A word, the beginning of words, or a gap of up to three words. */
type Step = { word: string } | { stem: string } | { gap: true };
interface Phrase {
  id: string;
  steps: readonly Step[];
}

export interface PhraseTable {
  /** How many different phrases of each id occur. */
  count(words: readonly Word[], prose: string): Map<string, number>;
  /** The id of the longest phrase that begins with this word. */
  at(words: readonly Word[], index: number): string | null;
}

const WORD = /[\p{L}\p{N}_§]+/gu;
const SENTENCE_END = /[.!?:;\n]/;
const PART_END = /,|\s[-–—]/;
const GAP = 3;
/** Stems are found by their first letters. */
const STEM_KEY = 2;
/** Scripts without spaces between words. */
const UNSPACED = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/;

export function splitWords(prose: string): Word[] {
  const text = prose.toLowerCase().replace(/['’]/g, "");
  const words: Word[] = [];
  let end = 0;
  for (const { 0: word, index } of text.matchAll(WORD)) {
    const between = text.slice(end, index);
    const starts = end === 0 || SENTENCE_END.test(between) ? "sentence" : PART_END.test(between) ? "part" : null;
    words.push({ text: word, starts });
    end = index + word.length;
  }
  return words;
}

/** `rows`: phrases separated by `|`; `*` ends the beginning of words, `~` is a gap. */
export function createPhraseTable(rows: readonly { id: string; phrases: string }[]): PhraseTable {
  const byWord = new Map<string, Phrase[]>();
  const byStem = new Map<string, Phrase[]>();
  const unspaced: { id: string; text: string }[] = [];
  const add = (map: Map<string, Phrase[]>, key: string, phrase: Phrase): void => {
    map.set(key, [...(map.get(key) ?? []), phrase]);
  };
  for (const { id, phrases } of rows) {
    for (const text of phrases.split("|").map((phrase) => phrase.trim())) {
      if (UNSPACED.test(text)) unspaced.push({ id, text });
      else {
        const steps = text.split(/\s+/).map(toStep);
        const [first] = steps;
        if (first && "word" in first) add(byWord, first.word, { id, steps });
        if (first && "stem" in first) add(byStem, first.stem.slice(0, STEM_KEY), { id, steps });
      }
    }
  }
  const listAt = (words: readonly Word[], index: number): Phrase[] => {
    const text = words[index]?.text ?? "";
    const candidates = [...(byWord.get(text) ?? []), ...(byStem.get(text.slice(0, STEM_KEY)) ?? [])];
    return candidates.filter(({ steps }) => matches(steps, words, index));
  };
  return {
    count(words, prose) {
      const found = new Map<string, Set<unknown>>();
      const note = (id: string, phrase: unknown): void => {
        const known = found.get(id);
        if (known) known.add(phrase);
        else found.set(id, new Set([phrase]));
      };
      for (let index = 0; index < words.length; index++)
        for (const phrase of listAt(words, index)) note(phrase.id, phrase);
      if (UNSPACED.test(prose)) for (const one of unspaced) if (prose.includes(one.text)) note(one.id, one);
      return new Map([...found].map(([id, phrases]) => [id, phrases.size]));
    },
    at(words, index) {
      const longest = listAt(words, index).toSorted((a, b) => b.steps.length - a.steps.length)[0];
      return longest?.id ?? null;
    },
  };
}

function toStep(text: string): Step {
  if (text === "~") return { gap: true };
  return text.endsWith("*") ? { stem: text.slice(0, -1) } : { word: text };
}

function matches(steps: readonly Step[], words: readonly Word[], start: number): boolean {
  let index = start;
  let slack = 0;
  for (const step of steps) {
    if ("gap" in step) {
      slack = GAP;
      continue;
    }
    const last = index + slack;
    slack = 0;
    while (index < last && !isWord(step, words[index]?.text)) index++;
    if (!isWord(step, words[index]?.text)) return false;
    index++;
  }
  return true;
}

const isWord = (step: { word: string } | { stem: string }, text: string | undefined): boolean =>
  text !== undefined && ("word" in step ? text === step.word : text.startsWith(step.stem));
