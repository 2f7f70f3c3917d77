/** A tool that is not as MCP requires costs at most itself, and a result that is not as its schema says reaches the model. */
import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatInspection } from "../../../client/plugin-text.ts";
import { createInspection, toPluginRow } from "../../../server/plugins/describe.ts";
import type { Plugins } from "../../../server/plugins/open-plugins.ts";
import type { Tool, ToolCallContext } from "../../../server/ports.ts";
import { approvePlugin, configWith, createHost } from "../../help/plugins.ts";

/** Serves the lists of a JSON file, and as the result of each call what the file says for the tool, or the name that was called. */
const SERVER = `
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
const { tools = [], prompts = [], resources = [], results = {} } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const lists = { "tools/list": { tools }, "prompts/list": { prompts }, "resources/list": { resources } };
createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const send = (body) => process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id, ...body }) + "\\n");
  if (method === "initialize")
    return send({ result: { protocolVersion: params.protocolVersion, capabilities: { tools: {}, prompts: {}, resources: {} }, serverInfo: { name: "odd", version: "1" } } });
  if (method === "tools/call")
    return send({ result: results[params.name] ?? { content: [{ type: "text", text: "called " + params.name }] } });
  if (lists[method]) return send({ result: lists[method] });
  send({ error: { code: -32601, message: "no such method" } });
});
`;

const good = { name: "good", description: "is good", inputSchema: { type: "object", properties: {} } };

interface Lists {
  tools?: unknown[];
  prompts?: unknown[];
  resources?: unknown[];
  results?: Record<string, unknown>;
}

interface Approved {
  tools: Tool[];
  /** The inspection as it is shown before the approval. */
  shown: string;
  prompts: string[];
  digest: string;
}

