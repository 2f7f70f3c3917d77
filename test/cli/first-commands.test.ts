/** What people type on their first day, also as users of other agents: it works, or an error says what to type instead. */
import assert from "node:assert/strict";
import { mkdir, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { build } from "../help/build.ts";
import { answer, type ScriptedEndpoint, scriptedEndpoint } from "../help/scripted-endpoint.ts";
import { type Home, openHome } from "../help/tutti.ts";

describe("the first commands of a user", () => {
  let home: Home;
  let endpoint: ScriptedEndpoint;
  before(async function () {
    this.timeout(60_000);
    await build();
  });
  beforeEach(async () => {
    home = await openHome();
    endpoint = await scriptedEndpoint(Array.from({ length: 8 }, () => answer("Fine.")));
  });
  afterEach(async () => {
    await home.close();
    await endpoint.close();
  });
  const withModel = () => ({ env: { TUTTI_BASE_URL: endpoint.baseUrl, TUTTI_API_KEY: "k", TUTTI_MODEL: "served" } });
  const sessions = async (): Promise<string[]> => (await readdir(join(home.data, "sessions")).catch(() => [])).sort();

  it("say how to get a model, and leave no session behind", async () => {
    for (const args of [
      ["run", "hi"],
      ["-p", "hi"],
      ["run", "--model", "groq/openai/gpt-oss-120b", "hi"],
    ]) {
      const { code, out, err } = await home.run(args, { env: { OLLAMA_HOST: "127.0.0.1:1" } });
      assert.ok(code !== 0 && out === "", `${code} ${out}`);
      assert.match(
        err,
        /No model is configured, and none was found.*--model PROVIDER\/MODEL|No key for Groq\. Set GROQ_API_KEY/,
      );
      assert.deepEqual(await sessions(), []);
    }
    for (const args of [
      ["run", "--ephemeral", "hi"],
      ["run", "--file", "missing.txt", "hi"],
      ["run", "/no-such-command"],
    ]) {
      const { code, err } = await home.run(args, { env: { OLLAMA_HOST: "127.0.0.1:1" } });
      assert.deepEqual([code, err.split("\n").length, await sessions()], [2, 2, []], err);
    }
  });

  it("keep the arguments of other programs", async () => {
    const { out } = await home.run(["permission", "check", "--format", "json", "--", "mkdir", "-p", "a"]);
    assert.match(out, /"command":"mkdir -p a"/);
    const { code, err } = await home.run(["plugins", "add", "served", "node", "server.js", "-p", "80"]);
    assert.deepEqual([code, /To pass it to COMMAND, put `--` before COMMAND/.test(err)], [2, true], err);
    await home.run(["plugins", "add", "served", "--", "node", "server.js", "-p", "80"]);
    assert.match((await home.run(["config", "get", "plugins.served.command"])).out, /"-p","80"/);
  });

  it("lose no part of a prompt of several words", async () => {
    const { code, err } = await home.run(["run", "what", "does", "mkdir", "-p", "do"], withModel());
    assert.deepEqual([code, /Unknown flag -p/.test(err)], [2, true], err);
  });

  it("run a prompt with -p, --print and -m", async () => {
    for (const args of [
      ["-p", "hi"],
      ["--print", "hi"],
      ["-p", "-m", "env/served", "hi there"],
      ["run", "-m", "env/served", "hi"],
      ["run", "-p", "-m", "env/served", "hi"],
      ["--format", "text", "-p", "hi"],
    ]) {
      const { code, out } = await home.run(args, withModel());
      assert.deepEqual([code, out], [0, "Fine.\n"], args.join(" "));
    }
    const piped = await home.run(["-p"], { ...withModel(), stdin: "what is this?" });
    assert.equal(piped.out, "Fine.\n");
  });

  it("open the terminal UI with a prompt, and never take a mistyped command for one", async () => {
    const noTerminal = "tutti: The terminal UI requires a terminal. Use `tutti run` or `tutti --line` instead.\n";
    for (const args of [["fix the tests"], ["-m", "env/served", "fix the tests"], ["resume"], ["resume", "last"]])
      assert.deepEqual(await home.run(args), { code: 2, signal: null, out: "", err: noTerminal }, args.join(" "));
    assert.match((await home.run(["sesions"])).err, /Did you mean `tutti sessions`\?/);
    assert.match((await home.run(["fix"])).err, /No command or folder is named "fix"/);
  });

  it("print help of a command, in the order of other programs, too", async () => {
    const overview = await home.run(["--help"]);
    assert.deepEqual(await home.run(["help"]), overview);
    assert.deepEqual(await home.run(["help", "run"]), await home.run(["run", "--help"]));
    assert.deepEqual(await home.run(["mcp", "--help"]), await home.run(["plugins", "--help"]));
  });

  it("name a session by the start of its ID, or as the last one", async () => {
    await home.run(["run", "one"], withModel());
    const [id = ""] = await sessions();
    for (const named of [id.slice(0, 12), id, "last"]) {
      assert.equal((await home.run(["run", "--session", named, "more"], withModel())).code, 0, named);
      assert.match((await home.run(["sessions", "show", named])).out, /more/, named);
    }
    assert.deepEqual(await sessions(), [id]);
    await home.run(["run", "two"], withModel());
    const [first = "", second = ""] = await sessions();
    const common = [...first].findIndex((letter, index) => letter !== second[index]);
    const several = await home.run(["sessions", "delete", first.slice(0, common)]);
    assert.deepEqual(
      [several.code, several.err],
      [2, `tutti: Several sessions start with "${first.slice(0, common)}": ${second}, ${first}.\n`],
    );
    const none = await home.run(["run", "--session", "zzz", "more"], withModel());
    assert.deepEqual([none.code, await sessions()], [2, [first, second]]);
    assert.match(none.err, /No session has the ID "zzz" or one that starts with it/);
  });

  it("continue a session whose folder was moved, in the folder of now", async () => {
    await home.run(["run", "one"], withModel());
    const moved = join(home.root, "moved");
    await rename(home.work, moved);
    const more = await home.run(["run", "--session", "last", "more"], { ...withModel(), cwd: moved });
    assert.equal(more.code, 2, "the last session of a folder is its own");
    const [id = ""] = await sessions();
    const { code, err } = await home.run(["run", "--session", id, "more"], { ...withModel(), cwd: moved });
    assert.deepEqual([code, err.includes("no longer exists. The session continues in this folder.")], [0, true], err);
    assert.equal((await home.run(["run", "--session", "last", "more"], { ...withModel(), cwd: moved })).code, 0);
    await mkdir(home.work);
  });

  it("reject a model or a theme that does not exist, with the nearest", async () => {
    for (const [args, message] of [
      [["config", "set", "model", "grok2/x"], /Unknown provider "grok2"/],
      [["config", "set", "model", "rehearsal/tuor"], /Did you mean rehearsal\/tour\?/],
      [["--theme", "catpuccin-mocha", "--line"], /Unknown theme "catpuccin-mocha"\. Did you mean catppuccin-mocha\?/],
    ] as const) {
      const { code, err } = await home.run(args);
      assert.notEqual(code, 0);
      assert.match(err, message);
    }
    assert.equal((await home.run(["config", "get", "model"])).out, "");
    const set = await home.run(["config", "set", "model", "ollama/unseen"], { env: { OLLAMA_HOST: "127.0.0.1:1" } });
    assert.deepEqual([set.code, set.err.startsWith("warning: ollama/unseen is not verified: ")], [0, true], set.err);
  });
});
