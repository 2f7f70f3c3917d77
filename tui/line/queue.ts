/** Handles entered lines in order, each when it can have an effect, and the end of the input when nothing is left to wait for. */
import type { SessionView } from "../../protocol/view.ts";

/** `announcedQuestion`: the question that was announced when the line was entered. Null is the end of the input. */
export type InputLine = { text: string; announcedQuestion: string | null } | null;

export interface LineQueue {
  add(line: InputLine): void;
  /** Handles the lines that need not wait any longer. */
  process(): Promise<void>;
}

export interface QueueCallbacks {
  /** Called before each line, to announce everything that has happened. */
  announce(): void;
  mustWait(line: InputLine): boolean;
  handle(line: NonNullable<InputLine>): Promise<void>;
  end(): void;
}

export function createLineQueue(callbacks: QueueCallbacks): LineQueue {
  const lines: InputLine[] = [];
  let isProcessing = false;
  const process = async (): Promise<void> => {
    if (isProcessing) return;
    isProcessing = true;
    try {
      for (let line = lines[0]; line !== undefined; line = lines[0]) {
        callbacks.announce();
        if (callbacks.mustWait(line)) return;
        lines.shift();
        if (line === null) return callbacks.end();
        await callbacks.handle(line);
      }
    } finally {
      isProcessing = false;
    }
    callbacks.announce();
  };
  return {
    add(line) {
      lines.push(line);
      void process();
    },
    process,
  };
}

export const isBusy = (view: SessionView | null): boolean =>
  view !== null && (view.activity.state === "running" || (view.queue.length > 0 && !view.queueWaits));

/** A script may write its answers before the questions are asked. Lines that are not answers are queued by the server. */
export const waitsForQuestion = (text: string, view: SessionView | null): boolean =>
  looksLikeAnswer(text) && isBusy(view) && view?.questions.length === 0;

const looksLikeAnswer = (text: string): boolean =>
  /^\s*(?:\d+|yes|no|session|always(?:\s+[\w.*-]+(?:\s*\(.*\))?)?)\s*$/is.test(text);
