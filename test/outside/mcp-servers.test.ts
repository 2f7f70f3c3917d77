/** The servers that the MCP project publishes: every tool, prompt and resource, through the host and through the program. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import type { Choice } from "../../protocol/events.ts";
import { expandCommand } from "../../server/plugins/commands.ts";
import type { Plugin } from "../../server/plugins/host.ts";
import type { Plugins } from "../../server/plugins/open-plugins.ts";
import type { PluginConnection } from "../../server/plugins/plugin-connection.ts";
import { createReadResource } from "../../server/plugins/read-resource-tool.ts";
import type { Tool, ToolCallContext, ToolResult } from "../../server/ports.ts";
import { addPlugin, approvePlugin, configWith, createHost, serverPath } from "../help/plugins.ts";
import { answer, type ScriptedEndpoint, scriptedEndpoint } from "../help/scripted-endpoint.ts";
import { callTools, endpointFlags, type Home, useHomes } from "../help/tutti.ts";

type Approved = Plugin & { approval: NonNullable<Plugin["approval"]> };

interface Question {
  title: string;
  detail: string;
}

/** One server, approved in a folder of its own, and a scripted user who accepts defaults and types `x` otherwise. */
interface Trial {
  root: string;
  link: PluginConnection;
  plugin: Approved;
  asked: Question[];
  said: string[];
  changes(): number;
  names: string[];
  call(tool: string, input?: object, signal?: AbortSignal): Promise<ToolResult>;
  run(tool: Tool, input: object, signal?: AbortSignal): Promise<ToolResult>;
  close(): Promise<void>;
}

