/**
 * What one endpoint taught us by refusing: small changes to later requests, remembered for as long as the model is open.
 * A table of lessons, each recognised by the words of the refusal.
 */
import type { Compat, Target } from "./target.ts";
import type { Trouble } from "./trouble.ts";

export interface Memory {
  streamUsage: boolean;
  toolsEffort: Compat["toolsEffort"];
  effort: boolean;
  maxTokensField: NonNullable<Compat["maxTokensField"]>;
  dropped: string[];
}

export const openMemory = (target: Target): Memory => ({
  streamUsage: target.compat.streamUsage !== "none",
  toolsEffort: target.compat.toolsEffort,
  effort: true,
  maxTokensField: target.compat.maxTokensField ?? "max_tokens",
  dropped: [],
});

interface Lesson {
  words: RegExp;
  /** Null where it was learned already, and so did not help. */
  learn(memory: Memory): Partial<Memory> | null;
  notice?(target: Target): string;
}

const lessons: Lesson[] = [
  {
    words: /stream_options|include_usage/,
    learn: (memory) => (memory.streamUsage ? { streamUsage: false } : null),
  },
  {
    words:
      /tools? .{0,30}(with|and) .{0,20}reasoning_effort|reasoning_effort.{0,60}(with|and) .{0,20}tools|tools? .{0,60}reasoning_effort.{0,20}none/,
    learn: (memory) => (memory.toolsEffort === "none" ? null : { toolsEffort: "none" }),
    notice: (target) =>
      `${target.model} cannot think and use tools together at this endpoint, so its reasoning is off.`,
  },
  {
    words: /max_tokens.{0,80}max_completion_tokens/,
    learn: (memory) => (memory.maxTokensField === "max_tokens" ? { maxTokensField: "max_completion_tokens" } : null),
  },
  {
    words:
      /(reasoning_effort|enable_thinking|chat_template_kwargs|thinking).{0,80}(not support|unsupported|unknown|unrecognized|not permitted|invalid|extra)|(not support|unsupported|unknown|unrecognized|unexpected).{0,60}(reasoning_effort|enable_thinking|chat_template_kwargs)/,
    learn: (memory) => (memory.effort ? { effort: false } : null),
    notice: (target) => `${target.model} takes no setting for its effort at this endpoint, so none is sent.`,
  },
  ...["parallel_tool_calls", "prompt_cache_key", "response_format", "tool_choice"].map(
    (name): Lesson => ({
      words: new RegExp(
        `(not support|unsupported|unknown|unrecognized|unexpected|extra inputs).{0,60}${name}|${name}.{0,40}(not support|unsupported|unknown|unrecognized|not permitted|extra inputs)`,
      ),
      learn: (memory) => (memory.dropped.includes(name) ? null : { dropped: [...memory.dropped, name] }),
    }),
  ),
];

/** What this refusal teaches, or null. The request is then made again at once. */
export function lessonFrom(
  trouble: Trouble,
  memory: Memory,
  target: Target,
): { memory: Memory; notice: string | null } | null {
  const status = trouble.status ?? 0;
  if ((status !== 400 && status !== 422 && status !== 404) || trouble.failure.kind === "overflow") return null;
  const said = (trouble.said ?? "").toLowerCase();
  for (const lesson of lessons) {
    if (!lesson.words.test(said)) continue;
    const learned = lesson.learn(memory);
    if (learned !== null) return { memory: { ...memory, ...learned }, notice: lesson.notice?.(target) ?? null };
  }
  return null;
}
