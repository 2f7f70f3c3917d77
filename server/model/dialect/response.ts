/**
 * Parses one chunk of a response, in any dialect, into plain pieces. Pure and stateless: its callers join what spans several chunks.
 */
import { parseErrorBody } from "../error-body.ts";

export interface CallFragment {
  kind: "call";
  index: number | null;
  id: string;
  name: string;
  args: string;
  signature: string | null;
}

export type Finish = "stop" | "length" | "tool_calls" | "content_filter" | "error";

export type Piece =
  | { kind: "text"; text: string }
  | { kind: "reasoning"; text: string }
  | { kind: "details"; details: Record<string, unknown>[] }
  | CallFragment
  | { kind: "finish"; reason: Finish; rawReason: string }
  | { kind: "usage"; usage: Record<string, unknown> }
  | { kind: "error"; value: unknown };

type Json = Record<string, unknown>;

const record = (value: unknown): Json | null =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : null;
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === "string" ? value : "");

const finishes: Record<string, Finish> = {
  stop: "stop",
  end_turn: "stop",
  stop_sequence: "stop",
  eos: "stop",
  eos_token: "stop",
  complete: "stop",
  length: "length",
  max_tokens: "length",
  model_length: "length",
  tool_calls: "tool_calls",
  tool_use: "tool_calls",
  function_call: "tool_calls",
  content_filter: "content_filter",
  safety: "content_filter",
  refusal: "content_filter",
  recitation: "content_filter",
  error: "error",
  insufficient_system_resource: "error",
  load: "error",
  abort: "error",
};

/** The text of a reasoning part: a string, or a list of text parts. */
function readThinking(part: Json): string {
  const inner = part.thinking ?? part.text;
  return typeof inner === "string"
    ? inner
    : list(inner)
        .map((one) => text(record(one)?.text))
        .join("");
}

function readContent(content: unknown): Piece[] {
  if (typeof content === "string") return content === "" ? [] : [{ kind: "text", text: content }];
  return list(content).flatMap((entry): Piece[] => {
    const part = record(entry);
    if (part === null) return [];
    const thinking = part.type === "thinking" || part.type === "reasoning";
    const partText = thinking ? readThinking(part) : text(part.text);
    return partText === "" ? [] : [{ kind: thinking ? "reasoning" : "text", text: partText }];
  });
}

function readReasoning(delta: Json): Piece[] {
  const details = list(delta.reasoning_details).flatMap((entry): Json[] => {
    const detail = record(entry);
    return detail === null ? [] : [detail];
  });
  const fromDetails = details.map((detail) => text(detail.text) || text(detail.summary)).join("");
  const content = text(delta.reasoning_content) || text(delta.reasoning) || text(delta.thinking) || fromDetails;
  const pieces: Piece[] = details.length > 0 ? [{ kind: "details", details }] : [];
  return content === "" ? pieces : [...pieces, { kind: "reasoning", text: content }];
}

function readArguments(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function readCallFragment(entry: unknown): CallFragment[] {
  const call = record(entry);
  if (call === null) return [];
  const definition = record(call.function) ?? {};
  const index = call.index === undefined || call.index === null || call.index === "" ? null : Number(call.index);
  const google = record(record(call.extra_content)?.google);
  return [
    {
      kind: "call",
      index: index === null || !Number.isFinite(index) ? null : index,
      id: text(call.id).trim(),
      name: text(definition.name),
      args: readArguments(definition.arguments),
      signature: text(google?.thought_signature) || null,
    },
  ];
}

function readCalls(delta: Json): Piece[] {
  const old = record(delta.function_call);
  return [
    ...list(delta.tool_calls).flatMap(readCallFragment),
    ...(old === null ? [] : readCallFragment({ index: 0, function: old })),
  ];
}

function readUsage(chunk: Json): Piece[] {
  const usage = record(chunk.usage) ?? record(record(chunk.x_groq)?.usage);
  return usage === null ? [] : [{ kind: "usage", usage }];
}

function readChoice(choice: Json): Piece[] {
  const delta = record(choice.delta) ?? record(choice.message) ?? {};
  const rawReason = text(choice.finish_reason);
  const known = finishes[rawReason.toLowerCase()] ?? "stop";
  const refusal = text(delta.refusal);
  return [
    ...readReasoning(delta),
    ...readContent(delta.content),
    ...(refusal === "" ? [] : ([{ kind: "text", text: refusal }] satisfies Piece[])),
    ...readCalls(delta),
    ...(rawReason === "" ? [] : ([{ kind: "finish", reason: known, rawReason }] satisfies Piece[])),
  ];
}

export function readChunk(value: unknown): Piece[] {
  const chunk = record(value);
  if (chunk === null) return parseErrorBody(value) === null ? [] : [{ kind: "error", value }];
  if (chunk.error !== undefined && chunk.error !== null) return [{ kind: "error", value }];
  if (chunk.choices === undefined && chunk.usage === undefined && parseErrorBody(value) !== null)
    return [{ kind: "error", value }];
  const choice = record(list(chunk.choices)[0]);
  return [...(choice === null ? [] : readChoice(choice)), ...readUsage(chunk)];
}
