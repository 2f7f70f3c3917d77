/**
 * Arguments of tools: each tool has one table of fields, from which its JSON Schema and its parser follow. The parser is lenient if the
 * meaning is certain (another name for a field, "12" for a number) and otherwise returns an error message for the model.
 *
 * Zod is not used: loading it takes longer than everything else before the first request together.
 */

interface FieldTypes {
  text: string;
  /** A positive integer. */
  count: number;
  flag: boolean;
  path: string;
  list: unknown[];
}

interface Field {
  type: keyof FieldTypes;
  optional?: true;
  /** The schema requires it, but a call without it is accepted. */
  lenient?: true;
  /** Accepted, but not in the schema. */
  hidden?: true;
  /** Other names that models use for it. */
  aliases?: readonly string[];
  /** Text may be empty. */
  empty?: true;
  description?: string;
  /** The values listed in the schema. */
  values?: readonly string[];
  /** For a list: the fields of an item, or plain text. */
  items?: Fields | "text";
  /** The type in the schema, if the parser accepts more. */
  schemaType?: "boolean";
}

export interface Fields {
  readonly [name: string]: Field;
}
export type Values<F extends Fields> = {
  [K in keyof F]: F[K] extends { optional: true } | { lenient: true }
    ? FieldTypes[F[K]["type"]] | undefined
    : FieldTypes[F[K]["type"]];
};

export type Parsed<T> = { ok: true; input: T } | { ok: false; problem: string };

export const PATH_ALIASES = ["file_path", "filePath", "filepath", "file", "filename", "target_file"] as const;

const schemaTypes: Record<keyof FieldTypes, string> = {
  text: "string",
  count: "integer",
  flag: "boolean",
  path: "string",
  list: "array",
};

/** The JSON Schema that is sent to the model. */
export function toSchema(fields: Fields): Record<string, unknown> {
  const offered = Object.entries(fields).filter(([, { hidden }]) => !hidden);
  const required = offered.filter(([, { optional }]) => !optional).map(([name]) => name);
  return {
    type: "object",
    properties: Object.fromEntries(offered.map(([name, field]) => [name, toProperty(field)])),
    ...(required.length > 0 && { required }),
  };
}

function toProperty({ type, schemaType, description, values, items }: Field): Record<string, unknown> {
  return {
    type: schemaType ?? schemaTypes[type],
    ...(description !== undefined && { description }),
    ...(values && { enum: values }),
    ...(items && { items: items === "text" ? { type: "string" } : toSchema(items) }),
  };
}

const reject = (problem: string): { ok: false; problem: string } => ({ ok: false, problem });

/** `where` names the object in messages: `read`, or `edits[2]`. */
export function readFields<const F extends Fields>(where: string, fields: F, input: unknown): Parsed<Values<F>> {
  const object = asObject(input);
  if (object === null) return reject(`${where}: the input must be an object, not ${describeType(input)}.`);
  const values: Record<string, unknown> = {};
  for (const [name, field] of Object.entries<Field>(fields)) {
    const key = findKey(name, field, object);
    if (key === undefined) {
      if (!field.optional && !field.lenient) return reject(`${where}: "${name}" is missing.`);
      values[name] = undefined;
      continue;
    }
    const read = readers[field.type](object[key], field);
    if ("expected" in read) return reject(`${where}: "${key}" must be ${read.expected}`);
    values[name] = read.value;
  }
  return { ok: true, input: values as Values<F> };
}

/** The known fields of the arguments, each under its own name and with its value as it is read. */
export function normalizeFields(fields: Fields, input: unknown): Record<string, unknown> {
  const object = asObject(input) ?? {};
  const found: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const key = findKey(name, field, object);
    if (key === undefined) continue;
    const read = readers[field.type](object[key], field);
    const value = "value" in read ? read.value : object[key];
    const { items } = field;
    found[name] =
      Array.isArray(value) && items !== undefined && items !== "text"
        ? value.map((item) => (asObject(item) === null ? item : normalizeFields(items, item)))
        : value;
  }
  return found;
}

const findKey = (name: string, field: Field, object: Record<string, unknown>): string | undefined =>
  [name, ...(field.aliases ?? [])].find((alias) => Object.hasOwn(object, alias) && object[alias] != null);

type Read = { value: unknown } | { expected: string };

const readers: Record<keyof FieldTypes, (value: unknown, field: Field) => Read> = {
  text(value, field) {
    const text = typeof value === "number" || typeof value === "boolean" ? String(value) : value;
    if (typeof text !== "string") return { expected: `text, not ${describeType(value)}.` };
    return text === "" && !field.empty ? { expected: "non-empty text." } : { value: text };
  },
  count(value) {
    const number = typeof value === "string" && /^\s*\d+(\.0*)?\s*$/.test(value) ? Number(value) : value;
    if (typeof number === "number" && Number.isSafeInteger(number) && number >= 1) return { value: number };
    return { expected: `a positive whole number, not ${formatValue(value)}.` };
  },
  flag(value) {
    const known: Record<string, boolean> = { true: true, false: false, "1": true, "0": false };
    const flag = known[String(value).toLowerCase()];
    return flag === undefined ? { expected: `true or false, not ${formatValue(value)}.` } : { value: flag };
  },
  path(value) {
    if (typeof value !== "string" || value === "") return { expected: `a path as text, not ${formatValue(value)}.` };
    if (value.includes("\0")) return { expected: "a path without a NUL character." };
    if (/^~/.test(value))
      return { expected: `an absolute or relative path: "~" is not expanded. Relative paths start in the workspace.` };
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value))
      return { expected: `a file path, not a URL such as ${formatValue(value)}.` };
    return { value };
  },
  list(value) {
    const parsed = typeof value === "string" ? parseJson(value) : value;
    const list = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? [parsed] : parsed;
    return Array.isArray(list) ? { value: list } : { expected: `a list, not ${describeType(value)}.` };
  },
};

/** Some models send the arguments, or a list in them, as JSON in a string. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function asObject(input: unknown): Record<string, unknown> | null {
  const value = typeof input === "string" ? parseJson(input) : input;
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
}

function describeType(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  return Array.isArray(value) ? "a list" : typeof value === "object" ? "an object" : `a ${typeof value}`;
}

const formatValue = (value: unknown) => (JSON.stringify(value) ?? "nothing").slice(0, 80);
