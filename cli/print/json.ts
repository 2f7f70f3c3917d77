/** For programs: one object at the end (`json`), or one a line as it happens (`stream-json`), in the shape that Claude Code made common. */
import type { Envelope } from "../../protocol/events.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { Terminal } from "../command.ts";
import type { Ended, Printer } from "./printer.ts";

export function jsonPrinter({ out }: Terminal): Printer {
  return { event: () => undefined, end: (ended) => out(line(result(ended))) };
}

export function streamPrinter({ out }: Terminal, partial: boolean): Printer {
  const write = (value: Record<string, unknown>, view: SessionView): void =>
    out(line({ ...value, session_id: view.id }));
  const says = (view: SessionView, content: Record<string, unknown>): void =>
    write(
      { type: "assistant", message: { type: "message", role: "assistant", model: view.model, content: [content] } },
      view,
    );
  return {
    event({ seq, event }: Envelope, view: SessionView) {
      switch (event.type) {
        case "model.routed":
          return write(
            {
              type: "system",
              subtype: "init",
              cwd: view.cwd,
              model: event.model,
              model_why: event.why,
              tools: event.tools,
              uuid: `${view.id}.${seq}`,
            },
            view,
          );
        case "text.delta":
        case "reasoning.delta": {
          if (!partial) return;
          const delta =
            event.type === "text.delta"
              ? { type: "text_delta", text: event.text }
              : { type: "thinking_delta", thinking: event.text };
          return write({ type: "stream_event", event: { type: "content_block_delta", index: 0, delta } }, view);
        }
        case "text.done":
          return event.text === ""
            ? undefined
            : says(view, { type: "text", text: event.text, ...(event.cut && { cut: true }) });
        case "reasoning.done":
          return event.text === "" ? undefined : says(view, { type: "thinking", thinking: event.text });
        case "call.asked":
          return says(view, { type: "tool_use", id: event.call, name: event.name, input: event.input ?? {} });
        case "call.done": {
          const content = [
            {
              type: "tool_result",
              tool_use_id: event.call,
              content: event.output,
              is_error: event.state !== "done",
              state: event.state,
            },
          ];
          return write({ type: "user", message: { role: "user", content } }, view);
        }
        case "turn.steered":
          return write(
            { type: "user", message: { role: "user", content: [{ type: "text", text: event.text }] } },
            view,
          );
        case "notice.shown":
          return write({ type: "system", subtype: "notice", level: event.level, text: event.text }, view);
        case "history.compacted":
          return write({ type: "system", subtype: "compact_boundary", reason: event.reason }, view);
        default:
          return;
      }
    },
    end: (ended) => out(line(result(ended))),
  };
}

function result({ text, view, end, failure, milliseconds, steps, refused }: Ended): Record<string, unknown> {
  const sum = (of: "input" | "cached" | "output"): number => view.usage.reduce((total, usage) => total + usage[of], 0);
  const costs = view.usage.map(({ cost }) => cost);
  return {
    type: "result",
    subtype: failure ? (SUBTYPES[failure.code] ?? "error_during_execution") : "success",
    is_error: failure !== null,
    result: text,
    ...(failure && { error: failure }),
    outcome: end.outcome,
    duration_ms: Math.round(milliseconds),
    num_turns: steps,
    total_cost_usd: costs.includes(null) ? null : costs.reduce<number>((total, cost) => total + (cost ?? 0), 0),
    usage: {
      input_tokens: sum("input") - sum("cached"),
      cache_read_input_tokens: sum("cached"),
      output_tokens: sum("output"),
      estimated: view.usage.some(({ estimated }) => estimated),
    },
    permission_denials: refused.map(({ call, name, input }) => ({
      tool_name: name,
      tool_use_id: call,
      tool_input: input,
    })),
    session_id: view.id,
  };
}

const SUBTYPES: Record<string, string> = {
  limit: "error_max_turns",
  budget: "error_max_budget_usd",
  schema: "error_schema",
};

/** JSON escapes C0; the other characters that a terminal obeys, or that turn the reading direction, are escaped as well. */
const line = (value: unknown): string =>
  `${JSON.stringify(value).replace(/[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, escaped)}\n`;

const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
