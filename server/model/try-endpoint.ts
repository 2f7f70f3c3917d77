/** Checks what works at an endpoint, with a few small requests through the model client that the agent uses. */
import type { Clock, Model, ModelEvent, ModelRequest, ToolSpec } from "../ports.ts";

export interface Check {
  name: string;
  state: "ok" | "failed" | "unknown";
  detail: string;
}

const createTool = (name: string): ToolSpec => ({
  name,
  description: `Gives the ${name} of a city.`,
  schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
});

const createRequest = (text: string, more: Partial<ModelRequest> = {}): ModelRequest => ({
  system: "Answer as briefly as you can.",
  messages: [{ role: "user", content: [{ type: "text", text }] }],
  tools: [],
  maxOutput: 400,
  ...more,
});

interface ProbeResult {
  pieces: number;
  reasoning: boolean;
  calls: Extract<ModelEvent, { type: "call" }>[];
  usage: Extract<ModelEvent, { type: "usage" }>["usage"] | null;
  /** The reason of the failure. */
  failure: string | null;
}

/** Runs all checks within `limitMs`. */
export async function tryEndpoint(model: Model, clock: Pick<Clock, "monotonic">, limitMs = 60_000): Promise<Check[]> {
  const started = clock.monotonic();
  const left = (): number => Math.max(1, Math.ceil(limitMs - (clock.monotonic() - started)));
  const send = (request: ModelRequest) => probeModel(model, request, left());

  const textResult = await send(createRequest("Count from one to ten in words."));
  const streaming: Check =
    textResult.failure !== null
      ? { name: "streaming", state: "failed", detail: textResult.failure }
      : textResult.pieces > 1
        ? { name: "streaming", state: "ok", detail: `The response arrived in ${textResult.pieces} chunks.` }
        : { name: "streaming", state: "unknown", detail: "The response arrived in one chunk, or was empty." };
  const usage: Check =
    textResult.failure !== null
      ? { name: "usage", state: "unknown", detail: "There was no response." }
      : textResult.usage === null || textResult.usage.estimated
        ? {
            name: "usage",
            state: "failed",
            detail: "The endpoint does not report token usage; it is estimated.",
          }
        : {
            name: "usage",
            state: "ok",
            detail: `${textResult.usage.input} tokens in, ${textResult.usage.output} out.`,
          };
  const reasoning: Check = textResult.reasoning
    ? { name: "reasoning", state: "ok", detail: "The model shows its reasoning." }
    : {
        name: "reasoning",
        state: "unknown",
        detail: "No reasoning was returned; the model may not reason, or not show it.",
      };
  if (textResult.failure !== null) {
    const skipCheck = (name: string): Check => ({
      name,
      state: "unknown",
      detail: "Not checked, because the first request failed.",
    });
    return [streaming, skipCheck("tools"), skipCheck("parallel calls"), usage, skipCheck("reasoning")];
  }
  if (!model.tools) {
    const reportUnsupported = (name: string): Check => ({
      name,
      state: "unknown",
      detail: "This model is not known to support tools.",
    });
    return [streaming, reportUnsupported("tools"), reportUnsupported("parallel calls"), usage, reasoning];
  }
  const tools = [createTool("weather"), createTool("population")];
  const toolResult = await send(
    createRequest("Call the weather and the population tool for Paris, both in this response.", { tools }),
  );
  return [streaming, checkTools(toolResult), checkParallelCalls(toolResult), usage, reasoning];
}

function checkTools({ failure, calls }: ProbeResult): Check {
  const name = "tools";
  if (failure !== null) return { name, state: "failed", detail: failure };
  const [call] = calls;
  if (call === undefined) return { name, state: "failed", detail: "The model did not call the tool." };
  if (call.problem !== undefined) return { name, state: "failed", detail: `The call cannot be read: ${call.problem}` };
  return { name, state: "ok", detail: `The model called ${call.name} with ${JSON.stringify(call.input)}.` };
}

function checkParallelCalls({ failure, calls }: ProbeResult): Check {
  const name = "parallel calls";
  if (failure !== null)
    return { name, state: "unknown", detail: "Not checked, because the request with tools failed." };
  return calls.length > 1
    ? { name, state: "ok", detail: `The model made ${calls.length} calls in one response.` }
    : { name, state: "unknown", detail: "The model called one tool at a time, which also works." };
}

async function probeModel(model: Model, request: ModelRequest, ms: number): Promise<ProbeResult> {
  const result: ProbeResult = { pieces: 0, reasoning: false, calls: [], usage: null, failure: null };
  const signal = AbortSignal.timeout(ms);
  for await (const event of model.stream(request, signal)) {
    if (event.type === "text" || event.type === "reasoning") result.pieces += 1;
    if (event.type === "reasoning") result.reasoning ||= event.text !== "";
    else if (event.type === "call") result.calls.push(event);
    else if (event.type === "usage") result.usage = event.usage;
    else if (event.type === "stop" && event.reason === "failed") result.failure = event.failure.message;
    else if (event.type === "stop" && event.reason === "cancelled") result.failure = "The request timed out.";
  }
  return result;
}
