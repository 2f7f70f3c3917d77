/** Searches notes, and formats as many of them as fit. Pure. */
import { type Note, parseItems } from "./notes.ts";

export interface Match {
  topic: string;
  item: string;
  score: number;
}

const splitWords = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];

/**
 * Matching items, best first. A rare word counts more, a word of the topic twice as much, and a prefix of a word half. Items without
 * any of the words are omitted.
 */
export function search(notes: readonly Note[], query: string): Match[] {
  const terms = [...new Set(splitWords(query))];
  const all = notes.flatMap(({ topic, text }) =>
    parseItems(text).items.map((item) => ({
      topic,
      item: item.trim(),
      topicWords: splitWords(topic),
      words: splitWords(item),
    })),
  );
  const weight = new Map(
    terms.map((word) => {
      const matching = all.filter(
        ({ topicWords, words }) => overlap(word, topicWords) + overlap(word, words) > 0,
      ).length;
      return [word, Math.log(1 + all.length / Math.max(1, matching))];
    }),
  );
  return all
    .map(({ topic, item, topicWords, words }) => {
      const scoreOf = (word: string): number =>
        (weight.get(word) ?? 0) * (2 * overlap(word, topicWords) + overlap(word, words));
      return { topic, item, score: terms.reduce((sum, word) => sum + scoreOf(word), 0) };
    })
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score);
}

function overlap(word: string, words: readonly string[]): number {
  if (words.includes(word)) return 1;
  return word.length >= 3 && words.some((other) => other.startsWith(word)) ? 0.5 : 0;
}

/** Formats items under their topics, as many as fit into `maxLength` characters, and the number of the others. */
export function formatItems(items: readonly { topic: string; item: string }[], maxLength: number): string {
  let text = "";
  let topic: string | null = null;
  for (const [index, one] of items.entries()) {
    const lines = `${one.topic === topic ? "" : `## ${one.topic}\n`}${one.item}\n`;
    if (text.length + lines.length > maxLength)
      return `${text}… ${items.length - index} more; use recall to find them.\n`;
    text += lines;
    topic = one.topic;
  }
  return text;
}

/**
 * The newest item of each topic, then the second newest, and so on, as many as fit; recently changed topics first. Empty without notes.
 */
export function formatNewest(notes: readonly Note[], maxLength: number): string {
  const topics = notes.map(({ topic, text }) => ({ topic, items: parseItems(text).items.toReversed() }));
  const chosen = new Map<string, string[]>();
  let remaining = maxLength;
  for (let round = 0; topics.some(({ items }) => items.length > round); round++) {
    for (const { topic, items } of topics) {
      const item = items[round]?.trim();
      const cost = (item?.length ?? 0) + (chosen.has(topic) ? 1 : topic.length + 5);
      if (item === undefined || cost > remaining) continue;
      chosen.set(topic, [item, ...(chosen.get(topic) ?? [])]);
      remaining -= cost;
    }
  }
  return [...chosen].map(([topic, items]) => `## ${topic}\n${items.join("\n")}\n`).join("");
}
