/** Plugins of other programs' files: variables are filled in at the start and shown by name, and a large file is read. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatPlugin } from "../../../client/plugin-text.ts";
import { toPluginRow } from "../../../server/plugins/describe.ts";
import type { Plugin } from "../../../server/plugins/host.ts";
import type { Plugins } from "../../../server/plugins/open-plugins.ts";
import { approvePlugin, configWith, createHost } from "../../help/plugins.ts";

/** An MCP server whose only tool's description is its arguments and its environment. */
const SERVER = `
import { createInterface } from "node:readline";
const { PATH, HOME, LANG, ...env } = process.env;
const description = JSON.stringify({ args: process.argv.slice(2), env });
createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const results = {
    initialize: () => ({ protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "s", version: "1" } }),
    "tools/list": () => ({ tools: [{ name: "shown", description, inputSchema: { type: "object" } }] }),
  };
  process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id, result: results[method]() }) + "\\n");
});
`;

const SECRET = "tk-9f8e7d6c5b4a";

describe("plugins of other programs' files", function () {
  this.timeout(30_000);
  let root: string;
  let home: string;
  let program: string;
  let plugins: Plugins;
  let server: Server | null = null;
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "tutti-variables-")));
    home = join(root, "home");
    mkdirSync(home);
    program = join(root, "server.mjs");
    writeFileSync(program, SERVER);
  });
  afterEach(async () => {
    await plugins.close();
    server?.closeAllConnections();
    server?.close();
    server = null;
    rmSync(root, { recursive: true, force: true });
  });
  const start = (env: Record<string, string> = {}): void => {
    const { PATH = "" } = process.env;
    const loadConfig = async () => configWith(root, {});
    plugins = createHost({ home, dataDir: join(root, "data"), env: { PATH, ...env }, loadConfig });
  };
  const write = (file: string, content: object): void => writeFileSync(join(root, file), JSON.stringify(content));
  const find = async (name: string): Promise<Plugin> => {
    const found = (await plugins.plugins(root)).plugins.find(({ spec }) => spec.name === name);
    assert.ok(found, `there is a plugin ${name}`);
    return found;
  };
  /** What the started program got. */
  async function approved(name: string): Promise<{ args: string[]; env: Record<string, string> }> {
    const { approval } = await approvePlugin(plugins, root, name);
    return JSON.parse(approval?.tools[0]?.description ?? "");
  }
  const shown = async (name: string): Promise<string> => formatPlugin(toPluginRow(await find(name))).join("\n");

  for (const [title, env, given, filled] of [
    ["a variable that is set", { TEAM: "blue" }, "$" + "{TEAM}", "blue"],
    ["a variable inside of a text", { TEAM: "blue" }, "a-$" + "{TEAM}-$" + "{TEAM}.", "a-blue-blue."],
    ["a variable that is empty", { TEAM: "" }, "<$" + "{TEAM}>", "<>"],
    ["a default", {}, "$" + "{REGION:-eu}", "eu"],
    ["a default of an empty variable", { REGION: "" }, "$" + "{REGION:-eu}", "eu"],
    ["a default that is empty", {}, "<$" + "{REGION:-}>", "<>"],
    ["a default with signs", {}, "$" + "{REGION:-http://x:1/$y?z=-}", "http://x:1/$y?z=-"],
    ["a default that is not needed", { REGION: "us" }, "$" + "{REGION:-eu}", "us"],
    ["a value with signs of its own", { TEAM: "$" + "{HOME} $&" }, "$" + "{TEAM}", "$" + "{HOME} $&"],
    [
      "what is no variable",
      {},
      "$TEAM $" + "{} $" + "{1} %TEAM% {env:TEAM}",
      "$TEAM $" + "{} $" + "{1} %TEAM% {env:TEAM}",
    ],
  ] as const)
    it(`fills in ${title}, in arguments and in variables`, async () => {
      start(env);
      const entry = { command: process.execPath, args: [program, given], env: { GIVEN: given } };
      write(".mcp.json", { mcpServers: { e: entry } });
      assert.deepEqual(await approved("e"), { args: [filled], env: { GIVEN: filled } });
    });

  it("fills in VS Code's variables, and names an input that only VS Code asks for", async () => {
    start({ TEAM: "blue" });
    mkdirSync(join(root, ".vscode"));
    const entry = { command: process.execPath, args: [program, "$" + "{env:TEAM}"], env: {} };
    const asking = { ...entry, env: { KEY: "$" + "{input:api-key}" } };
    write(".vscode/mcp.json", { servers: { e: entry, asking } });
    assert.deepEqual((await approved("e")).args, ["blue"]);
    const plugin = await find("asking");
    await assert.rejects(plugin.inspect(plugin.identity), /uses the input api-key, which only VS Code asks for/);
  });

  it("does not start a plugin with a variable that is missing, and says which", async () => {
    start();
    const entry = { command: process.execPath, args: [program, "$" + "{TEAM_ID}"] };
    write(".mcp.json", { mcpServers: { e: entry, other: { ...entry, args: [program] } } });
    const plugin = await find("e");
    await assert.rejects(
      plugin.inspect(plugin.identity),
      /uses the variable TEAM_ID, which is not set; set it, or write a default as \$\{TEAM_ID:-default\}/,
    );
    assert.deepEqual((await approved("other")).args, []);
  });

  it("shows and stores the names of variables, and no value", async () => {
    start({ TEAM_TOKEN: SECRET });
    const text = "--token=$" + "{TEAM_TOKEN}";
    write(".mcp.json", {
      mcpServers: { e: { command: process.execPath, args: [program, text], env: { HARMLESS: text } } },
    });
    const before = await shown("e");
    assert.match(before, /argument {3}--token=\$\{TEAM_TOKEN\}/);
    assert.match(before, /fills in {3}the values of TEAM_TOKEN from your environment/);
    assert.doesNotMatch(before, new RegExp(SECRET));
    assert.deepEqual((await find("e")).spec.variables, ["TEAM_TOKEN"]);
  });

  it("binds an approval to the texts as they are written, not to the values", async () => {
    const write1 = (text: string) =>
      write(".mcp.json", { mcpServers: { e: { command: process.execPath, args: [program], env: { GIVEN: text } } } });
    start({ ONE: "1", TWO: "2" });
    write1("$" + "{ONE}");
    const { identity } = await find("e");
    await plugins.close();
    start({ ONE: "another", TWO: "2" });
    assert.equal((await find("e")).identity, identity);
    write1("$" + "{TWO}");
    assert.notEqual((await find("e")).identity, identity);
    write1("$" + "{ONE:-x}");
    assert.notEqual((await find("e")).identity, identity);
  });

  it("needs approval again if a file that a variable leads to has changed", async () => {
    start({ TOOLS: root });
    write(".mcp.json", { mcpServers: { e: { command: process.execPath, args: ["$" + "{TOOLS}/server.mjs"] } } });
    await approved("e");
    assert.notEqual((await find("e")).status.state, "unapproved");
    writeFileSync(program, `${readFileSync(program, "utf8")}\n// changed\n`);
    assert.deepEqual((await find("e")).status, { state: "unapproved", changed: true });
  });

  it("calls an address with variables, and shows no value if that fails", async () => {
    const requests: string[] = [];
    server = createServer(({ url, headers }, response) => {
      requests.push(`${url} ${headers["x-key"]}`);
      response.writeHead(500).end(`refused ${url} for ${headers["x-key"]}`);
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server?.once("listening", resolve));
    const port = (server.address() as AddressInfo).port;
    start({ BASE: `http://127.0.0.1:${port}`, TEAM_TOKEN: SECRET });
    const remote = {
      type: "http",
      url: "$" + "{BASE:-https://example.com}/mcp?t=$" + "{TEAM_TOKEN}",
      headers: { "X-Key": "$" + "{TEAM_TOKEN}" },
    };
    write(".mcp.json", { mcpServers: { remote, wrong: { url: "$" + "{TEAM_TOKEN}/mcp" } } });
    const plugin = await find("remote");
    const failure = await plugin.inspect(plugin.identity).catch((error: Error) => error.message);
    assert.equal(requests[0], `/mcp?t=${SECRET} ${SECRET}`);
    assert.match(String(failure), /refused \/mcp\?t=\$\{TEAM_TOKEN\} for \$\{TEAM_TOKEN\}/);
    const wrong = await find("wrong");
    await assert.rejects(
      wrong.inspect(wrong.identity),
      /its address \$\{TEAM_TOKEN\}\/mcp is not an http or https URL/,
    );
  });

  it("keeps the texts of the user's own configuration as they are", async () => {
    const text = "$" + "{TEAM} $" + "{REGION:-eu}";
    const { PATH = "" } = process.env;
    const loadConfig = async () => configWith(root, { own: { command: [process.execPath, program, text], env: {} } });
    plugins = createHost({ home, dataDir: join(root, "data"), env: { PATH, TEAM: "blue" }, loadConfig });
    assert.deepEqual((await approved("own")).args, [text]);
  });

  it("keeps the identity of a plugin without variables", async () => {
    start();
    write(".mcp.json", { mcpServers: { fixed: { url: "https://example.com/mcp", headers: { "X-Team": "blue" } } } });
    assert.equal((await find("fixed")).identity, "64185713f90d14b671fbe4b944ad8cac7833c171c766bd839585e017bf563f96");
  });

  const servers = { team: { command: "node", args: ["x.js"] } };
  for (const [title, history] of [
    ["an ordinary size", 10],
    ["2 MB", 2e6],
    ["20 MB", 20e6],
  ] as const)
    it(`reads the servers of a ~/.claude.json of ${title}`, async () => {
      start();
      write("home/.claude.json", { mcpServers: servers, projects: { a: { history: "h".repeat(history) } } });
      const { problems, remarks } = await plugins.plugins(root);
      assert.deepEqual((await find("team")).spec.command, ["node", "x.js"]);
      assert.deepEqual([problems, remarks], [[], []]);
    });

  it("reads a changed ~/.claude.json again", async () => {
    start();
    write("home/.claude.json", { mcpServers: servers });
    await find("team");
    write("home/.claude.json", { mcpServers: { another: servers.team } });
    assert.deepEqual((await find("another")).spec.command, ["node", "x.js"]);
  });

  for (const [title, content, remark] of [
    ["is damaged", '{"mcpServers": ', /is not valid JSON/],
    ["names a plugin with a space", '{"mcpServers": {"a b": {"command": "x"}}}', /names a plugin "a b"/],
  ] as const)
    it(`says that a ~/.claude.json ${title} in the list of plugins, and not at each prompt`, async () => {
      start();
      writeFileSync(join(home, ".claude.json"), content);
      const { problems, remarks } = await plugins.plugins(root);
      assert.deepEqual(problems, []);
      assert.match(remarks.join(), remark);
    });
});
