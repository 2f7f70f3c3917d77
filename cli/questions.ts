/** Asks the agent's questions at the terminal, one at a time. If another client answers first, the prompt is closed. */

import { createInterface } from "node:readline/promises";
import { describeError, TuttiError } from "../protocol/errors.ts";
import type { EventOf, SessionEvent } from "../protocol/events.ts";
import type { Link } from "../protocol/link.ts";
import { toAnswer } from "../protocol/questions.ts";
import type { Terminal } from "./command.ts";
import { sanitize } from "./print/text.ts";

type AskedQuestion = EventOf<"question.asked">;

export interface QuestionPrompter {
  event(event: SessionEvent): void;
  close(): void;
}

export function createQuestionPrompter(terminal: Terminal, link: Link, session: string): QuestionPrompter {
  const interactive = terminal.stdinIsTerminal && terminal.stderrIsTerminal;
  const open = new Map<string, AbortController>();
  let queue: Promise<void> = Promise.resolve();

  async function present(asked: AskedQuestion, settled: AbortSignal): Promise<void> {
    if (settled.aborted) return;
    const { question, digest } = asked;
    const answer = await promptUser(terminal, asked, settled);
    if (answer === null) return;
    try {
      await link.call("questionAnswer", { session, question, digest, answer: toAnswer(asked, answer) });
    } catch (error) {
      terminal.error(`${describeError(error)}\n`);
      // The question is still open, for example because the rule to save was too broad.
      if (error instanceof TuttiError && error.code === "usage") await present(asked, settled);
    }
  }
  return {
    event(event) {
      if (event.type === "question.asked" && interactive) {
        const settled = new AbortController();
        open.set(event.question, settled);
        queue = queue.then(() => present(event, settled.signal));
      }
      if (event.type === "question.answered" || event.type === "question.expired") {
        open.get(event.question)?.abort();
        open.delete(event.question);
      }
    },
    close() {
      for (const settled of open.values()) settled.abort();
    },
  };
}

/** Null if another client answered, or the user interrupted. */
async function promptUser(
  terminal: Terminal,
  { title, detail, choices, freeText }: AskedQuestion,
  settled: AbortSignal,
): Promise<string | null> {
  const menu = choices.map(({ label }, index) => `  ${index + 1}. ${sanitize(label)}`).join("\n");
  terminal.error(`\n? ${sanitize(title)}\n${sanitize(detail)}\n${menu}\n`);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new AbortController();
  // readline captures Ctrl+C and Ctrl+D. Both interrupt, as Ctrl+C does outside a prompt.
  lines.once("SIGINT", () => lines.close());
  lines.once("close", () => closed.abort());
  try {
    for (;;) {
      const prompt = freeText ? "Number, or your own answer: " : "Number: ";
      const typed = (await lines.question(prompt, { signal: AbortSignal.any([settled, closed.signal]) })).trim();
      const chosen = choices[Number(typed) - 1] ?? choices.find(({ id }) => id === typed.toLowerCase());
      if (chosen) return chosen.id;
      if (freeText && typed !== "") return typed;
    }
  } catch (error) {
    if (!settled.aborted && !closed.signal.aborted) throw error;
    terminal.error("\n");
    if (!settled.aborted) process.emit("SIGINT", "SIGINT");
    return null;
  } finally {
    lines.close();
  }
}
