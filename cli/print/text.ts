/**
 * Text output: the result on standard output, everything else on standard error. At a terminal, text is streamed, with a line per tool
 * call and a status line; in a pipe, only the last text is printed.
 */

import { formatCompaction } from "../../client/format.ts";
import type { Envelope } from "../../protocol/events.ts";
import { printable } from "../../protocol/printable.ts";
import { describeOutcome } from "../../protocol/questions.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { Terminal } from "../command.ts";
import type { Printer, RunResult } from "./printer.ts";
import { createProgress, type Progress } from "./progress.ts";

const ICONS = { done: "✓", failed: "✗", refused: "⊘", interrupted: "◼" } as const;

export const sanitize = (text: string): string => printable(text, { keepNewlines: true });

export function textPrinter(terminal: Terminal): Printer {
  const live = terminal.stdoutIsTerminal;
  const progress: Progress = createProgress(terminal);
  let atLineStart = true;

  const writeText = (text: string): void => {
    if (!live || text === "") return;
    progress.clear();
    terminal.out(text);
    atLineStart = text.endsWith("\n");
  };
  const writeNote = (text: string): void => {
    progress.clear();
    if (live && !atLineStart) terminal.out("\n");
    atLineStart = true;
    terminal.note(`${text}\n`);
  };
  const writtenLength = new Map<string, number>();
  const unwritten = (part: string, text: string): string => text.slice(writtenLength.get(part) ?? 0);

  return {
    event({ at, event }: Envelope, view: SessionView) {
      switch (event.type) {
        case "text.delta":
          writtenLength.set(event.part, (writtenLength.get(event.part) ?? 0) + event.text.length);
          writeText(sanitize(event.text));
          break;
        case "text.done":
          writeText(sanitize(unwritten(event.part, event.text)));
          if (!atLineStart) writeText("\n");
          break;
        case "call.done": {
          const part = view.parts.findLast((candidate) => candidate.id === event.call);
          if ((terminal.stderrIsTerminal || terminal.verbose) && part?.type === "call") {
            for (const outcome of part.outcomes ?? []) writeNote(`↳ ${sanitize(describeOutcome(outcome))}`);
            writeNote(
              `${ICONS[event.state]} ${part.kind} ${sanitize(part.title)}${event.state === "done" ? "" : ` — ${firstLineOf(event.output)}`}`,
            );
          }
          break;
        }
        case "notice.shown":
          writeNote(
            `${event.level === "info" ? "" : `${event.level}: `}${sanitize(event.text)}${formatRetry(at, event.until)}`,
          );
          break;
        case "hook.done": {
          const part = view.parts.at(-1);
          if (part?.type === "notice" && part.level !== "info") writeNote(`${part.level}: ${sanitize(part.text)}`);
          break;
        }
        case "history.compacted":
          writeNote(sanitize(formatCompaction(event)));
          break;
        default:
          break;
      }
      progress.show(view);
    },
    end({ text, failure }: RunResult) {
      progress.stop();
      if (!live && text !== "") terminal.out(text.endsWith("\n") ? sanitize(text) : `${sanitize(text)}\n`);
      else if (live && !atLineStart) terminal.out("\n");
      if (failure && terminal.outputError()?.code !== "EPIPE") terminal.error(`tutti: ${sanitize(failure.message)}\n`);
    },
  };
}

/** Retries show their delay, so that repeated notices can be told apart. */
const formatRetry = (at: number, until: number | undefined): string =>
  until === undefined ? "" : ` Retrying in ${Math.max(1, Math.round((until - at) / 1000))} s.`;

function firstLineOf(text: string): string {
  const line = sanitize(text.trim()).split("\n", 1)[0] ?? "";
  return line.length > 160 ? `${line.slice(0, 159)}…` : line;
}
