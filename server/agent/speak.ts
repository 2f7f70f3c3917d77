/**
 * One answer of the model: its stream, written to the log as it comes. Every part that starts ends here, whatever the stream does;
 * deltas are grouped so that a fast model costs a few appends and not one a token.
 */
import type { SessionEvent } from "../../protocol/events.ts";
import type { Clock, Model, ModelEvent, ModelRequest, Replay } from "../ports.ts";
import { createGroup, type Group } from "./group.ts";

export type AskedCall = Extract<ModelEvent, { type: "call" }>;
export type Stop = Extract<ModelEvent, { type: "stop" }>;

export interface Spoken {
  stop: Stop;
  calls: AskedCall[];
  /** Something other than white space was said. */
  text: boolean;
}

export interface At {
  turn: string;
  step: number;
  attempt: number;
}

export interface Hearing {
  clock: Clock;
  signal: AbortSignal;
  holdBack(text: string): number;
}

export async function speak(
  model: Model,
  request: ModelRequest,
  at: At,
  append: (event: SessionEvent) => void,
  hear: Hearing,
): Promise<Spoken> {
  const { turn, step } = at;
  const parts = createParts(at, append, hear);
  const calls: AskedCall[] = [];
  for await (const event of model.stream(request, hear.signal)) {
    switch (event.type) {
      case "text":
      case "reasoning":
        parts.say(event.type, event.text);
        break;
      case "reasoning.end":
        parts.end(false, event.replay);
        break;
      case "call":
        parts.end(false);
        calls.push(event);
        break;
      case "retry":
        append({ type: "notice.shown", level: "info", text: event.why, until: event.until });
        break;
      case "notice":
        append({ type: "notice.shown", level: "warning", text: event.text });
        break;
      case "usage":
        // Counted before it is known how the answer ends, so what is open stays open.
        append({ type: "usage.counted", turn, step, model: model.id, usage: event.usage });
        break;
      case "stop":
        parts.end(event.reason === "failed" || event.reason === "cancelled");
        return { stop: event, calls, text: parts.said() };
    }
  }
  parts.end(true);
  throw new Error("the model's stream ended without a stop");
}

type Kind = "text" | "reasoning";

function createParts(at: At, append: (event: SessionEvent) => void, hear: Hearing) {
  const { turn, step, attempt } = at;
  let count = 0;
  let open: { type: Kind; part: string; pieces: string[]; group: Group } | null = null;
  let said = false;

  const nextPart = (): string => `${turn}.${step}.${attempt}.${++count}`;
  const start = (type: Kind) => {
    const part = nextPart();
    const emit = (text: string): void => append({ type: `${type}.delta`, turn, step, part, text });
    return { type, part, pieces: [], group: createGroup(hear.clock, hear.holdBack, emit) };
  };
  const end = (cut: boolean, replay?: Replay): void => {
    if (!open) {
      if (replay) append({ type: "reasoning.done", turn, step, part: nextPart(), text: "", attempt, replay });
      return;
    }
    const { type, part, pieces, group } = open;
    open = null;
    group.end();
    const text = pieces.join("");
    said ||= type === "text" && text.trim() !== "";
    const ended = { turn, step, part, text, attempt, ...(cut && { cut }) };
    append(
      type === "text"
        ? { type: "text.done", ...ended }
        : { type: "reasoning.done", ...ended, ...(replay && { replay }) },
    );
  };
  return {
    say(type: Kind, text: string): void {
      if (open?.type !== type) {
        end(false);
        open = start(type);
      }
      open.pieces.push(text);
      open.group.add(text);
    },
    end,
    said: () => said,
  };
}
