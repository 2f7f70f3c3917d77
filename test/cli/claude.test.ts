/** `claude` for the programs that Tutti starts: the flags of Claude Code, read off the wire. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  answer,
  type Received,
  type Script,
  type ScriptedEndpoint,
  scriptedEndpoint,
} from "../help/scripted-endpoint.ts";
import { callTools, type Home, useHomes } from "../help/tutti.ts";

interface Chat {
  role: string;
  content: string | { text?: string }[];
}

const messages = ({ body }: Received): Chat[] => body.messages as Chat[];
const textOf = (chat: Chat | undefined): string =>
  typeof chat?.content === "string" ? chat.content : (chat?.content ?? []).map(({ text = "" }) => text).join("");

/** As `Inference.ts` of PAI does it: the prompt goes to standard input, and the answer is one line of text. */
const inference = `
const { spawn } = require("node:child_process");
const [level, system] = process.argv.slice(2);
const prompt = 'How good was {env:HOME} "that"?';
const model = { fast: "haiku", standard: "sonnet", smart: "opus" }[level];
const env = { ...process.env };
delete env.ANTHROPIC_API_KEY;
const args = ["--print", "--model", model, "--tools", "", "--output-format", "text", "--setting-sources", "", "--system-prompt", system];
const child = spawn("claude", args, { env, stdio: ["pipe", "pipe", "pipe"] });
child.stdin.end(prompt);
child.stderr.pipe(process.stderr);
let out = "";
child.stdout.on("data", (piece) => { out += piece; });
child.on("close", (code) => { console.log("inferred: " + out.trim() + " " + code); });
`;

