/** ask: a question for the person. */
import type { Tool } from "../ports.ts";
import { failed } from "./change.ts";
import { type Fields, type Parsed, readFields } from "./input.ts";
import { manual } from "./manual.ts";
import { narrow } from "./show.ts";

const outer = {
  question: { type: "text", also: ["text", "prompt"] },
  choices: { type: "list", optional: true, also: ["options"] },
} satisfies Fields;
const inner = { label: { type: "text", also: ["text", "title", "value"] } } satisfies Fields;

const mostChoices = 12;

interface Input {
  question: string;
  choices: string[];
}

export const ask: Tool<Input> = {
  name: "ask",
  kind: "ask",
  description: "Ask the person.",
  long: manual.ask,
  schema: {
    type: "object",
    properties: { question: { type: "string" }, choices: { type: "array", items: { type: "string" } } },
    required: ["question"],
  },
  parallel: false,
  parse,
  plan: async ({ question }) => ({ title: narrow(question, 80), locations: [], wants: [{ kind: "none" }] }),
  async run({ question, choices }, world) {
    const offered = choices.map((label, index) => ({ id: String(index + 1), label }));
    const answer = await world.ask(narrow(question, 200), question, offered, true);
    if (answer === null) return failed("Nobody can answer now. Decide yourself, and say what you assumed.");
    return { ok: true, output: offered.find((choice) => choice.id === answer)?.label ?? answer };
  },
};

function parse(input: unknown): Parsed<Input> {
  const read = readFields("ask", outer, input);
  if (!read.ok) return read;
  const choices: string[] = [];
  for (const [index, item] of (read.input.choices ?? []).slice(0, mostChoices).entries()) {
    const one = readFields(`ask: choices[${index}]`, inner, typeof item === "object" ? item : { label: item });
    if (!one.ok) return one;
    choices.push(one.input.label);
  }
  return { ok: true, input: { question: read.input.question, choices } };
}
