import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkBody, checkEnds } from "../help/invariants.ts";
import {
  answer,
  chunk,
  done,
  event,
  finish,
  type Script,
  type ScriptedEndpoint,
  scriptedEndpoint,
} from "../help/scripted-endpoint.ts";
import { callTools, endpointFlags, type Home, useHomes } from "../help/tutti.ts";

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const usage = event({ choices: [], usage: { prompt_tokens: 2_000, completion_tokens: 3, total_tokens: 2_003 } });
/** Streams one chunk and then hangs. */
const hanging: Script = { body: [chunk({ content: "So far" })], end: "open" };

describe("tutti run", () => {
  let home: Home;
  let endpoint: ScriptedEndpoint;
  useHomes(
    (fresh) => {
      home = fresh;
    },
    () => endpoint?.close(),
  );
  const say = async (...scripts: Parameters<typeof scriptedEndpoint>[0]): Promise<string[]> => {
    endpoint = await scriptedEndpoint(scripts);
    return ["run", ...endpointFlags(endpoint)];
  };
  const asked = (number = 0): string => JSON.stringify(endpoint.received[number]?.body.messages);

  it("prints only the result on standard output", async () => {
    const run = await say(callTools(["list", { path: "." }]), answer("All is well."));
    const { code, out, err } = await home.run([...run, "How", "is", "it?"]);
    assert.deepEqual([code, out, err], [0, "All is well.\n", ""]);
    assert.match(asked(), /How is it\?/);
    checkBody(endpoint.received[1]?.body ?? {});
  });

  it("prints one object as json, and one per line as stream-json", async () => {
    const run = await say(callTools(["list", { path: "." }]), answer("Done."));
    const one = await home.run([...run, "--format", "json", "Go."]);
    const result = JSON.parse(one.out) as Record<string, unknown>;
    assert.deepEqual(
      [one.code, one.err, result.type, result.subtype, result.is_error, result.result, result.num_turns],
      [0, "", "result", "success", false, "Done.", 2],
    );
    const many = await home.run([...run, "--format", "stream-json", "--include-partial-messages", "Go."]);
    const lines = many.out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      [lines[0]?.type, lines[0]?.subtype, lines.at(-1)?.type, lines.at(-1)?.result],
      ["system", "init", "result", "Done."],
    );
    assert.equal(new Set(lines.map((line) => line.session_id)).size, 1);
    assert.equal(new Set(lines.map((line) => line.uuid)).size, lines.length);
    const messages = lines.filter(({ type }) => type === "assistant" || type === "user");
    assert.deepEqual([messages.length, ...messages.map((line) => line.parent_tool_use_id)], [1, null]);
  });

  it("reports the usage of this run, without earlier usage of the session", async () => {
    const run = await say({ body: [chunk({ content: "Yes." }), finish(), usage, done] });
    const used = async (...more: string[]) => {
      const { out } = await home.run([...run, "--format", "json", ...more, "Go."]);
      return (JSON.parse(out) as { usage: { output_tokens: number } }).usage.output_tokens;
    };
    assert.deepEqual([await used(), await used("--continue")], [3, 3]);
  });

  it("adds piped input to the prompt, or uses it as the prompt", async () => {
    const run = await say(answer("Read."));
    await home.run([...run, "Sum up:"], { stdin: "a long text\n" });
    assert.match(asked(0), /Sum up:\\n\\na long text/);
    await home.run(run, { stdin: "only this" });
    assert.match(asked(1), /only this/);
    const none = await home.run(run, { stdin: "" });
    assert.equal(none.code, 2);
    assert.match(none.err, /^tutti: Missing prompt\..*\n$/);
  });

  /** Runs a script with an open input and calls back with what it has written to standard error. */
  const runOpen = async (script: string, args: string[], onError: (err: string) => void): Promise<string> => {
    const env = {
      ...home.env,
      NODE: process.execPath,
      TUTTI: fileURLToPath(new URL("../../bin/tutti.cjs", import.meta.url)),
    };
    const child = spawn("/bin/sh", ["-c", script, "sh", ...args], {
      cwd: home.work,
      env,
      stdio: ["pipe", "ignore", "pipe"],
    });
    let err = "";
    child.stderr.on("data", (piece) => {
      err += piece;
      onError(err);
    });
    const [code] = await once(child, "close");
    assert.equal(code, 0, err);
    return err;
  };

  it("reads a slow pipe to its end, and says that it waits", async function () {
    if (process.platform === "win32") return this.skip();
    const run = await say(answer("Read."));
    const script = 'mkfifo slow; cat slow | "$NODE" "$TUTTI" "$@" Why:';
    const err = await runOpen(script, run, (text) => {
      if (text.endsWith("\n")) void writeFile(join(home.work, "slow"), "late\n");
    });
    assert.match(asked(0), /Why:\\n\\nlate/);
    assert.equal(err, "Waiting for standard input to end…\n");
  });

  for (const script of [
    'exec "$NODE" "$TUTTI" "$@" Hello',
    'mkfifo never; exec 3<>never; sleep 0 & "$NODE" "$TUTTI" "$@" Hello <&3',
  ])
    it(`does not wait for an input that no other process can write, and reports it: ${script}`, async function () {
      if (process.platform === "win32") return this.skip();
      const err = await runOpen(script, await say(answer("Read.")), () => undefined);
      assert.match(err, /^Standard input was ignored, because nothing arrived for 3 s\./);
      assert.match(asked(0), /Hello/);
    });

  it("behaves as a Unix program: files, closed pipes, full disks, no standard input", async function () {
    if (process.platform === "win32") return;
    this.timeout(30_000);
    const run = await say(answer("line one\nline two\n"));
    const file = await home.shell('tutti "$@" Go. > out.txt; cat out.txt', run);
    assert.deepEqual([file.out, file.err], ["line one\nline two\n", ""]);
    const head = await home.shell('tutti "$@" Go. | head -1', run);
    assert.deepEqual([head.out, head.err], ["line one\n", ""]);
    const gone = await home.shell('{ tutti "$@" Go.; echo "exit $?" >&2; } | true', run);
    assert.equal(gone.err, "exit 141\n");
    const cron = await home.shell('tutti "$@" Go. <&-', run);
    assert.deepEqual([cron.code, cron.out, cron.err], [0, "line one\nline two\n", ""]);
    const full = await home.shell('tutti "$@" Go. > /dev/full', run);
    assert.equal(full.code, 1);
    assert.match(full.err, /^tutti: Cannot write to standard output: .*no space.*\n$/);
  });

  it("cancels the turn when the output is closed", async () => {
    if (process.platform === "win32") return;
    const run = await say({ body: [chunk({ content: "one\n" })], end: "open" });
    const { out, err } = await home.shell(
      '{ tutti "$@" --format stream-json --include-partial-messages Go.; echo "exit $?" >&2; } | head -1 >/dev/null; echo over',
      [...run, "--timeout", "2s"],
    );
    assert.equal(out, "over\n");
    assert.match(err, /exit (141|5)\n/);
    checkEnds(await home.events(await home.lastSession()));
  });

  it("attaches files as text and as images", async () => {
    const run = await say(answer("Seen."));
    await writeFile(join(home.work, "a.txt"), "text of a");
    await writeFile(join(home.work, "b.png"), PNG);
    const { code, err } = await home.run([...run, "--context", "a.txt", "-f", "b.png", "--image", "b.png", "Look."]);
    assert.deepEqual([code, err], [0, ""]);
    assert.match(asked(), /text of a/);
    const missing = await home.run([...run, "-f", "none.txt", "Look."]);
    assert.equal(missing.code, 2);
    assert.match(missing.err, /^tutti: Cannot read none\.txt: .*\n$/);
  });

  it("validates the result against a schema, with one retry", async () => {
    const schema = { type: "object", properties: { n: { type: "number" } }, required: ["n"] };
    await writeFile(join(home.work, "schema.json"), JSON.stringify(schema));
    const run = await say(answer('```json\n{"n": 1}\n```'), answer("no"), answer('{"n": 2}'), answer('{"m": 3}'));
    const flags = ["--schema", "schema.json", "Count."];
    const fits = await home.run([...run, ...flags]);
    assert.deepEqual([fits.code, fits.out], [0, '{"n":1}\n']);
    const again = await home.run([...run, ...flags]);
    assert.deepEqual([again.code, again.out], [0, '{"n":2}\n']);
    const never = await home.run([...run, "--format", "json", ...flags]);
    assert.equal(never.code, 7);
    assert.equal((JSON.parse(never.out) as Record<string, unknown>).subtype, "error_schema");
    assert.match(never.err, /^$|n/);
  });

  const ends: [condition: string, exit: number, scripts: Script[], flags: string[], says: RegExp][] = [
    ["the model needs more turns", 5, [callTools(["list", { path: "." }])], ["--max-turns", "2"], /step limit \(2\)/],
    ["it takes too long", 5, [hanging], ["--timeout", "1s"], /time limit of 1 s/],
    [
      "a permission is refused because no one can answer",
      4,
      [callTools(["bash", { command: "touch x" }]), answer("I could not.")],
      ["--mode", "ask"],
      /no one was available to approve it/,
    ],
    ["the key is wrong", 41, [{ status: 401, body: ['{"error":{"message":"bad key"}}'] }], [], /key/i],
    [
      "the request is refused",
      3,
      [{ status: 400, body: ['{"error":{"message":"no such thing"}}'] }],
      [],
      /no such thing/,
    ],
  ];
  for (const [condition, exit, scripts, flags, says] of ends) {
    it(`exits with ${exit} when ${condition}`, async () => {
      const run = await say(...scripts);
      const { code, err } = await home.run([...run, ...flags, "Go."]);
      assert.match(err, says);
      assert.equal(code, exit);
      assert.equal(err.trimEnd().split("\n").at(-1)?.startsWith("tutti: "), true, err);
      checkEnds(await home.events(await home.lastSession()));
    });
  }

  it("exits with 3 when the provider is unreachable", async () => {
    const run = await say(answer("never"));
    await endpoint.close();
    const { code, err } = await home.run([...run, "--timeout", "15s", "Go."]);
    assert.ok(code === 3 || code === 5, `${code} ${err}`);
  });

  it("exits with 6 when the budget is spent", async () => {
    const run = await say(callTools(["list", { path: "." }]));
    const config = join(home.root, "priced.jsonc");
    const models = { m: { cost: { input: 1_000_000, output: 1_000_000 } } };
    await writeFile(config, JSON.stringify({ providers: { acme: { baseUrl: endpoint.baseUrl, models } } }));
    const { code, err } = await home.run([
      ...["--config", config, "run", "--model", "acme/m", "--max-cost", "0.5", "Go."],
    ]);
    assert.match(err, /budget is \$0\.5/);
    assert.equal(code, 6);
    assert.ok(run);
  });

  const misuse: [args: string[], says: RegExp][] = [
    [["run", "--no-such-flag", "Go."], /Unknown flag --no-such-flag/],
    [["run", "--formt", "json", "Go."], /Did you mean --format\?/],
    [["run", "--format", "xml", "Go."], /Invalid --format "xml"\. Use one of: text, json, stream-json/],
    [["run", "--max-turns", "-1", "Go."], /--max-turns/],
    [["run", "--timeout", "soon", "Go."], /Invalid duration "soon"/],
    [["run", "--tier", "fast", "Go."], /Invalid --tier "fast"\. Use one of: quick, standard, advanced/],
    [["runn", "Go."], /Did you mean `tutti run`\?/],
    [["run", "--fork", "--base-url", "http://127.0.0.1:1/v1", "--model", "m", "Go."], /--fork requires/],
    [["run", "--base-url", "127.0.0.1:1/v1", "--model", "m", "Go."], /Invalid --base-url "127\.0\.0\.1:1\/v1"/],
    [["run", "--deny", "bash(rm", "--base-url", "http://127.0.0.1:1/v1", "--model", "m", "Go."], /is not a rule/],
    [["-C", "/no/such/folder", "run", "Go."], /is not a folder/],
  ];
  for (const [args, says] of misuse) {
    it(`exits with 2 and a one-line message: tutti ${args.join(" ")}`, async () => {
      const { code, out, err } = await home.run(args);
      assert.deepEqual([code, out], [2, ""]);
      assert.match(err, says);
      assert.match(err, /^tutti: [^\n]+\n$/);
    });
  }

  it("reports that a search has no results, and that a request is retried", async () => {
    const found = await home.run(["sessions", "search", "zebra (or"]);
    assert.deepEqual(found, { code: 0, signal: null, out: "", err: 'No session contains "zebra (or".\n' });
    const busy = { status: 429, headers: { "retry-after": "1" }, body: ["{}"] };
    const { code, err } = await home.run([...(await say(busy, answer("Done."))), "Go."]);
    assert.equal(code, 0, err);
    assert.match(err, / Retrying in 1 s\.\n$/);
  });

  it("reports that the current folder no longer exists", async () => {
    const { code, err } = await home.shell('mkdir gone && cd gone && rmdir ../gone && tutti run "Go."; exit $?');
    assert.equal(code, 2, err);
    assert.match(err, /^tutti: The current folder no longer exists[^\n]+\n$/);
  });

  it("exits with 41 if the variable of a key is not set or not a valid key", async () => {
    const run = await say(answer("never"));
    const missing = await home.run([...run, "--api-key-env", "NO_SUCH_KEY", "Go."]);
    assert.deepEqual([missing.code, endpoint.received.length], [41, 0]);
    assert.match(missing.err, /NO_SUCH_KEY from --api-key-env is not set/);
    const broken = await home.run([...run, "--api-key-env", "OWN_KEY", "Go."], { env: { OWN_KEY: "sk-one\ntwo" } });
    assert.deepEqual([broken.code, endpoint.received.length], [41, 0]);
    assert.match(broken.err, /^tutti: The key or a header for [^\n]+ contains an invalid character[^\n]+\n$/);
  });

  it("exits with 44 if a sandbox is required, and with 52 if the configuration is invalid", async () => {
    const run = await say(answer("never"));
    const sandbox = await home.run([...run, "--sandbox", "required", "Go."]);
    assert.equal(sandbox.code, 44);
    const folder = join(home.root, "home", ".config", "tutti");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "tutti.jsonc"), '{"permissions": {"mode": "yolo"}}');
    const config = await home.run([...run, "Go."]);
    assert.equal(config.code, 52);
    assert.match(config.err, /tutti\.jsonc:1:\d+/);
    assert.equal(endpoint.received.length, 0);
  });

  const signals = [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const;
  if (process.platform !== "win32")
    for (const [signal, exit] of signals) {
      it(`cancels the turn cleanly on ${signal}, and exits with ${exit}`, async () => {
        const run = await say(hanging);
        const running = home.start([...run, "--format", "stream-json", "--include-partial-messages", "Go."]);
        await running.line((line) => line.includes("So far"));
        running.child.kill(signal);
        const { code, out } = await running.outcome;
        assert.equal(code, exit);
        const result = JSON.parse(out.trimEnd().split("\n").at(-1) ?? "") as Record<string, unknown>;
        assert.deepEqual([result.type, result.is_error, result.outcome], ["result", true, "cancelled"]);
        const events = await home.events(String(result.session_id));
        checkEnds(events);
        assert.ok(events.some(({ event }) => event.type === "turn.ended" && event.outcome === "cancelled"));
      });
    }

  it("continues a session, continues in a copy, and does not save an ephemeral one", async () => {
    const run = await say(answer("My name is Ada."), answer("Ada."));
    await home.run([...run, "Who are you?"]);
    const first = await home.lastSession();
    const next = await home.run([...run, "--continue", "Again?"]);
    assert.equal(next.out, "Ada.\n");
    assert.match(asked(1), /Who are you\?.*My name is Ada\..*Again\?/);
    await home.run([...run, "--session", first, "--fork", "And in a copy?"]);
    assert.match(asked(2), /Who are you\?.*Again\?.*And in a copy\?/);
    assert.equal((await readdir(join(home.data, "sessions"))).length, 2);
    assert.equal((await home.events(first)).filter(({ event }) => event.type === "turn.started").length, 2);
    await home.run([...run, "--ephemeral", "Forget it."]);
    assert.equal((await readdir(join(home.data, "sessions"))).length, 2);
    const missing = await home.run([...run, "--session", "nosuch", "Go."]);
    assert.deepEqual([missing.code, /No session has the ID "nosuch"/.test(missing.err)], [2, true]);
  });

  it("works in the folder from -C, and changes files there", async () => {
    const inside = join(home.work, "inside");
    await mkdir(inside);
    const run = await say(callTools(["write", { path: "made.txt", content: "made\n" }]), answer("Made."));
    const { code, err } = await home.run(["-C", "inside", ...run, "--mode", "edit", "Make it."]);
    assert.deepEqual([code, err], [0, ""]);
    assert.equal(await readFile(join(inside, "made.txt"), "utf8"), "made\n");
  });

  it("escapes the model's control characters in every format", async () => {
    const evil = "a\u001b]52;c;ZXZpbA==\u0007b\u001b[2Jc\u009b31md\u009d0;t\u0007e\rf\u202eg\u0000h";
    const run = await say(answer(evil));
    for (const format of ["text", "json", "stream-json"]) {
      const { out, err } = await home.run([...run, "--format", format, "--include-partial-messages", "Go."]);
      assert.ok(/a.*h/.test(out), out);
      assert.doesNotMatch(out + err, /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]/);
    }
    const { out } = await home.run(["sessions", "show", await home.lastSession()]);
    assert.doesNotMatch(out, /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]/);
  });

  it("exports and imports a session", async () => {
    const run = await say(callTools(["list", { path: "." }]), answer("Done."));
    await home.run([...run, "List it."]);
    const id = await home.lastSession();
    const file = join(home.root, "session.json");
    await writeFile(file, (await home.run(["sessions", "export", id])).out);
    const taken = (await home.run(["sessions", "import", file])).out.trim();
    const one = await home.run(["sessions", "export", "--format", "md", id]);
    const other = await home.run(["sessions", "export", "--format", "md", taken]);
    assert.equal(other.out.replaceAll(taken, id), one.out);
    assert.match(one.out, /List it\./);
    const events = await home.events(taken);
    checkEnds(events);
    assert.equal((await home.run(["sessions", "rename", taken, "A", "copy"])).code, 0);
    assert.match((await home.run(["sessions", "list"])).out, /A copy/);
    assert.match((await home.run(["sessions", "search", "done"])).out, new RegExp(id));
    assert.equal((await home.run(["sessions", "delete", taken])).code, 0);
    assert.equal((await home.run(["sessions", "show", taken])).code, 2);
    const broken = await home.run(["sessions", "import", join(home.root, "none.json")]);
    assert.equal(broken.code, 2);
  });
});
