/** A fake Notion with pages, a database and appended blocks, and the rules of its API. */
import { type Received, type Reply, type Route, unknownKeys, type VendorServer, vendorServer } from "./fake-vendor.ts";

export const TOKEN = "ntn_verysecrettoken";
export const PAGE = "11111111-1111-4111-8111-111111111111";
export const LONG = "22222222-2222-4222-8222-222222222222";
export const DATABASE = "33333333-3333-4333-8333-333333333333";
export const NEW = "44444444-4444-4444-8444-444444444444";

type Json = Record<string, unknown>;

const createError = (status: number, code: string, message: string): Reply => ({
  status,
  body: { object: "error", status, code, message },
});
const invalid = (message: string): Reply => createError(400, "validation_error", `body failed validation: ${message}.`);
const missing = createError(
  404,
  "object_not_found",
  "Could not find the object. Make sure it is shared with your integration.",
);

const createRichText = (createText: string, more: Json = {}, href: string | null = null) => ({
  type: "text",
  text: { content: createText, link: href === null ? null : { url: href } },
  annotations: {
    bold: false,
    italic: false,
    strikethrough: false,
    underline: false,
    code: false,
    color: "default",
    ...more,
  },
  plain_text: createText,
  href,
});
const createPage = (id: string, title: string, properties: Json = {}) => ({
  object: "page",
  id,
  url: `https://www.notion.so/${id.replaceAll("-", "")}`,
  last_edited_time: "2026-01-02T10:00:00.000Z",
  archived: false,
  parent: { type: "workspace", workspace: true },
  properties: { title: { id: "title", type: "title", title: [createRichText(title)] }, ...properties },
});
const schema: Json = {
  Task: { id: "title", type: "title", title: {} },
  Status: { id: "s", type: "status", status: { options: [{ name: "Open" }, { name: "Done" }] } },
  Tags: { id: "t", type: "multi_select", multi_select: { options: [{ name: "red" }] } },
  Size: { id: "n", type: "number", number: { format: "number" } },
  Due: { id: "d", type: "date", date: {} },
  Sum: { id: "f", type: "formula", formula: { expression: "1" } },
};
const database = {
  object: "database",
  id: DATABASE,
  url: `https://www.notion.so/${DATABASE}`,
  last_edited_time: "2026-01-03T10:00:00.000Z",
  title: [createRichText("Tasks")],
  properties: schema,
};
const status = { type: "status", status: { name: "Open", color: "red" } };
const row = createPage("55555555-5555-4555-8555-555555555555", "Row one", {
  Status: status,
  Tags: { type: "multi_select", multi_select: [{ name: "red" }, { name: "blue" }] },
  Size: { type: "number", number: 3 },
  Due: { type: "date", date: { start: "2026-03-01", end: "2026-03-02", time_zone: null } },
  Sum: { type: "formula", formula: { type: "number", number: 7 } },
  Owner: { type: "people", people: [{ object: "user", id: "u", name: "Ada" }] },
  Empty: { type: "select", select: null },
});

let lastId = 0;
const createBlock = (type: string, content: Json, has_children = false, id = `block-${++lastId}`) => ({
  object: "block",
  id,
  type,
  has_children,
  [type]: content,
});
const text = (words: string) => ({ rich_text: [createRichText(words)], color: "default" });

