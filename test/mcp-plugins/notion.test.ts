/** The included Notion plugin, against a fake Notion server. */
import assert from "node:assert/strict";
import { build } from "../help/build.ts";
import { includedPlugin, type StartedPlugin, start } from "./connect.ts";
import type { Received, VendorServer } from "./fake-vendor.ts";
import { DATABASE, LONG, NEW, notionServer, PAGE, TOKEN } from "./notion-server.ts";

interface Appended {
  children: ({ type: string } & Record<string, { rich_text: { text: { content: string } }[]; children?: unknown[] }>)[];
}

describe("the notion plugin", () => {
  let vendor: VendorServer;
  let plugin: StartedPlugin;
  const open = (env: Record<string, string> = {}): Promise<StartedPlugin> =>
    start(includedPlugin("notion"), { env: { NOTION_API_URL: `${vendor.url}/v1`, NOTION_TOKEN: TOKEN, ...env } });
  /** What was sent while this ran. */
  async function during(run: () => Promise<unknown>): Promise<Received[]> {
    const before = vendor.received.length;
    await run();
    return vendor.received.slice(before);
  }
  async function append(markdown: string): Promise<Received[]> {
    return during(async () => {
      const { text, failed } = await plugin.call("append_to_page", { page: PAGE, markdown });
      assert.equal(failed, false, text);
      assert.match(text, /^Appended [\d,]+ blocks?\.$/);
    });
  }
  before(async () => {
    build();
    vendor = await notionServer();
    plugin = await open();
  });
  after(async () => {
    await plugin.close();
    await vendor.close();
  });

  it("annotates its tools correctly", async () => {
    const { tools } = await plugin.client.listTools();
    const hints = tools.map(
      ({ name, annotations }) => `${name} ${annotations?.readOnlyHint} ${annotations?.destructiveHint}`,
    );
    assert.deepEqual(hints, [
      "search true undefined",
      "read_page true undefined",
      "append_to_page false false",
      "create_page false false",
      "query_database true undefined",
    ]);
    for (const { inputSchema, name } of tools) assert.equal(inputSchema.additionalProperties, false, name);
  });

  it("searches in pages", async () => {
    const first = await plugin.call("search", { query: "plan", kind: "page" });
    assert.equal(
      first.text,
      `Plan (page, id ${PAGE}, changed 2026-01-02)\nTasks (database, id ${DATABASE}, changed 2026-01-03)\nThere is more: after "next-1".`,
    );
    assert.deepEqual(vendor.received.at(-1)?.body, {
      page_size: 30,
      query: "plan",
      filter: { property: "object", value: "page" },
    });
    const second = await plugin.call("search", { after: "next-1" });
    assert.match(second.text, /^Long \(page, [^\n]*$/);
  });

  it("reads a page as Markdown, with nested blocks", async () => {
    const { text } = await plugin.call("read_page", { page: `https://www.notion.so/acme/My-Plan-${PAGE}?pvs=4` });
    assert.equal(
      text,
      `# Plan
https://www.notion.so/${PAGE.replaceAll("-", "")}, changed 2026-01-02

- Status: Open

# Plan

See [**this**](https://example.com/a) \`x\`

- one

  more
  - deep
- two

1. first
2. second

- [ ] open
- [x] done

\`\`\`javascript
a = 1;
\`\`\`

> Careful

| k | v |
| --- | --- |
| a | 1 |

in a column

image: shot

bookmark: [bookmark](https://example.com/b)

[page Below, id child-page]

---`,
    );
  });

  it("reads long pages with requests of a hundred blocks, and returns them in parts", async () => {
    const asked = await during(async () => {
      const { text } = await plugin.call("read_page", { page: LONG });
      assert.ok(text.length < 41_000);
      const offset = Number(/continue with offset (\d+)\.$/.exec(text)?.[1]);
      assert.match((await plugin.call("read_page", { page: LONG, offset: offset + 30_000 })).text, /Line 249/);
    });
    const cursors = asked.filter(({ path }) => path.endsWith("/children")).map(({ query }) => query.start_cursor);
    assert.deepEqual(cursors, [undefined, "at-100", "at-200", undefined, "at-100", "at-200"]);
  });

  it("appends Markdown as blocks", async () => {
    const [request] = await append(
      "## Title\n\nSome **bold** [link](https://example.com/a) and [none](nowhere)\n\n- [x] done\n- open\n  - deep\n\n```js\na = 1;\n```\n\n```brainfuck\n+\n```\n\n> said\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n---",
    );
    const { children } = request!.body as Appended;
    assert.deepEqual(
      children.map(({ type }) => type),
      ["heading_2", "paragraph", "to_do", "bulleted_list_item", "code", "code", "quote", "table", "divider"],
    );
    assert.deepEqual(children[1], {
      object: "block",
      type: "paragraph",
      paragraph: {
        rich_text: [
          { type: "text", text: { content: "Some " } },
          { type: "text", text: { content: "bold" }, annotations: { bold: true } },
          { type: "text", text: { content: " " } },
          { type: "text", text: { content: "link", link: { url: "https://example.com/a" } } },
          { type: "text", text: { content: " and " } },
          { type: "text", text: { content: "none" } },
        ],
      },
    });
    assert.deepEqual(
      children
        .filter(({ type }) => type === "code")
        .map(({ code }) => (code as unknown as { language: string }).language),
      ["javascript", "plain text"],
    );
  });

  it("sends at most a hundred blocks per request, in order", async () => {
    const requests = await append(Array.from({ length: 250 }, (_, index) => `Paragraph ${index}`).join("\n\n"));
    assert.deepEqual(
      requests.map(({ body }) => (body as Appended).children.length),
      [100, 100, 50],
    );
    assert.equal((requests[2]!.body as Appended).children[49]?.paragraph?.rich_text[0]?.text.content, "Paragraph 249");
  });

  it("splits long texts at 2,000 characters, and very long ones into blocks and requests", async () => {
    const long = `${"a".repeat(1_999)}😀${"b".repeat(250_000)}`;
    const requests = await append(long);
    const blocks = requests.flatMap(({ body }) => (body as Appended).children);
    assert.ok(requests.length > 1);
    const pieces = blocks.flatMap(({ paragraph }) => paragraph?.rich_text.map(({ text }) => text.content) ?? []);
    assert.equal(pieces.join(""), long);
    assert.equal(pieces[0]?.length, 1_999);
  });

  it("appends blocks that are too deep or too many for one request below their parents", async () => {
    const deep = await append("- a\n  - b\n    - c\n      - d\n        - e");
    assert.deepEqual(
      deep.map(({ path }) => path.replace(/made-\d+/, "made")),
      [`/v1/blocks/${PAGE}/children`, "/v1/blocks/made/children", "/v1/blocks/made/children"],
    );
    const wide = await append(`- a\n${"  - b\n".repeat(150)}`);
    assert.deepEqual(
      wide.map(({ body }) => (body as Appended).children.length),
      [1, 100, 50],
    );
    const table = await append(`| a |\n| - |\n${"| 1 |\n".repeat(150)}`);
    assert.deepEqual(
      table.map(({ body }) => (body as Appended).children.length),
      [1, 100, 50],
    );
    const crowd = await append(`- a\n${"  - b\n".repeat(90)}`.repeat(20));
    assert.equal(crowd.length, 2);
  });

  it("reports how much was appended if a later request fails", async () => {
    const markdown = Array.from({ length: 150 }, () => "p").join("\n\n");
    const over: Parameters<typeof vendor.next.push>[0] = {
      body: { results: Array.from({ length: 100 }, () => ({ id: "made-x" })) },
    };
    vendor.next.push(over, {
      status: 429,
      headers: { "retry-after": "3" },
      body: { code: "rate_limited", message: "slow" },
    });
    const { text, failed } = await plugin.call("append_to_page", { page: PAGE, markdown });
    assert.equal(failed, true);
    assert.match(text, /^Only 100 of 150 blocks were appended, then: Notion has reached its rate limit.*in 3 s/);
  });

  it("creates a page inside a page, with its text", async () => {
    const requests = await during(async () => {
      const { text } = await plugin.call("create_page", { parent: PAGE, title: "New one", markdown: "Hello" });
      assert.equal(text, `Created New one: https://www.notion.so/${NEW.replaceAll("-", "")} (id ${NEW})`);
    });
    assert.deepEqual(requests[0]?.body, {
      parent: { page_id: PAGE },
      properties: { title: { title: [{ type: "text", text: { content: "New one" } }] } },
    });
    assert.equal(requests[1]?.path, `/v1/blocks/${NEW}/children`);
    vendor.next.push({ body: (await (await fetchPage()).json()) as object }, { status: 500, body: "" });
    const half = await plugin.call("create_page", { parent: PAGE, title: "T", markdown: "Hello" });
    assert.match(half.text, /^The page was created \(https:.*\), but its text is incomplete: Notion failed/);
  });

  it("creates a page in a database, from plain values", async () => {
    const properties = { Status: "Done", Tags: ["red", "new"], Size: 2, Due: "2026-01-31" };
    const { text, failed } = await plugin.call("create_page", {
      parent: DATABASE,
      kind: "database",
      title: "T",
      properties,
    });
    assert.equal(failed, false, text);
    assert.deepEqual(vendor.last("POST", "/v1/pages")?.body, {
      parent: { database_id: DATABASE },
      properties: {
        Status: { status: { name: "Done" } },
        Tags: { multi_select: [{ name: "red" }, { name: "new" }] },
        Size: { number: 2 },
        Due: { date: { start: "2026-01-31" } },
        Task: { title: [{ type: "text", text: { content: "T" } }] },
      },
    });
    const createFailing = async (given: Record<string, unknown>): Promise<string> =>
      (await plugin.call("create_page", { parent: DATABASE, kind: "database", title: "T", properties: given })).text;
    assert.match(
      await createFailing({ Colour: "red" }),
      /has no property Colour\. It has: Task \(title\), Status \(status: Open \| Done\)/,
    );
    assert.match(await createFailing({ Sum: 1 }), /Sum has the type formula, which cannot be set/);
  });

  it("queries a database", async () => {
    const filter = { property: "Status", status: { equals: "Open" } };
    const { text } = await plugin.call("query_database", { database: DATABASE, filter });
    assert.equal(
      text,
      `# Tasks
Properties: Task (title), Status (status: Open | Done), Tags (multi_select: red), Size (number), Due (date), Sum (formula)

- Row one (id 55555555-5555-4555-8555-555555555555) – Status: Open; Tags: red, blue; Size: 3; Due: 2026-03-01 to 2026-03-02; Sum: 7; Owner: Ada
There is more: after "next-2".`,
    );
    assert.deepEqual(vendor.received.at(-1)?.body, { page_size: 30, filter });
    const wrong = await plugin.call("query_database", { database: DATABASE, filter: { property: "Nope" } });
    assert.equal(wrong.text, "Notion rejected the request: Could not find property with name or id: Nope");
  });

  it("explains errors and what to do, without the token", async () => {
    const missing = await plugin.call("read_page", { page: "9".repeat(32) });
    assert.equal(missing.failed, true);
    assert.match(missing.text, /^Notion found nothing: .*not connected to the integration/);
    assert.match((await plugin.call("read_page", { page: "My plan" })).text, /must contain the ID of a page/);
    const stranger = await open({ NOTION_TOKEN: "ntn_wrongwrong" });
    const refused = await stranger.call("search");
    await stranger.close();
    assert.match(refused.text, /^Notion rejected NOTION_TOKEN \(API token is invalid: Bearer \[secret\]\)/);
    const none = await open({ NOTION_TOKEN: "" });
    const unset = await none.call("search");
    await none.close();
    assert.match(unset.text, /^NOTION_TOKEN is not set; create an integration/);
    vendor.next.push({ status: 429, headers: { "retry-after": "5" }, body: { code: "rate_limited", message: "slow" } });
    assert.match((await plugin.call("search")).text, /rate limit\. Try again in 5 s/);
  });

  it("aborts a cancelled request", async () => {
    vendor.next.push("silent");
    const stop = new AbortController();
    const call = plugin.client.callTool({ name: "search", arguments: {} }, undefined, { signal: stop.signal });
    const { gone } = await vendor.waiting();
    stop.abort();
    await assert.rejects(call);
    await gone;
  });

  const fetchPage = (): Promise<Response> =>
    fetch(`${vendor.url}/v1/pages/${PAGE}`, {
      headers: { authorization: `Bearer ${TOKEN}`, "notion-version": "2022-06-28" },
    });
});
