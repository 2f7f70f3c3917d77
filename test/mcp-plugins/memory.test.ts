/** The included memory plugin: notes are plain files, and only in its folder. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "../help/build.ts";
import { includedPlugin, type StartedPlugin, start } from "./connect.ts";

describe("the memory plugin", function () {
  this.timeout(30_000);
  let home: string;
  let project: string;
  let folder: string;
  let plugin: StartedPlugin;
  before(build);
  beforeEach(async () => {
    home = await realpath(await mkdtemp(join(tmpdir(), "tutti-memory-")));
    project = join(home, "project");
    folder = join(project, ".tutti", "memory");
    await mkdir(project);
    plugin = await start(includedPlugin("memory"), { cwd: project });
  });
  afterEach(async () => {
    await plugin.close();
    await rm(home, { recursive: true, force: true });
  });
  const callTool = async (name: string, input: Record<string, unknown>): Promise<string> => {
    const { text, failed } = await plugin.call(name, input);
    assert.ok(!failed, text);
    return text;
  };
  const began = (cwd = project) => plugin.hook("session.started", { session: "s", cwd, reason: "new" });

  it("saves, finds and deletes notes as Markdown", async () => {
    assert.equal(await callTool("recall", {}), "There are no notes yet.");
    assert.equal(existsSync(folder), false);
    await callTool("remember", { topic: "Release process", text: "Tags are signed.\nAsk Ada for the key." });
    await callTool("remember", { topic: "release  PROCESS", text: "Builds take an hour." });
    await callTool("remember", { topic: "Tests", text: "Run mocha, never jest." });
    const text = await readFile(join(folder, "release-process.md"), "utf8");
    assert.equal(text, "# Release process\n\n- Tags are signed.\n  Ask Ada for the key.\n- Builds take an hour.\n");
    assert.deepEqual((await readdir(folder)).toSorted(), ["release-process.md", "tests.md"]);
    assert.match(await callTool("recall", {}), /^- .*\n- .*$/);
    assert.equal(
      await callTool("recall", { query: "who has the KEY" }),
      "## Release process\n- Tags are signed.\n  Ask Ada for the key.\n",
    );
    assert.match(await callTool("recall", { query: "release jest" }), /Run mocha/);
    assert.equal(await callTool("recall", { query: "kubernetes" }), "No matching notes.");
    assert.equal(await callTool("forget", { topic: "release process", containing: "signed" }), "Forgot 1 note.");
    assert.equal(
      await readFile(join(folder, "release-process.md"), "utf8"),
      "# Release process\n\n- Builds take an hour.\n",
    );
    assert.equal(await callTool("forget", { topic: "release process", containing: "signed" }), "No such note.");
    await callTool("remember", { topic: "Tests", text: "Use node --test.", replace: true });
    assert.equal(await readFile(join(folder, "tests.md"), "utf8"), "# Tests\n\n- Use node --test.\n");
    assert.equal(await callTool("forget", { topic: "Tests" }), "Forgot 1 note.");
    assert.deepEqual(await readdir(folder), ["release-process.md"]);
  });

  it("creates no file outside its folder, and none with a reserved name", async () => {
    for (const topic of ["../../outside", "/etc/passwd", "..\\up", "CON", "a/b\0c", "日本語 メモ", "x".repeat(200)])
      await callTool("remember", { topic, text: "here" });
    const files = (await readdir(folder)).toSorted();
    const wanted = [
      "a-b-c.md",
      "etc-passwd.md",
      "note-con.md",
      "outside.md",
      "up.md",
      `${"x".repeat(48)}.md`,
      "日本語-メモ.md",
    ];
    assert.deepEqual(files, wanted.toSorted());
    assert.deepEqual((await readdir(home)).toSorted(), ["project"]);
    const refused = await plugin.call("remember", { topic: "../..", text: "here" });
    assert.deepEqual(refused, { text: "the topic must contain a letter or a digit", failed: true });
  });

  it("follows no links, neither for a note nor for its folder", async () => {
    await writeFile(join(home, "secret.md"), "# Secret\n\n- the password\n");
    await mkdir(folder, { recursive: true });
    await symlink(join(home, "secret.md"), join(folder, "secret.md"));
    assert.equal(await callTool("recall", { query: "password" }), "There are no notes yet.");
    await callTool("remember", { topic: "secret", text: "mine" });
    assert.equal(await readFile(join(home, "secret.md"), "utf8"), "# Secret\n\n- the password\n");
    assert.equal(await readFile(join(folder, "secret.md"), "utf8"), "# secret\n\n- mine\n");
    await rm(join(project, ".tutti"), { recursive: true });
    await mkdir(join(home, "elsewhere"));
    await symlink(join(home, "elsewhere"), join(project, ".tutti"));
    const refused = await plugin.call("remember", { topic: "a", text: "b" });
    assert.ok(refused.failed);
    assert.match(refused.text, /is a link to another folder/);
    assert.deepEqual(await readdir(join(home, "elsewhere")), []);
  });

  it("loses nothing in concurrent calls", async () => {
    const numbers = Array.from({ length: 20 }, (_, index) => `number ${index}`);
    await Promise.all(numbers.map((text) => callTool("remember", { topic: "all", text })));
    const text = await readFile(join(folder, "all.md"), "utf8");
    for (const number of numbers) assert.ok(text.includes(`- ${number}\n`), number);
    assert.deepEqual(await readdir(folder), ["all.md"]);
  });

  it("gives a new session the newest notes of each topic", async () => {
    assert.deepEqual(await began(), {});
    await mkdir(folder, { recursive: true });
    const many = Array.from({ length: 200 }, (_, index) => `- old ${index} ${"x".repeat(50)}\n`).join("");
    await writeFile(join(folder, "long.md"), `# Long\n\n${many}`);
    await writeFile(join(folder, "new.md"), "# New\n\n- first\n- second\n");
    await utimes(join(folder, "long.md"), new Date(1_000_000), new Date(1_000_000));
    const context = String((await began()).context);
    assert.ok(context.length < 2_200, `${context.length}`);
    assert.match(context, /^Notes from earlier sessions[^\n]*\n\n## New\n- first\n- second\n## Long\n/);
    assert.ok(context.includes("old 199 ") && !context.includes("old 5 "));
    const other = join(home, "other");
    await mkdir(other);
    assert.deepEqual(await began(other), {});
  });

  it("stores notes in TUTTI_MEMORY_DIR", async () => {
    const elsewhere = join(home, "notes");
    const second = await start(includedPlugin("memory"), { cwd: project, env: { TUTTI_MEMORY_DIR: elsewhere } });
    try {
      await second.call("remember", { topic: "Here", text: "too" });
      assert.deepEqual(await readdir(elsewhere), ["here.md"]);
      assert.equal(existsSync(folder), false);
    } finally {
      await second.close();
    }
  });
});
