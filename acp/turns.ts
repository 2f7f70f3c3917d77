/** Which prompt became which turn, and how it ended, for whoever waits for it. Pure but for the promises that it keeps. */
import type { EventOf, SessionEvent } from "../protocol/events.ts";
import type { TurnEnd } from "../protocol/parts.ts";
import type { SessionView } from "../protocol/view.ts";

/** A prompt that was taken out of the queue has no turn; of one that was `lost` nobody tells any more how it ends. */
export type PromptEnd = Pick<TurnEnd, "outcome" | "failure"> | "dropped" | { lost: string };

/** What becomes of a prompt. Neither promise rejects. */
export interface Begun {
  /** The id of the prompt where it stands in the conversation; null where it never will. */
  inserted: Promise<string | null>;
  ended: Promise<PromptEnd>;
}

export interface Turns {
  /** `turn` where it runs already. */
  begun(prompt: string, turn: string | undefined): Begun;
  saw(event: SessionEvent): void;
  /** Looks where prompts stand in a view that came in place of events. */
  found(view: SessionView): void;
  /** All that is in the view has been told. */
  caughtUp(view: SessionView): void;
  promptOf(message: string): string | undefined;
  fail(why: string): void;
  /** Prompts that wait, with the turn that they are in; null where they wait in the queue. */
  waiting(): { prompt: string; turn: string | null }[];
}

interface Waiting {
  turn: string | null;
  message: string | null;
  inserted(id: string | null): void;
  ended(end: PromptEnd): void;
}

export function createTurns(): Turns {
  const waiting = new Map<string, Waiting>();
  /** Turns that began, and with no prompt that still waits for its place. */
  const known = new Set<string>();
  const settle = (prompt: string, end: PromptEnd): void => {
    const one = waiting.get(prompt);
    waiting.delete(prompt);
    one?.inserted(null);
    one?.ended(end);
  };
  const settleTurn = (turn: string, end: PromptEnd): void => {
    for (const [prompt, one] of [...waiting]) if (one.turn === turn) settle(prompt, end);
  };
  const insert = (prompt: string | undefined, turn: string, id: string): void => {
    const one = prompt === undefined ? undefined : waiting.get(prompt);
    if (!one) return;
    known.add(turn);
    one.turn = turn;
    one.message = id;
    one.inserted(id);
  };
  return {
    begun(prompt, turn) {
      const inserted = Promise.withResolvers<string | null>();
      const ended = Promise.withResolvers<PromptEnd>();
      waiting.set(prompt, { turn: null, message: null, inserted: inserted.resolve, ended: ended.resolve });
      if (turn !== undefined) insert(prompt, turn, turn);
      return { inserted: inserted.promise, ended: ended.promise };
    },
    saw(event) {
      if (event.type === "turn.started") {
        insert(event.prompt, event.turn, event.turn);
        known.add(event.turn);
      }
      if (event.type === "turn.steered") insert(event.prompt, event.turn, event.prompt);
      if (event.type === "prompt.dropped") settle(event.prompt, "dropped");
      if (event.type === "turn.ended") settleTurn(event.turn, endOf(event));
    },
    found({ queue, activity, lastEnd, parts }) {
      const latest = [...(lastEnd ? [lastEnd.turn] : []), ...(activity.state === "running" ? [activity.turn] : [])];
      const fresh = latest.filter((turn) => !known.has(turn));
      // The view does not say which prompt a turn began with; the later ones began the later ones.
      for (const [prompt, { turn }] of [...waiting].reverse()) {
        if (turn !== null || queue.some(({ id }) => id === prompt)) continue;
        const steered = parts.find((part) => part.type === "prompt" && part.id === prompt);
        if (steered?.type === "prompt") insert(prompt, steered.turn, prompt);
        else for (const turn of fresh.splice(-1)) insert(prompt, turn, turn);
      }
      for (const turn of latest) known.add(turn);
    },
    caughtUp({ queue, activity, lastEnd }) {
      const running = activity.state === "running" ? activity.turn : null;
      for (const [prompt, { turn }] of [...waiting])
        if (!queue.some(({ id }) => id === prompt) && (turn === null || turn !== running))
          settle(prompt, turn === null || !lastEnd ? "dropped" : lastEnd);
    },
    promptOf: (message) => [...waiting].find(([, one]) => one.message === message)?.[0],
    fail(why) {
      for (const prompt of [...waiting.keys()]) settle(prompt, { lost: why });
    },
    waiting: () => [...waiting].map(([prompt, { turn }]) => ({ prompt, turn })),
  };
}

const endOf = ({ outcome, failure }: EventOf<"turn.ended">): PromptEnd => ({ outcome, ...(failure && { failure }) });