/** Children by parent. */
const written: Record<string, ReturnType<typeof createBlock>[]> = {
  [PAGE]: [
    createBlock("heading_1", text("Plan")),
    createBlock("paragraph", {
      rich_text: [
        createRichText("See "),
        createRichText("this", { bold: true }, "https://example.com/a"),
        createRichText(" x", { code: true }),
      ],
    }),
    createBlock("bulleted_list_item", text("one"), true, "item-one"),
    createBlock("bulleted_list_item", text("two")),
    createBlock("numbered_list_item", text("first")),
    createBlock("numbered_list_item", text("second")),
    createBlock("to_do", { ...text("open"), checked: false }),
    createBlock("to_do", { ...text("done"), checked: true }),
    createBlock("code", { rich_text: [createRichText("a = 1;")], language: "javascript", caption: [] }),
    createBlock("callout", { ...text("Careful"), icon: { emoji: "!" } }),
    createBlock("table", { table_width: 2, has_column_header: true, has_row_header: false }, true, "table"),
    createBlock("column_list", {}, true, "columns"),
    createBlock("image", {
      type: "file",
      file: { url: "https://s3/x?X-Amz-Signature=secret" },
      caption: [createRichText("shot")],
    }),
    createBlock("bookmark", { url: "https://example.com/b", caption: [] }),
    createBlock("child_page", { title: "Below" }, true, "child-page"),
    createBlock("divider", {}),
    createBlock("unsupported", {}),
  ],
  "item-one": [createBlock("paragraph", text("more")), createBlock("bulleted_list_item", text("deep"))],
  table: [
    createBlock("table_row", { cells: [[createRichText("k")], [createRichText("v")]] }),
    createBlock("table_row", { cells: [[createRichText("a")], [createRichText("1")]] }),
  ],
  columns: [createBlock("column", {}, true, "column")],
  column: [createBlock("paragraph", text("in a column"))],
  [LONG]: Array.from({ length: 250 }, (_, index) =>
    createBlock("paragraph", text(`Line ${index} ${"word ".repeat(60)}`)),
  ),
  [NEW]: [],
};

function children({ params, query }: Received): Reply {
  const all = written[params.id ?? ""];
  if (!all) return missing;
  const size = Number(query.page_size ?? 100);
  if (size > 100) return invalid("page_size should be ≤ 100");
  const from = query.start_cursor === undefined ? 0 : Number(query.start_cursor.replace("at-", ""));
  const end = from + size;
  const isLast = end >= all.length;
  return {
    body: {
      object: "list",
      results: all.slice(from, end),
      has_more: !isLast,
      next_cursor: isLast ? null : `at-${end}`,
    },
  };
}

const texts = [
  "paragraph",
  "heading_1",
  "heading_2",
  "heading_3",
  "bulleted_list_item",
  "numbered_list_item",
  "to_do",
  "quote",
  "code",
];
const languages = ["javascript", "typescript", "python", "shell", "plain text", "json"];

function checkRichText(value: unknown): string | null {
  if (!Array.isArray(value)) return "rich_text should be an array";
  if (value.length > 100) return "rich_text.length should be ≤ 100";
  for (const one of value as { text?: { content?: string; link?: { url?: string } } }[]) {
    if (unknownKeys(one, ["type", "text", "annotations"]).length > 0) return "rich_text has unknown fields";
    if (typeof one.text?.content !== "string" || one.text.content.length > 2_000)
      return "text.content.length should be ≤ 2000";
    if (one.text.link && !URL.canParse(one.text.link.url ?? "")) return "Invalid URL for link";
  }
  return null;
}

function checkBlock(given: unknown, depth: number): string | null {
  const { object, type, ...rest } = given as { object?: string; type: string } & Json;
  if (object !== "block" || unknownKeys(rest, [type]).length > 0) return `${type} has unknown fields`;
  if (depth > 2) return "children should be not present, nested too deep";
  const content = rest[type] as Json & { children?: unknown[] };
  const below = content.children ?? [];
  if (below.length > 100) return "children.length should be ≤ 100";
  const known = [
    "rich_text",
    "children",
    ...(type === "code" ? ["language"] : []),
    ...(type === "to_do" ? ["checked"] : []),
  ];
  if (texts.includes(type)) {
    if (unknownKeys(content, known).length > 0) return `${type} has unknown fields`;
    if (type === "code" && !languages.includes(String(content.language)))
      return "code.language should be one of those that there are";
    const wrong = checkRichText(content.rich_text);
    if (wrong !== null) return wrong;
  } else if (type === "table") {
    const width = content.table_width;
    if (below.length === 0) return "table.children should be defined";
    for (const child of below as { table_row: { cells: unknown[] } }[])
      if (child.table_row.cells.length !== width) return "cells and table_width differ";
  } else if (type === "table_row") {
    for (const cell of content.cells as unknown[]) if (checkRichText(cell) !== null) return checkRichText(cell);
  } else if (type !== "divider") return `${type} is not supported`;
  return below.map((child) => checkBlock(child, depth + 1)).find((wrong) => wrong !== null) ?? null;
}

const countBlocks = (given: unknown): number => {
  const { type, ...rest } = given as { type: string } & Json;
  return ((rest[type] as { children?: unknown[] }).children ?? []).reduce<number>(
    (sum, child) => sum + countBlocks(child),
    1,
  );
};

