/** A model client for a scripted endpoint: a target, a clock that does not wait, and the events. */
import { type ModelClientDeps, openModel } from "../../server/model/model-client.ts";
import type { Target } from "../../server/model/target.ts";
import type { Clock, ModelEvent, ModelRequest, ToolSpec } from "../../server/ports.ts";

export function targetFor(baseUrl: string, more: Partial<Target> = {}): Target {
  return {
    provider: "acme",
    model: "m",
    requestId: "m",
    baseUrl,
    keyHeader: "Authorization",
    headers: {},
    query: {},
    compat: {},
    limits: { context: 100_000, output: 8_000 },
    price: null,
    tools: true,
    vision: false,
    reasoning: true,
    local: false,
    keyNames: ["ACME_API_KEY"],
    ...more,
  };
}

/** Time passes only in `sleep`, and at once; `slept` lists the requested durations. */
export function createTestClock(): Clock & { slept: number[] } {
  const slept: number[] = [];
  let now = 1_700_000_000_000;
  return {
    slept,
    now: () => now,
    monotonic: () => now,
    sleep: async (ms) => {
      slept.push(ms);
      now += ms;
    },
  };
}

export const readTool: ToolSpec = {
  name: "read",
  description: "Reads a file.",
  schema: { type: "object", properties: { path: { type: "string" } }, required: ["path"], additionalProperties: false },
};

export const ask = (text: string, more: Partial<ModelRequest> = {}): ModelRequest => ({
  system: "You help.",
  messages: [{ role: "user", content: [{ type: "text", text }] }],
  tools: [],
  ...more,
});

export async function collect(
  target: Target,
  request: ModelRequest = ask("hi"),
  deps: Partial<ModelClientDeps> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<ModelEvent[]> {
  const model = openModel(target, { clock: createTestClock(), random: () => 0.5, ...deps });
  return await collectAll(model.stream(request, signal));
}

export async function collectAll(events: AsyncIterable<ModelEvent>): Promise<ModelEvent[]> {
  const out: ModelEvent[] = [];
  for await (const event of events) out.push(event);
  return out;
}

export const textOf = (events: ModelEvent[]) =>
  events.map((event) => (event.type === "text" ? event.text : "")).join("");
export const reasoningOf = (events: ModelEvent[]) =>
  events.map((event) => (event.type === "reasoning" ? event.text : "")).join("");
export const filterByType = <T extends ModelEvent["type"]>(events: ModelEvent[], type: T) =>
  events.filter((event): event is Extract<ModelEvent, { type: T }> => event.type === type);

/** The stop reason, or the kind of failure. */
export function endOf(events: ModelEvent[]): string {
  const last = events.at(-1);
  if (last?.type !== "stop") return "no stop";
  return last.reason === "failed" ? last.failure.kind : last.reason;
}

export function failureOf(events: ModelEvent[]): string {
  const last = events.at(-1);
  return last?.type === "stop" && last.reason === "failed" ? last.failure.message : "";
}
