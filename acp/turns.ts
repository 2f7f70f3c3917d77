/** Matches prompts to turns, and resolves a promise for each when it starts and ends. */
import type { EventOf, SessionEvent } from "../protocol/events.ts";
import type { TurnEnd } from "../protocol/parts.ts";
import type { SessionView } from "../protocol/view.ts";

/** `dropped`: removed from the queue without a turn. `lost`: the outcome is unknown, for example because the connection was lost. */
export type PromptEnd = Pick<TurnEnd, "outcome" | "failure"> | "dropped" | { lost: string };

/** The progress of a prompt. Neither promise rejects. */
export interface TrackedPrompt {
  /** The id of the message that the prompt became; null if it never became one. */
  inserted: Promise<string | null>;
  ended: Promise<PromptEnd>;
}

export interface TurnTracker {
  /** `turn` is set if the prompt is already running. */
  track(prompt: string, turn: string | undefined): TrackedPrompt;
  apply(event: SessionEvent): void;
  /** Matches prompts to turns from a snapshot that replaces events. */
  matchView(view: SessionView): void;
  /** Settles prompts that have ended according to a snapshot, after it was sent. */
  settleFromView(view: SessionView): void;
  promptOf(message: string): string | undefined;
  failAll(reason: string): void;
  /** Unfinished prompts with their turn; null for queued ones. */
  pending(): { prompt: string; turn: string | null }[];
}

interface PendingPrompt {
  turn: string | null;
  message: string | null;
  inserted(id: string | null): void;
  ended(end: PromptEnd): void;
}

export function createTurnTracker(): TurnTracker {
  const pendingPrompts = new Map<string, PendingPrompt>();
  /** Turns that are already matched to a prompt, or need none. */
  const matchedTurns = new Set<string>();
  const settle = (prompt: string, end: PromptEnd): void => {
    const one = pendingPrompts.get(prompt);
    pendingPrompts.delete(prompt);
    one?.inserted(null);
    one?.ended(end);
  };
  const settleTurn = (turn: string, end: PromptEnd): void => {
    for (const [prompt, one] of [...pendingPrompts]) if (one.turn === turn) settle(prompt, end);
  };
  const insert = (prompt: string | undefined, turn: string, id: string): void => {
    const one = prompt === undefined ? undefined : pendingPrompts.get(prompt);
    if (!one) return;
    matchedTurns.add(turn);
    one.turn = turn;
    one.message = id;
    one.inserted(id);
  };
  return {
    track(prompt, turn) {
      const inserted = Promise.withResolvers<string | null>();
      const ended = Promise.withResolvers<PromptEnd>();
      pendingPrompts.set(prompt, { turn: null, message: null, inserted: inserted.resolve, ended: ended.resolve });
      if (turn !== undefined) insert(prompt, turn, turn);
      return { inserted: inserted.promise, ended: ended.promise };
    },
    apply(event) {
      if (event.type === "turn.started") {
        insert(event.prompt, event.turn, event.turn);
        matchedTurns.add(event.turn);
      }
      if (event.type === "turn.steered") insert(event.prompt, event.turn, event.prompt);
      if (event.type === "prompt.dropped") settle(event.prompt, "dropped");
      if (event.type === "turn.ended") settleTurn(event.turn, endOf(event));
    },
    matchView({ queue, activity, lastEnd, parts }) {
      const latest = [...(lastEnd ? [lastEnd.turn] : []), ...(activity.state === "running" ? [activity.turn] : [])];
      const fresh = latest.filter((turn) => !matchedTurns.has(turn));
      // A view does not contain the prompt id of a turn: later turns are matched to later prompts.
      for (const [prompt, { turn }] of [...pendingPrompts].reverse()) {
        if (turn !== null || queue.some(({ id }) => id === prompt)) continue;
        const steered = parts.find((part) => part.type === "prompt" && part.id === prompt);
        if (steered?.type === "prompt") insert(prompt, steered.turn, prompt);
        else for (const turn of fresh.splice(-1)) insert(prompt, turn, turn);
      }
      for (const turn of latest) matchedTurns.add(turn);
    },
    settleFromView({ queue, activity, lastEnd }) {
      const running = activity.state === "running" ? activity.turn : null;
      for (const [prompt, { turn }] of [...pendingPrompts])
        if (!queue.some(({ id }) => id === prompt) && (turn === null || turn !== running))
          settle(prompt, turn === null || !lastEnd ? "dropped" : lastEnd);
    },
    promptOf: (message) => [...pendingPrompts].find(([, one]) => one.message === message)?.[0],
    failAll(reason) {
      for (const prompt of [...pendingPrompts.keys()]) settle(prompt, { lost: reason });
    },
    pending: () => [...pendingPrompts].map(([prompt, { turn }]) => ({ prompt, turn })),
  };
}

const endOf = ({ outcome, failure }: EventOf<"turn.ended">): PromptEnd => ({ outcome, ...(failure && { failure }) });
