/** Which prompt became which turn, and how it ended, for whoever waits for the end of a prompt. Pure but for the promises that it keeps. */
import { TuttiError } from "../protocol/errors.ts";
import type { EventOf, SessionEvent } from "../protocol/events.ts";
import type { TurnEnd } from "../protocol/parts.ts";
import type { SessionView } from "../protocol/view.ts";

/** A prompt that another client took out of the queue has no turn. */
export type PromptEnd = Pick<TurnEnd, "outcome" | "failure"> | "dropped";

export interface Turns {
  /** Resolves when the turn of this prompt has ended; `turn` where it runs already. */
  ended(prompt: string, turn: string | undefined): Promise<PromptEnd>;
  saw(event: SessionEvent): void;
  /** The view stands in place of events that were missed. */
  caughtUp(view: SessionView): void;
  fail(why: string): void;
  /** Prompts that wait, with the turn that they are in; null where they wait in the queue. */
  waiting(): { prompt: string; turn: string | null }[];
}

interface Waiting {
  turn: string | null;
  resolve(end: PromptEnd): void;
  reject(error: Error): void;
}

export function createTurns(): Turns {
  const waiting = new Map<string, Waiting>();
  const settle = (prompt: string, end: PromptEnd): void => {
    waiting.get(prompt)?.resolve(end);
    waiting.delete(prompt);
  };
  const settleTurn = (turn: string, end: PromptEnd): void => {
    for (const [prompt, one] of [...waiting]) if (one.turn === turn) settle(prompt, end);
  };
  const begun = (prompt: string | undefined, turn: string): void => {
    const one = prompt === undefined ? undefined : waiting.get(prompt);
    if (one) one.turn = turn;
  };
  return {
    ended: (prompt, turn) =>
      new Promise((resolve, reject) => waiting.set(prompt, { turn: turn ?? null, resolve, reject })),
    saw(event) {
      if (event.type === "turn.started" || event.type === "turn.steered") begun(event.prompt, event.turn);
      if (event.type === "prompt.dropped") settle(event.prompt, "dropped");
      if (event.type === "turn.ended") settleTurn(event.turn, endOf(event));
    },
    caughtUp({ queue, activity, lastEnd }) {
      const running = activity.state === "running" ? activity.turn : null;
      for (const [prompt, one] of [...waiting]) {
        if (queue.some(({ id }) => id === prompt) || (one.turn !== null && one.turn === running)) continue;
        if (one.turn === null && running !== null) one.turn = running;
        else settle(prompt, lastEnd ?? "dropped");
      }
    },
    fail(why) {
      for (const { reject } of waiting.values()) reject(new TuttiError("failed", why));
      waiting.clear();
    },
    waiting: () => [...waiting].map(([prompt, { turn }]) => ({ prompt, turn })),
  };
}

const endOf = ({ outcome, failure }: EventOf<"turn.ended">): PromptEnd => ({ outcome, ...(failure && { failure }) });
