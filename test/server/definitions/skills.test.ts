/** Skills and commands from files and configuration, with real files and real trust. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Command, Skill } from "../../../server/definitions/skill.ts";
import { createDefinitionHome, type DefinitionHome } from "../../help/definitions.ts";

describe("skills and commands", () => {
  let at: DefinitionHome;
  beforeEach(() => {
    at = createDefinitionHome();
  });
  afterEach(() => at.remove());

  const skills = async () => (await at.open()).skills(at.repo);
  const commands = async () => (await at.open()).commands(at.repo);
  const getSkill = async (name: string): Promise<Skill> => {
    const skill = (await skills()).find(name);
    assert.ok(skill, name);
    return skill;
  };
  const getCommand = async (name: string): Promise<Command> => {
    const command = (await commands()).find(name);
    assert.ok(command, name);
    return command;
  };
  const shorten = ({ path, line, text }: { path: string; line?: number; text: string }): string =>
    `${path.replace(`${at.root}/`, "")}:${line}: ${text}`;

  describe("skills", () => {
    it("are none without files", async () => {
      assert.deepEqual((await skills()).list(), []);
    });

    it("are found up to four levels deep, a category's own too, by any case of their name", async () => {
      at.copyFixture("pai-claude", "home/.claude");
      assert.deepEqual(
        (await skills()).list().map(({ name }) => name),
        ["_PRIVATE", "Broken", "FirstPrinciples", "LogReview", "Long", "Summaries", "Thinking"],
      );
      const skill = await getSkill("firstprinciples");
      assert.equal(skill.folder, join(at.home, ".claude/skills/Thinking/FirstPrinciples"));
      assert.deepEqual(skill.extra, { triggers: ["first principles", "decompose"], version: "1.2.0" });
      assert.equal(await skill.read(), "# FirstPrinciples\nFollow `Workflows/Decompose.md` for $ARGUMENTS.");
    });

    it("keep a long description whole, and one that is no valid YAML", async () => {
      at.copyFixture("pai-claude", "home/.claude");
      const { description } = await getSkill("Long");
      assert.ok(description.length > 1024 && description.endsWith("trigger159."));
      assert.match((await getSkill("LogReview")).description, /faults: stack traces, crashes\. USE WHEN/);
    });

    it("say how they run", async () => {
      at.copyFixture("pai-claude", "home/.claude");
      const { fork, agent } = await getSkill("LogReview");
      assert.deepEqual([fork, agent, (await getSkill("_PRIVATE")).hidden], [true, "Engineer", true]);
    });

    it("report what is missing", async () => {
      at.copyFixture("pai-claude", "home/.claude");
      assert.deepEqual((await skills()).problems.map(shorten), [
        "home/.claude/skills/Broken/SKILL.md:1: The skill has no description, so no model knows when to use it.",
        "home/.claude/skills/Broken/SKILL.md:1: The skill has no text.",
      ]);
    });

    it("of a project are used only as they were trusted", async () => {
      const file = "repo/.claude/skills/Local/SKILL.md";
      at.write(file, "---\ndescription: d\n---\nOne.");
      assert.equal((await skills()).find("Local"), undefined);
      await at.grantAll();
      const skill = await getSkill("Local");
      at.write(file, "---\ndescription: d\n---\nTwo.");
      assert.equal(await skill.read(), "One.");
      assert.equal((await skills()).find("Local"), undefined);
    });

    it("of a project override the user's own", async () => {
      at.write("home/.claude/skills/Same/SKILL.md", "---\ndescription: own\n---\nx");
      at.write("repo/.opencode/skill/same/SKILL.md", "---\nname: Same\ndescription: project\n---\nx");
      assert.equal((await getSkill("same")).description, "own");
      await at.grantAll();
      assert.equal((await getSkill("same")).description, "project");
    });
  });

  describe("commands", () => {
    it("are included", async () => {
      assert.deepEqual(
        (await commands()).list().map(({ name, source }) => [name, source.kind]),
        [
          ["init", "builtin"],
          ["review", "builtin"],
          ["security-review", "builtin"],
        ],
      );
    });

    it("in a folder are named after it, with hints as they are written", async () => {
      at.copyFixture("pai-claude", "home/.claude");
      const command = await getCommand("tidy");
      assert.deepEqual(
        [command.name, command.argumentHint, command.allow, command.model],
        ["git:tidy", "[branch] [base]", ["bash(git log:*)", "bash(git status:*)"], "sonnet"],
      );
      assert.equal((await getCommand("explain")).description, "Explain");
      assert.deepEqual((await commands()).problems.map(shorten), [
        'home/.claude/commands/git/tidy.md:4: allowed-tools has "Flurb(x)", which Tutti does not have; it is ignored.',
      ]);
    });

    it("in opencode.json count, and a file of the same name overrides them", async () => {
      at.write("home/.config/opencode/opencode.jsonc", {
        command: {
          test: { template: "Run the tests for $ARGUMENTS", description: "Tests", agent: "build", subtask: true },
          bad: { description: "no template" },
        },
      });
      const command = await getCommand("test");
      assert.deepEqual(
        [command.template, command.agent, command.subtask],
        ["Run the tests for $ARGUMENTS", "build", true],
      );
      assert.match((await commands()).problems.map(shorten).join(), /command\.bad has no template/);
      at.write("home/.config/opencode/command/test.md", "From a file");
      assert.equal((await getCommand("test")).template, "From a file");
    });

    it("replace included ones of the same name", async () => {
      at.write("home/.config/tutti/commands/review.md", "Mine: $ARGUMENTS");
      assert.equal((await getCommand("review")).template, "Mine: $ARGUMENTS");
    });
  });
});
