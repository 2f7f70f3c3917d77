/** Agents from files and configuration of Tutti, Claude Code and OpenCode, with real files and real trust. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Agent, Agents } from "../../../server/definitions/agent.ts";
import { mayStart } from "../../../server/definitions/find-agent.ts";
import { createDefinitionHome, type DefinitionHome } from "../../help/definitions.ts";

describe("agents", () => {
  let at: DefinitionHome;
  beforeEach(() => {
    at = createDefinitionHome();
  });
  afterEach(() => at.remove());

  const agents = async (): Promise<Agents> => (await await at.open()).agents(at.repo);
  const items = async () => (await (await (await at.open()).openTrust()).read(at.repo)).items;
  const get = async (name: string): Promise<Agent> => {
    const agent = (await agents()).find(name);
    assert.ok(agent, name);
    return agent;
  };
  const problems = async (): Promise<string[]> =>
    (await agents()).problems.map(({ path, line, text }) => `${path.replace(`${at.root}/`, "")}:${line}: ${text}`);

  describe("that are included", () => {
    it("are there without any file, and nothing is written", async () => {
      const found = await agents();
      assert.deepEqual(
        found.list().map(({ name, mode }) => `${name} ${mode}`),
        [
          "Architect all",
          "build primary",
          "DeepResearcher all",
          "Engineer all",
          "explore subagent",
          "general subagent",
          "Pentester all",
          "plan primary",
          "review subagent",
          "Writer all",
        ],
      );
      assert.deepEqual(found.problems, []);
      assert.equal(found.find("build")?.prompt, "");
      assert.equal(found.find("plan")?.permissions.mode, "plan");
      for (const { name, description, prompt } of found.list()) {
        assert.ok(description.length > 40, name);
        assert.ok(name === "build" || prompt.split("\n").length >= 10, name);
      }
      assert.ok(!existsSync(at.cacheDir));
    });

    it("cannot change files if they only read", async () => {
      for (const name of ["plan", "explore", "review"]) {
        const { tools } = await get(name);
        const canUse = (tool: string) => !tools.deny.includes(tool) && (tools.allow?.includes(tool) ?? true);
        assert.deepEqual(["write", "edit", "patch"].filter(canUse), [], name);
        assert.ok(canUse("read"));
      }
    });

    it("are found by the names that other programs use", async () => {
      const found = await agents();
      const names = [
        "general-purpose",
        "General-Purpose",
        "Explore",
        "EXPLORE",
        "Plan",
        "deep-researcher",
        " engineer ",
      ];
      assert.deepEqual(
        names.map((name) => found.find(name)?.name),
        ["general", "general", "explore", "explore", "plan", "DeepResearcher", "Engineer"],
      );
      assert.equal(found.find("nobody"), undefined);
      assert.equal(found.find("constructor"), undefined);
    });
  });

  describe("of Claude Code", () => {
    beforeEach(() => at.copyFixture("pai-claude", "home/.claude"));

    it("are read with their keys, known and unknown", async () => {
      const engineer = await get("Engineer");
      assert.deepEqual(
        { ...engineer, prompt: engineer.prompt.split("\n")[0] },
        {
          name: "Engineer",
          description: "Builds features test first. USE WHEN code has to be written, refactored or repaired.",
          prompt: "# Mandatory startup",
          mode: "all",
          hidden: false,
          tier: "advanced",
          tiers: {},
          tools: { allow: null, deny: [] },
          permissions: {
            allow: ["bash", "read", "write", "edit", "grep", "fetch", "*__*", "plan"],
            ask: [],
            deny: [],
          },
          agents: null,
          isolation: "worktree",
          color: "#3FB68B",
          skills: ["LogReview"],
          extra: {
            voiceId: "ENG-VOICE-1",
            voice: { stability: 0.62, similarity_boost: 0.8, volume: 0.9 },
            persona: {
              name: "Mira",
              title: "The Careful Builder",
              background: "Twenty years of systems that must not stop.",
            },
          },
          source: { kind: "user", path: join(at.home, ".claude/agents/Engineer.md") },
        },
      );
    });

    it("are read where the frontmatter is no valid YAML", async () => {
      assert.equal(
        (await get("Intern")).description,
        "Use when: many small, independent chores have to be done; never for design",
      );
      const simplifier = await get("code-simplifier");
      assert.match(
        simplifier.description,
        /^Use this agent after code was written.*dates"\nassistant: "Here it is: done"\n<\/example>$/s,
      );
      assert.deepEqual(simplifier.tools.allow, ["read", "edit", "patch"]);
      const tester = await get("QATester");
      assert.deepEqual([tester.tier, tester.prompt], ["standard", "You test."]);
      assert.deepEqual(tester.extra.persona, { name: "Quinn", mood: "calm" });
    });

    it("name tools and rules in Claude Code's way", async () => {
      const artist = await get("Artist");
      assert.deepEqual(artist.tools.allow, ["read", "grep", "bash", "WebSearch", "figma__get_file"]);
      assert.deepEqual(artist.permissions.allow, ["bash(git log:*)"]);
      assert.equal(artist.prompt, "You draw.\nTwice.");
      assert.deepEqual([artist.model, artist.tier], [undefined, undefined]);
      assert.deepEqual((await get("Intern")).permissions.allow, [
        "bash(git:*)",
        "read(~/.claude/**)",
        "browser__navigate",
      ]);
    });

    it("are found in nested folders, named after the file if they have no name, and notes are no agents", async () => {
      assert.deepEqual(
        [(await get("geminiresearcher")).name, (await get("GeminiResearcher")).model],
        ["GeminiResearcher", "anthropic/claude-sonnet-4-5"],
      );
      assert.equal((await agents()).find("README"), undefined);
    });

    it("report only what is lost, with file and line", async () => {
      assert.deepEqual(await problems(), [
        'home/.claude/agents/Intern.md:7: permissions has the rule "Flurb(x)", which Tutti does not have; it is ignored.',
      ]);
    });
  });

  describe("of OpenCode", () => {
    beforeEach(() => at.copyFixture("pai-opencode", "home/.config/opencode"));

    it("get their model and their tiers from opencode.json, and the rest from their file", async () => {
      const engineer = await get("Engineer");
      assert.equal(engineer.prompt, "You are Mira.");
      assert.equal(engineer.model, "moonshotai/kimi-k2.5");
      assert.deepEqual(engineer.tiers, {
        quick: { model: "zai/glm-4.7" },
        standard: { model: "moonshotai/kimi-k2.5", effort: "high" },
        advanced: { model: "anthropic/claude-sonnet-4-5" },
      });
      assert.deepEqual(engineer.configuredBy, [join(at.home, ".config/opencode/opencode.json")]);
    });

    it("may exist in opencode.json alone", async () => {
      const intern = await get("Intern");
      assert.deepEqual([intern.prompt, intern.model], ["You do chores, well.", "zai/glm-4.7"]);
      assert.deepEqual(intern.source, { kind: "user", path: join(at.home, ".config/opencode/opencode.json") });
      assert.equal((await get("Algorithm")).model, "zai/glm-4.7");
    });

    it("restrict tools, permissions and agents", async () => {
      const fast = await get("engineer-fast");
      assert.deepEqual(
        [fast.mode, fast.effort, fast.steps, fast.model, fast.agents],
        ["subagent", "low", 40, "moonshotai/kimi-k2.5", ["Engineer", "explore"]],
      );
      assert.deepEqual(fast.tools, { allow: null, deny: ["task", "write", "patch"] });
      assert.deepEqual(fast.permissions, {
        allow: ["bash(git status:*)"],
        ask: ["edit", "bash unless bash(git status:*)"],
        deny: ["bash(rm:*)"],
      });
      assert.deepEqual(fast.extra, { textVerbosity: "low" });
    });

    it("report an unknown tier with the line of the agent", async () => {
      const line = readFileSync(join(at.home, ".config/opencode/opencode.json"), "utf8")
        .split("\n")
        .findIndex((text) => text.includes('"Intern"'));
      assert.deepEqual(await problems(), [
        `home/.config/opencode/opencode.json:${line + 1}: agent.Intern: model_tiers has no tier "turbo"; there are quick, standard, advanced.`,
      ]);
    });

    it("with broken JSON report the place and keep what can be read", async () => {
      at.write(
        "home/.config/opencode/opencode.json",
        '{\n "agent": {\n  "Solo": {"model": "a/b"},\n  "Bad": {"model" "c/d"}\n }\n}',
      );
      assert.equal((await get("Solo")).model, "a/b");
      assert.match((await problems()).join(), /opencode\.json:4: This is not valid JSON/);
    });
  });

  describe("of several sources", () => {
    it("with the same name: the project's, the nearest first, then Tutti's, OpenCode's and Claude Code's", async () => {
      const places = [
        "home/.claude/agents/A.md",
        "home/.config/opencode/agent/A.md",
        "home/.opencode/agents/A.md",
        "home/.config/tutti/agents/A.md",
        "repo/.claude/agents/A.md",
        "repo/packages/one/.tutti/agents/A.md",
      ];
      mkdirSync(join(at.repo, "packages/one"), { recursive: true });
      const cwd = join(at.repo, "packages/one");
      for (const place of places) {
        at.write(place, `---\ndescription: From ${place}\n---\nBody`);
        await at.grantAll(cwd);
        const found = (await (await await at.open()).agents(cwd)).find("a");
        assert.equal(found?.description, `From ${place}`);
      }
    });

    it("are disabled by configuration or by a file", async () => {
      at.write("home/.config/tutti/tutti.jsonc", { agents: { Writer: { disable: true } } });
      at.write("home/.claude/agents/Pentester.md", "---\ndescription: None\ndisable: true\n---\n");
      const names = (await agents()).list().map(({ name }) => name);
      assert.ok(names.includes("Engineer"));
      assert.ok(!names.includes("Writer") && !names.includes("Pentester"));
    });

    it("take a model of the configuration in place of a file's tier, and a tier in place of a model", async () => {
      at.write("home/.claude/agents/A.md", "---\ndescription: d\nmodel: sonnet\n---\nx");
      at.write("home/.claude/agents/B.md", "---\ndescription: d\nmodel: a/b\n---\nx");
      at.write("home/.config/tutti/tutti.jsonc", {
        agents: { A: { model: "c/d" }, B: { tier: "quick" }, C: { model: "e/f", tier: "advanced" } },
      });
      const rows = await Promise.all(["A", "B", "C"].map(get));
      assert.deepEqual(
        rows.map(({ model, tier }) => [model, tier]),
        [
          ["c/d", undefined],
          [undefined, "quick"],
          ["e/f", "advanced"],
        ],
      );
    });

    it("that link to one folder are read once", async () => {
      at.write("home/.claude/agents/A.md", "---\ndescription: d\n---\nx");
      symlinkSync(join(at.home, ".claude"), join(at.home, ".opencode"));
      assert.equal((await get("A")).source.path, join(at.home, ".claude/agents/A.md"));
    });

    it("of plugins are named after the plugin, and found by their name alone if it is unique", async () => {
      const ofPlugins = [
        { plugin: "jira", name: "Triage", description: "d", prompt: "p", tools: ["read"] },
        { plugin: "jira", name: "general", description: "d", prompt: "p" },
      ];
      const agents = async () => ({ found: ofPlugins, problems: [] });
      const found = await (await at.open({ plugins: { agents } })).agents(at.repo);
      assert.deepEqual(found.find("Triage")?.source, { kind: "plugin", plugin: "jira" });
      assert.deepEqual(found.find("jira:Triage")?.tools, { allow: ["read"], deny: [] });
      assert.equal(found.find("general")?.source.kind, "builtin");
    });
  });

  describe("of a project", () => {
    beforeEach(() => {
      at.write("repo/.claude/agents/Local.md", "---\ndescription: d\npermissions: {allow: [Bash]}\n---\nDo it.");
      at.write("repo/opencode.json", { agent: { Other: { model: "a/b", prompt: "{file:./p.txt}" } } });
      at.write("repo/p.txt", "From a file");
    });

    it("are not used before the user trusts them, and are listed one by one", async () => {
      const found = await agents();
      assert.deepEqual([found.find("Local"), found.find("Other")], [undefined, undefined]);
      assert.deepEqual(
        (await items()).map(({ kind, key, runs, granted, text }) => [kind, key, runs, granted, text]),
        [
          ["agent", "agents.Local", true, false, "---\ndescription: d\npermissions: {allow: [Bash]}\n---\nDo it."],
          ["agent", "agents.Other", false, false, '{"model":"a/b","prompt":"{file:./p.txt}"}'],
        ],
      );
      assert.deepEqual(
        (await at.open()).warnings().map(({ text }) => text.replace(/^.*?: /, "")),
        ["Ignored because this folder is not trusted: agents.Local, agents.Other. Review them with `tutti trust`."],
      );
    });

    it("are used as they were trusted, and no more after they have changed", async () => {
      await at.grantAll();
      assert.equal((await get("Local")).prompt, "Do it.");
      assert.equal((await get("Other")).prompt, "From a file");
      assert.deepEqual((await at.open()).warnings(), []);
      const file = at.write(
        "repo/.claude/agents/Local.md",
        "---\ndescription: d\npermissions: {allow: [Bash]}\n---\nDo ot.",
      );
      utimesSync(file, 1, 1);
      assert.equal((await agents()).find("Local"), undefined);
      writeFileSync(join(at.repo, "p.txt"), "From another file");
      assert.equal((await agents()).find("Other"), undefined);
    });

    it("are ignored with --no-project, even if they are trusted", async () => {
      await at.grantAll();
      const found = await (await at.open({ project: false })).agents(at.repo);
      assert.equal(found.find("Local"), undefined);
    });

    it("are all used in a folder that is trusted for the run", async () => {
      const found = await (await at.open({ trustedRoot: at.repo })).agents(at.repo);
      assert.equal(found.find("Local")?.source.kind, "project");
    });

    it("are not read through links that lead out of the project", async () => {
      at.write("elsewhere/Stolen.md", "---\ndescription: d\n---\nsecret");
      symlinkSync(join(at.root, "elsewhere/Stolen.md"), join(at.repo, ".claude/agents/Stolen.md"));
      assert.ok(!(await items()).some(({ text }) => text.includes("secret")));
      await at.grantAll();
      assert.equal((await agents()).find("Stolen"), undefined);
    });

    it("stay the user's own where the home folder is a repository", async () => {
      mkdirSync(join(at.home, ".git"));
      at.write("home/.claude/agents/Mine.md", "---\ndescription: d\n---\nx");
      mkdirSync(join(at.home, "src/app"), { recursive: true });
      const found = await (await at.open()).agents(join(at.home, "src/app"));
      assert.equal(found.find("Mine")?.source.kind, "user");
    });
  });

  describe("in the index", () => {
    const index = () => join(at.cacheDir, "definitions.json");
    const waitForIndex = async (): Promise<void> => {
      while (!existsSync(index())) await new Promise((resolve) => setImmediate(resolve));
    };

    it("are the same as parsed, and a changed file is parsed again", async () => {
      at.copyFixture("pai-claude", "home/.claude");
      const parsed = await agents();
      await waitForIndex();
      assert.deepEqual((await agents()).list(), parsed.list());
      assert.deepEqual((await agents()).problems, parsed.problems);
      at.write("home/.claude/agents/Artist.md", "---\ndescription: Changed\n---\n");
      assert.equal((await get("Artist")).description, "Changed");
    });

    for (const [title, content] of [
      ["is no JSON", "{"],
      ["is of another version", '{"version":0,"entries":{}}'],
      ["has another form", '{"version":1,"entries":{"agent x":"y"}}'],
      ["is a list", "[]"],
      ["is empty", ""],
    ] as const)
      it(`are parsed again if it ${title}`, async () => {
        at.copyFixture("pai-claude", "home/.claude");
        at.write("home/.cache/tutti/definitions.json", content);
        assert.equal((await get("Artist")).description, "Draws diagrams and pictures.");
        assert.ok(readdirSync(at.cacheDir).length > 0);
      });
  });
});

describe("the agents that an agent may start", () => {
  for (const [agents, name, expected] of [
    [null, "Engineer", true],
    [[], "Engineer", false],
    [["engineer"], "Engineer", true],
    [["*-fast"], "engineer-fast", true],
    [["*-fast"], "Engineer", false],
    [["*", "!Pentester"], "Pentester", false],
    [["*", "!Pentester"], "Engineer", true],
    [["a.c"], "abc", false],
  ] as const)
    it(`${JSON.stringify(agents)}: ${name} ${expected ? "is" : "is not"} one`, () =>
      assert.equal(mayStart(agents, name), expected));
});
