/** Adapts JSON Schemas of tools to validators that support only part of the language. Pure. The result may accept more, never less. */
import type { Compat } from "../target.ts";

type Json = Record<string, unknown>;

const record = (value: unknown): Json | null =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : null;

/** Keywords whose value maps names to schemas: the names are not keywords. */
const schemaMaps = new Set(["properties", "patternProperties", "$defs", "definitions"]);

type Change = (schema: Json) => Json;

/** Changes every nested schema, innermost first. */
function walk(value: unknown, change: Change): unknown {
  if (Array.isArray(value)) return value.map((one) => walk(one, change));
  const schema = record(value);
  if (schema === null) return value;
  const inner = Object.entries(schema).map(([key, part]): [string, unknown] => {
    const named = schemaMaps.has(key) ? record(part) : null;
    if (named !== null)
      return [key, Object.fromEntries(Object.entries(named).map(([name, one]) => [name, walk(one, change)]))];
    if (key === "enum" || key === "const" || key === "default" || key === "examples" || key === "required")
      return [key, part];
    return [key, walk(part, change)];
  });
  return change(Object.fromEntries(inner));
}

function omitKeys(schema: Json, ...keys: string[]): Json {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => !keys.includes(key)));
}

/** Inlines references to definitions of the same schema. A recursive reference becomes an open object. */
function inlineReferences(root: Json): Json {
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
    return { ...found, ...(record(resolve(omitKeys(schema, "$ref"), seen)) ?? {}) };
  };
  return omitKeys(record(resolve(root, [])) ?? root, "$defs", "definitions");
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

function toGemini(schema: Json): Json {
  const branches = schema.anyOf ?? schema.oneOf;
  const types = Array.isArray(schema.type) ? schema.type : null;
  const choices = "const" in schema ? [schema.const] : schema.enum;
  const result: Json = { ...schema, ...(branches === undefined ? {} : { anyOf: branches }) };
  if (types !== null) {
    const real = types.filter((type) => type !== "null");
    result.type = real[0] ?? "string";
    if (real.length < types.length) result.nullable = true;
  }
  if (Array.isArray(choices)) {
    result.enum = choices.filter((choice) => choice !== null).map(String);
    result.type = "string";
  }
  if (typeof result.format === "string" && !geminiFormats.has(result.format)) delete result.format;
  const properties = record(result.properties);
  if (properties !== null && Object.keys(properties).length === 0) delete result.properties;
  if (properties !== null && Array.isArray(result.required)) {
    result.required = result.required.filter((name) => typeof name === "string" && Object.hasOwn(properties, name));
    if ((result.required as unknown[]).length === 0) delete result.required;
  }
  if (result.type === "array" && record(result.items) === null) result.items = { type: "string" };
  return Object.fromEntries(Object.entries(result).filter(([key]) => geminiKeys.has(key)));
}

function toMoonshot(schema: Json): Json {
  const result: Json = { ...schema };
  if (Array.isArray(result.items)) {
    result.prefixItems = result.items;
    delete result.items;
  }
  const branches = result.anyOf;
  if (Array.isArray(branches) && result.type !== undefined) {
    result.anyOf = branches.map((branch) => ({ type: result.type, ...(record(branch) ?? {}) }));
    delete result.type;
  }
  return result;
}

const dialects: Record<NonNullable<Compat["schemaDialect"]>, (schema: Json) => unknown> = {
  plain: (schema) => schema,
  gemini: (schema) => walk(inlineReferences(schema), toGemini),
  moonshot: (schema) => ({ ...(record(walk(schema, toMoonshot)) ?? {}), type: "object" }),
  xai: (schema) =>
    walk(schema, (one) => (one.additionalProperties === false ? omitKeys(one, "additionalProperties") : one)),
};

export function adaptSchema(schema: Json, dialect: Compat["schemaDialect"]): Json {
  return record(dialects[dialect ?? "plain"](omitKeys(schema, "$schema"))) ?? { type: "object" };
}
