/** What a PAI setup needs, with the built program, on trees of the size that people have: requests are read off the wire. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lastTexts, parseTranscript } from "../help/hooks.ts";
import { AGENT_NAMES, writeClaudeTree, writeOpencodeTree } from "../help/pai-tree.ts";
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

const chats = ({ body }: Received): Chat[] => body.messages as Chat[];
const textOf = (chat: Chat | undefined): string =>
  typeof chat?.content === "string" ? chat.content : (chat?.content ?? []).map(({ text = "" }) => text).join("");
const prompts = (received: Received): string[] =>
  chats(received)
    .filter(({ role }) => role === "user")
    .map(textOf);
const results = (received: Received): string[] =>
  chats(received)
    .filter(({ role }) => role === "tool")
    .map(textOf);
const steps = (received: Received): number => chats(received).filter(({ role }) => role === "assistant").length;
const count = (text: string, part: string): number => text.split(part).length - 1;

/** Assessed as a standard task. */
const TASK = "Task default: implement the settings page with its tests";

/** As PAI's hooks are: the input is read at once, and nothing is awaited. */
const hookScript = (body: string): string =>
  `#!/usr/bin/env node\nconst { readFileSync, writeFileSync } = require("node:fs");\nconst input = JSON.parse(readFileSync(0, "utf8"));\n${body}\n`;

const SECURITY = hookScript(`
const command = String(input.tool_input.command);
if (/rm\\s+-rf\\s+\\//.test(command)) {
  console.error("Blocked: it deletes everything");
  process.exit(2);
}
console.log(JSON.stringify(/push.*--force/.test(command) ? { decision: "ask", message: "A forced push" } : { continue: true }));`);

const CONTEXT = hookScript(`
if (process.env.CLAUDE_AGENT_TYPE) process.exit(0);
console.log("<system-reminder>PAI at " + process.env.PAI_DIR + " for " + process.env.DA + "</system-reminder>");`);

/** Keeps the transcript as the hook sees it. */
const KEEP = hookScript(`
const name = process.env.PAI_DIR + "/MEMORY/" + input.hook_event_name + ".jsonl";
writeFileSync(name, readFileSync(input.transcript_path, "utf8"));`);

