/** Plugins of OpenCode, found where OpenCode has them, approved by a user, and used in a turn. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { approve } from "../help/plugins.ts";
import { answer, type Script, type ScriptedEndpoint, scriptedEndpoint } from "../help/scripted-endpoint.ts";
import { callTools, endpointFlags, type Home, type Outcome, useHomes } from "../help/tutti.ts";

const guard = `
export function check(tool: string, args: Record<string, string>): void {
  if (tool === "bash" && /rm -rf/.test(args.command ?? "")) throw new Error("dangerous: " + args.command);
  if (tool === "write" && !args.filePath?.startsWith("/")) throw new Error("no absolute path");
}`;

const unified = `
import { Plugin, tool } from "@opencode-ai/plugin";
import { appendFileSync } from "node:fs";
import { check } from "./lib/guard";
enum State { On = "on" }
const log = (line: unknown) => appendFileSync(process.env.PLUGIN_LOG ?? "", JSON.stringify(line) + "\\n");
export const Unified: Plugin = async ({ client, $, directory }) => {
  console.log("not for the protocol");
  process.stdout.write("nor this");
  await $\`echo printed by a command\`;
  const word = (await $\`echo \${"a b'c"}\`.text()).trim();
  return {
    tool: {
      session_registry: tool({
        description: "Lists the sessions that were started.",
        args: { count: tool.schema.number().default(3) },
        async execute({ count }, { sessionID, directory: at }) {
          return [count, word, State.On, sessionID !== "", at === directory].join(" ");
        },
      }),
      broken: { description: "Calls the client.", args: {}, execute: () => client.session.messages({ path: { id: "x" } }) },
    },
    "tool.execute.before": async ({ tool, sessionID, callID }, output) => {
      log(["before", tool, output.args]);
      check(tool, output.args);
      if (tool === "bash") output.args.command = output.args.command.replace("first", "second");
      if (tool === "edit") output.args.newString += "!";
    },
    "tool.execute.after": async (input, output) => {
      if (input.tool === "read") output.output += "\\nRemember: it is short.";
    },
    "experimental.chat.system.transform": async (_, output) => {
      output.system.push("<pai>The principal is Ada.</pai>");
    },
    "experimental.session.compacting": async (_, output) => {
      output.context.push("Keep the criteria of the task.");
    },
    "shell.env": async (_, output) => {
      output.env.PAI_VOICE = "quiet";
    },
    "permission.ask": async (input, output) => {
      output.status = "allow";
    },
    "chat.message": async (_, { parts }) => {
      if (parts[0].text.includes("blocked")) throw new Error("This prompt is not sent.");
      parts[0].text = parts[0].text.replace("Go", "Go on");
    },
    event: async ({ event }) => log(["event", event.type]),
  };
};`;

describe("plugins of OpenCode", function () {
  this.timeout(90_000);
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
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(home.root, path)), { recursive: true });
    writeFileSync(join(home.root, path), text);
  };
  const addUnified = async (): Promise<void> => {
    write("work/.opencode/plugins/pai-unified.ts", unified);
    write("work/.opencode/plugins/lib/guard.ts", guard);
    home.env.PLUGIN_LOG = join(home.root, "log.jsonl");
    await approve(home, "opencode-pai-unified");
  };
  const run = async (scripts: Script[], prompt = "Go", ...flags: string[]): Promise<Outcome> => {
    await endpoint?.close();
    endpoint = await scriptedEndpoint(scripts);
    return home.run(["run", ...endpointFlags(endpoint), "--mode", "auto", ...flags, prompt]);
  };
  const sent = (at: number): string => JSON.stringify(endpoint?.received[at]?.body);
  const logged = (): unknown[][] => {
    return readFileSync(join(home.root, "log.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown[]);
  };

  it("block calls, change arguments, extend the system prompt, and set variables of commands", async () => {
    await addUnified();
    write("work/a.txt", "one\n");
    const { code, err } = await run([
      callTools(["bash", { command: "rm -rf build" }]),
      callTools(["bash", { command: "echo first $PAI_VOICE" }]),
      callTools(["write", { path: "b.txt", content: "x\n" }]),
      callTools(["read", { path: "a.txt" }]),
      callTools(["edit", { path: "a.txt", edits: [{ old: "one", new: "two" }] }]),
      answer("Done."),
    ]);
    assert.equal(code, 0, err);
    assert.match(sent(0), /<pai>The principal is Ada\.<\/pai>/);
    assert.match(sent(0), /Go on/);
    assert.match(sent(1), /opencode-pai-unified: dangerous: rm -rf build/);
    assert.match(sent(2), /second quiet/);
    assert.match(sent(4), /Remember: it is short\./);
    assert.equal(readFileSync(join(home.work, "a.txt"), "utf8"), "two!\n");
    const before = logged().filter(([kind]) => kind === "before");
    assert.deepEqual(before.slice(2), [
      ["before", "write", { filePath: join(home.work, "b.txt"), content: "x\n" }],
      ["before", "read", { filePath: join(home.work, "a.txt") }],
      ["before", "edit", { filePath: join(home.work, "a.txt"), oldString: "one", newString: "two" }],
    ]);
    const events = logged().flatMap(([kind, type]) => (kind === "event" ? [type] : []));
    assert.deepEqual(events.slice(0, 1), ["session.created"]);
    for (const type of ["message.updated", "file.edited", "session.updated", "session.idle", "session.ended"])
      assert.ok(events.includes(type), type);
  });

  it("add tools, which name what a client cannot do", async () => {
    await addUnified();
    const { code, err } = await run([
      callTools(["opencode-pai-unified__session_registry", {}]),
      callTools(["opencode-pai-unified__broken", {}]),
      answer("Done."),
    ]);
    assert.equal(code, 0, err);
    assert.match(sent(1), /3 a b'c on true true/);
    assert.match(sent(2), /client\.session\.messages is not available to OpenCode plugins in Tutti/);
    assert.deepEqual(
      logged()
        .filter(([kind]) => kind === "before")
        .map(([, tool]) => tool),
      ["session_registry", "broken"],
    );
  });

  it("are judged by the rules again: changed arguments need their own approval, and `allow` widens nothing", async () => {
    await addUnified();
    const flags = ["--mode", "ask", "--allow", "bash(touch first.txt)"];
    await endpoint?.close();
    endpoint = await scriptedEndpoint([callTools(["bash", { command: "touch first.txt" }]), answer("Done.")]);
    const { code } = await home.run(["run", ...endpointFlags(endpoint), ...flags, "Go"]);
    assert.equal(code, 4);
    assert.deepEqual(
      ["first.txt", "second.txt"].map((name) => existsSync(join(home.work, name))),
      [false, false],
    );
    const blocked = await run([answer("x")], "blocked");
    assert.equal(blocked.code, 4);
    assert.match(blocked.err, /This prompt is not sent\./);
  });

  it("add to the prompt of a summary", async () => {
    await addUnified();
    const message = "maximum context length is 10 tokens";
    const overflow: Script = {
      status: 400,
      body: [JSON.stringify({ error: { code: "context_length_exceeded", message } })],
    };
    write("work/long.txt", "word\n".repeat(3_000));
    const read = (offset: number): Script => callTools(["read", { path: "long.txt", offset }]);
    await run([read(1), read(10), read(20), read(30), answer("first")]);
    const { code, err } = await run([overflow, answer("a short summary"), answer("Done.")], "And on", "--continue");
    assert.equal(code, 0, err);
    assert.match(sent(1), /Write a summary[^"]*Keep the criteria of the task\./);
  });

  it("do not run before they are approved, and not after a file of theirs has changed", async () => {
    write("work/.opencode/plugin/mark.js", `import "./other.js"; export const A = async () => ({});`);
    write("work/.opencode/plugin/other.js", `import { writeFileSync } from "node:fs"; writeFileSync("ran", "");`);
    const ran = (): boolean => existsSync(join(home.work, "ran"));
    const first = await run([answer("Hello.")]);
    assert.deepEqual([first.code, ran()], [0, false]);
    write("home/.config/opencode/plugin/own.js", "export const A = async () => ({});");
    assert.match((await run([answer("Hello.")])).err, /The plugin opencode-own waits for your approval/);
    const trust = await home.run(["trust"]);
    assert.match(trust.out + trust.err, /opencode-mark/);
    await approve(home, "opencode-mark");
    assert.equal(ran(), true);
    rmSync(join(home.work, "ran"));
    write("work/.opencode/plugin/other.js", `import { writeFileSync } from "node:fs"; writeFileSync("ran", "2");`);
    const changed = await run([answer("Hello.")]);
    assert.deepEqual([changed.code, ran()], [0, false]);
    const ignored = await run([answer("Hello.")], "Go", "--no-project");
    assert.doesNotMatch(ignored.err, /opencode-mark/);
  });

  it("that cannot be loaded are reported with file and line, and the others go on", async () => {
    const good = `export default async () => ({ "shell.env": async (_, o) => { o.env.GOOD = "yes"; } });`;
    write("home/.config/opencode/plugins/good.mjs", good);
    write(
      "work/.opencode/plugins/flaky.ts",
      `if (process.env.BREAK_IT)\n\n  throw new Error("no voice server");\nexport const A = async () => ({});`,
    );
    for (const name of ["opencode-good", "opencode-flaky"]) await approve(home, name);
    home.env.BREAK_IT = "1";
    const { code, err } = await run([callTools(["bash", { command: "echo $GOOD" }]), answer("Done.")]);
    assert.equal(code, 0, err);
    assert.match(sent(1), /yes/);
    const doctor = await home.run(["doctor"]);
    const expected = new RegExp(
      `plugin opencode-flaky.*${join(home.work, ".opencode/plugins/flaky.ts")}:3: no voice server`,
    );
    assert.match(doctor.out, expected);
    assert.match(doctor.out, /plugin opencode-good/);
    const inspected = await home.run(["plugins", "inspect", "opencode-flaky"]);
    assert.match(inspected.out + inspected.err, /flaky\.ts:3: no voice server/);
  });

  it("are found beside what is no file, cannot be read, or cannot be a path", async () => {
    const folder = join(home.work, ".opencode/plugins");
    write("work/.opencode/plugins/one.ts", "export const One = async () => ({});");
    symlinkSync("ada@host.123", join(folder, ".#one.ts"));
    symlinkSync("nowhere", join(folder, "gone.ts"));
    mkdirSync(join(folder, "folder.ts"));
    execFileSync("mkfifo", [join(folder, "pipe.ts")]);
    write("work/opencode.json", JSON.stringify({ plugin: ["./a\0b", `./${"x".repeat(300)}`, "./one.ts/below"] }));
    const { out, err, code } = await home.run(["plugins", "list"]);
    assert.equal(code, 0, err);
    assert.deepEqual(out.match(/^opencode-\S+/gm), ["opencode-one"]);
    for (const name of ["gone", "folder", "pipe"])
      assert.match(out + err, new RegExp(`${name}\\.ts has no effect: .*${name}\\.ts is not a file that can be read`));
    assert.doesNotMatch(out + err, /#one/);
  });

  it("are found as files and installed packages of opencode.json; others are named with where they belong", async () => {
    write("work/deep/one.ts", "export const One = async () => ({});");
    write("work/node_modules/opencode-two/package.json", JSON.stringify({ main: "./main.js", type: "module" }));
    write("work/node_modules/opencode-two/main.js", "export const Two = async () => ({});");
    const listed = [
      "./deep/one.ts",
      `file://${join(home.work, "deep/one.ts")}`,
      "opencode-two@1.2.3",
      "@a/three@latest",
    ];
    write("work/opencode.json", `{ // comment\n "plugin": ${JSON.stringify(listed)}, }`);
    const { out, err } = await home.run(["plugins", "list"]);
    assert.equal(out.match(/^opencode-/gm)?.length, 2, out);
    assert.match(out, /^opencode-one {2}not approved/m);
    assert.match(out, /^opencode-two {2}not approved/m);
    assert.match(out + err, /"@a\/three@latest", which is not installed, and Tutti downloads nothing/);
  });
});
