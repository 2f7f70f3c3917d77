/** Servers that support only MCP 2026-07-28, made with the official SDK. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaults, type LoadedConfig } from "../../server/config/config.ts";
import type { Plugins } from "../../server/plugins/open-plugins.ts";
import type { ToolCallContext } from "../../server/ports.ts";
import { approvePlugin, createHost, repository } from "../help/plugins.ts";

const program = join(repository, "test/help/mcp-2026-server.mjs");

describe("servers with only MCP 2026-07-28", function () {
  this.timeout(30_000);
  let root: string;
  let plugins: Plugins | undefined;
  let server: ChildProcess | undefined;

  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "tutti-modern-")));
  });
  afterEach(async () => {
    await plugins?.close();
    server?.kill();
    rmSync(root, { recursive: true, force: true });
  });

  async function works(config: NonNullable<LoadedConfig["config"]["plugins"]>[string]): Promise<void> {
    const loadConfig = async (): Promise<LoadedConfig> => ({
      config: { ...defaults, plugins: { modern: config } },
      root,
      sources: {},
      problems: [],
      projectPlugins: [],
      items: [],
      hooks: [],
      files: [],
      userFile: join(root, "tutti.jsonc"),
    });
    plugins = createHost({ home: root, dataDir: join(root, "data"), env: process.env, loadConfig });
    const plugin = await approvePlugin(plugins, root, "modern");
    const tools = plugins.tools(plugin);
    const context: Partial<ToolCallContext> = {
      cwd: root,
      signal: new AbortController().signal,
      output: () => undefined,
      ask: async () => "default",
    };
    const call = async (name: string, input: Record<string, unknown>): Promise<string> => {
      const tool = tools.find((one) => one.name === `modern__${name}`);
      assert.ok(tool, `there is a tool ${name}`);
      return (await tool.run(input, context as ToolCallContext, { title: "", locations: [], accesses: [] })).output;
    };
    assert.equal(await call("add", { a: 2, b: 3 }), "5");
    assert.equal(await call("greet", {}), "Hello Ada");
    const link = await plugin.connect();
    const [message] = await link.prompt("hello", {}, { timeoutMs: 5_000 });
    assert.deepEqual(message?.content, { type: "text", text: "Say hello." });
  }

  it("work over standard input and output", () => works({ command: [process.execPath, program] }));

  it("work over HTTP", async () => {
    server = spawn(process.execPath, [program, "http"], { stdio: ["ignore", "pipe", "inherit"] });
    const [port] = await once(server.stdout ?? server, "data");
    await works({ url: `http://127.0.0.1:${String(port).trim()}/mcp` });
  });
});
