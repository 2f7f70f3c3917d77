/** The formatter plugin as it is shipped, with real programs: biome of this project, a script, and rustfmt's way over standard input. */
import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "../help/built.ts";
import { type Started, shipped, start } from "./connect.ts";

const modules = join(import.meta.dirname, "../../node_modules");

describe("the formatter plugin", function () {
  this.timeout(60_000);
  let project: string;
  let started: Started[];
  before(build);
  beforeEach(async () => {
    project = await realpath(await mkdtemp(join(tmpdir(), "tutti-formatter-")));
    started = [];
  });
  afterEach(async () => {
    for (const plugin of started) await plugin.close();
    await rm(project, { recursive: true, force: true });
  });
  const run = async (env: Record<string, string> = {}): Promise<Started> => {
    const plugin = await start(shipped("formatter"), { cwd: project, env });
    started.push(plugin);
    return plugin;
  };
  const changed = async (plugin: Started, file: string): Promise<string | undefined> => {
    const payload = { session: "s", cwd: project, path: join(project, file), added: 1, removed: 0 };
    return (await plugin.hook("file.changed", payload)).feedback as string | undefined;
  };
  const put = async (file: string, text: string): Promise<void> => {
    await mkdir(join(project, file, ".."), { recursive: true });
    await writeFile(join(project, file), text);
  };
  const script = async (file: string, text: string): Promise<void> => {
    await put(file, text);
    await chmod(join(project, file), 0o755);
  };
  const textOf = (file: string): Promise<string> => readFile(join(project, file), "utf8");

  it("formats with the project's biome, and tells what its linter still finds", async () => {
    await put("biome.json", '{ "linter": { "rules": { "suspicious": { "noExplicitAny": "error" } } } }');
    await symlink(modules, join(project, "node_modules"));
    const plugin = await run();
    await put("src/a.ts", "export const   a = 1\n");
    assert.equal(await changed(plugin, "src/a.ts"), "biome reformatted src/a.ts; read it again before you edit it.");
    assert.equal(await textOf("src/a.ts"), "export const a = 1;\n");
    assert.equal(await changed(plugin, "src/a.ts"), undefined);
    await put("src/a.ts", "export const a: any = 1;\n");
    assert.match((await changed(plugin, "src/a.ts")) ?? "", /^biome says:[\s\S]*noExplicitAny/);
    await put("src/a.ts", "export const a = ;\n");
    assert.match((await changed(plugin, "src/a.ts")) ?? "", /^biome says:/);
    await put("notes.txt", "a   b\n");
    assert.equal(await changed(plugin, "notes.txt"), undefined);
  });

  it("runs nothing that the project does not ask for, nothing for what is outside, and nothing for a file that is gone", async () => {
    await symlink(modules, join(project, "node_modules"));
    const plugin = await run();
    await put("a.ts", "export const   a = 1\n");
    assert.equal(await changed(plugin, "a.ts"), undefined);
    await put("biome.json", "{}");
    assert.equal(await changed(plugin, "../a.ts"), undefined);
    assert.equal(await changed(plugin, "gone.ts"), undefined);
    assert.equal(await textOf("a.ts"), "export const   a = 1\n");
  });

  it("takes one formatter and every linter, from where each is installed", async () => {
    const appends = (word: string): string => `#!/bin/sh\nfor last; do :; done\nprintf '${word}\\n' >>"$last"\n`;
    await put("package.json", '{ "prettier": {} }');
    await put("eslint.config.js", "");
    await script("node_modules/.bin/prettier", appends("prettier"));
    await script("node_modules/.bin/eslint", "#!/bin/sh\necho 'semicolon missing' >&2\nexit 1\n");
    await put("pyproject.toml", "[tool.black]\n[tool.ruff]\n");
    await script(".venv/bin/ruff", `${appends("ruff")}`.replace("\n", '\n[ "$1" = check ] && exit 0\n'));
    await script(".venv/bin/black", appends("black"));
    const plugin = await run();
    await put("packages/one/a.js", "let a\n");
    assert.equal(
      await changed(plugin, "packages/one/a.js"),
      "prettier reformatted packages/one/a.js; read it again before you edit it.\neslint says:\nsemicolon missing",
    );
    await put("a.py", "pass\n");
    assert.equal(await changed(plugin, "a.py"), "ruff reformatted a.py; read it again before you edit it.");
    assert.equal(await textOf("a.py"), "pass\nruff\n");
  });

  it("gives rustfmt the text and the edition, so that it formats no other file", async () => {
    await put("Cargo.toml", '[package]\nedition = "2021"\n');
    await script("bin/rustfmt", '#!/bin/sh\nprintf "// %s\\n" "$*"\ntr -s " "\n');
    const plugin = await run({ PATH: `${join(project, "bin")}:${process.env.PATH}` });
    await put("src/main.rs", "mod   other;\n");
    assert.match((await changed(plugin, "src/main.rs")) ?? "", /^rustfmt reformatted src\/main\.rs;/);
    assert.equal(await textOf("src/main.rs"), "// --edition 2021 --emit stdout --quiet\nmod other;\n");
    await script("bin/rustfmt", "#!/bin/sh\necho half\nexit 1\n");
    assert.match((await changed(plugin, "src/main.rs")) ?? "", /^rustfmt says:\nhalf$/);
    assert.match(await textOf("src/main.rs"), /mod other/);
  });

  it("runs what TUTTI_FORMATTER names, by its arguments and not by a shell", async () => {
    await script("tidy", '#!/bin/sh\nprintf "%s|%s" "$1" "$3" >"$2"\n');
    const words = await run({ TUTTI_FORMATTER: `${join(project, "tidy")} $(touch&&x) {file} ;` });
    await put("a b;c.txt", "x");
    assert.match((await changed(words, "a b;c.txt")) ?? "", /reformatted a b;c\.txt/);
    assert.equal(await textOf("a b;c.txt"), "$(touch&&x)|;");
    const list = await run({ TUTTI_FORMATTER: JSON.stringify([join(project, "tidy"), "one word", "{file}"]) });
    await changed(list, "a b;c.txt");
    assert.equal(await textOf("a b;c.txt"), "one word|");
    const missing = await run({ TUTTI_FORMATTER: join(project, "nowhere") });
    assert.match((await changed(missing, "a b;c.txt")) ?? "", /^nowhere could not be started: spawn .* ENOENT\.$/);
  });

  it("stops what takes too long, and what that started: what holds its output open would keep the answer waiting", async () => {
    await script("slow", '#!/bin/sh\nmkfifo "$1.pipe"\ncat "$1.pipe" &\nwait\n');
    const plugin = await run({ TUTTI_FORMATTER: join(project, "slow"), TUTTI_FORMATTER_MS: "300" });
    await put("a", "x");
    assert.match((await changed(plugin, "a")) ?? "", /slow took longer than 0\.3 s and was stopped\.$/);
  });
});
