/** Lines in their order, each taken up when it can mean something; and the end of the input, when nothing is left to wait for. */
import type { SessionView } from "../../protocol/view.ts";
import { looksLikeAnswer } from "./answers.ts";

/** `seen`: the question that had been told when the line was written. Null is the end of the input. */
export type Line = { text: string; seen: string | null } | null;

export interface LineQueue {
  add(line: Line): void;
  /** Something may have come that a line waits for. */
  look(): Promise<void>;
}

export interface Takes {
  /** Before each line: all that happened is told. */
  tell(): void;
  /** The next line has to wait. */
  waits(line: Line): boolean;
  take(line: NonNullable<Line>): Promise<void>;
  end(): void;
}

export function openQueue(takes: Takes): LineQueue {
  const lines: Line[] = [];
  let working = false;
  const look = async (): Promise<void> => {
    if (working) return;
    working = true;
    try {
      for (let line = lines[0]; line !== undefined; line = lines[0]) {
        takes.tell();
        if (takes.waits(line)) return;
        lines.shift();
        if (line === null) return takes.end();
        await takes.take(line);
      }
    } finally {
      working = false;
    }
    takes.tell();
  };
  return {
    add(line) {
      lines.push(line);
      void look();
    },
    look,
  };
}

export const isBusy = (view: SessionView | null): boolean =>
  view !== null && (view.activity.state === "running" || view.queue.length > 0);

/** A script may write its answers before they are asked for; what is no answer is queued by the server. */
export const waitsForQuestion = (text: string, view: SessionView | null): boolean =>
  looksLikeAnswer(text) && isBusy(view) && view?.questions.length === 0;
