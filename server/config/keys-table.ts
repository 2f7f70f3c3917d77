/** Generates the table of configuration keys in docs/configuration.md from the schema. Pure. */

interface Shape {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Shape[];
  items?: Shape;
  description?: string;
  properties?: Record<string, Shape>;
  additionalProperties?: Shape | boolean;
}

/** Sections that are validated but not used yet. */
export const unusedKeys: readonly string[] = ["plugins.NAME.sampling"];

/** A Markdown table with one row per key, in schema order. `NAME` is a placeholder for a name that the user chooses. */
export function buildKeysTable(schema: unknown): string {
  const rows = listRows(schema as Shape, "", new Map()).map(
    ({ key, kind, about }) => `| \`${key}\` | ${escapeCell(kind)} | ${escapeCell(about)} |`,
  );
  return ["| Key | Value | Means |", "| --- | --- | --- |", ...rows].join("\n");
}

interface Row {
  key: string;
  kind: string;
  about: string;
}

/** `described`: sections that already have rows, by content. They are not repeated. */
function listRows(shape: Shape, at: string, described: Map<string, string>): Row[] {
  return Object.entries(shape.properties ?? {}).flatMap(([name, inner]) => {
    const key = at === "" ? name : `${at}.${name}`;
    if (name === "$schema") return [];
    const named = typeof inner.additionalProperties === "object" ? inner.additionalProperties : undefined;
    const [section, where] = inner.properties ? [inner, key] : named?.properties ? [named, `${key}.NAME`] : [null, key];
    const status = unusedKeys.some((one) => key === one || key.startsWith(`${one}.`)) ? "Not used yet" : "";
    const row = (kind: string): Row => ({
      key,
      kind,
      about: [inner.description ?? "", status].filter((text) => text !== "").join(". "),
    });
    if (section === null || Object.keys(section.properties ?? {}).length === 0) return [row(describeKind(inner))];
    const same = described.get(JSON.stringify(section));
    if (same !== undefined) return [row(`as \`${same}\``)];
    described.set(JSON.stringify(section), key);
    const inside = listRows(section, where, described);
    return inner.description === undefined ? inside : [row("section"), ...inside];
  });
}

function describeKind({
  type,
  const: only,
  enum: values,
  anyOf,
  items,
  properties,
  additionalProperties,
}: Shape): string {
  if (only !== undefined) return JSON.stringify(only);
  if (values) return values.map((value) => `\`${value}\``).join(", ");
  if (anyOf) return [...new Set(anyOf.map(describeKind))].join(", or ");
  if (items) return `list of ${pluralize(describeKind(items))}`;
  if (properties && Object.keys(properties).length > 0) return `object with ${Object.keys(properties).join(" and ")}`;
  if (typeof additionalProperties === "object" && Object.keys(additionalProperties).length > 0)
    return `${pluralize(describeKind(additionalProperties))} by name`;
  return typeNames[type ?? ""] ?? "object";
}

const typeNames: Readonly<Record<string, string>> = {
  string: "text",
  boolean: "true or false",
  integer: "whole number",
  number: "number",
};

const pluralize = (kind: string): string => (/^(text|object|number)$/.test(kind) ? `${kind}s` : kind);

const escapeCell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");
