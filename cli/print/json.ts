/** JSON output: one object at the end (`json`), or one per line as it happens (`stream-json`), in the format of Claude Code. */
import type { Envelope, EventOf } from "../../protocol/events.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { Terminal } from "../command.ts";
import type { Printer, RunResult } from "./printer.ts";
import { sanitize } from "./text.ts";

/** Warnings are on standard error, since standard output has the result only. */
export function jsonPrinter({ out, note }: Terminal): Printer {
  return {
    event({ event }, view) {
      const warning = event.type === "notice.shown" || event.type === "hook.done" ? view.parts.at(-1) : undefined;
      if (warning?.type === "notice" && warning.level !== "info") note(`${warning.level}: ${sanitize(warning.text)}\n`);
    },
    end: (ended) => out(formatLine(toResult(ended))),
  };
}

export function streamPrinter({ out }: Terminal, partial: boolean): Printer {
  let isInitialized = false;
  return {
    event(envelope: Envelope, view: SessionView) {
      const { event } = envelope;
      const value =
        event.type === "model.routed" ? toModelLine(event, view, isInitialized) : toOutputLine(envelope, view, partial);
      isInitialized ||= event.type === "model.routed";
      if (value) out(formatLine({ ...value, session_id: view.id, uuid: `${view.id}.${envelope.seq}` }));
    },
    end: (ended) => out(formatLine(toResult(ended))),
  };
}

/** `init` once; another model that continues the turn has a line of its own. */
function toModelLine(
  { model, reason, tier, tools }: EventOf<"model.routed">,
  { cwd }: SessionView,
  isInitialized: boolean,
): Record<string, unknown> {
  const chosen = { model, model_reason: reason, ...(tier && { tier }) };
  if (isInitialized) return { type: "system", subtype: "model", ...chosen };
  return { type: "system", subtype: "init", cwd, ...chosen, tools, mcp_servers: [], slash_commands: [] };
}

function toOutputLine({ event }: Envelope, view: SessionView, partial: boolean): Record<string, unknown> | null {
  switch (event.type) {
    case "text.delta":
      return partial ? delta({ type: "text_delta", text: event.text }) : null;
    case "reasoning.delta":
      return partial ? delta({ type: "thinking_delta", thinking: event.text }) : null;
    case "text.done":
      if (event.text === "") return null;
      return assistant(view, event, { type: "text", text: event.text, ...(event.incomplete && { incomplete: true }) });
    case "reasoning.done":
      return event.text === "" ? null : assistant(view, event, { type: "thinking", thinking: event.text });
    case "call.asked":
      return assistant(view, event, { type: "tool_use", id: event.call, name: event.name, input: event.input ?? {} });
    case "call.done": {
      const { call, output, state } = event;
      return user({ type: "tool_result", tool_use_id: call, content: output, is_error: state !== "done", state });
    }
    case "turn.steered":
      return user({ type: "text", text: event.text });
    case "notice.shown":
      return { type: "system", subtype: "notice", level: event.level, text: event.text };
    case "hook.done": {
      const part = view.parts.at(-1);
      if (part?.type !== "notice") return null;
      return { type: "system", subtype: "notice", level: part.level, text: part.text };
    }
    case "history.compacted":
      return { type: "system", subtype: "compact_boundary", reason: event.reason };
    default:
      return null;
  }
}

const delta = (source: Record<string, unknown>) => ({
  type: "stream_event",
  event: { type: "content_block_delta", index: 0, delta: source },
  parent_tool_use_id: null,
});

const user = (content: Record<string, unknown>) => ({
  type: "user",
  message: { role: "user", content: [content] },
  parent_tool_use_id: null,
});

/** One model response is printed as several objects, all with the id of that response. */
const assistant = (view: SessionView, at: { turn: string; step: number }, content: Record<string, unknown>) => ({
  type: "assistant",
  message: {
    id: `${view.id}.${at.turn}.${at.step}`,
    type: "message",
    role: "assistant",
    model: view.model,
    content: [content],
    stop_reason: null,
    stop_sequence: null,
  },
  parent_tool_use_id: null,
});

export function toResult({
  text,
  view,
  end,
  failure,
  milliseconds,
  steps,
  usage,
  refused,
}: RunResult): Record<string, unknown> {
  const sum = (of: "input" | "cached" | "output"): number => usage.reduce((total, usage) => total + usage[of], 0);
  const costs = usage.map(({ cost }) => cost);
  return {
    type: "result",
    subtype: failure ? (SUBTYPES[failure.code] ?? "error_during_execution") : "success",
    is_error: failure !== null,
    result: text,
    ...(failure && { error: failure, errors: [failure.message] }),
    ...(view.tier && { tier: view.tier }),
    outcome: end.outcome,
    duration_ms: Math.round(milliseconds),
    num_turns: steps,
    total_cost_usd: costs.includes(null) ? null : costs.reduce<number>((total, cost) => total + (cost ?? 0), 0),
    usage: {
      input_tokens: sum("input") - sum("cached"),
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: sum("cached"),
      output_tokens: sum("output"),
      estimated: usage.some(({ estimated }) => estimated),
    },
    modelUsage: Object.fromEntries(
      usage.map(({ model, input, cached, output, cost }) => [
        model,
        { inputTokens: input - cached, outputTokens: output, cacheReadInputTokens: cached, costUSD: cost },
      ]),
    ),
    permission_denials: refused.map(({ call, name, input }) => ({
      tool_name: name,
      tool_use_id: call,
      tool_input: input,
    })),
    session_id: view.id,
    uuid: `${view.id}.${view.seq}.result`,
  };
}

const SUBTYPES: Record<string, string> = {
  limit: "error_max_turns",
  budget: "error_max_budget_usd",
  schema: "error_schema",
};

/** JSON escapes C0 controls. Also escapes C1 controls, bidirectional controls and line separators. */
export const formatLine = (value: unknown): string =>
  `${JSON.stringify(value).replace(/[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, escapeChar)}\n`;

const escapeChar = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
