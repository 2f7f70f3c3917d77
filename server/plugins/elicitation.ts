/**
 * Asks for a plugin's form (MCP elicitation) as one question per field, so that any client can show them and the user can decline at
 * each.
 */
import type { Choice } from "../../protocol/events.ts";
import { printable } from "../../protocol/printable.ts";
import type { Elicitation, ElicitationAnswer } from "./plugin-connection.ts";

/** Null if no user answers. */
export type AskUser = (title: string, detail: string, choices: Choice[], freeText: boolean) => Promise<string | null>;

const MAX_FIELDS = 20;
const MAX_ATTEMPTS = 3;
const DECLINE = { id: "decline", label: "Decline" };
const SKIP = { id: "skip", label: "Skip" };

interface Field {
  name: string;
  title: string;
  description: string;
  required: boolean;
  schema: Record<string, unknown>;
}

export async function elicit(plugin: string, request: Elicitation, ask: AskUser): Promise<ElicitationAnswer> {
  const title = `${plugin} asks: ${printable(request.message)}`;
  if (request.url !== undefined) return openPage(title, request.url, ask);
  const content: Record<string, unknown> = {};
  const fields = Object.entries(request.schema.properties)
    .slice(0, MAX_FIELDS)
    .map(([name, schema]) => toField(name, schema, request.schema.required.includes(name)));
  if (fields.length === 0) {
    const answer = await ask(title, "", [{ id: "accept", label: "Yes" }, DECLINE], false);
    return answer === null
      ? { action: "cancel" }
      : answer === "accept"
        ? { action: "accept", content }
        : { action: "decline" };
  }
  for (const field of fields) {
    const value = await askField(title, field, ask);
    if (value === null) return { action: "cancel" };
    if (value === DECLINE.id) return { action: "decline" };
    if (typeof value === "object") content[field.name] = value.value;
  }
  return { action: "accept", content };
}

async function openPage(title: string, url: string, ask: AskUser): Promise<ElicitationAnswer> {
  const address = URL.parse(url);
  if (address === null || !/^https?:$/.test(address.protocol)) return { action: "decline" };
  const detail = `It asks you to open this page in your browser, at ${address.host}:\n\n${printable(url)}`;
  const answer = await ask(title, detail, [{ id: "accept", label: "I have opened it" }, DECLINE], false);
  return answer === null
    ? { action: "cancel" }
    : answer === "accept"
      ? { action: "accept", content: {} }
      : { action: "decline" };
}

const toText = (value: unknown): string => (typeof value === "string" ? value : "");

const toField = (name: string, schema: Record<string, unknown>, required: boolean): Field => ({
  name,
  title: toText(schema.title) || name,
  description: toText(schema.description),
  required,
  schema,
});

/** The value, `decline`, `skip`, or null if no user answers. */
async function askField(title: string, field: Field, ask: AskUser): Promise<{ value: unknown } | string | null> {
  const { schema, required } = field;
  const options = getChoices(schema);
  const isMultiple = schema.type === "array";
  const choices = [
    ...(isMultiple ? [] : options),
    ...getDefaultChoice(schema, options),
    ...(required ? [] : [SKIP]),
    DECLINE,
  ];
  const freeText = isMultiple || options.length === 0;
  let problem = "";
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const detail = [problem, describeField(field), isMultiple ? listOptions(options) : ""]
      .filter((line) => line !== "")
      .join("\n");
    const answer = await ask(title, printable(detail, { keepNewlines: true }), choices, freeText);
    if (answer === null || answer === DECLINE.id || answer === SKIP.id) return answer;
    if (answer === "default") return { value: schema.default };
    const read = parseValue(answer, schema, options);
    if ("value" in read) return read;
    problem = `${read.problem}\n`;
  }
  return DECLINE.id;
}

const listOptions = (options: Choice[]): string =>
  `One or more of these, separated by commas: ${options.map(({ id }) => id).join(", ")}.`;

const describeField = ({ title, description, required }: Field): string =>
  `${title}${required ? "" : " (optional)"}${description === "" ? "" : `: ${description}`}`;

/** The schema's default as a choice of its own. */
function getDefaultChoice(schema: Record<string, unknown>, options: Choice[]): Choice[] {
  const { default: value } = schema;
  if (value === undefined || options.some(({ id }) => id === String(value))) return [];
  return [{ id: "default", label: `Default: ${printable(Array.isArray(value) ? value.join(", ") : String(value))}` }];
}

function getChoices(schema: Record<string, unknown>): Choice[] {
  if (schema.type === "boolean")
    return [
      { id: "true", label: "Yes" },
      { id: "false", label: "No" },
    ];
  const from = schema.type === "array" ? ((schema.items ?? {}) as Record<string, unknown>) : schema;
  const titled = (from.oneOf ?? from.anyOf) as { const?: unknown; title?: unknown }[] | undefined;
  if (Array.isArray(titled))
    return titled.map((item) => ({ id: String(item.const), label: printable(String(item.title ?? item.const)) }));
  if (!Array.isArray(from.enum)) return [];
  const names = Array.isArray(from.enumNames) ? from.enumNames : [];
  return from.enum.map((value, index) => ({ id: String(value), label: printable(String(names[index] ?? value)) }));
}

function parseValue(
  text: string,
  schema: Record<string, unknown>,
  options: Choice[],
): { value: unknown } | { problem: string } {
  const { type } = schema;
  if (type === "boolean") return { value: text === "true" };
  if (type === "array") {
    const chosen = text
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "");
    const unknown = chosen.find((item) => options.length > 0 && !options.some(({ id }) => id === item));
    return unknown === undefined ? { value: chosen } : { problem: `${unknown} is not one of the choices.` };
  }
  if (type === "number" || type === "integer") return parseNumber(text, schema);
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, format } = schema;
  if (text.length < Number(minLength)) return { problem: `Enter at least ${minLength} characters.` };
  if (text.length > Number(maxLength)) return { problem: `Enter at most ${maxLength} characters.` };
  const shape = FORMATS[toText(format)];
  return shape && !shape.test(text) ? { problem: `This is not a valid ${toText(format)}.` } : { value: text };
}

const FORMATS: Record<string, RegExp> = {
  email: /^[^\s@]+@[^\s@]+$/,
  uri: /^[a-z][a-z0-9+.-]*:\S+$/i,
  date: /^\d{4}-\d{2}-\d{2}$/,
  "date-time": /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/,
};

function parseNumber(text: string, schema: Record<string, unknown>): { value: unknown } | { problem: string } {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) return { problem: "Enter a number." };
  if (schema.type === "integer" && !Number.isInteger(value)) return { problem: "Enter a whole number." };
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema;
  if (value < Number(minimum)) return { problem: `Enter at least ${minimum}.` };
  if (value > Number(maximum)) return { problem: `Enter at most ${maximum}.` };
  return { value };
}
