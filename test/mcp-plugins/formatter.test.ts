/** The included formatter plugin with real programs: this project's biome, scripts, and rustfmt over standard input. */
import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "../help/build.ts";
import { includedPlugin, type StartedPlugin, start } from "./connect.ts";

const modules = join(import.meta.dirname, "../../node_modules");

describe("the formatter plugin", function () {
  this.timeout(60_000);
  let project: string;
  let started: StartedPlugin[];
  before(build);
  beforeEach(async () => {
    project = await realpath(await mkdtemp(join(tmpdir(), "tutti-formatter-")));
    started = [];
  });
  afterEach(async () => {
    for (const plugin of started) await plugin.close();
    await rm(project, { recursive: true, force: true });
  });
  const startPlugin = async (env: Record<string, string> = {}): Promise<StartedPlugin> => {
    const plugin = await start(includedPlugin("formatter"), { cwd: project, env });
    started.push(plugin);
    return plugin;
  };
  const changeFile = async (plugin: StartedPlugin, file: string): Promise<string | undefined> => {
    const payload = { session: "s", cwd: project, path: join(project, file), added: 1, removed: 0 };
    return (await plugin.hook("file.changed", payload)).feedback as string | undefined;
  };
  const writeText = async (file: string, text: string): Promise<void> => {
    await mkdir(join(project, file, ".."), { recursive: true });
    await writeFile(join(project, file), text);
  };
  const writeScript = async (file: string, text: string): Promise<void> => {
    await writeText(file, text);
    await chmod(join(project, file), 0o755);
  };
  const textOf = (file: string): Promise<string> => readFile(join(project, file), "utf8");

  it("formats with the project's biome, and reports linter findings", async () => {
    await writeText("biome.json", '{ "linter": { "rules": { "suspicious": { "noExplicitAny": "error" } } } }');
    await symlink(modules, join(project, "node_modules"));
    const plugin = await startPlugin();
    await writeText("src/a.ts", "export const   a = 1\n");
    assert.equal(await changeFile(plugin, "src/a.ts"), "biome reformatted src/a.ts; read it again before you edit it.");
    assert.equal(await textOf("src/a.ts"), "export const a = 1;\n");
    assert.equal(await changeFile(plugin, "src/a.ts"), undefined);
    await writeText("src/a.ts", "export const a: any = 1;\n");
    assert.match((await changeFile(plugin, "src/a.ts")) ?? "", /^biome reported:[\s\S]*noExplicitAny/);
    await writeText("src/a.ts", "export const a = ;\n");
    assert.match((await changeFile(plugin, "src/a.ts")) ?? "", /^biome reported:/);
    await writeText("notes.txt", "a   b\n");
    assert.equal(await changeFile(plugin, "notes.txt"), undefined);
  });

  it("runs nothing without configuration, for files outside the folder, and for deleted files", async () => {
    await symlink(modules, join(project, "node_modules"));
    const plugin = await startPlugin();
    await writeText("a.ts", "export const   a = 1\n");
    assert.equal(await changeFile(plugin, "a.ts"), undefined);
    await writeText("biome.json", "{}");
    assert.equal(await changeFile(plugin, "../a.ts"), undefined);
    assert.equal(await changeFile(plugin, "gone.ts"), undefined);
    assert.equal(await textOf("a.ts"), "export const   a = 1\n");
  });

  it("runs one formatter and every linter, wherever they are installed", async () => {
    const appends = (word: string): string => `#!/bin/sh\nfor last; do :; done\nprintf '${word}\\n' >>"$last"\n`;
    await writeText("package.json", '{ "prettier": {} }');
    await writeText("eslint.config.js", "");
    await writeScript("node_modules/.bin/prettier", appends("prettier"));
    await writeScript("node_modules/.bin/eslint", "#!/bin/sh\necho 'semicolon missing' >&2\nexit 1\n");
    await writeText("pyproject.toml", "[tool.black]\n[tool.ruff]\n");
    await writeScript(".venv/bin/ruff", `${appends("ruff")}`.replace("\n", '\n[ "$1" = check ] && exit 0\n'));
    await writeScript(".venv/bin/black", appends("black"));
    const plugin = await startPlugin();
    await writeText("packages/one/a.js", "let a\n");
    assert.equal(
      await changeFile(plugin, "packages/one/a.js"),
      "prettier reformatted packages/one/a.js; read it again before you edit it.\neslint reported:\nsemicolon missing",
    );
    await writeText("a.py", "pass\n");
    assert.equal(await changeFile(plugin, "a.py"), "ruff reformatted a.py; read it again before you edit it.");
    assert.equal(await textOf("a.py"), "pass\nruff\n");
  });

  it("passes rustfmt the text and the edition, so that it formats no other file", async () => {
    await writeText("Cargo.toml", '[package]\nedition = "2021"\n');
    await writeScript("bin/rustfmt", '#!/bin/sh\nprintf "// %s\\n" "$*"\ntr -s " "\n');
    const plugin = await startPlugin({ PATH: `${join(project, "bin")}:${process.env.PATH}` });
    await writeText("src/main.rs", "mod   other;\n");
    assert.match((await changeFile(plugin, "src/main.rs")) ?? "", /^rustfmt reformatted src\/main\.rs;/);
    assert.equal(await textOf("src/main.rs"), "// --edition 2021 --emit stdout --quiet\nmod other;\n");
    await writeScript("bin/rustfmt", "#!/bin/sh\necho half\nexit 1\n");
    assert.match((await changeFile(plugin, "src/main.rs")) ?? "", /^rustfmt reported:\nhalf$/);
    assert.match(await textOf("src/main.rs"), /mod other/);
  });

  it("runs the command in TUTTI_FORMATTER without a shell", async () => {
    await writeScript("tidy", '#!/bin/sh\nprintf "%s|%s" "$1" "$3" >"$2"\n');
    const words = await startPlugin({ TUTTI_FORMATTER: `${join(project, "tidy")} $(touch&&x) {file} ;` });
    await writeText("a b;c.txt", "x");
    assert.match((await changeFile(words, "a b;c.txt")) ?? "", /reformatted a b;c\.txt/);
    assert.equal(await textOf("a b;c.txt"), "$(touch&&x)|;");
    const list = await startPlugin({ TUTTI_FORMATTER: JSON.stringify([join(project, "tidy"), "one word", "{file}"]) });
    await changeFile(list, "a b;c.txt");
    assert.equal(await textOf("a b;c.txt"), "one word|");
    const missing = await startPlugin({ TUTTI_FORMATTER: join(project, "nowhere") });
    assert.match((await changeFile(missing, "a b;c.txt")) ?? "", /^nowhere could not be started: spawn .* ENOENT\.$/);
  });

  it("kills a program that takes too long, with its child processes", async () => {
    await writeScript("slow", '#!/bin/sh\nmkfifo "$1.pipe"\ncat "$1.pipe" &\nwait\n');
    const plugin = await startPlugin({ TUTTI_FORMATTER: join(project, "slow"), TUTTI_FORMATTER_MS: "300" });
    await writeText("a", "x");
    assert.match((await changeFile(plugin, "a")) ?? "", /slow took longer than 0\.3 s and was stopped\.$/);
  });
});
