/** The schema of a scenario, which scripts a model's responses. docs/rehearsal.md explains it with an example. */
import { z } from "zod";

const optional = z.exactOptional;

/** All conditions must match. A text matches as a substring, or as a regular expression if it is between slashes. */
const condition = z.strictObject({
  /** Responses since the last prompt, including this one: the first response to a prompt is step 1. */
  step: optional(z.number().int().positive()),
  /** Number of prompts so far. */
  turn: optional(z.number().int().positive()),
  /** Responses in the whole conversation, including this one. */
  answer: optional(z.number().int().positive()),
  /** Number of times this exact request was sent, including this time: 2 is the first retry. */
  attempt: optional(z.number().int().positive()),
  /** The last prompt. */
  user: optional(z.string()),
  /** Any result of the last calls. */
  result: optional(z.string()),
  /** The tool that was called last. */
  tool: optional(z.string()),
  /** Tools that must be available. */
  tools: optional(z.array(z.string())),
  /** A template that must not evaluate to an empty text. */
  some: optional(z.string()),
  /** A template that must evaluate to an empty text. */
  none: optional(z.string()),
});

const fault = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("status"),
    status: z.number().int().min(300).max(599),
    message: optional(z.string()),
    /** The whole body, instead of the default error object. */
    body: optional(z.unknown()),
    headers: optional(z.record(z.string(), z.string())),
  }),
  /** Closes the connection after this many characters. */
  z.strictObject({ type: z.literal("cut"), after: optional(z.number().int().nonnegative()) }),
  /** Sends nothing more after this many characters, and keeps the connection open. */
  z.strictObject({ type: z.literal("stall"), after: optional(z.number().int().nonnegative()) }),
  /** Sends a chunk that is not JSON after this many characters. */
  z.strictObject({ type: z.literal("malformed"), after: optional(z.number().int().nonnegative()) }),
  /** Ends the stream normally, but without a finish reason. */
  z.strictObject({ type: z.literal("no-finish") }),
  /** Sends a valid response without content. */
  z.strictObject({ type: z.literal("empty") }),
  /** Sends a web page, like a proxy. */
  z.strictObject({ type: z.literal("html") }),
  /** Cuts the arguments of calls in the middle. */
  z.strictObject({ type: z.literal("bad-arguments") }),
]);

const call = z.strictObject({
  tool: z.string(),
  input: optional(z.record(z.string(), z.unknown())),
  /** Only if this template does not evaluate to an empty text. */
  if: optional(z.string()),
  /** Once for each line of this template, available as `{{it}}`. */
  each: optional(z.string()),
  id: optional(z.string()),
});

const tokens = z.number().int().nonnegative();
const usage = z.strictObject({
  input: tokens,
  output: tokens,
  cached: optional(tokens),
  reasoning: optional(tokens),
});
const step = z.strictObject({
  when: optional(condition),
  think: optional(z.string()),
  say: optional(z.string()),
  calls: optional(z.array(call)),
  /** In tokens. Estimated by default. */
  usage: optional(usage),
  finish: optional(z.enum(["stop", "length", "content_filter", "tool_calls"])),
  fault: optional(fault),
  /** Tokens per second; 0 means no delay. Overrides the scenario's pace. */
  pace: optional(z.number().nonnegative()),
  /** Milliseconds before the response starts. */
  delay: optional(z.number().int().nonnegative()),
  /** Uses texts as they are, without templates. */
  plain: optional(z.boolean()),
  /** The recorded request and events, used by replay. */
  recorded: optional(z.unknown()),
});

export const scenarioSchema = z.strictObject({
  about: optional(z.string()),
  /** The name of the model, and its context size in tokens. */
  model: optional(z.string()),
  context: optional(z.number().int().positive()),
  pace: optional(z.number().nonnegative()),
  steps: z.array(step).min(1),
  /** Further data of a recording. */
  recording: optional(z.unknown()),
});

export type Scenario = z.infer<typeof scenarioSchema>;
export type Step = Scenario["steps"][number];
export type Condition = z.infer<typeof condition>;
export type Fault = z.infer<typeof fault>;

/** The keys of the object at a path; `type` is that of a fault. */
export function listScenarioKeys(path: readonly PropertyKey[], type: unknown): string[] {
  const name = path.findLast((key) => typeof key === "string");
  if (name === "fault") {
    const own = fault.options.filter((option) => option.shape.type.safeParse(type).success);
    return (own.length > 0 ? own : fault.options).flatMap((option) => Object.keys(option.shape));
  }
  const schemas: Record<string, z.ZodObject> = { steps: step, when: condition, calls: call, usage };
  return Object.keys((schemas[String(name)] ?? scenarioSchema).shape);
}
