/** A new plugin works in both languages without installing anything, and with the published package. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build as bundle, type Plugin } from "esbuild";
import { scaffold } from "../../mcp-plugins/templates/scaffold.ts";
import { build } from "../help/build.ts";
import { start } from "./connect.ts";

const root = join(import.meta.dirname, "../..");
const compiler = join(root, "node_modules/typescript/bin/tsc");

function runProgram(argv: [string, ...string[]], cwd: string): string {
  const [command, ...args] = argv;
  // A test run inside of a test run would only report to the outer one.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: "utf8" });
  assert.equal(status, 0, stdout + stderr);
  return stdout + stderr;
}

describe("a new plugin", function () {
  this.timeout(120_000);
  let home: string;
  before(build);
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "tutti-scaffold-"));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it("in TypeScript passes its own tests at once, and speaks MCP", async () => {
    const folder = join(home, "hello-you");
    const written = await scaffold(folder, "hello-you", "ts");
    const own = written.filter((path) => !path.startsWith("node_modules/tutti-plugin/"));
    assert.deepEqual(own, [".gitignore", "README.md", "main.ts", "package.json", "test/main.test.ts", "tsconfig.json"]);
    assert.ok(written.includes("node_modules/tutti-plugin/plugin.js"));
    const node = join(folder, "node_modules/@types");
    await symlink(join(root, "node_modules/@types"), node);
    runProgram([process.execPath, compiler, "-p", folder], folder);
    await rm(node);
    assert.match(runProgram([process.execPath, "--test"], folder), /pass 3\n.*fail 0/);
    const plugin = await start([process.execPath, join(folder, "main.ts")], { cwd: home });
    try {
      assert.equal(plugin.client.getServerVersion()?.name, "hello-you");
      assert.deepEqual(await plugin.call("greet", { name: "you" }), { text: "Hello, you!", failed: false });
    } finally {
      await plugin.close();
    }
  });

  it("in Python needs only Python", async () => {
    const folder = join(home, "snake");
    const written = await scaffold(folder, "snake", "python");
    assert.deepEqual(written, [".gitignore", "README.md", "plugin.py", "test_plugin.py"]);
    assert.match(runProgram(["python3", "-m", "unittest"], folder), /Ran 4 tests[\s\S]*OK/);
    const plugin = await start(["python3", join(folder, "plugin.py")], { cwd: home });
    try {
      assert.equal(plugin.client.getServerVersion()?.name, "snake");
      assert.deepEqual(await plugin.call("greet", { name: "you" }), { text: "Hello, you!", failed: false });
      assert.equal((await plugin.call("greet")).failed, true);
    } finally {
      await plugin.close();
    }
  });

  it("needs a valid name and an empty folder", async () => {
    for (const name of ["", "-a", "A", "a b", "../a", "a/b", "é", "a".repeat(41), "a\n"])
      await assert.rejects(scaffold(join(home, "x"), name, "python"), /is not a valid plugin name/, name);
    await mkdir(join(home, "full"));
    await writeFile(join(home, "full", "mine.txt"), "mine");
    await assert.rejects(scaffold(join(home, "full"), "a", "python"), /not empty; nothing was written/);
    await assert.rejects(scaffold(join(home, "full", "mine.txt"), "a", "ts"), /not empty/);
    await symlink(join(home, "gone"), join(home, "link"));
    await assert.rejects(scaffold(join(home, "link"), "a", "python"), /not empty/);
    assert.deepEqual(await readdir(join(home, "full")), ["mine.txt"]);
    assert.deepEqual((await readdir(home)).toSorted(), ["full", "link"]);
    await mkdir(join(home, "empty"));
    assert.equal((await scaffold(join(home, "empty"), "a", "python")).length, 4);
  });

  it("is the same when created from the bundle", async () => {
    const embed = pathToFileURL(join(root, "mcp-plugins/templates/embed.mjs")).href;
    const { embedTemplates } = (await import(embed)) as { embedTemplates: Plugin };
    const file = join(home, "bundle", "scaffold.mjs");
    await bundle({
      entryPoints: [join(root, "mcp-plugins/templates/scaffold.ts")],
      outfile: file,
      bundle: true,
      platform: "node",
      format: "esm",
      plugins: [embedTemplates],
    });
    await cp(join(root, "dist/plugin-sdk"), join(home, "bundle", "plugin-sdk"), { recursive: true });
    const bundled = (await import(pathToFileURL(file).href)) as { scaffold: typeof scaffold };
    for (const lang of ["ts", "python"] as const) {
      const written = await bundled.scaffold(join(home, "a", lang), "same", lang);
      assert.deepEqual(written, await scaffold(join(home, "b", lang), "same", lang));
      for (const path of written)
        assert.equal(
          await readFile(join(home, "a", lang, path), "utf8"),
          await readFile(join(home, "b", lang, path), "utf8"),
        );
    }
  });

  it("works with the published package and its types", async () => {
    const folder = join(home, "typed");
    await scaffold(folder, "typed", "ts");
    const read = async (file: string) => JSON.parse(await readFile(file, "utf8"));
    const { version } = await read(join(root, "mcp-plugins/sdk/package.json"));
    assert.equal((await read(join(folder, "package.json"))).dependencies["tutti-plugin"], version);
    const packed = join(folder, "node_modules/tutti-plugin");
    await rm(packed, { recursive: true });
    await mkdir(packed);
    await cp(join(root, "mcp-plugins/sdk/package.json"), join(packed, "package.json"));
    runProgram([process.execPath, join(root, "mcp-plugins/sdk/pack.mjs"), join(packed, "dist")], root);
    for (const name of ["zod", "@modelcontextprotocol", "@types"])
      await symlink(join(root, "node_modules", name), join(folder, "node_modules", name));
    assert.match(runProgram([process.execPath, "--test"], folder), /pass 3\n.*fail 0/);
    runProgram([process.execPath, compiler, "-p", folder], folder);
    const source = await readFile(join(folder, "main.ts"), "utf8");
    await writeFile(join(folder, "main.ts"), source.replace("{name}!", "{name.age}!"));
    const wrong = spawnSync(process.execPath, [compiler, "-p", folder], { encoding: "utf8" });
    assert.match(wrong.stdout, /main\.ts\(\d+,\d+\): error TS2339: Property 'age' does not exist on type 'string'/);
  });
});
