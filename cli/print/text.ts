/**
 * For people: the result on standard output, all else on standard error. At a terminal the text comes as it is said, with a line a
 * call and one line of progress below; in a pipe there is the last text alone.
 */

import type { Envelope } from "../../protocol/events.ts";
import { printable } from "../../protocol/printable.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { Terminal } from "../command.ts";
import type { Ended, Printer } from "./printer.ts";
import { createProgress, type Progress } from "./progress.ts";

const MARKS = { done: "✓", failed: "✗", refused: "⊘", interrupted: "◼" } as const;

export const safe = (text: string): string => printable(text, { keepNewlines: true });

export function textPrinter(terminal: Terminal): Printer {
  const live = terminal.outIsTerminal;
  const progress: Progress = createProgress(terminal);
  let fresh = true;

  const say = (text: string): void => {
    if (!live || text === "") return;
    progress.clear();
    terminal.out(text);
    fresh = text.endsWith("\n");
  };
  const note = (text: string): void => {
    progress.clear();
    if (live && !fresh) terminal.out("\n");
    fresh = true;
    terminal.note(`${text}\n`);
  };
  const shown = new Map<string, number>();
  const rest = (part: string, text: string): string => text.slice(shown.get(part) ?? 0);

  return {
    event({ at, event }: Envelope, view: SessionView) {
      switch (event.type) {
        case "text.delta":
          shown.set(event.part, (shown.get(event.part) ?? 0) + event.text.length);
          say(safe(event.text));
          break;
        case "text.done":
          say(safe(rest(event.part, event.text)));
          if (!fresh) say("\n");
          break;
        case "call.done": {
          const part = view.parts.findLast((candidate) => candidate.id === event.call);
          if ((terminal.noteIsTerminal || terminal.verbose) && part?.type === "call") {
            note(
              `${MARKS[event.state]} ${part.kind} ${safe(part.title)}${event.state === "done" ? "" : ` — ${brief(event.output)}`}`,
            );
          }
          break;
        }
        case "notice.shown":
          note(`${event.level === "info" ? "" : `${event.level}: `}${safe(event.text)}${again(at, event.until)}`);
          break;
        case "history.compacted":
          note("The history was summarised to make room.");
          break;
        default:
          break;
      }
      progress.show(view);
    },
    end({ text, failure }: Ended) {
      progress.stop();
      if (!live && text !== "") terminal.out(text.endsWith("\n") ? safe(text) : `${safe(text)}\n`);
      else if (live && !fresh) terminal.out("\n");
      if (failure && terminal.broken()?.code !== "EPIPE") terminal.error(`tutti: ${safe(failure.message)}\n`);
    },
  };
}

/** Every retry says when, so that two of the same kind are not taken for one. */
const again = (at: number, until: number | undefined): string =>
  until === undefined ? "" : ` Again in ${Math.max(1, Math.round((until - at) / 1000))} s.`;

function brief(text: string): string {
  const line = safe(text.trim()).split("\n", 1)[0] ?? "";
  return line.length > 160 ? `${line.slice(0, 159)}…` : line;
}
