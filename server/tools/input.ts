/**
 * The door for what a model sends to a tool: a table of fields, forgiving where the meaning is certain (another name for a field,
 * "12" for a number) and a sentence with the place and the reason where it is not.
 */

interface FieldTypes {
  text: string;
  /** A whole number above 0. */
  count: number;
  flag: boolean;
  path: string;
  list: unknown[];
}

interface Field {
  type: keyof FieldTypes;
  optional?: true;
  /** Other names under which models send it. */
  also?: readonly string[];
  /** Text may be empty. */
  empty?: true;
}

export type Fields = Record<string, Field>;
export type Values<F extends Fields> = {
  [K in keyof F]: F[K] extends { optional: true } ? FieldTypes[F[K]["type"]] | undefined : FieldTypes[F[K]["type"]];
};

export type Parsed<T> = { ok: true; input: T } | { ok: false; problem: string };

export const pathNames = ["file_path", "filePath", "filepath", "file", "filename", "target_file"] as const;

const refused = (problem: string): { ok: false; problem: string } => ({ ok: false, problem });

/** `where` names the object in sentences: `read`, or `edits[2]`. */
export function readFields<const F extends Fields>(where: string, fields: F, input: unknown): Parsed<Values<F>> {
  const object = asObject(input);
  if (object === null) return refused(`${where}: the input must be an object, not ${nameOf(input)}.`);
  const values: Record<string, unknown> = {};
  for (const [name, field] of Object.entries<Field>(fields)) {
    const given = [name, ...(field.also ?? [])].find((key) => Object.hasOwn(object, key) && object[key] != null);
    if (given === undefined) {
      if (!field.optional) return refused(`${where}: "${name}" is missing.`);
      values[name] = undefined;
      continue;
    }
    const read = readers[field.type](object[given], field);
    if ("wrong" in read) return refused(`${where}: "${given}" must be ${read.wrong}`);
    values[name] = read.value;
  }
  return { ok: true, input: values as Values<F> };
}

type Read = { value: unknown } | { wrong: string };

const readers: Record<keyof FieldTypes, (value: unknown, field: Field) => Read> = {
  text(value, field) {
    const text = typeof value === "number" || typeof value === "boolean" ? String(value) : value;
    if (typeof text !== "string") return { wrong: `text, not ${nameOf(value)}.` };
    return text === "" && !field.empty ? { wrong: "text that is not empty." } : { value: text };
  },
  count(value) {
    const number = typeof value === "string" && /^\s*\d+(\.0*)?\s*$/.test(value) ? Number(value) : value;
    if (typeof number === "number" && Number.isSafeInteger(number) && number >= 1) return { value: number };
    return { wrong: `a whole number from 1, not ${show(value)}.` };
  },
  flag(value) {
    const known: Record<string, boolean> = { true: true, false: false, "1": true, "0": false };
    const flag = known[String(value).toLowerCase()];
    return flag === undefined ? { wrong: `true or false, not ${show(value)}.` } : { value: flag };
  },
  path(value) {
    if (typeof value !== "string" || value === "") return { wrong: `a path as text, not ${show(value)}.` };
    if (value.includes("\0")) return { wrong: "a path without a NUL character." };
    if (/^~/.test(value)) return { wrong: `a whole path: "~" is not resolved. Relative paths start in the workspace.` };
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value))
      return { wrong: `a plain path, not an address such as ${show(value)}.` };
    return { value };
  },
  list(value) {
    const given = typeof value === "string" ? parseJson(value) : value;
    const list = typeof given === "object" && given !== null && !Array.isArray(given) ? [given] : given;
    return Array.isArray(list) ? { value: list } : { wrong: `a list, not ${nameOf(value)}.` };
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

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  return Array.isArray(value) ? "a list" : typeof value === "object" ? "an object" : `a ${typeof value}`;
}

const show = (value: unknown) => (JSON.stringify(value) ?? "nothing").slice(0, 80);