function append({ params, body }: Received): Reply {
  const { children: given } = body as { children: unknown[] };
  if (unknownKeys(body, ["children", "after"]).length > 0) return invalid("unknown fields");
  if (!written[params.id ?? ""] && !params.id?.startsWith("made-")) return missing;
  if (given.length > 100) return invalid("body.children.length should be ≤ 100");
  if (given.reduce<number>((sum, one) => sum + countBlocks(one), 0) > 1_000) return invalid("too many blocks");
  if (JSON.stringify(body).length > 500_000) return createError(413, "validation_error", "The body is too large.");
  const wrong = given.map((one) => checkBlock(one, 0)).find((found) => found !== null);
  if (wrong) return invalid(wrong);
  return {
    body: {
      object: "list",
      results: given.map((one) => ({ object: "block", id: `made-${++lastId}`, type: (one as { type: string }).type })),
      has_more: false,
      next_cursor: null,
    },
  };
}

function create({ body }: Received): Reply {
  const { parent, properties } = body as { parent: Json; properties: Record<string, Json> };
  if (unknownKeys(body, ["parent", "properties", "children", "icon", "cover"]).length > 0)
    return invalid("unknown fields");
  const isPage = parent.page_id === PAGE;
  if (!isPage && parent.database_id !== DATABASE) return missing;
  const known: Json = isPage ? { title: { type: "title" } } : schema;
  for (const [name, value] of Object.entries(properties)) {
    const type = (known[name] as { type?: string } | undefined)?.type;
    if (type === undefined) return invalid(`${name} is not a property that exists`);
    if (unknownKeys(value, [type]).length > 0) return invalid(`${name} is expected to be ${type}`);
    if (type === "title" && checkRichText(value.title) !== null) return invalid(String(checkRichText(value.title)));
  }
  return { body: createPage(NEW, "New") };
}

const postOnly =
  (known: string[], route: Route): Route =>
  (received) =>
    unknownKeys(received.body, known).length > 0
      ? invalid(`${unknownKeys(received.body, known).join()} should be not present`)
      : route(received);

const routes: Record<string, Route> = {
  "POST /v1/search": postOnly(["query", "filter", "sort", "start_cursor", "page_size"], ({ body }) => {
    const { filter, start_cursor } = body as { filter?: { property: string; value: string }; start_cursor?: string };
    if (filter && (filter.property !== "object" || !["page", "database"].includes(filter.value)))
      return invalid("filter");
    const results = start_cursor === undefined ? [createPage(PAGE, "Plan"), database] : [createPage(LONG, "Long")];
    return {
      body: {
        object: "list",
        results,
        has_more: start_cursor === undefined,
        next_cursor: start_cursor === undefined ? "next-1" : null,
      },
    };
  }),
  "GET /v1/pages/:id": ({ params }) =>
    params.id === PAGE || params.id === PAGE.replaceAll("-", "")
      ? { body: createPage(PAGE, "Plan", { Status: status }) }
      : params.id === LONG
        ? { body: createPage(LONG, "Long") }
        : missing,
  "POST /v1/pages": create,
  "GET /v1/blocks/:id/children": children,
  "PATCH /v1/blocks/:id/children": append,
  "GET /v1/databases/:id": ({ params }) => (params.id === DATABASE ? { body: database } : missing),
  "POST /v1/databases/:id/query": postOnly(["filter", "sorts", "start_cursor", "page_size"], ({ body }) => {
    const { filter, start_cursor } = body as { filter?: Json; start_cursor?: string };
    if (filter && !Object.hasOwn(schema, String(filter.property)))
      return createError(400, "validation_error", `Could not find property with name or id: ${filter.property}`);
    return {
      body: {
        object: "list",
        results: [row],
        has_more: start_cursor === undefined,
        next_cursor: start_cursor === undefined ? "next-2" : null,
      },
    };
  }),
};

export const notionServer = (): Promise<VendorServer> =>
  vendorServer({
    routes,
    missing: createError(400, "invalid_request_url", "Invalid request URL."),
    door({ headers }) {
      if (headers.authorization !== `Bearer ${TOKEN}`)
        return createError(401, "unauthorized", `API token is invalid: ${headers.authorization}.`);
      if (headers["notion-version"] !== "2022-06-28")
        return createError(400, "missing_version", "Notion-Version header should be defined.");
      return null;
    },
  });
