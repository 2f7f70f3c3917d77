/** Tools for Notion: search, read and write pages, query databases. */
import { z } from "zod";
import { formatCount, formatDay, joinParts, sliceText, toOneLine } from "../http/text.ts";
import { createTool, readOnlyTool } from "../http/tool.ts";
import { parseMarkdown } from "../markdown/blocks.ts";
import { formatSpans, toMarkdown } from "../markdown/write.ts";
import { type Database, databaseShape, formatMore, idField, listShape, notion, type Page, pageShape } from "./api.ts";
import { formatProperties, formatSchema, getTitle, toProperties, toSpans } from "./properties.ts";
import { readBlocks } from "./read-blocks.ts";
import { type NotionBlock, splitRequests, toNotionBlocks, toRichText } from "./write-blocks.ts";

const afterField = z.string().optional().describe("Cursor from the previous result");
const markdownField = z.string().min(1).max(500_000).describe("Markdown");
const value = z.union([z.string(), z.number(), z.boolean(), z.array(z.string()), z.null()]);
const values = z.record(z.string(), value);
const json = z.record(z.string(), z.unknown());

export const tools = {
  search: readOnlyTool({
    title: "Search",
    description: "Searches the titles of pages and databases that are connected to the integration.",
    input: z.strictObject({
      query: z.string().max(500).default("").describe("Default: most recently changed"),
      kind: z.enum(["page", "database"]).optional(),
      after: afterField,
    }),
    async run({ query, kind, after }, { signal }) {
      const body = {
        page_size: 30,
        ...(query !== "" && { query }),
        ...(kind && { filter: { property: "object", value: kind } }),
        ...(query === "" && { sort: { timestamp: "last_edited_time", direction: "descending" } }),
        ...(after !== undefined && { start_cursor: after }),
      };
      const shape = listShape(z.discriminatedUnion("object", [pageShape, databaseShape]));
      const found = await notion.get(shape, { method: "POST", path: "/search", body, signal });
      return (
        (found.results.map(formatResult).join("\n") ||
          "Nothing found. Only pages connected to the integration can be found.") + formatMore(found)
      );
    },
  }),
  read_page: readOnlyTool({
    title: "Read a page",
    description: "Reads a page as Markdown, with its properties.",
    input: z.strictObject({
      page: idField,
      offset: z.number().int().nonnegative().default(0).describe("Character offset to continue from"),
    }),
    async run({ page: id, offset }, { signal }) {
      const page = await notion.get(pageShape, { path: `/pages/${id}`, signal });
      const { blocks, isWhole } = await readBlocks(id, signal);
      const facts = formatProperties(page).map((line) => `- ${line}`);
      const cut = isWhole ? "" : "\n\n(The page is very long or deeply nested; only a part of it was read.)";
      const head = `# ${getTitle(page)}\n${page.url}, changed ${formatDay(page.last_edited_time)}`;
      return sliceText([head, facts.join("\n"), toMarkdown(blocks) + cut].filter(Boolean).join("\n\n"), offset);
    },
  }),
  append_to_page: createTool({
    title: "Append to a page",
    description: "Appends Markdown at the end of a page.",
    input: z.strictObject({ page: idField, markdown: markdownField }),
    async run({ page, markdown }, { signal, progress }) {
      const blocks = toNotionBlocks(parseMarkdown(markdown));
      const done = await append(page, blocks, signal, progress);
      return `Appended ${formatCount(done, "block")}.`;
    },
  }),
  create_page: createTool({
    title: "Create a page",
    description: "Creates a page inside a page, or in a database with property values.",
    input: z.strictObject({
      parent: idField,
      kind: z.enum(["page", "database"]).default("page").describe("Type of the parent"),
      title: z.string().min(1).max(2_000),
      properties: values
        .default({})
        .describe(
          "In a database: plain values by name, such as an option, a number, true, a date such as 2026-01-31, a list of options",
        ),
      markdown: markdownField.optional(),
    }),
    async run({ parent, kind, title, properties, markdown }, { signal, progress }) {
      const isPage = kind === "page";
      if (isPage && Object.keys(properties).length > 0) throw new Error("Only pages in a database have properties.");
      const pageFields = isPage
        ? { title: { title: toRichText([{ text: title }]) } }
        : await pageProperties(parent, title, properties, signal);
      const blocks = markdown === undefined ? [] : toNotionBlocks(parseMarkdown(markdown));
      const body = { parent: isPage ? { page_id: parent } : { database_id: parent }, properties: pageFields };
      const page = await notion.get(pageShape, { method: "POST", path: "/pages", body, signal });
      try {
        await append(page.id, blocks, signal, progress);
      } catch (error) {
        // The URL avoids that a second try creates a second page.
        throw new Error(`The page was created (${page.url}), but its text is incomplete: ${(error as Error).message}`);
      }
      return `Created ${toOneLine(title)}: ${page.url} (id ${page.id})`;
    },
  }),
  query_database: readOnlyTool({
    title: "Query a database",
    description: "Lists the pages of a database with their properties, all of them without a filter, and the schema.",
    input: z.strictObject({
      database: idField,
      filter: json
        .optional()
        .describe('In the form of Notion\'s API, such as {"property": "Status", "status": {"equals": "Done"}}'),
      sorts: z
        .array(json)
        .optional()
        .describe('In the form of Notion\'s API, such as [{"property": "Due", "direction": "ascending"}]'),
      after: afterField,
    }),
    async run({ database, filter, sorts, after }, { signal }) {
      const path = `/databases/${database}`;
      const body = {
        page_size: 30,
        ...(filter && { filter }),
        ...(sorts && { sorts }),
        ...(after !== undefined && { start_cursor: after }),
      };
      const schema = await notion.get(databaseShape, { path, signal });
      const found = await notion.get(listShape(pageShape), { method: "POST", path: `${path}/query`, body, signal });
      const lines = found.results.map((page) =>
        joinParts(
          [`- ${toOneLine(getTitle(page))} (id ${page.id})`, toOneLine(joinParts(formatProperties(page), "; "), 1_000)],
          " – ",
        ),
      );
      const head = `# ${formatSpans(toSpans(schema.title)) || "Untitled"}\nProperties: ${formatSchema(schema.properties)}`;
      return sliceText(`${head}\n\n${lines.join("\n") || "No matching pages."}`) + formatMore(found);
    },
  }),
};

