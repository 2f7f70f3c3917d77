/** The shape of a scenario: what a scripted model says when. docs/rehearsal.md explains it with an example. */
import { z } from "zod";
import { TuttiError } from "../../protocol/errors.ts";

const optional = z.exactOptional;

/** All that is given must hold. Texts are looked for as they are, or as a pattern where they stand between slashes. */
const condition = z.strictObject({
  /** Answers since the last prompt, this one counted: the first answer to a prompt is step 1. */
  step: optional(z.number().int().positive()),
  /** Prompts so far. */
  turn: optional(z.number().int().positive()),
  /** Answers in the whole conversation, this one counted. */
  answer: optional(z.number().int().positive()),
  /** How often exactly this request was made, this time counted: 2 is the first retry. */
  attempt: optional(z.number().int().positive()),
  /** The last prompt. */
  user: optional(z.string()),
  /** Any result of the last calls. */
  result: optional(z.string()),
  /** The tool that was called last. */
  tool: optional(z.string()),
  /** Tools that must be on offer. */
  tools: optional(z.array(z.string())),
  /** A template that must not come out empty. */
  some: optional(z.string()),
  /** A template that must come out empty. */
  none: optional(z.string()),
});

const fault = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("status"),
    status: z.number().int().min(300).max(599),
    message: optional(z.string()),
    /** The whole body, where it is not the usual error object. */
    body: optional(z.unknown()),
    headers: optional(z.record(z.string(), z.string())),
  }),
  /** The connection breaks after so many characters of the answer. */
  z.strictObject({ type: z.literal("cut"), after: optional(z.number().int().nonnegative()) }),
  /** Nothing more comes after so many characters, and the connection stays open. */
  z.strictObject({ type: z.literal("stall"), after: optional(z.number().int().nonnegative()) }),
  /** A piece that is not JSON after so many characters. */
  z.strictObject({ type: z.literal("malformed"), after: optional(z.number().int().nonnegative()) }),
  /** The stream ends in order, but without a reason. */
  z.strictObject({ type: z.literal("no-finish") }),
  /** A good answer with nothing in it. */
  z.strictObject({ type: z.literal("empty") }),
  /** A page instead of an answer, as a proxy shows it. */
  z.strictObject({ type: z.literal("html") }),
  /** The arguments of calls break off in the middle. */
  z.strictObject({ type: z.literal("bad-arguments") }),
]);

const call = z.strictObject({
  tool: z.string(),
  input: optional(z.record(z.string(), z.unknown())),
  /** Only where this template does not come out empty. */
  if: optional(z.string()),
  /** Once for each line of this template, which is `{{it}}` inside. */
  each: optional(z.string()),
  id: optional(z.string()),
});

const tokens = z.number().int().nonnegative();
const step = z.strictObject({
  when: optional(condition),
  think: optional(z.string()),
  say: optional(z.string()),
  calls: optional(z.array(call)),
  /** Tokens; estimated where absent. */
  usage: optional(
    z.strictObject({ input: tokens, output: tokens, cached: optional(tokens), reasoning: optional(tokens) }),
  ),
  finish: optional(z.enum(["stop", "length", "content_filter", "tool_calls"])),
  fault: optional(fault),
  /** Tokens a second; 0 is at once. Counts instead of the scenario's own. */
  pace: optional(z.number().nonnegative()),
  /** Milliseconds before anything is sent. */
  delay: optional(z.number().int().nonnegative()),
  /** Texts are taken as they are, without templates. */
  plain: optional(z.boolean()),
  /** As recorded, for a replay that tells where it leaves the recording. */
  recorded: optional(z.unknown()),
});

export const scenario = z.strictObject({
  about: optional(z.string()),
  /** The name of the model, and the tokens that it has room for. */
  model: optional(z.string()),
  context: optional(z.number().int().positive()),
  pace: optional(z.number().nonnegative()),
  steps: z.array(step).min(1),
  /** What a recording holds besides. */
  recording: optional(z.unknown()),
});

export type Scenario = z.infer<typeof scenario>;
export type Step = Scenario["steps"][number];
export type Condition = z.infer<typeof condition>;
export type Fault = z.infer<typeof fault>;

/** Reads JSONC; throws a sentence with the place of the first mistake. */
export async function readScenario(text: string, file: string): Promise<Scenario> {
  const { parse, printParseErrorCode } = await import("jsonc-parser");
  const errors: import("jsonc-parser").ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const [broken] = errors;
  if (broken !== undefined) {
    const line = text.slice(0, broken.offset).split("\n").length;
    throw new TuttiError("usage", `${file}:${line} is not a scenario: ${printParseErrorCode(broken.error)}.`);
  }
  const read = scenario.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new TuttiError(
    "usage",
    `${file} is not a scenario: ${issue?.path.join(".") || "the file"}: ${issue?.message}.`,
  );
}
