/** Converts property values to text, and plain values to property values. */
import { z } from "zod";
import { joinParts } from "../http/text.ts";
import type { Span } from "../markdown/blocks.ts";
import { formatSpans } from "../markdown/write.ts";
import { type Page, type Property, type Rich, richShape } from "./api.ts";
import { toRichText } from "./write-blocks.ts";

export const toSpans = (rich: Rich): Span[] =>
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
const toText = (text: unknown): string => (text === null || text === undefined ? "" : String(text));

/** Formats the value of each property type; other types are shown as short JSON. */
const readers: Record<string, (value: unknown) => string> = {
  title: (value) => formatSpans(toSpans(richShape.parse(value))),
  rich_text: (value) => formatSpans(toSpans(richShape.parse(value))),
  number: toText,
  url: toText,
  email: toText,
  phone_number: toText,
  checkbox: toText,
  created_time: toText,
  last_edited_time: toText,
  select: (value) => named.nullable().parse(value)?.name ?? "",
  status: (value) => named.nullable().parse(value)?.name ?? "",
  multi_select: (value) =>
    joinParts(
      z
        .array(named)
        .parse(value)
        .map(({ name }) => name),
    ),
  date: (value) => {
    const date = dated.nullable().parse(value);
    return date ? joinParts([date.start, date.end], " to ") : "";
  },
  people: (value) =>
    joinParts(
      z
        .array(named.partial())
        .parse(value)
        .map(({ name }) => name ?? "someone"),
    ),
  files: (value) =>
    joinParts(
      z
        .array(named)
        .parse(value)
        .map(({ name }) => name),
    ),
  relation: (value) =>
    joinParts(
      z
        .array(z.object({ id: z.string() }))
        .parse(value)
        .map(({ id }) => id),
    ),
  unique_id: (value) => {
    const { prefix, number } = z.object({ prefix: z.string().nullish(), number: z.number().nullable() }).parse(value);
    return joinParts([prefix, toText(number)], "-");
  },
  created_by: (value) => named.partial().parse(value).name ?? "",
  last_edited_by: (value) => named.partial().parse(value).name ?? "",
  formula: (value) => formatProperty(z.looseObject({ type: z.string() }).parse(value)),
  string: toText,
  boolean: toText,
};

export function formatProperty(property: Property): string {
  const value = property[property.type];
  const read = readers[property.type];
  return read ? read(value) : JSON.stringify(value ?? null).slice(0, 200);
}

export function getTitle({ properties }: Page): string {
  const title = Object.values(properties).find(({ type }) => type === "title");
  return (title && formatProperty(title)) || "Untitled";
}

/** All properties except the title and empty ones. */
export function formatProperties({ properties }: Page): string[] {
  return Object.entries(properties)
    .filter(([, { type }]) => type !== "title" && type !== "button")
    .map(([name, property]) => [name, formatProperty(property)] as const)
    .filter(([, text]) => text !== "")
    .map(([name, text]) => `${name}: ${text}`);
}

type PlainValue = string | number | boolean | string[] | null;

/** Converts a plain value for each property type; other types cannot be set. */
const writers: Record<string, (value: PlainValue) => unknown> = {
  title: (value) => toRichText([{ text: toText(value) }]),
  rich_text: (value) => toRichText([{ text: toText(value) }]),
  number: (value) => (value === null ? null : Number(value)),
  checkbox: (value) => value === true || value === "true",
  url: (value) => value,
  email: (value) => value,
  phone_number: (value) => value,
  select: (value) => (value === null ? null : { name: toText(value) }),
  status: (value) => (value === null ? null : { name: toText(value) }),
  multi_select: (value) => (value === null ? [] : [value].flat().map((name) => ({ name: toText(name) }))),
  date: (value) => (value === null ? null : { start: toText(value) }),
  people: (value) => (value === null ? [] : [value].flat().map((id) => ({ id: toText(id) }))),
  relation: (value) => (value === null ? [] : [value].flat().map((id) => ({ id: toText(id) }))),
};

/** Converts plain values to the properties of a database; if one does not fit, throws with the available names and types. */
export function toProperties(
  values: Record<string, PlainValue>,
  schema: Record<string, Property>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const type = schema[name]?.type;
      if (type === undefined) throw new Error(`The database has no property ${name}. It has: ${formatSchema(schema)}.`);
      const write = writers[type];
      if (write === undefined) throw new Error(`${name} has the type ${type}, which cannot be set.`);
      return [name, { [type]: write(value) }];
    }),
  );
}

/** Lists property names with their types and options. */
export const formatSchema = (schema: Record<string, Property>): string =>
  joinParts(
    Object.entries(schema).map(([name, property]) => {
      const { data } = z.object({ options: z.array(named) }).safeParse(property[property.type]);
      const choices = data ? `: ${data.options.map((option) => option.name).join(" | ")}` : "";
      return `${name} (${property.type}${choices})`;
    }),
  );
