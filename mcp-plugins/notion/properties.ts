/** Values of pages as words, and words as values. */
import { z } from "zod";
import { joined } from "../http/text.ts";
import type { Span } from "../markdown/blocks.ts";
import { spansText } from "../markdown/write.ts";
import { type Page, type Property, type Rich, richShape } from "./api.ts";
import { richOf } from "./write-blocks.ts";

export const spansOfRich = (rich: Rich): Span[] =>
  rich.map(({ plain_text, href, annotations: { bold, italic, strikethrough, code } = {} }) => ({
    text: plain_text,
    ...(bold && { bold }),
    ...(italic && { italic }),
    ...(strikethrough && { strike: true }),
    ...(code && { code }),
    ...(href && { link: href }),
  }));

const named = z.object({ name: z.string() });
const dated = z.object({ start: z.string(), end: z.string().nullish() });
const words = (text: unknown): string => (text === null || text === undefined ? "" : String(text));

/** What the value of each kind is in words; the others are shown as JSON, in short. */
const readers: Record<string, (value: unknown) => string> = {
  title: (value) => spansText(spansOfRich(richShape.parse(value))),
  rich_text: (value) => spansText(spansOfRich(richShape.parse(value))),
  number: words,
  url: words,
  email: words,
  phone_number: words,
  checkbox: words,
  created_time: words,
  last_edited_time: words,
  select: (value) => named.nullable().parse(value)?.name ?? "",
  status: (value) => named.nullable().parse(value)?.name ?? "",
  multi_select: (value) =>
    joined(
      z
        .array(named)
        .parse(value)
        .map(({ name }) => name),
    ),
  date: (value) => {
    const date = dated.nullable().parse(value);
    return date ? joined([date.start, date.end], " to ") : "";
  },
  people: (value) =>
    joined(
      z
        .array(named.partial())
        .parse(value)
        .map(({ name }) => name ?? "someone"),
    ),
  files: (value) =>
    joined(
      z
        .array(named)
        .parse(value)
        .map(({ name }) => name),
    ),
  relation: (value) =>
    joined(
      z
        .array(z.object({ id: z.string() }))
        .parse(value)
        .map(({ id }) => id),
    ),
  unique_id: (value) => {
    const { prefix, number } = z.object({ prefix: z.string().nullish(), number: z.number().nullable() }).parse(value);
    return joined([prefix, words(number)], "-");
  },
  created_by: (value) => named.partial().parse(value).name ?? "",
  last_edited_by: (value) => named.partial().parse(value).name ?? "",
  formula: (value) => valueText(z.looseObject({ type: z.string() }).parse(value)),
  string: words,
  boolean: words,
};

export function valueText(property: Property): string {
  const value = property[property.type];
  const read = readers[property.type];
  return read ? read(value) : JSON.stringify(value ?? null).slice(0, 200);
}

export function titleOf({ properties }: Page): string {
  const title = Object.values(properties).find(({ type }) => type === "title");
  return (title && valueText(title)) || "Untitled";
}

/** All but the title and what is empty. */
export function valuesOf({ properties }: Page): string[] {
  return Object.entries(properties)
    .filter(([, { type }]) => type !== "title" && type !== "button")
    .map(([name, property]) => [name, valueText(property)] as const)
    .filter(([, text]) => text !== "")
    .map(([name, text]) => `${name}: ${text}`);
}

type Plain = string | number | boolean | string[] | null;

/** How a plain value is written for each kind of property; other kinds cannot be set. */
const writers: Record<string, (value: Plain) => unknown> = {
  title: (value) => richOf([{ text: words(value) }]),
  rich_text: (value) => richOf([{ text: words(value) }]),
  number: (value) => (value === null ? null : Number(value)),
  checkbox: (value) => value === true || value === "true",
  url: (value) => value,
  email: (value) => value,
  phone_number: (value) => value,
  select: (value) => (value === null ? null : { name: words(value) }),
  status: (value) => (value === null ? null : { name: words(value) }),
  multi_select: (value) => (value === null ? [] : [value].flat().map((name) => ({ name: words(name) }))),
  date: (value) => (value === null ? null : { start: words(value) }),
  people: (value) => (value === null ? [] : [value].flat().map((id) => ({ id: words(id) }))),
  relation: (value) => (value === null ? [] : [value].flat().map((id) => ({ id: words(id) }))),
};

/** Plain values as those of a database's properties; throws which names and kinds there are where one does not fit. */
export function propertiesFrom(
  values: Record<string, Plain>,
  schema: Record<string, Property>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const type = schema[name]?.type;
      if (type === undefined) throw new Error(`The database has no property ${name}. It has: ${schemaText(schema)}.`);
      const write = writers[type];
      if (write === undefined) throw new Error(`${name} is of the kind ${type}, which cannot be set here.`);
      return [name, { [type]: write(value) }];
    }),
  );
}

/** Names of properties with their kinds, and the choices of those that have some. */
export const schemaText = (schema: Record<string, Property>): string =>
  joined(
    Object.entries(schema).map(([name, property]) => {
      const { data } = z.object({ options: z.array(named) }).safeParse(property[property.type]);
      const choices = data ? `: ${data.options.map((option) => option.name).join(" | ")}` : "";
      return `${name} (${property.type}${choices})`;
    }),
  );
