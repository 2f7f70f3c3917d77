/** Finds out what works at an endpoint, with a few tiny requests through the same door that the agent uses. */
import type { Clock, Model, ModelEvent, ModelRequest, ToolSpec } from "../ports.ts";

export interface Check {
  name: string;
  state: "ok" | "failed" | "unknown";
  detail: string;
}

const tool = (name: string): ToolSpec => ({
  name,
  description: `Gives the ${name} of a city.`,
  schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
});

const ask = (text: string, more: Partial<ModelRequest> = {}): ModelRequest => ({
  system: "Answer as briefly as you can.",
  messages: [{ role: "user", content: [{ type: "text", text }] }],
  tools: [],
  maxOutput: 400,
  ...more,
});

interface Heard {
  pieces: number;
  reasoning: boolean;
  calls: Extract<ModelEvent, { type: "call" }>[];
  usage: Extract<ModelEvent, { type: "usage" }>["usage"] | null;
  /** Why it went wrong. */
  failure: string | null;
}

/** All of them together take at most `limitMs`. */
export async function tryEndpoint(model: Model, clock: Pick<Clock, "monotonic">, limitMs = 60_000): Promise<Check[]> {
  const started = clock.monotonic();
  const left = (): number => Math.max(1, Math.ceil(limitMs - (clock.monotonic() - started)));
  const hear = (request: ModelRequest) => listen(model, request, left());

  const plain = await hear(ask("Count from one to ten in words."));
  const streaming: Check =
    plain.failure !== null
      ? { name: "streaming", state: "failed", detail: plain.failure }
      : plain.pieces > 1
        ? { name: "streaming", state: "ok", detail: `The answer came in ${plain.pieces} pieces.` }
        : { name: "streaming", state: "unknown", detail: "The answer came in one piece, or not at all." };
  const usage: Check =
    plain.failure !== null
      ? { name: "usage", state: "unknown", detail: "There was no answer to count." }
      : plain.usage === null || plain.usage.estimated
        ? {
            name: "usage",
            state: "failed",
            detail: "The endpoint does not say how many tokens it used; they are estimated.",
          }
        : { name: "usage", state: "ok", detail: `${plain.usage.input} tokens in, ${plain.usage.output} out.` };
  const reasoning: Check = plain.reasoning
    ? { name: "reasoning", state: "ok", detail: "Its thinking is shown." }
    : {
        name: "reasoning",
        state: "unknown",
        detail: "No thinking was shown; this model may not think, or not say so.",
      };
  if (plain.failure !== null) {
    const skipped = (name: string): Check => ({
      name,
      state: "unknown",
      detail: "Not tried, since nothing was answered.",
    });
    return [streaming, skipped("tools"), skipped("parallel calls"), usage, skipped("reasoning")];
  }
  if (!model.tools) {
    const none = (name: string): Check => ({
      name,
      state: "unknown",
      detail: "This model is not known to call tools.",
    });
    return [streaming, none("tools"), none("parallel calls"), usage, reasoning];
  }
  const tools = [tool("weather"), tool("population")];
  const called = await hear(ask("Call the weather and the population tool for Paris, both in this answer.", { tools }));
  return [streaming, toolCheck(called), parallelCheck(called), usage, reasoning];
}

function toolCheck({ failure, calls }: Heard): Check {
  const name = "tools";
  if (failure !== null) return { name, state: "failed", detail: failure };
  const [call] = calls;
  if (call === undefined) return { name, state: "failed", detail: "The model was asked to call a tool and did not." };
  if (call.problem !== undefined) return { name, state: "failed", detail: `The call cannot be read: ${call.problem}` };
  return { name, state: "ok", detail: `It called ${call.name} with ${JSON.stringify(call.input)}.` };
}

function parallelCheck({ failure, calls }: Heard): Check {
  const name = "parallel calls";
  if (failure !== null) return { name, state: "unknown", detail: "Not seen, since the request with tools failed." };
  return calls.length > 1
    ? { name, state: "ok", detail: `${calls.length} calls came in one answer.` }
    : { name, state: "unknown", detail: "It called one tool at a time, which works as well." };
}

async function listen(model: Model, request: ModelRequest, ms: number): Promise<Heard> {
  const heard: Heard = { pieces: 0, reasoning: false, calls: [], usage: null, failure: null };
  const signal = AbortSignal.timeout(ms);
  for await (const event of model.stream(request, signal)) {
    if (event.type === "text" || event.type === "reasoning") heard.pieces += 1;
    if (event.type === "reasoning") heard.reasoning ||= event.text !== "";
    else if (event.type === "call") heard.calls.push(event);
    else if (event.type === "usage") heard.usage = event.usage;
    else if (event.type === "stop" && event.reason === "failed") heard.failure = event.failure.message;
    else if (event.type === "stop" && event.reason === "cancelled") heard.failure = "It took too long.";
  }
  return heard;
}
