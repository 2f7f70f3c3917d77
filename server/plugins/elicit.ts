/** A plugin's form as questions, one a field: any client can show them, and a person may decline at each. */
import type { Choice } from "../../protocol/events.ts";
import { printable } from "../../protocol/printable.ts";
import type { Elicitation, ElicitationAnswer } from "./link.ts";

/** Null where nobody answers. */
export type Asks = (title: string, detail: string, choices: Choice[], freeText: boolean) => Promise<string | null>;

const FIELDS_MOST = 20;
const TRIES = 3;
const DECLINE = { id: "decline", label: "Decline" };
const SKIP = { id: "skip", label: "Leave it out" };

interface Field {
  name: string;
  title: string;
  description: string;
  required: boolean;
  schema: Record<string, unknown>;
}

export async function elicit(plugin: string, asked: Elicitation, ask: Asks): Promise<ElicitationAnswer> {
  const title = `${plugin} asks: ${printable(asked.message)}`;
  if (asked.url !== undefined) return openPage(title, asked.url, ask);
  const content: Record<string, unknown> = {};
  const fields = Object.entries(asked.schema.properties)
    .slice(0, FIELDS_MOST)
    .map(([name, schema]) => fieldOf(name, schema, asked.schema.required.includes(name)));
  if (fields.length === 0) {
    const answer = await ask(title, "", [{ id: "accept", label: "Yes" }, DECLINE], false);
    return answer === null
      ? { action: "cancel" }
      : answer === "accept"
        ? { action: "accept", content }
        : { action: "decline" };
  }
  for (const field of fields) {
    const given = await askField(title, field, ask);
    if (given === null) return { action: "cancel" };
    if (given === DECLINE.id) return { action: "decline" };
    if (typeof given === "object") content[field.name] = given.value;
  }
  return { action: "accept", content };
}

async function openPage(title: string, url: string, ask: Asks): Promise<ElicitationAnswer> {
  const address = URL.parse(url);
  if (address === null || !/^https?:$/.test(address.protocol)) return { action: "decline" };
  const detail = `It wants you to open this page in your browser, at ${address.host}:\n\n${printable(url)}`;
  const answer = await ask(title, detail, [{ id: "accept", label: "I have opened it" }, DECLINE], false);
  return answer === null
    ? { action: "cancel" }
    : answer === "accept"
      ? { action: "accept", content: {} }
      : { action: "decline" };
}

const word = (value: unknown): string => (typeof value === "string" ? value : "");

const fieldOf = (name: string, schema: Record<string, unknown>, required: boolean): Field => ({
  name,
  title: word(schema.title) || name,
  description: word(schema.description),
  required,
  schema,
});

/** The value, `decline`, `skip`, or null where nobody answers. */
async function askField(title: string, field: Field, ask: Asks): Promise<{ value: unknown } | string | null> {
  const { schema, required } = field;
  const options = choicesOf(schema);
  const several = schema.type === "array";
  const choices = [...(several ? [] : options), ...usual(schema, options), ...(required ? [] : [SKIP]), DECLINE];
  const free = several || options.length === 0;
  let problem = "";
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const detail = [problem, describe(field), several ? listed(options) : ""].filter((line) => line !== "").join("\n");
    const answer = await ask(title, printable(detail, { keepNewlines: true }), choices, free);
    if (answer === null || answer === DECLINE.id || answer === SKIP.id) return answer;
    if (answer === "default") return { value: schema.default };
    const read = readValue(answer, schema, options);
    if ("value" in read) return read;
    problem = `${read.problem}\n`;
  }
  return DECLINE.id;
}

const listed = (options: Choice[]): string =>
  `Several of these, with commas between: ${options.map(({ id }) => id).join(", ")}.`;

const describe = ({ title, description, required }: Field): string =>
  `${title}${required ? "" : " (may be left out)"}${description === "" ? "" : `: ${description}`}`;

/** What is used where a person does not care, as a choice of its own. */
function usual(schema: Record<string, unknown>, options: Choice[]): Choice[] {
  const { default: value } = schema;
  if (value === undefined || options.some(({ id }) => id === String(value))) return [];
  return [{ id: "default", label: `As usual: ${printable(Array.isArray(value) ? value.join(", ") : String(value))}` }];
}

function choicesOf(schema: Record<string, unknown>): Choice[] {
  if (schema.type === "boolean")
    return [
      { id: "true", label: "Yes" },
      { id: "false", label: "No" },
    ];
  const from = schema.type === "array" ? ((schema.items ?? {}) as Record<string, unknown>) : schema;
  const titled = (from.oneOf ?? from.anyOf) as { const?: unknown; title?: unknown }[] | undefined;
  if (Array.isArray(titled))
    return titled.map((one) => ({ id: String(one.const), label: printable(String(one.title ?? one.const)) }));
  if (!Array.isArray(from.enum)) return [];
  const names = Array.isArray(from.enumNames) ? from.enumNames : [];
  return from.enum.map((value, index) => ({ id: String(value), label: printable(String(names[index] ?? value)) }));
}

function readValue(
  text: string,
  schema: Record<string, unknown>,
  options: Choice[],
): { value: unknown } | { problem: string } {
  const { type } = schema;
  if (type === "boolean") return { value: text === "true" };
  if (type === "array") {
    const chosen = text
      .split(",")
      .map((one) => one.trim())
      .filter((one) => one !== "");
    const unknown = chosen.find((one) => options.length > 0 && !options.some(({ id }) => id === one));
    return unknown === undefined ? { value: chosen } : { problem: `${unknown} is none of the choices.` };
  }
  if (type === "number" || type === "integer") return readNumber(text, schema);
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, format } = schema;
  if (text.length < Number(minLength)) return { problem: `At least ${minLength} characters are needed.` };
  if (text.length > Number(maxLength)) return { problem: `At most ${maxLength} characters are possible.` };
  const shape = formats[word(format)];
  return shape && !shape.test(text) ? { problem: `This is no ${word(format)}.` } : { value: text };
}

const formats: Record<string, RegExp> = {
  email: /^[^\s@]+@[^\s@]+$/,
  uri: /^[a-z][a-z0-9+.-]*:\S+$/i,
  date: /^\d{4}-\d{2}-\d{2}$/,
  "date-time": /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/,
};

function readNumber(text: string, schema: Record<string, unknown>): { value: unknown } | { problem: string } {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) return { problem: "A number is needed." };
  if (schema.type === "integer" && !Number.isInteger(value)) return { problem: "A whole number is needed." };
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema;
  if (value < Number(minimum)) return { problem: `At least ${minimum} is needed.` };
  if (value > Number(maximum)) return { problem: `At most ${maximum} is possible.` };
  return { value };
}
