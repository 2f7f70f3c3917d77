/** ask: a question for the user. */
import type { Tool } from "../ports.ts";
import { failWith } from "./apply-file-change.ts";
import { truncateLine } from "./format-output.ts";
import { type Fields, normalizeFields, type Parsed, readFields, toSchema } from "./input-schema.ts";
import { manual } from "./tool-descriptions.ts";

const outer = {
  question: { type: "text", aliases: ["text", "prompt"] },
  choices: { type: "list", optional: true, items: "text", aliases: ["options"] },
} satisfies Fields;
const inner = { label: { type: "text", aliases: ["text", "title", "value"] } } satisfies Fields;

const MAX_CHOICES = 12;

interface Input {
  question: string;
  choices: string[];
}

export const ask: Tool<Input> = {
  name: "ask",
  kind: "ask",
  description: "Ask the user.",
  long: manual.ask,
  schema: toSchema(outer),
  normalize: (input) => normalizeFields(outer, input),
  parallel: false,
  parse,
  prepare: async ({ question }) => ({ title: truncateLine(question, 80), locations: [], accesses: [{ kind: "none" }] }),
  async run({ question, choices }, context) {
    const offered = choices.map((label, index) => ({ id: String(index + 1), label }));
    const answer = await context.ask(truncateLine(question, 200), question, offered, true);
    if (answer === null) return failWith("No user can answer now. Decide yourself and state what you assumed.");
    return { ok: true, output: offered.find((choice) => choice.id === answer)?.label ?? answer };
  },
};

function parse(input: unknown): Parsed<Input> {
  const read = readFields("ask", outer, input);
  if (!read.ok) return read;
  const choices: string[] = [];
  for (const [index, item] of (read.input.choices ?? []).slice(0, MAX_CHOICES).entries()) {
    const parsed = readFields(`ask: choices[${index}]`, inner, typeof item === "object" ? item : { label: item });
    if (!parsed.ok) return parsed;
    choices.push(parsed.input.label);
  }
  return { ok: true, input: { question: read.input.question, choices } };
}
