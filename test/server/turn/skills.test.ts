/** Skills and commands in turns: real files and commands, a scripted model. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { createNamed } from "../../../server/definitions/named.ts";
import type { Command, Skill } from "../../../server/definitions/skill.ts";
import type { ModelRequest } from "../../../server/ports.ts";
import type { Session } from "../../../server/session/session.ts";
import { createSkillTool, fillArguments } from "../../../server/tools/skill.ts";
import {
  type AgentBench,
  ada,
  type BenchOptions,
  filterByType,
  openAgentBench,
  promptAndWait,
} from "../../help/agent-bench.ts";
import { call, calls, done, type ScriptedModel, scriptedModel, text } from "../../help/scripted-model.ts";

const createSkill = (changes: Partial<Skill> & Pick<Skill, "name">): Skill => ({
  description: `About ${changes.name}.`,
  folder: `/skills/${changes.name}`,
  fork: false,
  hidden: false,
  argumentHint: "",
  extra: {},
  source: { kind: "user", path: `/skills/${changes.name}/SKILL.md` },
  read: async () => `Text of ${changes.name}.`,
  ...changes,
});

const createCommand = (name: string, template: string, changes: Partial<Command> = {}): Command => ({
  name,
  template,
  description: name,
  argumentHint: "",
  subtask: false,
  allow: [],
  extra: {},
  source: { kind: "user" },
  ...changes,
});

describe("skills in a turn", () => {
  let bench: AgentBench;
  afterEach(() => bench.close());
  const open = async (model: ScriptedModel, options: BenchOptions = {}) => {
    bench = await openAgentBench({ model, ...options });
    return bench.create();
  };
  const toolNames = ({ tools }: ModelRequest) => tools.map(({ name }) => name);

  it("without a skill, the model gets no skill tool", async () => {
    const model = scriptedModel([[text("ok"), done]]);
    await promptAndWait(await open(model));
    assert.ok(model.requests[0] && !toolNames(model.requests[0]).includes("skill"));
  });

  it("are listed for the model and loaded by any name of the field, with their folder and arguments", async () => {
    const model = scriptedModel([
      [call("skill", { skill: "LOGS", args: "the last crash" }), calls],
      [call("skill", { name: "Plain" }), calls],
      [call("skill", { name: "Lögs" }), calls],
      [text("ok"), done],
    ]);
    const filled = createSkill({ name: "Logs", read: async () => "Explain $ARGUMENTS now." });
    const session = await open(model, { skills: [filled, createSkill({ name: "Plain" })] });
    await promptAndWait(session);
    const spec = model.requests[0]?.tools.find(({ name }) => name === "skill");
    assert.match(spec?.description ?? "", /- Logs: About Logs\.\n- Plain: About Plain\./);
    assert.deepEqual(
      filterByType(session.envelopes(), "call.done").map(({ state, output }) => [state, output]),
      [
        [
          "done",
          "Skill Logs. Its base directory is /skills/Logs; relative paths in it start there.\n\nExplain the last crash now.",
        ],
        [
          "done",
          "Skill Plain. Its base directory is /skills/Plain; relative paths in it start there.\n\nText of Plain.",
        ],
        ["failed", "There is no skill Lögs. Did you mean Logs?"],
      ],
    );
  });

  it("that are named in a prompt are loaded, and the prompt stays as it was typed", async () => {
    const model = scriptedModel([[text("ok"), done]]);
    const session = await open(model, { skills: [createSkill({ name: "FirstPrinciples" })] });
    await promptAndWait(session, "/firstprinciples why at all");
    const [prompt] = session.view().parts;
    assert.equal(prompt?.type === "prompt" && prompt.text, "/firstprinciples why at all");
    const sent = JSON.stringify(model.requests[0]?.messages);
    assert.match(sent, /Text of FirstPrinciples\.\\n\\nArguments: why at all/);
    assert.ok(!sent.includes("/firstprinciples why"));
  });

  it("leave other prompts that begin with a slash as they are", async () => {
    const model = scriptedModel([[text("ok"), done]]);
    const session = await open(model, { skills: [createSkill({ name: "etc" })] });
    for (const prompt of ["/etc/hosts is wrong", " /etc x", "/unknown x"]) await promptAndWait(session, prompt);
    assert.equal(filterByType(session.envelopes(), "hook.done").length, 0);
  });

  it("of an agent are in its system prompt, and a missing one is reported", async () => {
    const model = scriptedModel([[text("ok"), done]]);
    const { createAgent, createAgents } = await import("../../help/agents.ts");
    const agents = createAgents(createAgent({ name: "A", skills: ["Logs", "Gone"] }));
    const session = await open(model, { agents, skills: [createSkill({ name: "Logs" })] });
    await promptAndWait(session, "Go", { agent: "A" });
    assert.match(model.requests[0]?.system ?? "", /Text of Logs\./);
    assert.match(JSON.stringify(session.view().parts), /uses the skill Gone, which does not exist/);
  });

  it("may read the files in their folders", async () => {
    const seen: (readonly string[])[] = [];
    const model = scriptedModel([
      [call("read", { path: "a.txt" }), calls],
      [text("ok"), done],
    ]);
    const session = await open(model, {
      skills: [
        createSkill({ name: "A", folder: "/home/u/.claude/skills/Cat/A" }),
        createSkill({ name: "B", folder: "/home/u/.claude/skills/B" }),
        createSkill({ name: "C", folder: "/repo/.claude/skills/C", source: { kind: "project" } }),
      ],
      judge: async ({ approved }) => {
        seen.push(approved);
        return { decision: "allow" };
      },
    });
    writeFileSync(join(bench.cwd, "a.txt"), "x");
    await promptAndWait(session);
    assert.deepEqual(seen, [["read(/home/u/.claude/skills/**)", "read(/repo/.claude/skills/C/**)"]]);
  });
});

describe("commands in a turn", () => {
  let bench: AgentBench;
  afterEach(() => bench.close());
  const run = async (template: string, prompt: string, options: BenchOptions = {}) => {
    const model = scriptedModel([[text("ok"), done]]);
    bench = await openAgentBench({ model, commands: [createCommand("go", template)], ...options });
    mkdirSync(join(bench.cwd, "src"));
    writeFileSync(join(bench.cwd, "src/a.txt"), "content of a\n");
    const session = await bench.create();
    await promptAndWait(session, prompt);
    const [message] = model.requests[0]?.messages ?? [];
    const sent = message ? JSON.stringify(message) : null;
    return { session, sent, model, turn: filterByType(session.envelopes(), "turn.ended").at(-1) };
  };

  it("fill in their arguments", async () => {
    const { sent } = await run("All: $ARGUMENTS; first: $1; second: $2; third: [$3]; $10 $USD", '/go one "two words"');
    assert.match(sent ?? "", /All: one \\"two words\\"; first: one; second: two words; third: \[\]; \$10 \$USD/);
  });

  it("append the arguments where there is no placeholder", async () => {
    const { sent } = await run("Do it.", "/go carefully");
    assert.match(sent ?? "", /Do it\.\\n\\ncarefully/);
  });

  it("run commands and inline files, and say so", async () => {
    const { sent, session } = await run("Out: !`printf '%s' $1` and @src/a.txt and @missing.txt", "/go 'a;b'");
    assert.match(sent ?? "", /Out: a;b and @src\/a\.txt and @missing\.txt/);
    assert.match(sent ?? "", /<file path=\\"src\/a\.txt\\">\\ncontent of a\\n<\/file>/);
    assert.match(JSON.stringify(session.view().parts), /Ran `printf '%s' 'a;b'` for this prompt \(exit code 0\)/);
  });

  it("never turn arguments into commands of their own", async () => {
    const { sent } = await run("Text: $ARGUMENTS", "/go !`touch pwned`");
    assert.match(sent ?? "", /Text: !`touch pwned`/);
  });

  it("do not run what the policy refuses, and the turn fails", async () => {
    const { sent, turn, model } = await run("!`rm -rf x`", "/go", {
      judge: async () => ({ decision: "deny", reason: "a rule forbids it" }),
    });
    assert.equal(sent, null);
    assert.equal(model.requests.length, 0);
    assert.equal(turn?.outcome, "failed");
    assert.match(turn?.failure?.message ?? "", /\/go: `rm -rf x` was not run: a rule forbids it/);
  });

  it("do not run what needs approval if no one can give it", async () => {
    const { turn } = await run("!`make`", "/go", {
      judge: async () => ({ decision: "ask", reason: "no rule allows it" }),
    });
    assert.match(turn?.failure?.message ?? "", /no one was available to approve it/);
  });

  it("do not inline a file that may not be read", async () => {
    const { sent } = await run("See @src/a.txt", "/go", { judge: async () => ({ decision: "ask", reason: "secret" }) });
    assert.ok(!sent?.includes("content of a"));
  });

  it("set the model of the turn, unless the prompt does", async () => {
    const other = scriptedModel([[text("other"), done]]);
    const { model } = await run("x", "/go", {
      models: { "acme/other": other },
      commands: [createCommand("go", "x", { model: "acme/other" })],
    });
    assert.deepEqual([model.requests.length, other.requests.length], [0, 1]);
  });

  it("of a subtask ask for a subagent", async () => {
    const { sent } = await run("", "/go now", {
      commands: [createCommand("go", "Look at $ARGUMENTS", { subtask: true, agent: "explore" })],
    });
    assert.match(sent ?? "", /Call the task tool once, with the agent \\"explore\\".*Look at now/);
  });
});

describe("commands and skills in messages that steer a turn", () => {
  let bench: AgentBench;
  afterEach(() => bench.close());
  /** Sends these messages during the first response; returns the texts that the second request has in addition. */
  const steer = async (messages: readonly string[], options: BenchOptions = {}) => {
    const model: ScriptedModel = scriptedModel([
      () => [...messages.map((one) => session.steer("t1", one, ada)), call("read", { path: "a.txt" }), calls],
      [text("ok"), done],
    ]);
    bench = await openAgentBench({ model, ...options });
    writeFileSync(join(bench.cwd, "a.txt"), "content of a");
    const session = await bench.create();
    await promptAndWait(session);
    const sent = model.requests[1]?.messages.slice(3).map(({ role, ...rest }) => {
      assert.equal(role, "user");
      return "content" in rest ? rest.content.map((part) => ("text" in part ? part.text : "")).join() : "";
    });
    const notices = filterByType(session.envelopes(), "notice.shown").map((event) => event.text);
    return { sent, notices, session };
  };

  it("are expanded in their order, and stay in the transcript as they were typed", async () => {
    const messages = ["First this.", "/go src $1", "/Logs the crash", "/etc/hosts is odd", "/unknown name"];
    const { sent, session, notices } = await steer(messages, {
      commands: [createCommand("go", "Look at $ARGUMENTS with !`printf '%s' $1` and @a.txt")],
      skills: [createSkill({ name: "logs", read: async () => "Explain $ARGUMENTS." })],
    });
    assert.deepEqual(sent, [
      "First this.",
      'Look at src $1 with src and @a.txt\n\n<file path="a.txt">\ncontent of a\n</file>',
      "Skill logs. Its base directory is /skills/logs; relative paths in it start there.\n\nExplain the crash.",
      "/etc/hosts is odd",
      "/unknown name",
    ]);
    const prompts = session.view().parts.flatMap((part) => (part.type === "prompt" ? [part.text] : []));
    assert.deepEqual(prompts, ["Go.", ...messages]);
    assert.deepEqual(notices, ["Ran `printf '%s' src` for this prompt (exit code 0)."]);
  });

  it("cannot change the agent, the model and the rules of the running turn, and a notice says so", async () => {
    const { sent, notices } = await steer(["/all x", "/one", "/none"], {
      commands: [
        createCommand("all", "All.", { agent: "plan", model: "acme/other", allow: ["bash(git log:*)"] }),
        createCommand("one", "One.", { model: "acme/other" }),
        createCommand("none", "None."),
      ],
    });
    assert.deepEqual(sent, ["All.\n\nx", "One.", "None."]);
    assert.deepEqual(notices, [
      "/all sets an agent, a model, and allowed tools. A running turn keeps its own; to use them, send it as a prompt after this turn.",
      "/one sets a model. A running turn keeps its own; to use them, send it as a prompt after this turn.",
    ]);
  });

  it("that cannot be expanded are not sent, a notice says so, and the turn goes on", async () => {
    const { sent, notices, session } = await steer(["/bad", "/gone", "/good", "/bad"], {
      commands: [createCommand("bad", "!`rm -rf x`"), createCommand("good", "Good.")],
      skills: [createSkill({ name: "gone", read: () => Promise.reject(new Error("The file was removed.")) })],
      judge: async ({ tool }) =>
        tool.name === "bash" ? { decision: "deny", reason: "a rule forbids it" } : { decision: "allow" },
    });
    assert.deepEqual(sent, ["Good."]);
    const refused = "/bad: `rm -rf x` was not run: a rule forbids it. Your message was not sent to the model.";
    assert.deepEqual(notices, [refused, "The file was removed. Your message was not sent to the model.", refused]);
    assert.deepEqual(session.view().queue, []);
    assert.equal(filterByType(session.envelopes(), "turn.ended").at(-1)?.outcome, "done");
  });

  it("that are edited or removed while another is expanded count as they are then", async () => {
    let session: Session | null = null;
    const edit = async () => {
      const [, second, third] = session?.view().queue ?? [];
      assert.ok(session && second && third);
      await session.changeQueue({ type: "prompt.edited", prompt: second.id, text: "/two" }, ada);
      await session.changeQueue({ type: "prompt.dropped", prompt: third.id }, ada);
      return "One.";
    };
    const model: ScriptedModel = scriptedModel([
      () => [
        ...["/one", "Two", "/three"].map((one) => session?.steer("t1", one, ada) ?? Promise.reject()),
        call("read", { path: "a.txt" }),
        calls,
      ],
      [text("ok"), done],
    ]);
    const skills = [createSkill({ name: "one", read: edit }), createSkill({ name: "three" })];
    bench = await openAgentBench({ model, skills, commands: [createCommand("two", "Two, expanded.")] });
    session = await bench.create();
    await promptAndWait(session);
    const sent = JSON.stringify(model.requests[1]?.messages);
    assert.match(sent, /Two, expanded\./);
    assert.doesNotMatch(sent, /three/);
  });
});