async function trial(entry: { command: string[] } | { url: string }, env: Record<string, string> = {}): Promise<Trial> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "tutti-theirs-")));
  let changes = 0;
  const plugins: Plugins = createHost({
    home: root,
    dataDir: join(root, "data"),
    env: { ...process.env, ...env },
    loadConfig: async () => configWith(root, { p: { ...entry, env: Object.keys(env) } }),
    onChanged: () => {
      changes += 1;
    },
  });
  const plugin = (await approvePlugin(plugins, root, "p")) as Approved;
  const tools = plugins.tools(plugin);
  assert.equal(tools.length, plugin.approval.tools.length);
  const asked: Question[] = [];
  const said: string[] = [];
  const ask = async (title: string, detail: string, choices: readonly Choice[]): Promise<string> => {
    asked.push({ title, detail });
    if (choices.some(({ id }) => id === "default")) return "default";
    const [first] = choices;
    return first?.id === "decline" || first === undefined ? "x" : first.id;
  };
  const run = (tool: Tool, input: object, signal = new AbortController().signal): Promise<ToolResult> => {
    const world: Partial<ToolCallContext> = { cwd: root, signal, output: (text) => void said.push(text), ask };
    return tool.run(input, world as ToolCallContext, { title: "", locations: [], accesses: [] });
  };
  return {
    root,
    link: await plugin.connect(),
    plugin,
    asked,
    said,
    changes: () => changes,
    names: tools.map(({ name }) => name.slice("p__".length)),
    async call(name, input = {}, signal) {
      const tool = tools.find((one) => one.name === `p__${name}`);
      assert.ok(tool, name);
      const result = await run(tool, input, signal);
      assert.doesNotMatch(result.output, /not supported/i);
      return result;
    },
    run,
    async close() {
      await plugins.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

const program = (name: string): { command: string[] } => ({ command: [process.execPath, serverPath(name)] });

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

/** server-everything over HTTP, at `url`. */
async function overHttp(): Promise<{ url: string; child: ChildProcess }> {
  const port = await freePort();
  const child = spawn(process.execPath, [serverPath("everything"), "streamableHttp"], {
    env: { ...process.env, PORT: String(port) },
    stdio: ["ignore", "ignore", "pipe"],
  });
  assert.ok(child.stderr);
  for await (const line of createInterface({ input: child.stderr })) if (line.includes("listening")) break;
  child.stderr.resume();
  return { url: `http://127.0.0.1:${port}/mcp`, child };
}

const text = async (result: Promise<ToolResult>): Promise<string> => {
  const { ok, output } = await result;
  assert.ok(ok, output);
  return output;
};

for (const way of ["stdio", "streamable HTTP"] as const)
  describe(`server-everything over ${way}`, function () {
    this.timeout(60_000);
    let server: Trial;
    let research: Promise<ToolResult>;
    let child: ChildProcess | undefined;
    before(async () => {
      const started = way === "stdio" ? null : await overHttp();
      child = started?.child;
      server = await trial(started ? { url: started.url } : program("everything"));
      // A task of five seconds, that goes on while the rest is tried.
      research = server.call("simulate-research-query", { topic: "tides" });
      research.catch(() => undefined);
    });
    after(async () => {
      await server?.close();
      child?.kill();
    });

    it("offers the tools for a client with all capabilities", () => {
      for (const name of ["get-roots-list", "trigger-elicitation-request", "trigger-url-elicitation"])
        assert.ok(server.names.includes(name), name);
      assert.equal(server.names.length, 16);
    });

    it("returns text, structured content, images, links and embedded resources", async () => {
      const [echo, sum, weather, logo, links, reference, noted, env, roots] = await Promise.all([
        text(server.call("echo", { message: "hi" })),
        text(server.call("get-sum", { a: 2, b: 3 })),
        text(server.call("get-structured-content", { location: "Chicago" })),
        server.call("get-tiny-image"),
        text(server.call("get-resource-links", { count: 3 })),
        text(server.call("get-resource-reference", { resourceType: "Blob", resourceId: 1 })),
        server.call("get-annotated-message", { messageType: "success", includeImage: true }),
        text(server.call("get-env")),
        text(server.call("get-roots-list")),
      ]);
      assert.equal(echo, "Echo: hi");
      assert.equal(sum, "The sum of 2 and 3 is 5.");
      assert.equal(typeof JSON.parse(weather).temperature, "number");
      assert.equal(logo.images?.[0]?.mediaType, "image/png");
      assert.equal(noted.images?.length, 1);
      assert.equal(links.match(/demo:\/\/resource/g)?.length, 3);
      assert.match(reference, /demo:\/\/resource\/dynamic\/blob\/1: text\/plain, \d+ bytes, not shown/);
      if (way === "stdio") assert.doesNotMatch(env, /"(USER|MAIL|npm_[a-z_]+)":/);
      assert.match(roots, new RegExp(`1 total[\\s\\S]*${pathToFileURL(server.root).href}\n`));
    });

    it("reports invalid input", async () => {
      const { ok, output } = await server.call("get-sum", { a: "two" });
      assert.equal(ok, false);
      assert.match(output, /expected number/);
    });

    it("sends notifications that are ignored", async () => {
      assert.match(await text(server.call("toggle-simulated-logging")), /^Started/);
      assert.match(await text(server.call("toggle-simulated-logging")), /^Stopped/);
      assert.match(await text(server.call("toggle-subscriber-updates")), /^Started/);
      assert.match(await text(server.call("toggle-subscriber-updates")), /^Stopped/);
    });

    it("reports progress", async () => {
      const before = server.said.length;
      const long = await text(server.call("trigger-long-running-operation", { duration: 0.2, steps: 4 }));
      assert.match(long, /completed/);
      assert.ok(server.said.slice(before).includes("working (1 of 4)\n"), server.said.join());
    });

    it("stops when the turn is stopped, and keeps responding", async () => {
      const stop = new AbortController();
      const running = server.call("trigger-long-running-operation", { duration: 50, steps: 100 }, stop.signal);
      setImmediate(() => stop.abort());
      await assert.rejects(running);
      assert.equal(await text(server.call("echo", { message: "on" })), "Echo: on");
    });

    it("asks for every kind of field, with defaults", async () => {
      const before = server.asked.length;
      const said = await text(server.call("trigger-elicitation-request"));
      assert.ok(server.asked.length - before >= 13);
      const { action, content } = JSON.parse(said.slice(said.indexOf("Raw result:") + "Raw result:".length));
      assert.equal(action, "accept");
      assert.deepEqual([content.name, content.check, content.integer, content.number], ["x", true, 42, 3.14]);
      assert.equal(content.firstLine, "It was a dark and stormy night.");
    });

    it("has a page opened, on request and after an error that requires it", async () => {
      const before = server.asked.length;
      const page = { url: "https://example.com/connect", message: "Connect your account" };
      assert.match(await text(server.call("trigger-url-elicitation", page)), /accept/i);
      assert.match(server.asked[before]?.title ?? "", /Connect your account/);
      assert.match(server.asked[before]?.detail ?? "", /example\.com/);
      const between = server.asked.length;
      assert.match(await text(server.call("trigger-url-elicitation", { ...page, errorPath: true })), /accept/i);
      assert.equal(server.asked.length, between + 2);
    });

    it("provides prompts with completion", async () => {
      const names = (await server.link.prompts()).map(({ name }) => name);
      assert.deepEqual(names, ["simple-prompt", "args-prompt", "completable-prompt", "resource-prompt"]);
      assert.match(await expandCommand([server.plugin], "simple-prompt", ""), /simple prompt/i);
      assert.match(await expandCommand([server.plugin], "p:args-prompt", "Berlin Berlin-State"), /Berlin/);
      assert.match(
        await expandCommand([server.plugin], "resource-prompt", "Text 1"),
        /demo:\/\/resource\/dynamic\/text\/1/,
      );
      await assert.rejects(expandCommand([server.plugin], "args-prompt", ""), /needs city/);
      const departments = await server.link.complete({ prompt: "completable-prompt" }, "department", "S");
      assert.deepEqual(departments, ["Sales", "Support"]);
      const uri = "demo://resource/dynamic/text/{resourceId}";
      assert.deepEqual(await server.link.complete({ uri }, "resourceId", "7"), ["7"]);
    });

    it("provides resources and templates, with pagination", async () => {
      const read = createReadResource([server.plugin]);
      const list = await text(server.run(read, { plugin: "p", uri: null }));
      assert.match(list, /demo:\/\/resource\/static\/document\/architecture\.md/);
      assert.match(list, /demo:\/\/resource\/dynamic\/blob\/\{resourceId\}/);
      const one = await text(server.run(read, { plugin: "p", uri: "demo://resource/dynamic/text/4" }));
      assert.match(one, /^\[demo:\/\/resource\/dynamic\/text\/4\]\nResource 4/);
      const blob = await text(server.run(read, { plugin: "p", uri: "demo://resource/dynamic/blob/4" }));
      assert.match(blob, /bytes, not shown/);
      await assert.rejects(server.run(read, { plugin: "p", uri: "demo://nothing" }), /not found|unknown/i);
      const before = server.changes();
      const zip = { name: "x.gz", data: "data:text/plain,hello", outputType: "resourceLink" };
      assert.match(await text(server.call("gzip-file-as-resource", zip)), /demo:\/\/resource\/session\/x\.gz/);
      assert.ok(server.changes() > before);
      assert.match(await text(server.run(read, { plugin: "p", uri: null })), /session\/x\.gz/);
    });

    it("runs a task to its end", async () => {
      assert.match(await text(research), /# Research Report: tides/);
      assert.ok(server.said.includes("Analyzing content...\n"), server.said.join());
    });
  });

describe("the smaller servers of the MCP project", function () {
  this.timeout(60_000);

  it("server-filesystem works only in its folder", async () => {
    const files = await trial(program("filesystem"));
    try {
      const path = (name: string): string => join(files.root, name);
      writeFileSync(path("a.txt"), "one\n");
      // It takes in what it is told of in its own time, and says nothing when it has.
      const allowed = (): Promise<string> => text(files.call("list_allowed_directories"));
      for (let tries = 0; tries < 1_000 && !(await allowed()).endsWith(files.root); tries++);
      assert.match(await allowed(), new RegExp(`${files.root}$`));
      await text(files.call("write_file", { path: path("b.txt"), content: "two\n" }));
      await text(files.call("edit_file", { path: path("b.txt"), edits: [{ oldText: "two", newText: "three" }] }));
      await text(files.call("create_directory", { path: path("in") }));
      await text(files.call("move_file", { source: path("b.txt"), destination: path("in/c.txt") }));
      const calls: [string, object, RegExp][] = [
        ["read_file", { path: path("a.txt") }, /^one/],
        ["read_text_file", { path: path("in/c.txt") }, /^three/],
        ["read_multiple_files", { paths: [path("a.txt"), path("in/c.txt")] }, /one[\s\S]*three/],
        ["list_directory", { path: files.root }, /\[DIR\] in/],
        ["list_directory_with_sizes", { path: files.root }, /a\.txt +4/],
        ["directory_tree", { path: files.root }, /"c\.txt"/],
        ["search_files", { path: files.root, pattern: "**/c.txt" }, /in\/c\.txt/],
        ["get_file_info", { path: path("a.txt") }, /size: 4/],
      ];
      await Promise.all(
        calls.map(async ([name, input, wanted]) => assert.match(await text(files.call(name, input)), wanted)),
      );
      assert.equal((await files.call("read_media_file", { path: path("a.txt") })).ok, true);
      const outside = await files.call("read_text_file", { path: "/etc/passwd" });
      assert.equal(outside.ok, false);
      assert.match(outside.output, /outside allowed directories/);
      assert.equal(files.names.length, 14);
    } finally {
      await files.close();
    }
  });

  it("server-memory stores a graph in its file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tutti-graph-"));
    const memory = await trial(program("memory"), { MEMORY_FILE_PATH: join(folder, "graph.jsonl") });
    try {
      const entities = ["ada", "engine"].map((name) => ({ name, entityType: "thing", observations: ["old"] }));
      const relations = [{ from: "ada", to: "engine", relationType: "programs" }];
      await text(memory.call("create_entities", { entities }));
      await text(memory.call("create_relations", { relations }));
      await text(memory.call("add_observations", { observations: [{ entityName: "ada", contents: ["new"] }] }));
      await text(memory.call("delete_observations", { deletions: [{ entityName: "ada", observations: ["old"] }] }));
      assert.match(await text(memory.call("read_graph")), /programs/);
      assert.match(await text(memory.call("search_nodes", { query: "new" })), /ada/);
      assert.doesNotMatch(await text(memory.call("open_nodes", { names: ["ada"] })), /old/);
      const [resource] = await memory.link.resources();
      assert.match(JSON.stringify(await memory.link.read(resource?.uri ?? "", { timeoutMs: 5_000 })), /engine/);
      await text(memory.call("delete_relations", { relations }));
      await text(memory.call("delete_entities", { entityNames: ["ada", "engine"] }));
      assert.match(await text(memory.call("read_graph")), /"entities": \[\]/);
      assert.equal(memory.names.length, 9);
    } finally {
      await memory.close();
      rmSync(folder, { recursive: true });
    }
  });
});

