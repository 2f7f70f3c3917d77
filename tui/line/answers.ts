/** What a line answers to a question. Pure. */
import type { Question } from "../../protocol/parts.ts";
import { listed } from "./words.ts";

/** The id of a choice, or what is said instead; null where it answers nothing. */
export function answerTo({ choices, freeText }: Question, typed: string): string | null {
  const text = typed.trim();
  if (/^\d+$/.test(text) && choices.length > 0) return choices[Number(text) - 1]?.id ?? null;
  const word = text.toLowerCase();
  const choice = choices.find(({ id, label }) => [id, label].some((one) => one.toLowerCase() === word));
  return choice?.id ?? (freeText && text !== "" ? text : null);
}

export const howToAnswer = ({ choices }: Question): string =>
  `That is none of the answers; type ${listed(choices.map((_, index) => String(index + 1)))}.`;

/** Whether a line of a script looks like an answer to what will be asked: it waits for the question then. */
export const looksLikeAnswer = (text: string): boolean => /^\s*(?:\d+|yes|no|always)\s*$/i.test(text);