describe("a PAI setup", function () {
  this.timeout(120_000);
  let home: Home;
  const endpoints: ScriptedEndpoint[] = [];
  useHomes(
    (opened) => {
      home = opened;
    },
    () => Promise.all(endpoints.splice(0).map((endpoint) => endpoint.close())),
  );

  const inHome = (...names: string[]): string => join(home.env.HOME ?? "", ...names);
  const json = async <T>(...args: string[]): Promise<T> => {
    const { out, err, code } = await home.run([...args, "--format", "json"]);
    assert.equal(code, 0, err);
    return JSON.parse(out) as T;
  };

  /** One endpoint for all providers, so that the name of the model tells which one was meant. */
  async function serve(
    script: (received: Received) => Script,
    more: Record<string, unknown> = {},
  ): Promise<ScriptedEndpoint> {
    const endpoint = await scriptedEndpoint([script]);
    endpoints.push(endpoint);
    const provider = (...models: string[]) => ({
      baseUrl: endpoint.baseUrl,
      apiKey: "none",
      models: Object.fromEntries(models.map((model) => [model, {}])),
    });
    const config = {
      providers: {
        zai: provider("glm-4.7"),
        moonshotai: provider("kimi-k2.5"),
        anthropic: provider("claude-sonnet-4-5"),
        own: provider("small", "medium", "large", "session"),
      },
      model: "own/session",
      ...more,
    };
    mkdirSync(inHome(".config/tutti"), { recursive: true });
    writeFileSync(inHome(".config/tutti/tutti.jsonc"), JSON.stringify(config));
    return endpoint;
  }
  const tiers = { quick: "own/small", standard: "own/medium", advanced: "own/large" };
  async function run(...args: string[]) {
    const outcome = await home.run(["run", ...args]);
    assert.equal(outcome.code, 0, outcome.err);
    return outcome;
  }
  async function trustHooks(): Promise<void> {
    const { items } = await json<{ items: { id: string }[] }>("trust");
    const granted = await home.run(["trust", "grant", "--items", items.map(({ id }) => id).join(",")]);
    assert.equal(granted.code, 0, granted.err);
  }

  describe("is read whole, and not changed", () => {
    const skillNames = async () => (await json<{ name: string }[]>("skills")).map(({ name }) => name);
    const agentNames = async () => (await json<{ name: string; source: object }[]>("agents")).map(({ name }) => name);

    it("for Claude Code", async () => {
      const names = writeClaudeTree(inHome(), { PreToolUse: SECURITY });
      assert.equal(names.length, 52);
      assert.deepEqual((await skillNames()).sort(), names.sort());
      const listed = await agentNames();
      for (const name of AGENT_NAMES) assert.ok(listed.includes(name), name);
      const settings = readFileSync(inHome(".claude/settings.json"), "utf8");
      const imported = await home.run(["import", "claude", "--yes"]);
      assert.equal(imported.code, 0, imported.err);
      for (let index = 0; index < 27; index++) assert.match(imported.out, new RegExp(`pai_key_${index}: `));
      assert.equal(readFileSync(inHome(".claude/settings.json"), "utf8"), settings);
      const doctor = await home.run(["doctor"]);
      assert.doesNotMatch(doctor.out, /pai_key|voiceId|persona/);
    });

    for (const [version, folder] of [
      ["v3", ".opencode"],
      ["v1.3", ".config/opencode"],
    ] as const)
      it(`for OpenCode, ${version} in ${folder}`, async () => {
        mkdirSync(inHome(folder), { recursive: true });
        const { skills, config } = writeOpencodeTree(inHome(folder), version);
        assert.deepEqual((await skillNames()).sort(), skills.sort());
        const listed = await agentNames();
        for (const name of AGENT_NAMES.filter((one) => one !== "UIReviewer")) assert.ok(listed.includes(name), name);
        for (const flags of [[], ["--profile", "local"]]) {
          const imported = await home.run(["import", "opencode", "--yes", ...flags]);
          assert.equal(imported.code, 0, imported.err);
        }
        assert.equal(readFileSync(inHome(folder, "opencode.json"), "utf8"), config);
      });
  });

  it("loads a skill by its name, and its workflow by a relative path, without approval", async () => {
    writeClaudeTree(inHome(), {});
    const workflow = inHome(".claude/skills/Thinking/FirstPrinciples/Workflows/Decompose.md");
    const endpoint = await serve((received) =>
      steps(received) === 0 ? callTools(["read", { path: workflow }]) : answer("Decomposed."),
    );
    await run("/FirstPrinciples why is it slow");
    const [first, second] = endpoint.received;
    assert.ok(first && second);
    const prompt = prompts(first).join("\n");
    assert.match(prompt, /Read `Workflows\/Start\.md` first\./);
    assert.match(prompt, /why is it slow/);
    assert.ok(prompt.includes(inHome(".claude/skills/Thinking/FirstPrinciples")), "names its base directory");
    assert.match(results(second)[0] ?? "", /List the assumptions/);
    const system = textOf(chats(first)[0]);
    assert.match(system, /Call me Ada\./);
    assert.match(system, /observe, think, plan/, "what CLAUDE.md imports");
  });

  it("runs a skill with context: fork in a subagent", async () => {
    writeClaudeTree(inHome(), {});
    const endpoint = await serve((received) => {
      if (prompts(received)[0]?.startsWith("Skill Skill8.")) return answer("From the subagent.");
      return steps(received) === 0 ? callTools(["skill", { skill: "Skill8", args: "now" }]) : answer("Done.");
    });
    await run("Use it");
    assert.equal(endpoint.received.length, 3);
    assert.match(results(endpoint.received[2] as Received)[0] ?? "", /From the subagent\./);
    assert.ok(!JSON.stringify(endpoint.received[2]?.body.messages).includes("Workflows/Start.md"));
    const events = await home.events(await home.lastSession());
    assert.equal(events.filter(({ event }) => event.type === "task.ended").length, 1);
  });

  it("checks commands with its security hook: blocks, asks, and lets others pass", async () => {
    writeClaudeTree(inHome(), { PreToolUse: SECURITY });
    const endpoint = await serve((received) =>
      steps(received) === 0
        ? callTools(
            ["bash", { command: "rm -rf / --no-preserve-root" }],
            ["bash", { command: "git push --force origin main" }],
            ["bash", { command: "ls" }],
          )
        : answer("Done."),
    );
    writeFileSync(join(home.work, "seen.txt"), "");
    const reminder = /settings\.json: 1 hook has no effect until you trust it\. Review with `tutti trust`\./;
    assert.match((await run("Hello")).err, reminder);
    assert.doesNotMatch((await run("Hello")).err, reminder);
    endpoint.received.length = 0;
    await trustHooks();
    await run("--mode", "auto", "Clean up");
    const [removed, pushed, listed] = results(endpoint.received[1] as Received);
    assert.match(removed ?? "", /refused.*Blocked: it deletes everything/s);
    assert.match(pushed ?? "", /refused/);
    assert.match(listed ?? "", /seen\.txt/);
    const effects = (await home.events(await home.lastSession())).flatMap(({ event }) =>
      event.type === "hook.done" ? [event.effect] : [],
    );
    assert.deepEqual(effects.sort(), ["asked", "denied"]);
  });

  it("goes on without a program that its hooks need, and says which", async () => {
    writeClaudeTree(inHome(), { PreToolUse: "#!/usr/bin/env no-such-bun\n" });
    const endpoint = await serve((received) =>
      steps(received) === 0 ? callTools(["bash", { command: "echo ran" }]) : answer("Done."),
    );
    await trustHooks();
    const { err } = await run("--mode", "auto", "Go");
    assert.match(err, /PreToolUse\.hook\.cjs failed \(tool\.before\): .*no-such-bun/);
    assert.match(results(endpoint.received[1] as Received)[0] ?? "", /ran/);
  });

  it("gets its context once, and not in subagents", async () => {
    writeClaudeTree(inHome(), { SessionStart: CONTEXT });
    const endpoint = await serve((received) => {
      if (prompts(received)[0] === "Build it") return answer("Built.");
      return steps(received) === 0
        ? callTools(["task", { subagent_type: "Engineer", prompt: "Build it" }])
        : answer("Done.");
    });
    await trustHooks();
    await run("Go");
    await run("--session", await home.lastSession(), "Go on");
    const context = `PAI at ${inHome(".claude")} for Ada`;
    for (const received of endpoint.received) {
      const isChild = prompts(received)[0] === "Build it";
      const whole = JSON.stringify(received.body.messages);
      const resumed = received === endpoint.received.at(-1);
      assert.equal(count(whole, context), isChild ? 0 : resumed ? 2 : 1, whole.slice(0, 300));
    }
    assert.equal(endpoint.received.length, 4);
  });

  it("sends tasks to the models of the tiers that calls name", async () => {
    writeClaudeTree(inHome(), {});
    const endpoint = await serve(
      (received) => {
        if (/^Task /.test(prompts(received)[0] ?? "")) return answer("Done.");
        if (steps(received) > 0) return answer("All done.");
        return callTools(
          ["task", { subagent_type: "Writer", model_tier: "advanced", description: "a", prompt: "Task advanced" }],
          ["task", { subagent_type: "Writer", model: "haiku", description: "b", prompt: "Task haiku" }],
          ["task", { subagent_type: "Writer", model: "zai/glm-4.7", description: "c", prompt: "Task named" }],
          [
            "task",
            { subagent_type: "Artist", description: "d", prompt: "Task by the model of the agent's file, haiku" },
          ],
          ["task", { subagent_type: "BrowserAgent", description: "e", prompt: TASK }],
        );
      },
      { tiers },
    );
    await run("--tier", "standard", "Delegate");
    const models = Object.fromEntries(
      endpoint.received
        .filter((received) => prompts(received)[0]?.startsWith("Task "))
        .map((received) => [prompts(received)[0], received.body.model]),
    );
    assert.deepEqual(models, {
      "Task advanced": "large",
      "Task by the model of the agent's file, haiku": "small",
      "Task haiku": "small",
      "Task named": "glm-4.7",
      [TASK]: "medium",
    });
  });

  it("reads the transcript when the turn and the session end", async () => {
    writeClaudeTree(inHome(), { Stop: KEEP, SessionEnd: KEEP });
    const endpoint = await serve((received) =>
      steps(received) === 0 ? callTools(["bash", { command: "echo at $PAI_DIR" }]) : answer("🎯 COMPLETED: It ran."),
    );
    await trustHooks();
    await run("--mode", "auto", "Run it");
    const output = results(endpoint.received[1] as Received)[0] ?? "";
    assert.ok(output.includes(`at ${inHome(".claude")}`), output);
    for (const event of ["Stop", "SessionEnd"]) {
      const lines = parseTranscript(readFileSync(inHome(".claude/MEMORY", `${event}.jsonl`), "utf8"));
      assert.deepEqual(lastTexts(lines), ["🎯 COMPLETED: It ran."], event);
    }
  });

  it("asks a model with claude -p", async () => {
    const script = `${hookScript(`
const { spawnSync } = require("node:child_process");
const args = ["--print", "--model", "haiku", "--tools", "", "--output-format", "text", "--setting-sources", "", "--system-prompt", "Rate it."];
const { stdout, status } = spawnSync("claude", args, { input: input.prompt, encoding: "utf8" });
console.log("rated " + stdout.trim() + " " + status);`)}`;
    writeClaudeTree(inHome(), { UserPromptSubmit: script });
    const endpoint = await serve((received) => answer(received.body.model === "small" ? "8" : "Thanks."), { tiers });
    await trustHooks();
    await run("--tier", "standard", "Well done");
    const [rated, asked] = endpoint.received;
    assert.ok(rated && asked);
    assert.deepEqual(
      chats(rated).map((chat) => [chat.role, textOf(chat)]),
      [
        ["system", "Rate it."],
        ["user", "Well done"],
      ],
    );
    assert.match(JSON.stringify(asked.body.messages), /rated 8 0/);
  });

  for (const [version, expected] of [
    // The tier of the call; without one, the task is a standard one.
    ["v1.3", { "Task advanced": "claude-sonnet-4-5", "Task quick": "glm-4.7", [TASK]: "kimi-k2.5" }],
    // No agent has tiers: those of the configuration, and the model of the agent for what has no tier there.
    ["v3", { "Task advanced": "large", "Task quick": "small", [TASK]: "claude-sonnet-4-5" }],
  ] as const)
    it(`routes with a ${version} configuration`, async () => {
      mkdirSync(inHome(".opencode"), { recursive: true });
      writeOpencodeTree(inHome(".opencode"), version);
      const endpoint = await serve(
        (received) => {
          if (/^Task /.test(prompts(received)[0] ?? "")) return answer("Done.");
          if (steps(received) > 0) return answer("All done.");
          return callTools(
            ["task", { subagent_type: "Engineer", model_tier: "advanced", prompt: "Task advanced" }],
            ["task", { subagent_type: "Engineer", model_tier: "quick", prompt: "Task quick" }],
            ["task", { subagent_type: "Engineer", prompt: TASK }],
          );
        },
        version === "v3" ? { tiers: { quick: tiers.quick, advanced: tiers.advanced } } : {},
      );
      await run("Delegate");
      const models = Object.fromEntries(
        endpoint.received
          .filter((received) => prompts(received)[0]?.startsWith("Task "))
          .map((received) => [prompts(received)[0], received.body.model]),
      );
      assert.deepEqual(models, expected);
      assert.ok(existsSync(inHome(".opencode/opencode.json")));
    });
});
