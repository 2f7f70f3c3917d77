/** The table of configuration keys that docs/configuration.md shows, made from the schema. Pure. */

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

/** Sections that are checked, so that a file of today stays right, but that nothing reads yet. */
export const unused: readonly string[] = [
  "tiers.standard",
  "tiers.advanced",
  "routing",
  "budget",
  "agent",
  "agents",
  "plugins.NAME.sampling",
  "share",
];

/** A Markdown table with one row a key, in the order of the schema; `NAME` stands for a name of the user's choice. */
export function keysTable(schema: unknown): string {
  const rows = keysOf(schema as Shape, "", new Map()).map(
    ({ key, kind, about }) => `| \`${key}\` | ${cell(kind)} | ${cell(about)} |`,
  );
  return ["| Key | Value | Means |", "| --- | --- | --- |", ...rows].join("\n");
}

interface Row {
  key: string;
  kind: string;
  about: string;
}

/** `told`: sections that were described already, by what they hold; they are not described again. */
function keysOf(shape: Shape, at: string, told: Map<string, string>): Row[] {
  return Object.entries(shape.properties ?? {}).flatMap(([name, inner]) => {
    const key = at === "" ? name : `${at}.${name}`;
    if (name === "$schema") return [];
    const named = typeof inner.additionalProperties === "object" ? inner.additionalProperties : undefined;
    const [section, where] = inner.properties ? [inner, key] : named?.properties ? [named, `${key}.NAME`] : [null, key];
    const later = unused.some((one) => key === one || key.startsWith(`${one}.`)) ? "Not used yet" : "";
    const row = (kind: string): Row => ({
      key,
      kind,
      about: [inner.description ?? "", later].filter((text) => text !== "").join(". "),
    });
    if (section === null || Object.keys(section.properties ?? {}).length === 0) return [row(kindOf(inner))];
    const same = told.get(JSON.stringify(section));
    if (same !== undefined) return [row(`as \`${same}\``)];
    told.set(JSON.stringify(section), key);
    const inside = keysOf(section, where, told);
    return inner.description === undefined ? inside : [row("section"), ...inside];
  });
}

function kindOf({ type, const: only, enum: values, anyOf, items, properties, additionalProperties }: Shape): string {
  if (only !== undefined) return JSON.stringify(only);
  if (values) return values.map((value) => `\`${value}\``).join(", ");
  if (anyOf) return [...new Set(anyOf.map(kindOf))].join(", or ");
  if (items) return `list of ${plural(kindOf(items))}`;
  if (properties && Object.keys(properties).length > 0) return `object with ${Object.keys(properties).join(" and ")}`;
  if (typeof additionalProperties === "object" && Object.keys(additionalProperties).length > 0)
    return `${plural(kindOf(additionalProperties))} by name`;
  return words[type ?? ""] ?? "object";
}

const words: Readonly<Record<string, string>> = {
  string: "text",
  boolean: "true or false",
  integer: "whole number",
  number: "number",
};

const plural = (kind: string): string => (/^(text|object|number)$/.test(kind) ? `${kind}s` : kind);

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");
