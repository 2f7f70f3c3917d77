/** Questions of the agent, asked at the terminal, one at a time. Another client may answer first; then the terminal stops asking. */
import { createInterface } from "node:readline/promises";
import type { Link } from "../client/link.ts";
import type { EventOf, SessionEvent } from "../protocol/events.ts";
import type { Terminal } from "./command.ts";
import { safe } from "./print/text.ts";

type Asked = EventOf<"question.asked">;

export interface Asking {
  event(event: SessionEvent): void;
  close(): void;
}

export function openAsking(terminal: Terminal, link: Link, session: string): Asking {
  const here = terminal.inIsTerminal && terminal.noteIsTerminal;
  const open = new Map<string, AbortController>();
  let before: Promise<void> = Promise.resolve();

  async function put(asked: Asked, settled: AbortSignal): Promise<void> {
    if (settled.aborted) return;
    const { question, digest } = asked;
    const answer = await ask(terminal, asked, settled);
    if (answer === null) return;
    open.delete(question);
    await link
      .call("questionAnswer", { session, question, digest, answer })
      .catch((error) => terminal.error(`${error instanceof Error ? error.message : String(error)}\n`));
  }
  return {
    event(event) {
      if (event.type === "question.asked" && here) {
        const settled = new AbortController();
        open.set(event.question, settled);
        before = before.then(() => put(event, settled.signal));
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

/** Null where it was settled elsewhere, or the person wants to stop. */
async function ask(
  terminal: Terminal,
  { title, detail, choices, freeText }: Asked,
  settled: AbortSignal,
): Promise<string | null> {
  const menu = choices.map(({ label }, index) => `  ${index + 1}. ${safe(label)}`).join("\n");
  terminal.error(`\n? ${safe(title)}\n${safe(detail)}\n${menu}\n`);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new AbortController();
  // Reading lines takes Ctrl+C and Ctrl+D out of the terminal's hands: both mean what Ctrl+C means elsewhere.
  lines.once("SIGINT", () => lines.close());
  lines.once("close", () => closed.abort());
  try {
    for (;;) {
      const prompt = freeText ? "Number, or what to say instead: " : "Number: ";
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
