/** A question of the agent, asked at the terminal. Another client may answer first; then the terminal is told. */
import { createInterface } from "node:readline/promises";
import type { Link } from "../client/link.ts";
import type { EventOf } from "../protocol/events.ts";
import type { Terminal } from "./command.ts";
import { safe } from "./print/text.ts";

export function askAtTerminal(
  terminal: Terminal,
  link: Link,
  session: string,
  question: EventOf<"question.asked">,
): void {
  if (!terminal.inIsTerminal || !terminal.noteIsTerminal) return;
  ask(terminal, question)
    .then((answer) =>
      link.call("questionAnswer", { session, question: question.question, digest: question.digest, answer }),
    )
    .catch((error) => terminal.error(`${error instanceof Error ? error.message : String(error)}\n`));
}

async function ask(
  terminal: Terminal,
  { title, detail, choices, freeText }: EventOf<"question.asked">,
): Promise<string> {
  const menu = choices.map(({ label }, index) => `  ${index + 1}. ${safe(label)}`).join("\n");
  terminal.error(`\n? ${safe(title)}\n${safe(detail)}\n${menu}\n`);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    for (;;) {
      const typed = (await lines.question(freeText ? "Number, or what to say instead: " : "Number: ")).trim();
      const chosen = choices[Number(typed) - 1] ?? choices.find(({ id }) => id === typed.toLowerCase());
      if (chosen) return chosen.id;
      if (freeText && typed !== "") return typed;
    }
  } finally {
    lines.close();
  }
}
