/** Answers to questions, as people type and read them. Pure. */
import type { Answer } from "./events.ts";
import type { Question } from "./parts.ts";

/** What was typed or chosen: a choice by its id, anything else is a text, which the server refuses where the question takes none. */
export const toAnswer = ({ choices }: Pick<Question, "choices">, input: string): Answer =>
  choices.some(({ id }) => id === input) ? { choice: input } : { text: input };

export const formatAnswer = (answer: Answer): string => ("choice" in answer ? answer.choice : answer.text);
