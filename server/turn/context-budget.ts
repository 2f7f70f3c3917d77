/**
 * How much of a model's context a request may use, estimated in tokens, and how messages are cut to fit. Pure. A message is measured once:
 * messages of a history never change.
 */
import type { StoredMessage } from "../session/history.ts";

/** Space for the response and for the inaccuracy of the estimate. */
const MAX_RESERVE = 20_000;
const RESERVE_SHARE = 0.2;
const CHARS_PER_TOKEN = 3.5;
const IMAGE_TOKENS = 1_500;
/** One text of a message may use this share of the budget. */
const TEXT_SHARE = 0.5;
const MIN_TEXT_CHARS = 40;

/** Tokens of input; null if the context is unknown. */
export const getInputBudget = (context: number | null): number | null =>
  context === null ? null : Math.floor(context - Math.min(MAX_RESERVE, context * RESERVE_SHARE));

/** The longest text that a message may contain, in characters. */
export const getMaxTextLength = (budget: number): number =>
  Math.max(MIN_TEXT_CHARS, Math.floor(budget * TEXT_SHARE * CHARS_PER_TOKEN));

export function estimateTextTokens(text: string): number {
  const others = text.match(/[^\x00-\x7f]/g)?.length ?? 0;
  return (text.length - others) / CHARS_PER_TOKEN + others;
}

const sizes = new WeakMap<StoredMessage, number>();

export function measureMessage(message: StoredMessage): number {
  const known = sizes.get(message);
  if (known !== undefined) return known;
  const images = listImages(message).length * IMAGE_TOKENS;
  const size = listTexts(message).reduce((sum, text) => sum + estimateTextTokens(text) + 4, images);
  sizes.set(message, size);
  return size;
}

export const measureMessages = (messages: readonly StoredMessage[]): number =>
  messages.reduce((sum, message) => sum + measureMessage(message), 0);

export function listImages(message: StoredMessage): string[] {
  if (message.role === "user") return message.content.flatMap((part) => (part.type === "image" ? [part.blob] : []));
  return message.role === "tool" ? message.results.flatMap(({ images }) => images.map(({ blob }) => blob)) : [];
}

function listTexts(message: StoredMessage): string[] {
  if (message.role === "tool") return message.results.map(({ output }) => output);
  return message.content.flatMap((part): string[] => {
    if (part.type === "image") return [];
    return [part.type === "call" ? JSON.stringify(part.input) : part.text];
  });
}

/** Replaces the middle of a text that is too long. */
export type CutText = (text: string, max: number) => string;

/** At most `max` characters; the note is left out if it would be most of them. */
export function cutMiddle(text: string, max: number, note: string): string {
  const gap = note.length * 2 < max ? `\n${note}\n` : "[…]";
  const half = Math.floor((max - gap.length) / 2);
  // A half may end within a character of two code units.
  return text.slice(0, half).toWellFormed() + gap + text.slice(-half).toWellFormed();
}

/** The messages with shorter texts, and without the oldest ones if that is not enough, so that they fit the budget. */
export function fitMessages(
  messages: readonly StoredMessage[],
  budget: number,
  cut: CutText,
): readonly StoredMessage[] {
  for (let max = getMaxTextLength(budget); max >= MIN_TEXT_CHARS; max /= 2) {
    const shorter = messages.map((message) => cutTexts(message, Math.floor(max), cut));
    if (measureMessages(shorter) <= budget) return shorter;
  }
  const shortest = messages.map((message) => cutTexts(message, MIN_TEXT_CHARS, cut));
  const gap: StoredMessage = { role: "user", content: [{ type: "text", text: LEFT_OUT }] };
  return [gap, ...shortest.slice(findRecent(shortest, budget - measureMessage(gap), Number.POSITIVE_INFINITY))];
}

const LEFT_OUT = "[Earlier messages are left out here, because they do not fit the context of this model.]";

/** The same message if none of its texts is too long. */
function cutTexts(message: StoredMessage, max: number, cut: CutText): StoredMessage {
  if (listTexts(message).every((text) => text.length <= max)) return message;
  const shorten = (text: string) => (text.length <= max ? text : cut(text, max));
  if (message.role === "tool")
    return { ...message, results: message.results.map((result) => ({ ...result, output: shorten(result.output) })) };
  if (message.role === "user")
    return {
      ...message,
      content: message.content.map((part) => (part.type === "text" ? { ...part, text: shorten(part.text) } : part)),
    };
  return {
    ...message,
    content: message.content.map((part) =>
      part.type === "call" ? { ...part, input: cutInput(part.input, shorten) } : { ...part, text: shorten(part.text) },
    ),
  };
}

function cutInput(input: unknown, shorten: (text: string) => string): unknown {
  if (typeof input === "string") return shorten(input);
  if (Array.isArray(input)) return input.map((item) => cutInput(item, shorten));
  if (typeof input !== "object" || input === null) return input;
  return Object.fromEntries(Object.entries(input).map(([key, value]) => [key, cutInput(value, shorten)]));
}

/**
 * Index of the first of the recent messages: as many as fit the tokens, at most `count`, but at least the last one with what belongs to
 * it. A call stays together with its result.
 */
export function findRecent(messages: readonly StoredMessage[], tokens: number, count: number): number {
  let left = tokens;
  let start = messages.length;
  for (let at = messages.length - 1; at >= 0; at -= 1) {
    const message = messages[at];
    if (message === undefined) break;
    left -= measureMessage(message);
    const isLast = start === messages.length;
    if (!isLast && (left < 0 || messages.length - at > count)) break;
    if (message.role !== "tool") start = at;
  }
  return start;
}
