/** JSON Schemas of tools, made acceptable to validators that know only part of the language. Pure: the meaning may widen, never narrow. */
import type { Compat } from "../target.ts";

type Json = Record<string, unknown>;

const record = (value: unknown): Json | null =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : null;

/** Keys whose value is a map from names to schemas: the names are not keywords. */
const maps = new Set(["properties", "patternProperties", "$defs", "definitions"]);

type Change = (schema: Json) => Json;

/** Changes every schema inside, leaves first. */
function walk(value: unknown, change: Change): unknown {
  if (Array.isArray(value)) return value.map((one) => walk(one, change));
  const schema = record(value);
  if (schema === null) return value;
  const inner = Object.entries(schema).map(([key, part]): [string, unknown] => {
    const named = maps.has(key) ? record(part) : null;
    if (named !== null)
      return [key, Object.fromEntries(Object.entries(named).map(([name, one]) => [name, walk(one, change)]))];
    if (key === "enum" || key === "const" || key === "default" || key === "examples" || key === "required")
      return [key, part];
    return [key, walk(part, change)];
  });
  return change(Object.fromEntries(inner));
}

function without(schema: Json, ...keys: string[]): Json {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => !keys.includes(key)));
}

/** References to definitions of the same schema, put in their place; one that leads back to itself becomes an open object. */
function inlined(root: Json): Json {
  const resolve = (value: unknown, seen: readonly string[]): unknown => {
    if (Array.isArray(value)) return value.map((one) => resolve(one, seen));
    const schema = record(value);
    if (schema === null) return value;
    const reference = schema.$ref;
    if (typeof reference !== "string") {
      return Object.fromEntries(Object.entries(schema).map(([key, part]) => [key, resolve(part, seen)]));
    }
    if (seen.includes(reference)) return { type: "object" };
    const path = reference
      .replace(/^#\/?/, "")
      .split("/")
      .filter((step) => step !== "");
    let target: unknown = root;
    for (const step of path) target = record(target)?.[step.replaceAll("~1", "/").replaceAll("~0", "~")];
    const found = record(resolve(target ?? {}, [...seen, reference])) ?? {};
    return { ...found, ...(record(resolve(without(schema, "$ref"), seen)) ?? {}) };
  };
  return without(record(resolve(root, [])) ?? root, "$defs", "definitions");
}

const geminiKeys = new Set([
  "type",
  "description",
  "properties",
  "required",
  "items",
  "enum",
  "anyOf",
  "format",
  "nullable",
  "minItems",
  "maxItems",
  "minimum",
  "maximum",
  "title",
]);
const geminiFormats = new Set(["enum", "date-time", "int32", "int64", "float", "double"]);

function gemini(schema: Json): Json {
  const branches = schema.anyOf ?? schema.oneOf;
  const types = Array.isArray(schema.type) ? schema.type : null;
  const choices = "const" in schema ? [schema.const] : schema.enum;
  const made: Json = { ...schema, ...(branches === undefined ? {} : { anyOf: branches }) };
  if (types !== null) {
    const real = types.filter((type) => type !== "null");
    made.type = real[0] ?? "string";
    if (real.length < types.length) made.nullable = true;
  }
  if (Array.isArray(choices)) {
    made.enum = choices.filter((choice) => choice !== null).map(String);
    made.type = "string";
  }
  if (typeof made.format === "string" && !geminiFormats.has(made.format)) delete made.format;
  const properties = record(made.properties);
  if (properties !== null && Object.keys(properties).length === 0) delete made.properties;
  if (properties !== null && Array.isArray(made.required)) {
    made.required = made.required.filter((name) => typeof name === "string" && Object.hasOwn(properties, name));
    if ((made.required as unknown[]).length === 0) delete made.required;
  }
  if (made.type === "array" && record(made.items) === null) made.items = { type: "string" };
  return Object.fromEntries(Object.entries(made).filter(([key]) => geminiKeys.has(key)));
}

function moonshot(schema: Json): Json {
  const made: Json = { ...schema };
  if (Array.isArray(made.items)) {
    made.prefixItems = made.items;
    delete made.items;
  }
  const branches = made.anyOf;
  if (Array.isArray(branches) && made.type !== undefined) {
    made.anyOf = branches.map((branch) => ({ type: made.type, ...(record(branch) ?? {}) }));
    delete made.type;
  }
  return made;
}

const dialects: Record<NonNullable<Compat["schemaDialect"]>, (schema: Json) => unknown> = {
  plain: (schema) => schema,
  gemini: (schema) => walk(inlined(schema), gemini),
  moonshot: (schema) => ({ ...(record(walk(schema, moonshot)) ?? {}), type: "object" }),
  xai: (schema) =>
    walk(schema, (one) => (one.additionalProperties === false ? without(one, "additionalProperties") : one)),
};

export function schemaFor(schema: Json, dialect: Compat["schemaDialect"]): Json {
  return record(dialects[dialect ?? "plain"](without(schema, "$schema"))) ?? { type: "object" };
}