describe("the list of skills for a model", () => {
  const describeSkills = (skills: readonly Skill[], maxLength: number): string =>
    createSkillTool(createNamed(skills, []), maxLength).description.replace(/^.*Skills:\n/s, "");

  it("never exceeds its limit, never ends in the middle of a word, and keeps names before descriptions", () => {
    const word = fc.string({ unit: fc.constantFrom(..."abcdefgh"), minLength: 1, maxLength: 9 });
    const description = fc.array(word, { minLength: 1, maxLength: 300 }).map((words) => words.join(" "));
    fc.assert(
      fc.property(
        fc.array(description, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 200, max: 20_000 }),
        (descriptions, maxLength) => {
          const skills = descriptions.map((one, index) => createSkill({ name: `Skill${index}`, description: one }));
          const list = describeSkills(skills, maxLength);
          assert.ok(list.length <= maxLength, `${list.length} of ${maxLength}`);
          for (const line of list.split("\n").filter((one) => one.startsWith("- "))) {
            const [, name = "", shown = ""] = /^- (Skill\d+): (.*)$/.exec(line) ?? [];
            const whole = skills.find((skill) => skill.name === name)?.description ?? "";
            const kept = shown.replace(/…$/, "");
            assert.ok(shown === whole || whole.startsWith(`${kept} `), line);
          }
        },
      ),
    );
  });

  it("has hidden ones neither in the list nor alone", () => {
    const list = describeSkills([createSkill({ name: "A" }), createSkill({ name: "B", hidden: true })], 1_000);
    assert.equal(list, "- A: About A.");
  });

  it("fills arguments in one pass", () => {
    assert.equal(fillArguments("$1 $2", "$2 x"), "$2 x");
    assert.equal(fillArguments("$ARGUMENTS|$ARGUMENTSX", "a"), "a|$ARGUMENTSX");
  });
});
