import assert from "node:assert/strict";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readInstructions } from "../../../server/instructions/agents-md.ts";
import { limitInstructions } from "../../../server/instructions/limit-instructions.ts";
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

  it("are Cursor's rules where there is nothing else: those that always apply or are for a file of the folder", async () => {
    const rule = (name: string, head: string, body: string) =>
      put(`repo/.cursor/rules/${name}.mdc`, `---\n${head}\n---\n${body}\n`);
    await rule("a-always", "description: x\nglobs:\nalwaysApply: true", "always");
    await rule("b-typescript", "description: x\nglobs: *.ts,*.tsx\nalwaysApply: false", "for TypeScript");
    await rule("c-go", "globs: **/*.go\nalwaysApply: false", "for Go");
    await rule("d-asked", "description: Use it for releases\nalwaysApply: false", "on request");
    await rule("nested/e-folder", 'globs: ["packages/app/**"]', "for the app");
    await rule("f-braces", "globs: src/*.{py,rb}, docs/**/*.md", "for documents");
    await rule("g-installed", "globs: **/*.rs", "for Rust");
    // Patterns that would take hours.
    for (const [at, pattern] of [`${"*a".repeat(30)}*b`, `src/${"{a,aa}".repeat(40)}b`].entries())
      await rule(`h-costly-${at}`, `globs: ${pattern}`, "for nothing");
    await put(`repo/${"a".repeat(200)}.ts`, "");
    await put(`repo/src/${"a".repeat(100)}`, "");
    await put("repo/.cursor/rules/notes.txt", "no rule");
    await put("repo/packages/app/main.ts", "");
    await put("repo/docs/deep/guide.md", "");
    await put("repo/node_modules/x/lib.rs", "");
    const { files: found, warnings } = await read();
    assert.deepEqual(
      found.map(({ text }) => text).sort(),
      ["always", "for TypeScript", "for documents", "for the app"].sort(),
    );
    assert.deepEqual(warnings, []);
    await put("repo/.cursorrules", "old rules");
    assert.deepEqual(
      (await read()).files.map(({ text }) => text),
      ["old rules"],
    );
    await put("repo/AGENTS.md", "of the repository");
    assert.deepEqual(
      (await read()).files.map(({ text }) => text),
      ["of the repository"],
    );
  });

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

  it("use the first file of another program in a folder with neither AGENTS.md nor CLAUDE.md", async () => {
    await put("repo/.cursorrules", "of Cursor");
    await put("repo/.github/copilot-instructions.md", "of Copilot");
    assert.deepEqual(
      (await read()).files.map(({ text }) => text),
      ["of Copilot"],
    );
    await put("repo/GEMINI.md", "of Gemini");
    assert.deepEqual(
      (await read()).files.map(({ text }) => text),
      ["of Gemini"],
    );
    await put("repo/CLAUDE.md", "of Claude");
    assert.deepEqual(
      (await read()).files.map(({ text }) => text),
      ["of Claude"],
    );
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

  const count = (text: string, word: string) => text.split(word).length - 1;

  it("are included once, however many files import them", async () => {
    await put("repo/AGENTS.md", `${"@docs/a.md\n@AGENTS.md\n".repeat(6)}RULE-R`);
    await put("repo/docs/a.md", "RULE-A\n@b.md\n@../AGENTS.md");
    await put("repo/docs/b.md", "RULE-B\n@a.md\n@../link.md");
    await symlink("docs/a.md", join(root, "repo/link.md"));
    await put("repo/packages/app/AGENTS.md", "RULE-P\n@../../AGENTS.md");
    const { files: found, warnings } = await read("repo/packages/app");
    const text = found.map((file) => file.text).join("\n");
    assert.deepEqual(
      ["RULE-R", "RULE-A", "RULE-B", "RULE-P"].map((rule) => count(text, rule)),
      [1, 1, 1, 1],
    );
    assert.deepEqual(warnings, []);
  });

  for (const [name, text] of [
    ["a fenced block", "Style:\n\n```python\n@docs/a.md\nclass A: ...\n```\n"],
    ["a longer fence around a shorter one", "````\n```\n@docs/a.md\n```\n@docs/a.md\n````\n"],
    ["a fence of tildes, with a fence of backticks in it", "~~~\n```\n@docs/a.md\n~~~\n"],
    ["a fence that never ends", "```\n\n@dataclass\n@docs/a.md\n"],
    ["a code span over several lines", "See `one\n@docs/a.md\ntwo` here.\n"],
    ["an indented block", "Text:\n\n    @docs/a.md\n"],
  ] as const)
    it(`import nothing in code: ${name}`, async () => {
      await put("repo/docs/a.md", "RULE-A");
      await put("repo/AGENTS.md", text);
      assert.deepEqual(await read(), { files: [{ path: join(root, "repo/AGENTS.md"), text }], warnings: [] });
      await put("repo/AGENTS.md", `@docs/a.md\n\n${text}`);
      assert.equal(count((await read()).files[0]?.text ?? "", "RULE-A"), 1);
    });

  it("import after a backtick that opens no code", async () => {
    await put("repo/docs/a.md", "RULE-A");
    await put("repo/AGENTS.md", "A ` alone\n@docs/a.md\n\nand ` another");
    assert.equal(count((await read()).files[0]?.text ?? "", "RULE-A"), 1);
  });

  it("have a limit in total, and say what was left out", async () => {
    const names = Array.from({ length: 9 }, (_, index) => `docs/${index}.md`);
    for (const name of names) await put(`repo/${name}`, `${name}\n${"x".repeat(30_000)}`);
    await put("repo/AGENTS.md", names.map((name) => `@${name}`).join("\n"));
    const own = await put("mine.md", "of the user");
    const { files: found, warnings } = await read("repo", [own]);
    assert.ok(found.map(({ text }) => text).join("").length < 132_000);
    assert.match(warnings.join("\n"), /limited to 128 KiB in total\. Left out: \S+5\.md, .*8\.md, \S+mine\.md\./);
    assert.match(found[0]?.text ?? "", /\[The rest of this file is left out here/);
  });

  it("are shortened to a quarter of a small context", () => {
    const files = [
      { path: "a", text: "a".repeat(5_000) },
      { path: "b", text: "b".repeat(5_000) },
    ];
    assert.deepEqual(limitInstructions(files, null), { files, shortened: [] });
    const { files: limited, shortened } = limitInstructions(files, 8_000);
    assert.deepEqual(
      [shortened, limited.map(({ text }) => text.replace(/[^ab]*\[.*/s, "").length)],
      [["b"], [5_000, 2_000]],
    );
  });

  it("import files of the repository, also in cycles, and report failed imports", async () => {
    await put("repo/AGENTS.md", "before\n@docs/style.md\n@../secret.md\n@nowhere.md\nafter @docs/style.md inline");
    await put("repo/docs/style.md", "style\n@../AGENTS.md");
    await put("secret.md", "secret");
    const { files: found, warnings } = await read();
    const text = found[0]?.text ?? "";
    assert.match(text, /^before\nstyle\n@\.\.\/AGENTS\.md\n/);
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
    assert.match(found[0]?.text ?? "", /^x{65536}\n\[The rest of this file is left out/);
    assert.match(warnings.join(), /longer than/);
  });
});
