/**
 * One answer of the model: its stream, written to the log as it comes. Every part that starts ends here, whatever the stream does;
 * deltas are grouped so that a fast model costs a few appends and not one a token.
 */
import type { SessionEvent } from "../../protocol/events.ts";
import type { Clock, Model, ModelEvent, ModelRequest, Replay } from "../ports.ts";

export type AskedCall = Extract<ModelEvent, { type: "call" }>;
export type Stop = Extract<ModelEvent, { type: "stop" }>;

export interface Spoken {
  stop: Stop;
  calls: AskedCall[];
  /** Something other than white space was said. */
  text: boolean;
}

const GROUP_MS = 25;

export async function speak(
  model: Model,
  request: ModelRequest,
  at: { turn: string; step: number; attempt: number },
  append: (event: SessionEvent) => void,
  clock: Clock,
  signal: AbortSignal,
): Promise<Spoken> {
  const { turn, step } = at;
  const parts = createParts(at, append, clock);
  const calls: AskedCall[] = [];
  for await (const event of model.stream(request, signal)) {
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
        parts.end(false);
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

function createParts(
  { turn, step, attempt }: { turn: string; step: number; attempt: number },
  append: (event: SessionEvent) => void,
  clock: Clock,
) {
  let count = 0;
  let open: { type: "text" | "reasoning"; part: string; pieces: string[]; waiting: string } | null = null;
  let flushedAt = Number.NEGATIVE_INFINITY;
  let timer: AbortController | null = null;
  let said = false;
  /** What a flush by timer threw; the stream's own turn to throw it comes with its next event. */
  let broken: { error: unknown } | null = null;

  const flush = (): void => {
    timer?.abort();
    timer = null;
    if (!open?.waiting) return;
    const { type, part, waiting: text } = open;
    open.pieces.push(text);
    open.waiting = "";
    flushedAt = clock.monotonic();
    append({ type: `${type}.delta`, turn, step, part, text });
  };
  const end = (cut: boolean, replay?: Replay): void => {
    if (!open) {
      if (replay)
        append({ type: "reasoning.done", turn, step, part: `${turn}.${step}.${attempt}.${++count}`, text: "", replay });
      return;
    }
    timer?.abort();
    timer = null;
    const { type, part, pieces, waiting } = open;
    open = null;
    const text = pieces.join("") + waiting;
    said ||= type === "text" && text.trim() !== "";
    const ended = { turn, step, part, text, ...(cut && { cut }) };
    append(
      type === "text"
        ? { type: "text.done", ...ended }
        : { type: "reasoning.done", ...ended, ...(replay && { replay }) },
    );
  };
  return {
    say(type: "text" | "reasoning", text: string): void {
      if (broken) throw broken.error;
      if (open?.type !== type) {
        end(false);
        open = { type, part: `${turn}.${step}.${attempt}.${++count}`, pieces: [], waiting: "" };
      }
      open.waiting += text;
      if (timer) return;
      const due = flushedAt + GROUP_MS - clock.monotonic();
      if (due <= 0) return flush();
      timer = new AbortController();
      const { signal } = timer;
      clock
        .sleep(due, signal)
        .then(() => {
          if (!signal.aborted) flush();
        })
        .catch((error) => {
          broken = { error };
        });
    },
    end,
    said: () => said,
  };
}
