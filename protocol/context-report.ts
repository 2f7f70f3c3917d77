/** What fills the context of a session's next request. */
import { z } from "zod";

/**
 * `system`: the system prompt without the instruction files · `instructions`: one file, with its path as `name` · `tools`: with their
 * number as `name` · `summary`: what a compaction left · all others: the messages since then.
 */
export const contextKinds = [
  "system",
  "instructions",
  "tools",
  "summary",
  "prompts",
  "responses",
  "reasoning",
  "calls",
  "results",
] as const;

const contextRow = z.object({ kind: z.enum(contextKinds), name: z.string().optional(), tokens: z.number() });
export type ContextRow = z.infer<typeof contextRow>;

/** All numbers are estimated tokens. `context` is null if unknown, and so are the numbers that depend on it. */
export const contextReport = z.object({
  /** Empty before the first turn. */
  model: z.string(),
  /** Without those that are empty. */
  rows: z.array(contextRow),
  used: z.number(),
  context: z.number().nullable(),
  /** What a request leaves free for the response. */
  reserve: z.number().nullable(),
  /** What is left before the conversation is compacted. */
  free: z.number().nullable(),
});
export type ContextReport = z.infer<typeof contextReport>;
