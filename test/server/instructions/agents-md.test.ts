import assert from "node:assert/strict";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readInstructions } from "../../../server/instructions/agents-md.ts";
import { openFiles } from "../../../server/node/files.ts";

describe("instructions", () => {
  let root: string;
  const files = openFiles();
  const put = async (name: string, text: string): Promise<string> => {
    const path = join(root, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    return path;
  };
  const read = async (cwd = "repo", own: string[] = [], anywhere = true) =>
    readInstructions(
      files,
      join(root, cwd),
      join(root, "repo"),
      own.map((path) => ({ path, anywhere })),
    );

  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), "tutti-agents-")));
    await mkdir(join(root, "repo/packages/app"), { recursive: true });
  });
  afterEach(() => rm(root, { recursive: true }));

  it("are loaded nearest first up to the repository root, then the user's own", async () => {
    await put("AGENTS.md", "above the repository");
    await put("repo/AGENTS.md", "of the repository");
    await put("repo/packages/app/AGENTS.md", "of the app");
    const own = await put("mine.md", "of the user");
    const { files: found, warnings } = await read("repo/packages/app", [own]);
    assert.deepEqual(
      found.map(({ text }) => text),
      ["of the app", "of the repository", "of the user"],
    );
    assert.deepEqual(warnings, []);
  });

  it("use CLAUDE.md only in folders without AGENTS.md", async () => {
    await put("repo/CLAUDE.md", "claude of the repository");
    await put("repo/packages/app/AGENTS.md", "agents of the app");
    await put("repo/packages/app/CLAUDE.md", "claude of the app");
    const { files: found } = await read("repo/packages/app");
    assert.deepEqual(
      found.map(({ text }) => text),
      ["agents of the app", "claude of the repository"],
    );
  });

  it("may link to a file in the repository, but not outside", async () => {
    await put("repo/docs/agents.md", "linked");
    await symlink("docs/agents.md", join(root, "repo/AGENTS.md"));
    assert.equal((await read()).files[0]?.text, "linked");
    await put("secret.md", "secret");
    await symlink("../../../secret.md", join(root, "repo/packages/app/AGENTS.md"));
    const { files: found, warnings } = await read("repo/packages/app");
    assert.deepEqual(
      found.map(({ text }) => text),
      ["linked"],
    );
    assert.match(warnings.join(), /outside of this repository/);
  });

  it("named in the configuration by a relative path must not link out of the repository", async () => {
    const linked = join(root, "repo/rules.md");
    await put("secret.md", "secret");
    await symlink("../secret.md", linked);
    const { files: found, warnings } = await read("repo", [linked], false);
    assert.deepEqual(found, []);
    assert.match(warnings.join(), /outside of this repository/);
  });

  it("import files of the repository, also in cycles, and report failed imports", async () => {
    await put("repo/AGENTS.md", "before\n@docs/style.md\n@../secret.md\n@nowhere.md\nafter @docs/style.md inline");
    await put("repo/docs/style.md", "style\n@../AGENTS.md");
    await put("secret.md", "secret");
    const { files: found, warnings } = await read();
    const text = found[0]?.text ?? "";
    assert.match(text, /^before\nstyle\nbefore/);
    assert.match(text, /after @docs\/style.md inline/);
    assert.doesNotMatch(text, /\nsecret/);
    assert.ok(warnings.some((warning) => warning.includes("nowhere.md")));
    assert.ok(warnings.some((warning) => warning.includes("secret.md")));
  });

  it("escape invisible characters", async () => {
    await put("repo/AGENTS.md", "be nice\u{e0041}\u202e");
    const { files: found, warnings } = await read();
    assert.equal(found[0]?.text, "be nice\\u{e0041}\\u{202e}");
    assert.match(warnings.join(), /invisible characters/);
  });

  it("are truncated with a warning if they are too long", async () => {
    await put("repo/AGENTS.md", "x".repeat(70_000));
    const { files: found, warnings } = await read();
    assert.equal(found[0]?.text.length, 65_536);
    assert.match(warnings.join(), /longer than/);
  });
});