/** Adds the title, whose property name differs between databases. */
async function pageProperties(database: string, title: string, input: z.output<typeof values>, signal: AbortSignal) {
  const { properties: schema } = await notion.get(databaseShape, { path: `/databases/${database}`, signal });
  const name = Object.keys(schema).find((one) => schema[one]?.type === "title") ?? "Name";
  return toProperties({ ...input, [name]: title }, schema);
}

const appendResult = z.object({ results: z.array(z.object({ id: z.string() })) });

type Progress = (done: number, total: number) => Promise<void>;

/** Appends blocks; deferred ones follow in further requests. Errors tell how many blocks were appended. */
async function append(
  parent: string,
  blocks: NotionBlock[],
  signal: AbortSignal,
  progress?: Progress,
): Promise<number> {
  const path = `/blocks/${parent}/children`;
  let done = 0;
  try {
    for (const sent of splitRequests(blocks)) {
      const body = { children: sent.map(({ block }) => block) };
      const { results } = await notion.get(appendResult, { method: "PATCH", path, body, signal });
      done += sent.length;
      for (const [index, { deferred }] of sent.entries()) {
        const id = results[index]?.id;
        if (deferred.length > 0 && id !== undefined) await append(id, deferred, signal);
      }
      await progress?.(done, blocks.length);
    }
  } catch (error) {
    if (done === 0) throw error;
    throw new Error(
      `Only ${done} of ${formatCount(blocks.length, "block")} were appended, then: ${(error as Error).message}`,
    );
  }
  return done;
}

function formatResult(one: Page | Database): string {
  const title = one.object === "page" ? getTitle(one) : formatSpans(toSpans(one.title)) || "Untitled";
  return `${toOneLine(title)} (${one.object}, id ${one.id}, changed ${formatDay(one.last_edited_time)})`;
}