describe("claude -p", function () {
  this.timeout(60_000);
  let home: Home;
  const endpoints: ScriptedEndpoint[] = [];
  useHomes(
    (opened) => {
      home = opened;
    },
    () => Promise.all(endpoints.splice(0).map((endpoint) => endpoint.close())),
  );

  /** Endpoints of the quick and the standard tier. */
  async function serve(
    scripts: {
      quick?: (Script | ((received: Received) => Script))[];
      standard?: (Script | ((received: Received) => Script))[];
    },
    more: Record<string, unknown> = {},
  ): Promise<{ quick: ScriptedEndpoint; standard: ScriptedEndpoint }> {
    const quick = await scriptedEndpoint(scripts.quick ?? [answer("quick")]);
    const standard = await scriptedEndpoint(scripts.standard ?? [answer("standard")]);
    endpoints.push(quick, standard);
    const folder = join(home.env.HOME ?? "", ".config/tutti");
    mkdirSync(folder, { recursive: true });
    const config = {
      providers: {
        q: { baseUrl: quick.baseUrl, models: { small: {} } },
        s: { baseUrl: standard.baseUrl, models: { medium: {} } },
      },
      tiers: { quick: "q/small", standard: "s/medium" },
      ...more,
    };
    writeFileSync(join(folder, "tutti.jsonc"), JSON.stringify(config));
    return { quick, standard };
  }
  const hook = (event: string, command: string) => ({
    hooks: { [event]: [{ hooks: [{ type: "command", command }] }] },
  });

  it("answers a hook that asks a quick model", async () => {
    const script = join(home.root, "inference.cjs");
    writeFileSync(script, inference);
    const command = `node ${script} fast 'Reply with {"rating": N}.'`;
    const { quick, standard } = await serve({ quick: [answer('{"rating": 7}')] }, hook("UserPromptSubmit", command));
    const { code, err } = await home.run(["run", "--tier", "standard", "Thanks"]);
    assert.equal(code, 0, err);
    const [asked, ...others] = quick.received;
    assert.ok(asked);
    assert.equal(others.length, 0);
    assert.equal(asked.body.model, "small");
    assert.equal(asked.body.tools, undefined);
    assert.deepEqual(
      messages(asked).map((chat) => [chat.role, textOf(chat)]),
      [
        ["system", 'Reply with {"rating": N}.'],
        ["user", 'How good was {env:HOME} "that"?'],
      ],
    );
    assert.match(JSON.stringify(standard.received[0]?.body.messages), /inferred: \{\\\\?"rating\\\\?": 7\} 0/);
    const { out } = await home.run(["sessions", "list", "--format", "json"]);
    assert.equal(JSON.parse(out).length, 1, "the question of the hook is no session");
  });

  it("works in a command of the agent, with the configuration of the run", async () => {
    const { quick, standard } = await serve({
      standard: [
        callTools(["bash", { command: "claude -p 'Name it' --model claude-haiku-4-5 --tools ''" }]),
        answer("Done."),
      ],
    });
    const moved = join(home.root, "moved.json");
    const { readFileSync, rmSync } = await import("node:fs");
    const own = join(home.env.HOME ?? "", ".config/tutti/tutti.jsonc");
    writeFileSync(moved, readFileSync(own));
    rmSync(own);
    const { code, err } = await home.run(["run", "--config", moved, "--mode", "auto", "--tier", "standard", "Go"]);
    assert.equal(code, 0, err);
    assert.equal(quick.received.length, 1);
    assert.match(JSON.stringify(standard.received[1]?.body.messages), /quick/);
  });

  it("prints JSON as Claude Code does", async () => {
    await serve({});
    const { out, code } = await home.run(["claude", "-p", "--output-format", "json", "--model", "opus", "Hello"]);
    assert.equal(code, 0);
    const { type, subtype, is_error, result, session_id, num_turns, usage, ...rest } = JSON.parse(out);
    assert.deepEqual([type, subtype, is_error, result, num_turns], ["result", "success", false, "standard", 1]);
    assert.equal(session_id, await home.lastSession());
    assert.ok("total_cost_usd" in rest);
    assert.equal(typeof usage.input_tokens, "number");
    const lines = (
      await home.run(["claude", "-p", "--output-format", "stream-json", "--verbose", "--resume", session_id, "More"])
    ).out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual([lines[0].type, lines[0].subtype, lines.at(-1).type], ["system", "init", "result"]);
    assert.equal(lines.at(-1).session_id, session_id);
  });

  it("takes its prompt from standard input, or appends it", async () => {
    const { standard } = await serve({});
    await home.run(["claude", "--print", "--model", "s/medium"], { stdin: "From a pipe\n" });
    await home.run(["claude", "-p", "--model", "sonnet", "Review", "--append-system-prompt", "Be brief."], {
      stdin: "a diff",
    });
    assert.equal(textOf(messages(standard.received[0] as Received).at(-1)), "From a pipe");
    assert.equal(textOf(messages(standard.received[1] as Received).at(-1)), "Review\n\na diff");
    assert.match(textOf(messages(standard.received[1] as Received)[0]), /Be brief\./);
  });

  for (const [args, message] of [
    [["-p", "--mcp-config", "x.json", "Hi"], /Unknown flag --mcp-config/],
    [["--print", "--no-such-thing", "Hi"], /Unknown flag --no-such-thing/],
    [["-p", "--output-format", "xml", "Hi"], /--output-format "xml"/],
    [["Hi"], /Add -p/],
    [["-p"], /Missing prompt/],
  ] as const)
    it(`refuses with exit code 2: ${args.join(" ")}`, async () => {
      await serve({});
      const { code, err, out } = await home.run(["claude", ...args]);
      assert.deepEqual([code, out], [2, ""]);
      assert.match(err, message);
    });

  it("never has more permissions than yours, whatever its flags say", async () => {
    const { standard } = await serve({
      standard: [callTools(["write", { path: "made.txt", content: "x" }]), answer("Done.")],
    });
    const flags = ["--dangerously-skip-permissions", "--permission-mode", "bypassPermissions"];
    const { err } = await home.run(["claude", "-p", "--model", "sonnet", ...flags, "Go"]);
    assert.match(err, /--dangerously-skip-permissions has no effect: your permissions apply/);
    assert.match(err, /--permission-mode bypassPermissions has no effect/);
    assert.ok(!existsSync(join(home.work, "made.txt")));
    assert.equal(standard.received.length, 2);
  });

  it("allows and denies what it names, in Claude Code's words", async () => {
    const calls = callTools(
      ["bash", { command: "touch allowed.txt" }],
      ["bash", { command: "touch denied.txt" }],
      ["write", { path: "written.txt", content: "x" }],
    );
    const { standard } = await serve({ standard: [calls, answer("Done.")] });
    const flags = [
      "--allowedTools",
      "Bash(touch allowed.txt),Write",
      "Read",
      "--disallowedTools",
      "Bash(touch denied.txt)",
    ];
    await home.run(["claude", "-p", "--model", "sonnet", ...flags, "--", "Go on"]);
    assert.deepEqual(
      ["allowed.txt", "denied.txt", "written.txt"].map((name) => existsSync(join(home.work, name))),
      [true, false, true],
    );
    assert.equal(textOf(messages(standard.received[0] as Received)[1]), "Go on");
    await home.run(["claude", "-p", "--model", "sonnet", "--tools", "Read,Grep", "Go"]);
    const tools = standard.received.at(-1)?.body.tools as { function: { name: string } }[];
    assert.deepEqual(tools.map((tool) => tool.function.name).sort(), ["grep", "read"]);
  });

  for (const [name, flags] of [
    ["alone", ["--disallowedTools", "Bash", "Write"]],
    ["after allowed ones", ["--allowedTools", "Read", "--disallowed-tools", "Bash", "Write"]],
    ["before allowed ones", ["--disallowedTools", "Bash", "Write", "--allowedTools", "Write"]],
  ] as const)
    it(`denies each of several words: ${name}`, async () => {
      const { standard } = await serve({
        standard: [callTools(["write", { path: "written.txt", content: "x" }]), answer("Done.")],
      });
      await home.run(["claude", "-p", "Go on", "--permission-mode", "acceptEdits", "--model", "sonnet", ...flags]);
      assert.equal(existsSync(join(home.work, "written.txt")), false);
      assert.equal(textOf(messages(standard.received[0] as Received)[1]), "Go on");
    });

  it("ends a hook that calls it again and again", async () => {
    const { standard } = await serve(
      { standard: [answer("Said.")] },
      hook("UserPromptSubmit", `claude -p --model sonnet "again" 2>>"${join(home.root, "err.txt")}" || true`),
    );
    const { code, err } = await home.run(["run", "--tier", "standard", "Go"]);
    assert.equal(code, 0, err);
    assert.equal(standard.received.length, 3);
    const { readFileSync } = await import("node:fs");
    assert.match(readFileSync(join(home.root, "err.txt"), "utf8"), /claude: Stopped: it is nested in 2 other runs/);
  });

  it("says that keys of the environment are not passed", async () => {
    home.env.ACME_KEY = "acme-1234567890abcdef";
    await serve(
      {},
      {
        providers: {},
        tiers: { quick: "groq/openai/gpt-oss-20b", standard: "groq/openai/gpt-oss-20b" },
      },
    );
    const { code, err } = await home.run(["claude", "-p", "--model", "haiku", "Go"]);
    assert.equal(code, 1);
    assert.match(err, /groq/i);
    assert.match(err, /Store the key with `tutti providers login`/);
  });
});