describe("tools that are not as MCP requires", function () {
  this.timeout(30_000);
  let root: string;
  let plugins: Plugins;
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "tutti-odd-")));
    writeFileSync(join(root, "server.mjs"), SERVER);
  });
  afterEach(async () => {
    await plugins.close();
    rmSync(root, { recursive: true, force: true });
  });

  async function approve(lists: Lists, name = "odd"): Promise<Approved> {
    const file = join(root, `${name}.json`);
    writeFileSync(file, JSON.stringify(lists));
    const config = { [name]: { command: [process.execPath, join(root, "server.mjs"), file] } };
    const loadConfig = async () => configWith(root, config);
    plugins = createHost({ home: root, dataDir: join(root, "data"), env: process.env, loadConfig });
    const plugin = await approvePlugin(plugins, root, name);
    const inspection = await createInspection(plugin, await plugin.inspect(plugin.identity));
    return {
      tools: plugins.tools(plugin),
      shown: formatInspection(toPluginRow(plugin), inspection).join("\n"),
      prompts: inspection.prompts.map((prompt) => prompt.name),
      digest: inspection.digest,
    };
  }
  const run = async (tool: Tool | undefined): Promise<string> => {
    assert.ok(tool);
    const context: Partial<ToolCallContext> = {
      cwd: root,
      signal: new AbortController().signal,
      output: () => undefined,
    };
    return (await tool.run({}, context as ToolCallContext, { title: "", locations: [], accesses: [] })).output;
  };
  const namesOf = (tools: readonly Tool[]): string[] => tools.map(({ name }) => name);

  for (const [title, odd, schema] of [
    ["an empty schema", { inputSchema: {} }, { type: "object", properties: {} }],
    ["no schema", {}, { type: "object", properties: {} }],
    ["a schema that is null", { inputSchema: null }, { type: "object", properties: {} }],
    ["a schema that is text", { inputSchema: "object" }, { type: "object", properties: {} }],
    [
      "a schema without a type",
      { inputSchema: { properties: { a: { type: "string" } }, required: ["a"] } },
      { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
    ],
    [
      "properties that are booleans or invalid, and requirements that are no names",
      { inputSchema: { type: "object", properties: { a: true, b: false, c: 3 }, required: ["a", 4] } },
      { type: "object", properties: { a: {} }, required: ["a"] },
    ],
    [
      "alternatives at the top",
      {
        inputSchema: {
          $defs: { byId: { type: "object", properties: { id: { type: "number" }, x: { type: "string" } } } },
          anyOf: [{ $ref: "#/$defs/byId" }, { properties: { x: { type: "string" }, id: { type: "string" } } }],
        },
      },
      {
        $defs: { byId: { type: "object", properties: { id: { type: "number" }, x: { type: "string" } } } },
        type: "object",
        properties: { id: { anyOf: [{ type: "number" }, { type: "string" }] }, x: { type: "string" } },
        additionalProperties: true,
      },
    ],
  ] as const)
    it(`offers a tool with ${title}, says so once, and offers the others`, async () => {
      const { tools, shown } = await approve({ tools: [{ name: "odd", description: "o", ...odd }, good] });
      assert.deepEqual(namesOf(tools), ["odd__odd", "odd__good"]);
      assert.deepEqual(tools[0]?.schema, schema);
      assert.equal(await run(tools[0]), "called odd");
      assert.match(
        shown,
        /odd__odd {2}\(\d+ tokens\) {2}its? \S+ schema|odd__odd {2}\(\d+ tokens\) {2}it has no input schema/,
      );
      assert.match(shown, /odd__good {2}\(\d+ tokens\)$/m);
    });

  for (const [title, odd] of [
    ["a description that is null", { description: null }],
    ["hints that are invalid", { annotations: { readOnlyHint: "yes" }, title: 4 }],
    ["an output schema that is invalid", { outputSchema: { description: "x", pattern: "(" } }],
    ["a task support that is unknown", { execution: { taskSupport: "often" } }],
  ] as const)
    it(`offers a tool with ${title} without a remark`, async () => {
      const { tools, shown } = await approve({ tools: [{ ...good, name: "odd", ...odd }, good] });
      assert.deepEqual(namesOf(tools), ["odd__odd", "odd__good"]);
      assert.equal(await run(tools[0]), "called odd");
      assert.match(shown, /odd__odd {2}\(\d+ tokens\)$/m);
    });

  it("leaves out an item without a name, says so, and keeps the other tools, prompts and resources", async () => {
    const { tools, prompts, shown } = await approve({
      tools: [null, "tool", { description: "no name" }, good],
      prompts: [
        { description: "no name" },
        { name: "greet", arguments: [{ description: "no name" }, { name: "who" }] },
      ],
      resources: [{ name: "no address" }, { uri: "odd://one", name: "one" }],
    });
    assert.deepEqual([namesOf(tools), prompts], [["odd__good"], ["greet"]]);
    assert.deepEqual(shown.match(/(?<=LEFT OUT: ).*/g), [
      "its tool 1 has no name",
      "its tool 2 has no name",
      "its tool 3 has no name",
      "its prompt 1 has no name",
      "its resource 1 has no uri",
    ]);
    assert.match(shown, /resources: 1/);
  });

  const outputSchema = { type: "object", properties: { n: { type: "number" } }, required: ["n"] };
  for (const [title, result, output] of [
    ["text alone", { content: [{ type: "text", text: '{"n": 41}' }] }, '{"n": 41}'],
    ["nothing structured and no text", { content: [] }, "(no output)"],
    ["something else than its schema says", { content: [], structuredContent: { n: "many" } }, '{"n":"many"}'],
    [
      "content that is no block",
      { content: ["plain", { odd: 1 }, { type: "text", text: "x" }] },
      'plain\n{"odd":1}\nx',
    ],
  ] as const)
    it(`passes the result of a tool that declares an output schema and returns ${title}`, async () => {
      const { tools } = await approve({ tools: [{ ...good, outputSchema }], results: { good: result } });
      assert.equal(await run(tools[0]), output);
    });

  it("offers tools under names that models accept, distinct and stable, and calls the original ones", async () => {
    const originals = [
      "repo.read",
      "repo/read",
      "repo_read",
      "list everything",
      "查询",
      `x${"y".repeat(70)}`,
      `x${"y".repeat(71)}`,
    ];
    const listed = originals.map((name) => ({ ...good, name }));
    const { tools, shown } = await approve({ tools: listed });
    const names = namesOf(tools);
    assert.equal(new Set(names).size, originals.length);
    for (const name of names) assert.match(name, /^odd__[A-Za-z0-9_-]{1,59}$/);
    assert.equal(names[2], "odd__repo_read");
    assert.match(names[0] ?? "", /^odd__repo_read_[0-9a-f]{8}$/);
    for (const [index, tool] of tools.entries()) assert.equal(await run(tool), `called ${originals[index]}`);
    assert.match(shown, new RegExp(String.raw`odd__repo\.read {2}\(\d+ tokens\) {2}offered as ${names[0]}$`, "m"));
    await plugins.close();
    const again = await approve({ tools: listed.toReversed() });
    assert.deepEqual(namesOf(again.tools), names.toReversed());
  });

  it("does not offer a tool if the plugin's name leaves no space for it, and says so at the approval", async () => {
    const name = "n".repeat(60);
    const { tools, shown } = await approve(
      {
        tools: [
          { ...good, name: "a.b" },
          { ...good, name: "ab" },
        ],
      },
      name,
    );
    assert.deepEqual(namesOf(tools), [`${name}__ab`]);
    assert.match(
      shown,
      /a\.b {2}\(\d+ tokens\) {2}NOT USED: its tool "a\.b" cannot be offered.*give the plugin a shorter name/,
    );
  });

  it("keeps the digest of what valid lists offer, so that approvals stay valid", async () => {
    const inputSchema = {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      properties: { at: { type: "object", properties: { x: { type: "number" } } } },
      required: ["at"],
      additionalProperties: false,
      "x-vendor": [1, null],
    };
    const act = {
      name: "act",
      title: "Act",
      description: "acts",
      inputSchema,
      outputSchema: { type: "object" },
      annotations: { title: "Acts", readOnlyHint: true, idempotentHint: false, vendorHint: "dropped" },
      icons: [{ src: "https://example.com/icon.png" }],
      execution: { taskSupport: "optional" },
      _meta: { vendor: 1 },
    };
    const asked = {
      name: "ask",
      title: "Ask",
      description: "asks",
      arguments: [
        { name: "a", required: true },
        { name: "b", description: "bee" },
      ],
    };
    const { digest } = await approve({
      tools: [act, good],
      prompts: [asked, { name: "bare" }],
      resources: [{ uri: "odd://one", name: "one", mimeType: "text/plain" }],
    });
    assert.equal(digest, "c8c8e2e9715d5c3a00be9d466aae9dae541b7c089481ab63fec1ae42e691252d");
  });
});
