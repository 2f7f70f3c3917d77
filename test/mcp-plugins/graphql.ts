/**
 * The part of GraphQL that a fake vendor needs: parses a document, validates it and its variables against a schema, and reduces
 * responses to the selected fields.
 */

interface Selection {
  name: string;
  args: Record<string, string>;
  fields: Selection[];
}

interface Operation {
  /** `query` or `mutation`. */
  kind: string;
  /** Types by name. */
  variables: Record<string, string>;
  fields: Selection[];
}

/** Types by name: fields with arguments and type, as in `issues(first: Int): IssueConnection!`; inputs without arguments. */
export type Schema = Record<string, Record<string, { args: Record<string, string>; type: string }>>;

/** Parses rows `name(arg: Type): Type`, one per line, by type name. */
export function parseSchema(types: Record<string, string>): Schema {
  const fieldsOf = (rows: string): Schema[string] =>
    Object.fromEntries(
      [...rows.matchAll(/(\w+)(?:\(([^)]*)\))?:\s*(\[?\w+!?\]?!?)/g)].map(([, name = "", args = "", type = ""]) => [
        name,
        { args: Object.fromEntries([...args.matchAll(/(\w+):\s*([^,\s]+)/g)].map(([, arg, of]) => [arg, of])), type },
      ]),
    );
  return Object.fromEntries(Object.entries(types).map(([name, rows]) => [name, fieldsOf(rows)]));
}

const scalars: Record<string, (value: unknown) => boolean> = {
  String: (value) => typeof value === "string",
  ID: (value) => typeof value === "string",
  DateTime: (value) => typeof value === "string",
  TimelessDate: (value) => typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value),
  Int: Number.isInteger,
  Float: (value) => typeof value === "number",
  Boolean: (value) => typeof value === "boolean",
};
const toTypeName = (type: string): string => type.replace(/[[\]!]/g, "");

export function parse(text: string): Operation {
  const tokens = text.match(/[A-Za-z_]\w*|\$\w+|"[^"]*"|-?\d+|[{}()[\]:!,]/g) ?? [];
  let at = 0;
  const take = (wanted?: string): string => {
    const token = tokens[at++];
    if (token === undefined || (wanted !== undefined && token !== wanted))
      throw new Error(`Syntax Error: Expected ${wanted ?? "a token"}, found ${token ?? "<EOF>"}.`);
    return token;
  };
  const pairs = (): Record<string, string> => {
    const found: Record<string, string> = {};
    if (tokens[at] !== "(") return found;
    for (take("("); tokens[at] !== ")"; ) {
      if (tokens[at] === ",") take();
      const name = take();
      take(":");
      let value = "";
      while (![",", ")"].includes(tokens[at] ?? ")") && tokens[at + 1] !== ":") value += take();
      found[name] = value;
    }
    take(")");
    return found;
  };
  const selections = (): Selection[] => {
    const found: Selection[] = [];
    for (take("{"); tokens[at] !== "}"; )
      found.push({ name: take(), args: pairs(), fields: tokens[at] === "{" ? selections() : [] });
    take("}");
    return found;
  };
  const kind = take();
  take();
  const operation = { kind, variables: pairs(), fields: selections() };
  if (at < tokens.length) throw new Error(`Syntax Error: Unexpected ${tokens[at]}.`);
  return operation;
}

/** Throws the error that a server would return. */
export function validate(
  schema: Schema,
  { kind, variables, fields }: Operation,
  values: Record<string, unknown>,
): void {
  const used = new Set<string>();
  const look = (type: string, wanted: Selection[]): void => {
    for (const { name, args, fields: below } of wanted) {
      const field = schema[type]?.[name];
      if (!field) throw new Error(`Cannot query field "${name}" on type "${type}".`);
      for (const [arg, value] of Object.entries(args)) {
        const expected = field.args[arg];
        if (expected === undefined) throw new Error(`Unknown argument "${arg}" on field "${type}.${name}".`);
        if (!value.startsWith("$")) continue;
        used.add(value);
        const declared = variables[value];
        if (declared === undefined) throw new Error(`Variable "${value}" is not defined.`);
        if (declared !== expected && declared !== `${expected}!`)
          throw new Error(`Variable "${value}" of type "${declared}" used in position expecting type "${expected}".`);
      }
      for (const [arg, of] of Object.entries(field.args))
        if (of.endsWith("!") && args[arg] === undefined)
          throw new Error(`Argument "${arg}" of type "${of}" is required.`);
      const isObject = schema[toTypeName(field.type)] !== undefined;
      if (isObject !== below.length > 0)
        throw new Error(`Field "${name}" of type "${field.type}" has wrong subfields.`);
      if (isObject) look(toTypeName(field.type), below);
    }
  };
  look(kind === "mutation" ? "Mutation" : "Query", fields);
  for (const [name, type] of Object.entries(variables)) {
    if (!used.has(name)) throw new Error(`Variable "${name}" is never used.`);
    validateValue(schema, type, values[name.slice(1)], name);
  }
  for (const name of Object.keys(values))
    if (variables[`$${name}`] === undefined) throw new Error(`Variable "$${name}" is not declared.`);
}

function validateValue(schema: Schema, type: string, value: unknown, path: string): void {
  const wrong = (what: string): Error =>
    new Error(`Variable "${path}" got invalid value ${JSON.stringify(value)}; ${what}`);
  if (value === undefined || value === null) {
    if (type.endsWith("!")) throw wrong(`Expected non-nullable type "${type}" not to be null.`);
    return;
  }
  const named = type.replace(/!$/, "");
  if (named.startsWith("[")) {
    if (!Array.isArray(value)) throw wrong("Expected a list.");
    for (const one of value) validateValue(schema, named.slice(1, -1), one, path);
    return;
  }
  const scalar = scalars[named];
  if (scalar) {
    if (!scalar(value)) throw wrong(`${named} cannot represent it.`);
    return;
  }
  const input = schema[named];
  if (!input || typeof value !== "object") throw wrong(`Expected type "${named}".`);
  for (const name of Object.keys(value))
    if (!input[name]) throw wrong(`Field "${name}" is not defined by type "${named}".`);
  for (const [name, { type: of }] of Object.entries(input))
    validateValue(schema, of, (value as Record<string, unknown>)[name], `${path}.${name}`);
}

/** The value with only the selected fields. */
export function project(value: unknown, fields: Selection[]): unknown {
  if (fields.length === 0 || value === null || value === undefined) return value ?? null;
  if (Array.isArray(value)) return value.map((one) => project(one, fields));
  const all = value as Record<string, unknown>;
  return Object.fromEntries(fields.map(({ name, fields: below }) => [name, project(all[name], below)]));
}
