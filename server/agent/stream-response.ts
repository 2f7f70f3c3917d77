/**
 * Streams one response of the model into the log. Every part that starts also ends here, however the stream ends. Deltas are batched,
 * so that a fast model causes a few appends instead of one per token.
 */
import type { SessionEvent } from "../../protocol/events.ts";
import type { Clock, Model, ModelEvent, ModelRequest, ProviderMetadata } from "../ports.ts";
import { createDeltaBatcher, type DeltaBatcher } from "./delta-batcher.ts";

export type RequestedCall = Extract<ModelEvent, { type: "call" }>;
export type Stop = Extract<ModelEvent, { type: "stop" }>;

export interface ModelResponse {
  stop: Stop;
  calls: RequestedCall[];
  /** The response has text other than whitespace. */
  hasText: boolean;
}

export interface StepPosition {
  turn: string;
  step: number;
  attempt: number;
}

export interface StreamContext {
  clock: Clock;
  signal: AbortSignal;
  holdBack(text: string): number;
}

export async function streamResponse(
  model: Model,
  request: ModelRequest,
  position: StepPosition,
  append: (event: SessionEvent) => void,
  context: StreamContext,
): Promise<ModelResponse> {
  const { turn, step } = position;
  const parts = createPartWriter(position, append, context);
  const calls: RequestedCall[] = [];
  // Compiles the redaction patterns while the endpoint prepares its response, so that its first text is not delayed.
  setImmediate(() => context.holdBack("first"));
  for await (const event of model.stream(request, context.signal)) {
    switch (event.type) {
      case "text":
      case "reasoning":
        parts.addDelta(event.type, event.text);
        break;
      case "reasoning.end":
        parts.end(false, event.providerMetadata);
        break;
      case "call":
        parts.end(false);
        calls.push(event);
        break;
      case "retry":
        append({ type: "notice.shown", level: "info", text: event.reason, until: event.until });
        break;
      case "notice":
        append({ type: "notice.shown", level: "warning", text: event.text });
        break;
      case "usage":
        // Usage may arrive before the end of the response, so an open part stays open.
        append({ type: "usage.counted", turn, step, model: model.id, usage: event.usage });
        break;
      case "stop":
        parts.end(event.reason === "failed" || event.reason === "cancelled");
        return { stop: event, calls, hasText: parts.hasText() };
    }
  }
  parts.end(true);
  throw new Error("The model's stream ended without a stop event.");
}

type Kind = "text" | "reasoning";

function createPartWriter(position: StepPosition, append: (event: SessionEvent) => void, context: StreamContext) {
  const { turn, step, attempt } = position;
  let count = 0;
  let open: { type: Kind; part: string; pieces: string[]; batcher: DeltaBatcher } | null = null;
  let hasText = false;

  const nextPart = (): string => `${turn}.${step}.${attempt}.${++count}`;
  const start = (type: Kind) => {
    const part = nextPart();
    const emit = (text: string): void => append({ type: `${type}.delta`, turn, step, part, text });
    return { type, part, pieces: [], batcher: createDeltaBatcher(context.clock, context.holdBack, emit) };
  };
  const end = (incomplete: boolean, providerMetadata?: ProviderMetadata): void => {
    if (!open) {
      if (providerMetadata)
        append({ type: "reasoning.done", turn, step, part: nextPart(), text: "", attempt, providerMetadata });
      return;
    }
    const { type, part, pieces, batcher } = open;
    open = null;
    batcher.end();
    const text = pieces.join("");
    hasText ||= type === "text" && text.trim() !== "";
    const ended = { turn, step, part, text, attempt, ...(incomplete && { incomplete }) };
    append(
      type === "text"
        ? { type: "text.done", ...ended }
        : { type: "reasoning.done", ...ended, ...(providerMetadata && { providerMetadata }) },
    );
  };
  return {
    addDelta(type: Kind, text: string): void {
      if (open?.type !== type) {
        end(false);
        open = start(type);
      }
      open.pieces.push(text);
      open.batcher.add(text);
    },
    end,
    hasText: () => hasText,
  };
}