describe("servers of the MCP project in a turn", function () {
  this.timeout(60_000);
  let home: Home;
  let endpoint: ScriptedEndpoint | undefined;
  useHomes(
    (fresh) => {
      home = fresh;
    },
    async () => {
      await endpoint?.close();
      endpoint = undefined;
    },
  );
  const body = (request: number): string => JSON.stringify(endpoint?.received[request]?.body);
  const run = (...allowed: string[]) =>
    home.run([
      "run",
      ...endpointFlags(endpoint as ScriptedEndpoint),
      ...allowed.flatMap((rule) => ["--allow", rule]),
      "Go",
    ]);

  it("are called by their plugin names, if a rule allows it", async () => {
    writeFileSync(join(home.work, "a.txt"), "one\n");
    await addPlugin(home, "files", program("filesystem"));
    await addPlugin(home, "thinking", program("sequential-thinking"));
    endpoint = await scriptedEndpoint([
      callTools(
        ["files__read_text_file", { path: join(home.work, "a.txt") }],
        [
          "thinking__sequentialthinking",
          { thought: "so", thoughtNumber: 1, totalThoughts: 1, nextThoughtNeeded: false },
        ],
      ),
      callTools(["files__write_file", { path: join(home.work, "b.txt"), content: "two" }]),
      answer("Done."),
    ]);
    const { code, err } = await run("files__read_*", "thinking__*");
    assert.equal(code, 4, err);
    assert.match(err, /no rule allows files__write_file/);
    assert.match(body(1), /"one\\n"/);
    assert.match(body(1), /thoughtHistoryLength/);
    assert.match(body(2), /refused/);
    assert.doesNotMatch(body(2), /not supported/i);
  });

  it("are searched if they have too many tools, over stdio and HTTP together", async () => {
    const { url, child } = await overHttp();
    try {
      await addPlugin(home, "everything", program("everything"));
      await addPlugin(home, "far", { url });
      endpoint = await scriptedEndpoint([
        callTools(["find_tool", { query: "sum of two numbers" }]),
        callTools(
          ["use_tool", { name: "everything__get-sum", input: { a: 20, b: 22 } }],
          ["use_tool", { name: "far__echo", input: { message: "from afar" } }],
          ["use_tool", { name: "everything__get-structured-content", input: { location: "New York" } }],
          ["read_resource", { plugin: "far", uri: "demo://resource/dynamic/text/9" }],
        ),
        answer("Done."),
      ]);
      const { code, err } = await run("everything__*", "far__*", "read_resource");
      assert.equal(code, 0, err);
      assert.doesNotMatch(JSON.stringify(endpoint.received[0]?.body.tools), /everything__get-sum"/);
      assert.match(body(1), /everything__get-sum: [\s\S]*far__get-sum/);
      for (const said of [/sum of 20 and 22 is 42/, /Echo: from afar/, /temperature/, /Resource 9/])
        assert.match(body(2), said);
      assert.doesNotMatch(body(2), /not supported/i);
    } finally {
      child.kill();
    }
  });
});
