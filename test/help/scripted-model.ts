/** A scripted model: one list of events per request. It records the requests. */
import type { Model, ModelEvent, ModelFailure, ModelRequest } from "../../server/ports.ts";

/** A promise is awaited, unless the signal aborts. */
export type ScriptedEvent = ModelEvent | Promise<unknown>;
export type ScriptedResponse = readonly ScriptedEvent[] | ((request: ModelRequest) => readonly ScriptedEvent[]);

export interface ScriptedModel extends Model {
  requests: ModelRequest[];
}

export const text = (text: string): ModelEvent => ({ type: "text", text });
export const reasoning = (text: string): ModelEvent => ({ type: "reasoning", text });
export const call = (name: string, input: unknown, id = "x"): ModelEvent => ({
  type: "call",
  id,
  name,
  input,
  raw: JSON.stringify(input),
});
export const invalidCall = (name: string, raw: string): ModelEvent => ({
  type: "call",
  id: "x",
  name,
  input: null,
  raw,
  problem: "the arguments end in the middle, at character 3",
});
export const done: ModelEvent = { type: "stop", reason: "done" };
export const calls: ModelEvent = { type: "stop", reason: "calls" };
export const failed = (kind: ModelFailure["kind"], message = `It failed: ${kind}.`): ModelEvent => ({
  type: "stop",
  reason: "failed",
  failure: { kind, message },
});
export const usageWithCost = (cost: number): ModelEvent => ({
  type: "usage",
  usage: { input: 10, cached: 0, output: 5, reasoning: 0, cost, estimated: false },
});
export const neverResolves = (): Promise<never> => new Promise(() => undefined);

/** The last response repeats. */
export function scriptedModel(answers: readonly ScriptedResponse[], more: Partial<Model> = {}): ScriptedModel {
  const requests: ModelRequest[] = [];
  return {
    id: "acme/m",
    context: 100_000,
    vision: false,
    tools: true,
    inputPrice: null,
    prefersPatch: false,
    ...more,
    requests,
    async *stream(request, signal) {
      const answer = answers[Math.min(requests.length, answers.length - 1)] ?? [done];
      const { after, ...asked } = request;
      requests.push(structuredClone(asked));
      await after;
      const aborted = new Promise<"aborted">((resolve) => {
        if (signal.aborted) resolve("aborted");
        signal.addEventListener("abort", () => resolve("aborted"), { once: true });
      });
      for (const line of typeof answer === "function" ? answer(request) : answer) {
        if (line instanceof Promise) await Promise.race([line, aborted]);
        if (signal.aborted) {
          yield { type: "stop", reason: "cancelled" };
          return;
        }
        if (!(line instanceof Promise)) yield line;
      }
    },
  };
}
