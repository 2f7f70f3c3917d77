/** The examples without a library, in Python and shell: the documentation is enough to write a plugin. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { colorNames } from "../../client/theme.ts";
import { declaration, PLUGIN_KEY, pluginRequests } from "../../protocol/plugin.ts";
import { type StartedPlugin, start } from "./connect.ts";

const examples = join(import.meta.dirname, "../../mcp-plugins/examples");

/** The responses of a program to these lines. */
async function getResponses(argv: [string, ...string[]], lines: readonly string[]): Promise<unknown[]> {
  const [command, ...args] = argv;
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  let out = "";
  child.stdout.on("data", (piece) => {
    out += piece;
  });
  child.stdin.end(lines.map((line) => `${line}\n`).join(""));
  await once(child, "close");
  return out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}

describe("the example in Python", () => {
  const program: [string, string] = ["python3", join(examples, "python", "plugin.py")];
  let plugin: StartedPlugin;
  before(async () => {
    plugin = await start(program);
  });
  after(() => plugin.close());

  it("declares its features", () => {
    const declared = declaration.parse(plugin.client.getServerCapabilities()?.experimental?.[PLUGIN_KEY]);
    assert.deepEqual(declared.contributes, ["commands", "themes", "widgets"]);
    assert.equal(declared.hooks?.[0]?.event, "tool.before");
  });

  it("has a tool and a slash command", async () => {
    const { tools } = await plugin.client.listTools();
    assert.deepEqual(
      tools.map(({ name }) => name),
      ["roll"],
    );
    const { text, failed } = await plugin.call("roll", { sides: 2, times: 3 });
    assert.match(text, /^\[[12], [12], [12]\], total [3-6]$/);
    assert.equal(failed, false);
    for (const wrong of [{ sides: 1 }, { sides: "six" }, { sides: true }, {}])
      assert.equal((await plugin.call("roll", wrong)).failed, true);
    const { messages } = await plugin.client.getPrompt({ name: "standup", arguments: { focus: "the tests" } });
    assert.match(JSON.stringify(messages), /Focus on the tests/);
    await assert.rejects(plugin.client.getPrompt({ name: "none" }), /no such prompt/);
  });

  it("has a valid theme and widget", async () => {
    const { themes } = pluginRequests["tutti/theme/list"].result.parse(await plugin.ask("tutti/theme/list"));
    assert.deepEqual(
      themes.map(({ name }) => name),
      ["dusk"],
    );
    assert.deepEqual(Object.keys(themes[0]?.colors ?? {}).toSorted(), Object.keys(colorNames).toSorted());
    const place = { widget: "time", slot: "status", width: 20, height: 1, view: null };
    const { result } = pluginRequests["tutti/widget/render"];
    const { lines } = result.parse(await plugin.ask("tutti/widget/render", place));
    assert.match(lines[0]?.[0]?.text ?? "", /^\d\d:\d\d$/);
    assert.deepEqual(await plugin.ask("tutti/widget/render", { ...place, width: 3 }), { lines: [] });
  });

  it("denies commands that delete whole folders", async () => {
    const decide = async (command: string): Promise<unknown> => {
      const payload = { session: "s", cwd: "/", turn: "t", call: "c", tool: "bash", kind: "execute", title: "" };
      return (await plugin.hook("tool.before", { ...payload, input: { command } })).decision;
    };
    const refused = [
      "rm -rf /",
      "cd / && rm -fr x",
      "rm -r -f x",
      "sudo rm --recursive --force x",
      "/bin/rm -Rf x",
      "echo x; (rm -rf y)",
      "bash -c 'rm -rf z'",
      "find . | xargs rm -rf",
      "rm -rf 'half",
    ];
    for (const command of refused) assert.equal(await decide(command), "deny", command);
    for (const command of ["rm a.txt", "rm -r build", "ls -rf", "git rm -f a", "echo rm", "grep -rf list ."])
      assert.equal(await decide(command), undefined, command);
  });

  it("rejects unknown methods, and survives invalid messages", async () => {
    await assert.rejects(plugin.ask("tutti/agent/list"), { code: -32601 });
    const responses = await getResponses(program, [
      "nonsense",
      "[]",
      '{"jsonrpc":"2.0","method":"notifications/initialized"}',
      '{"jsonrpc":"2.0","id":1,"method":"tutti/hook","params":{}}',
      '{"jsonrpc":"2.0","id":"é","method":"ping"}',
    ]);
    assert.deepEqual(responses, [
      { jsonrpc: "2.0", id: null, error: { code: -32700, message: "not JSON" } },
      { jsonrpc: "2.0", id: 1, error: { code: -32603, message: "'payload'" } },
      { jsonrpc: "2.0", id: "é", result: {} },
    ]);
  });
});

describe("the example in shell", () => {
  const program: [string, string] = ["/bin/sh", join(examples, "shell", "plugin.sh")];
  let plugin: StartedPlugin;
  before(async () => {
    plugin = await start(program);
  });
  after(() => plugin.close());

  it("has one tool", async () => {
    assert.deepEqual(declaration.parse(plugin.client.getServerCapabilities()?.experimental?.[PLUGIN_KEY]), {
      version: 1,
    });
    const { tools } = await plugin.client.listTools();
    assert.deepEqual(
      tools.map(({ name }) => name),
      ["free_space"],
    );
    for (const input of [{}, { path: "/" }, { path: "/tmp", id: 7, method: '"tools/list"' }]) {
      const { text, failed } = await plugin.call("free_space", input);
      assert.match(text, /^\d+ MiB free of \d+ MiB$/);
      assert.equal(failed, false);
    }
  });

  it("does not run commands in a path, and reports errors", async () => {
    for (const path of ["$(touch /tmp/x)", "; ls", "--help", "/no\tsuch", 'a"b', "ü"]) {
      const { text, failed } = await plugin.call("free_space", { path });
      assert.ok(failed, path);
      assert.match(text, /df: |does not support/, path);
    }
  });

  it("rejects unknown methods and tools", async () => {
    await assert.rejects(plugin.ask("tutti/theme/list"), { code: -32601 });
    await assert.rejects(plugin.call("other"), { code: -32602 });
  });

  it("finds the id and method of a message, in any order and despite nested ones", async () => {
    const responses = await getResponses(program, [
      '{"id":"a\\"b","jsonrpc":"2.0","method":"ping","params":{"id":9,"method":"tools/list","list":[{"id":8},"id",{}]}}',
      '{"params":{"text":"\\"id\\":7, {[\\\\","id":9},"method":"ping","jsonrpc":"2.0","id":-3}',
      '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"id":1}}',
      '{ "jsonrpc" : "2.0" , "id" : 4 , "method" : "nothing" }',
    ]);
    assert.deepEqual(responses, [
      { jsonrpc: "2.0", id: 'a"b', result: {} },
      { jsonrpc: "2.0", id: -3, result: {} },
      { jsonrpc: "2.0", id: 4, error: { code: -32601, message: "method not found" } },
    ]);
  });
});
