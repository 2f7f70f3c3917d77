/** Makes the input schema of a plugin's tool one that endpoints accept at its top level. Pure. The result may accept more, never less. */

type Json = Record<string, unknown>;

const asObject = (value: unknown): Json | null =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : null;

/** Endpoints reject these at the top level. */
const COMBINATORS = ["anyOf", "oneOf", "allOf"] as const;

/** Maximum depth of combinators that are merged. */
const MAX_DEPTH = 8;

/** An object schema: properties of top-level combinators are merged, and none of an alternative is required. */
export function toObjectSchema(schema: Json): Json {
  const { $schema: _, ...plain } = schema;
  return isPlain(schema) ? plain : mergeBranches(schema);
}

/** As MCP requires it: endpoints accept it as it is. */
function isPlain(schema: Json): boolean {
  const { type, properties, required } = schema;
  if (type !== "object" || isCombined(schema) || "enum" in schema || "not" in schema) return false;
  if (properties !== undefined && !Object.values(asObject(properties) ?? { invalid: null }).every(asObject))
    return false;
  return required === undefined || (Array.isArray(required) && required.every((name) => typeof name === "string"));
}

function mergeBranches(schema: Json): Json {
  const { $schema: _, $ref, enum: _values, not: _not, ...rest } = schema;
  const properties = new Map<string, unknown[]>();
  collectProperties(schema, schema, properties, 0);
  for (const key of COMBINATORS) delete rest[key];
  const required = Array.isArray(schema.required) ? schema.required.filter((name) => typeof name === "string") : [];
  return {
    ...rest,
    type: "object",
    properties: Object.fromEntries([...properties].map(([name, schemas]) => [name, joinSchemas(schemas)])),
    ...("required" in schema && { required }),
    // A property that another branch names must stay acceptable.
    ...(isCombined(schema) && { additionalProperties: true }),
  };
}

const isCombined = (schema: Json): boolean =>
  typeof schema.$ref === "string" || COMBINATORS.some((key) => Array.isArray(schema[key]));

/** Null for a schema of the form that MCP requires; else what is done about it, as a clause. */
export function checkToolSchema(schema: Json): string | null {
  if (isPlain(schema)) return null;
  return Object.keys(schema).length === 0
    ? "it has no input schema, so models are not told what it accepts"
    : "its input schema is not a plain object schema, so models get a simpler one that accepts at least the same";
}

function collectProperties(schema: Json, root: Json, found: Map<string, unknown[]>, depth: number): void {
  if (depth > MAX_DEPTH) return;
  for (const [name, property] of Object.entries(asObject(schema.properties) ?? {})) {
    const value = property === true ? {} : asObject(property);
    if (value !== null) found.set(name, [...(found.get(name) ?? []), value]);
  }
  const target = typeof schema.$ref === "string" ? resolveReference(root, schema.$ref) : null;
  const branches = COMBINATORS.flatMap((key) => (Array.isArray(schema[key]) ? (schema[key] as unknown[]) : []));
  for (const branch of [target, ...branches]) {
    const inner = asObject(branch);
    if (inner !== null) collectProperties(inner, root, found, depth + 1);
  }
}

function resolveReference(root: Json, reference: string): unknown {
  if (!reference.startsWith("#/")) return null;
  let target: unknown = root;
  for (const step of reference.slice(2).split("/"))
    target = asObject(target)?.[step.replaceAll("~1", "/").replaceAll("~0", "~")];
  return target;
}

function joinSchemas(schemas: readonly unknown[]): unknown {
  const distinct = new Map(schemas.map((schema) => [JSON.stringify(schema), schema]));
  return distinct.size === 1 ? schemas[0] : { anyOf: [...distinct.values()] };
}
