/** Imports of other programs' settings into a real configuration file, and the rules that apply without an import. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfig } from "../../server/config/load.ts";
import { applyImport, type ImportName, planImport, showPlan } from "../../server/import/import-settings.ts";
import { createDefinitionHome, type DefinitionHome } from "../help/definitions.ts";

describe("an import", () => {
  let at: DefinitionHome;
  let userFile: string;
  beforeEach(() => {
    at = createDefinitionHome();
    userFile = join(at.home, ".config/tutti/tutti.jsonc");
  });
  afterEach(() => at.remove());

  const input = () => ({ home: at.home, env: {}, configDir: join(at.home, ".config/tutti") });
  const plan = (name: ImportName) => planImport(name, input(), userFile);
  const changes = (name: ImportName) => Object.fromEntries(plan(name).changes.map(({ key, value }) => [key, value]));
  const skipped = (name: ImportName) =>
    plan(name).skipped.map(({ from, reason }) => `${from.replace(/^.*: /, "")}: ${reason}`);
  const apply = (name: ImportName) => applyImport(name, input(), userFile, plan(name).digest);
  const load = () => loadConfig({ keyNames: () => [], cwd: at.repo, env: {}, platform: "linux", home: at.home });

  it("names the files that it looked for", () => {
    assert.deepEqual(plan("claude").searched, [join(at.home, ".claude/settings.json")]);
    assert.deepEqual(plan("claude").files, []);
    const searched = plan("opencode").searched;
    for (const name of [".config/opencode/opencode.json", ".opencode/opencode.jsonc"])
      assert.ok(searched.includes(join(at.home, name)), name);
    for (const name of [".codex/config.toml", ".cursor/mcp.json"])
      assert.ok([...plan("codex").searched, ...plan("mcp").searched].includes(join(at.home, name)), name);
  });

  const claude = {
    model: "claude-opus-4-5",
    permissions: {
      allow: ["Bash(git log:*)", "Edit(//tmp/**)", "Flurb(x)"],
      ask: ["Bash(git push:*)"],
      deny: ["Read(~/.ssh/**)", "WebFetch(domain:evil.example)"],
      defaultMode: "acceptEdits",
    },
    daidentity: { name: "Kai" },
    hooks: {},
  };

  describe("of a profile of OpenCode", () => {
    const profile = (name: string, text: string) => at.write(`home/.opencode/profiles/${name}.yaml`, text);
    const changesOf = (name?: string) => {
      const planned = planImport("opencode", { ...input(), ...(name !== undefined && { profile: name }) }, userFile);
      const pairs = planned.changes.map(({ key, value }): [string, unknown] => [key, value]);
      return { changes: Object.fromEntries(pairs), skipped: planned.skipped.map(({ reason }) => reason) };
    };
    const mixed = `name: mixed
default_model: zai/glm-4.7
agents:
  Engineer:
    model: moonshotai/kimi-k2.5
    tiers: {quick: zai/glm-4.7, advanced: {model: anthropic/claude-sonnet-4-5}, best: a/b}
  Intern: zai/glm-4.7
  Broken: {model: opus}
`;

    it("brings the models of each agent, if it is the only one", () => {
      profile("mixed", mixed);
      assert.deepEqual(changesOf(), {
        changes: {
          model: "zai/glm-4.7",
          "agents.Engineer.model": "moonshotai/kimi-k2.5",
          "agents.Engineer.tiers.quick": "zai/glm-4.7",
          "agents.Engineer.tiers.advanced": "anthropic/claude-sonnet-4-5",
          "agents.Intern.model": "zai/glm-4.7",
        },
        skipped: ["There is no such tier.", "It names no model in the form provider/model."],
      });
    });

    it("brings the one that was named of several, and says so otherwise", () => {
      profile("mixed", mixed);
      profile("local", "agents: {Engineer: {model: ollama/qwen3}}");
      assert.deepEqual(changesOf("local").changes, { "agents.Engineer.model": "ollama/qwen3" });
      assert.deepEqual(changesOf().changes, {});
      assert.match(changesOf().skipped.join(), /pass --profile local\..*pass --profile mixed\./);
      assert.match(changesOf("other").skipped.join(), /no such profile\. Profiles: local, mixed/);
    });

    it("names the fault of one that is not valid", () => {
      profile("broken", "agents: {Engineer: [");
      assert.match(changesOf().skipped.join(), /not valid YAML/);
      profile("broken", "just text");
      assert.match(changesOf().skipped.join(), /has no agents/);
    });
  });

  it("of Claude Code brings allow rules, the mode and the model, and names everything else", () => {
    at.write("home/.claude/settings.json", claude);
    assert.deepEqual(changes("claude"), {
      model: "anthropic/claude-opus-4-5",
      "permissions.allow": ["bash(git log:*)", "edit(/tmp/**)"],
      "permissions.mode": "edit",
    });
    assert.deepEqual(skipped("claude"), [
      "permissions.allow Flurb(x): Tutti has no such rule.",
      "permissions.ask: Tutti reads it where it is: its rules always apply.",
      "permissions.deny: Tutti reads it where it is: its rules always apply.",
      "daidentity: Tutti has no such setting.",
      "hooks: Tutti reads it where it is; `tutti trust` shows its commands.",
    ]);
  });

  for (const model of ["opus", "sonnet[1m]", 7])
    it(`of Claude Code does not guess a model for ${model}, and never turns approvals off`, () => {
      at.write("home/.claude/settings.json", { model, permissions: { defaultMode: "bypassPermissions" } });
      assert.deepEqual(changes("claude"), {});
      assert.equal(skipped("claude").length, 2);
    });

  it("of OpenCode brings providers, servers, rules and tiers", () => {
    at.write(
      "home/.config/opencode/opencode.jsonc",
      `{ // comment
        "model": "my/m", "small_model": "my/s", "theme": "x",
        "provider": { "my": { "options": { "baseURL": "http://127.0.0.1:1/v1", "apiKey": "{env:MY_KEY}" },
          "models": { "m": { "limit": { "context": 1000, "output": 10 } } } }, "anthropic": {} },
        "permission": { "edit": "ask", "bash": { "*": "ask", "git status*": "allow" }, "webfetch": "deny" },
        "mcp": { "a": { "type": "local", "command": ["x", "y"], "environment": { "K": "v" } }, "b": { "type": "remote" } },
      }`,
    );
    assert.deepEqual(changes("opencode"), {
      model: "my/m",
      "tiers.quick": "my/s",
      "providers.my": {
        baseUrl: "http://127.0.0.1:1/v1",
        apiKey: "{env:MY_KEY}",
        models: { m: { context: 1000, output: 10 } },
      },
      "permissions.allow": ["bash(git status:*)"],
      "permissions.ask": ["edit", "bash unless bash(git status:*)"],
      "permissions.deny": ["fetch"],
      "plugins.a": { command: ["x", "y"], env: { K: "v" } },
    });
    assert.deepEqual(
      skipped("opencode").map((line) => line.replace(/:.*/, "")),
      ["theme", "provider.anthropic", "mcp.b"],
    );
  });

  it("of Codex reads its model and servers, and names the lines that it cannot read", () => {
    at.write(
      "home/.codex/config.toml",
      [
        'model = "gpt-5.2" # the fast one',
        "notify = [",
        '  "x",',
        "]",
        "[mcp_servers.docs]",
        'command = "npx"',
        'args = ["-y", "docs"]',
        "[mcp_servers.docs.env]",
        'TOKEN = "secret-value"',
        "[tui]",
        "animations = true",
      ].join("\n"),
    );
    assert.deepEqual(changes("codex"), {
      model: "openai/gpt-5.2",
      "plugins.docs": { command: ["npx", "-y", "docs"], env: { TOKEN: "secret-value" } },
    });
    assert.ok(!JSON.stringify(showPlan(plan("codex"))).includes("secret-value"));
    assert.equal(plan("codex").skipped.length, 4);
  });

  it("of MCP servers reads the files of several programs", () => {
    at.write("home/.cursor/mcp.json", { mcpServers: { gh: { command: "gh-mcp", args: ["x"] }, "bad name": {} } });
    at.write("home/.gemini/settings.json", { mcpServers: { web: { httpUrl: "https://x.example/mcp" } } });
    at.write("home/.codeium/windsurf/mcp_config.json", "{");
    assert.deepEqual(changes("mcp"), {
      "plugins.gh": { command: ["gh-mcp", "x"] },
      "plugins.web": { url: "https://x.example/mcp" },
    });
    assert.equal(plan("mcp").skipped.length, 2);
    assert.equal(plan("mcp").files.length, 3);
  });

  it("changes nothing but what it showed, keeps comments, backs up, and has nothing to do the second time", async () => {
    at.write("home/.claude/settings.json", claude);
    const before = '{\n  // mine\n  "model": "a/b", // keep\n  "permissions": { "allow": ["bash(make)"] }\n}\n';
    at.write("home/.config/tutti/tutti.jsonc", before);
    assert.ok(skipped("claude").includes("model: You have set model to another value, which stays."));
    const { backup } = await apply("claude");
    assert.equal(backup && readFileSync(backup, "utf8"), before);
    const after = readFileSync(userFile, "utf8");
    assert.match(after, /\/\/ mine\n {2}"model": "a\/b", \/\/ keep/);
    const { permissions } = (await load()).config;
    assert.deepEqual(permissions.allow, ["bash(make)", "bash(git log:*)", "edit(/tmp/**)"]);
    assert.deepEqual((await apply("claude")).backup, null);
    assert.equal(readFileSync(userFile, "utf8"), after);
  });

  it("is refused if the files have changed since it was shown", async () => {
    at.write("home/.claude/settings.json", claude);
    const { digest } = plan("claude");
    at.write("home/.claude/settings.json", { ...claude, model: "claude-haiku-4-5" });
    await assert.rejects(applyImport("claude", input(), userFile, digest), /Nothing was imported/);
    assert.ok(!existsSync(userFile));
  });

  it("goes on after a value that the configuration does not accept", async () => {
    at.write("home/.config/opencode/opencode.json", {
      provider: { bad: { options: { baseURL: "ftp://x" } } },
      model: "a/b",
    });
    const result = await apply("opencode");
    assert.deepEqual(
      result.plan.changes.map(({ key }) => key),
      ["model"],
    );
    assert.match(result.plan.skipped.at(-1)?.reason ?? "", /The value was not changed/);
    assert.equal((await load()).config.model, "a/b");
  });

  it("without files finds nothing", () => {
    for (const name of ["claude", "opencode", "codex", "mcp"] as const)
      assert.deepEqual([plan(name).files, plan(name).changes], [[], []]);
  });

  it("is not needed for what the user forbade in Claude Code", async () => {
    at.write("home/.claude/settings.json", {
      ...claude,
      permissions: { ...claude.permissions, deny: ["Odd(x)", "Read(.env)"] },
    });
    const { config, problems } = await load();
    assert.deepEqual(config.permissions, { mode: "ask", allow: [], ask: ["bash(git push:*)"], deny: ["read(.env)"] });
    assert.match(problems.map(({ message }) => message).join(), /The rule "Odd\(x\)" has no effect/);
    at.write("home/.claude/settings.json", "{ broken");
    assert.deepEqual((await load()).config.permissions.deny, []);
  });
});
