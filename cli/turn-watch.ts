/** Follows one prompt through the events of its session: its turn, the result and the outcome. */

import type { Envelope, EventOf, Failure } from "../protocol/events.ts";
import { monotonic } from "../protocol/monotonic.ts";
import type { SessionView } from "../protocol/view.ts";
import type { RunResult } from "./print/printer.ts";

export type TurnEnd = Omit<RunResult, "usage">;

export interface TurnWatch {
  /** Resolves when the turn of this prompt has ended. */
  ended(prompt: string): Promise<TurnEnd>;
  event(envelope: Envelope, view: SessionView): void;
  /** The running turn stopped, and its end could not be written to the log. */
  fail(failure: Failure): void;
  /** Why this process interrupts the turn; replaces "cancelled" in the result. */
  interruption: { failure: Failure; exit: number | null } | null;
}

interface Running {
  turn: string;
  prompt: string | undefined;
  startedAt: number;
  steps: Set<number>;
  refused: RunResult["refused"];
  text: string;
}

export function watchTurn(): TurnWatch {
  const startedAt = monotonic();
  /** By prompt: the response to the request may arrive after the events. */
  const endedTurns = new Map<string, TurnEnd>();
  let waiting: { prompt: string; resolve(ended: TurnEnd): void } | null = null;
  let current: Running | null = null;
  let lastView: SessionView | null = null;

  const finish = (running: Running, view: SessionView, end: EventOf<"turn.ended">, failure?: Failure): void => {
    const ended: TurnEnd = {
      exitCode: watch.interruption?.exit ?? null,
      text: running.text,
      view,
      end,
      failure: failure ?? watch.interruption?.failure ?? end.failure ?? null,
      milliseconds: monotonic() - running.startedAt,
      steps: running.steps.size,
      refused: running.refused,
    };
    current = null;
    if (running.prompt === undefined) return;
    if (waiting?.prompt === running.prompt) waiting.resolve(ended);
    endedTurns.set(running.prompt, ended);
  };
  const watch: TurnWatch = {
    interruption: null,
    ended(prompt) {
      const known = endedTurns.get(prompt);
      return known ? Promise.resolve(known) : new Promise((resolve) => (waiting = { prompt, resolve }));
    },
    event({ event }, view) {
      lastView = view;
      if (event.type === "turn.started") {
        const { turn, prompt } = event;
        current = { turn, prompt, startedAt, steps: new Set(), refused: [], text: "" };
      }
      if (!current) return;
      if ("step" in event) current.steps.add(event.step);
      if (event.type === "text.done" && !event.incomplete) current.text = event.text;
      if (event.type === "call.asked") current.text = "";
      if (event.type === "call.done" && event.state === "refused") {
        const part = view.parts.findLast(({ id }) => id === event.call);
        if (part?.type === "call") current.refused.push({ call: part.id, name: part.name, input: part.input });
      }
      if (event.type === "turn.ended") finish(current, view, event);
    },
    fail(failure) {
      if (current && lastView)
        finish(current, lastView, { type: "turn.ended", turn: current.turn, outcome: "failed", failure }, failure);
    },
  };
  return watch;
}
