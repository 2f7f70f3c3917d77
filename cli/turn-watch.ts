/** What became of one prompt, put together from the events of its session: which turn was its own, what it said, how it ended. */
import type { Envelope, EventOf, Failure } from "../protocol/events.ts";
import type { SessionView } from "../protocol/view.ts";
import type { Ended } from "./print/printer.ts";

export type TurnEnd = Omit<Ended, "spent">;

export interface TurnWatch {
  /** Resolves when the turn that came of this prompt has ended. */
  ended(prompt: string): Promise<TurnEnd>;
  event(envelope: Envelope, view: SessionView): void;
  /** The turn that runs has stopped without an end that could be written. */
  lose(why: Failure): void;
  /** Why it is being stopped from here; stands in the result instead of "cancelled". */
  stopping: { failure: Failure; exit: number | null } | null;
}

interface Running {
  turn: string;
  prompt: string | undefined;
  startedAt: number;
  steps: Set<number>;
  refused: Ended["refused"];
  text: string;
}

export function watchTurn(): TurnWatch {
  const startedAt = performance.now();
  /** By prompt; the answer to the command may come after the events. */
  const over = new Map<string, TurnEnd>();
  let waiting: { prompt: string; give(ended: TurnEnd): void } | null = null;
  let now: Running | null = null;
  let seen: SessionView | null = null;

  const finish = (running: Running, view: SessionView, end: EventOf<"turn.ended">, lost?: Failure): void => {
    const ended: TurnEnd = {
      exit: watch.stopping?.exit ?? null,
      text: running.text,
      view,
      end,
      failure: lost ?? watch.stopping?.failure ?? end.failure ?? null,
      milliseconds: performance.now() - running.startedAt,
      steps: running.steps.size,
      refused: running.refused,
    };
    now = null;
    if (running.prompt === undefined) return;
    if (waiting?.prompt === running.prompt) waiting.give(ended);
    over.set(running.prompt, ended);
  };
  const watch: TurnWatch = {
    stopping: null,
    ended(prompt) {
      const known = over.get(prompt);
      return known ? Promise.resolve(known) : new Promise((give) => (waiting = { prompt, give }));
    },
    event({ event }, view) {
      seen = view;
      if (event.type === "turn.started") {
        const { turn, prompt } = event;
        now = { turn, prompt, startedAt, steps: new Set(), refused: [], text: "" };
      }
      if (!now) return;
      if ("step" in event) now.steps.add(event.step);
      if (event.type === "text.done" && !event.cut) now.text = event.text;
      if (event.type === "call.asked") now.text = "";
      if (event.type === "call.done" && event.state === "refused") {
        const part = view.parts.findLast(({ id }) => id === event.call);
        if (part?.type === "call") now.refused.push({ call: part.id, name: part.name, input: part.input });
      }
      if (event.type === "turn.ended") finish(now, view, event);
    },
    lose(why) {
      if (now && seen) finish(now, seen, { type: "turn.ended", turn: now.turn, outcome: "failed", failure: why }, why);
    },
  };
  return watch;
}
