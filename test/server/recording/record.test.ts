/** Recording and replay: the same events without a model or tools, an error if the run differs, no key in the file. */
import assert from "node:assert/strict";
import { on } from "node:events";
import { readFileSync, rmSync, statSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Envelope } from "../../../protocol/events.ts";
import { build } from "../../help/build.ts";
import { answer, type ScriptedEndpoint, scriptedEndpoint } from "../../help/scripted-endpoint.ts";
import { callTools, endpointFlags, type Home, openHome } from "../../help/tutti.ts";

/** The part of events that must be equal: no deltas, times or session ids. */
const facts = (envelopes: readonly Envelope[]) =>
  envelopes.flatMap(({ event, by }) => {
    if (event.type === "session.opened" || event.type.endsWith(".delta") || event.type === "call.output") return [];
    // Which model was requested is a flag of the run, not part of the recording.
    const { settings: _, ...rest } = event.type === "turn.started" ? event : { ...event, settings: null };
    return [{ by, event: rest }];
  });

describe("recording a run", () => {
  let home: Home;
  let endpoint: ScriptedEndpoint;
  let file: string;
  before(build);
  beforeEach(async () => {
    home = await openHome();
    file = join(home.root, "recording.json");
    writeFileSync(join(home.work, "notes.txt"), "first line\n");
    endpoint = await scriptedEndpoint([
      callTools(
        ["read", { path: "notes.txt" }],
        ["write", { path: "made.txt", content: "made\n" }],
        ["bash", { command: "echo ran >> ran.txt; echo done" }],
      ),
      callTools(["read", { path: "missing.txt" }]),
      answer("All done, with {{braces}}."),
    ]);
  });
  afterEach(async () => {
    await endpoint.close();
    await home.close();
  });
  const key = "sk-key-that-must-not-be-kept";
  const record = () =>
    home.run(
      ["run", ...endpointFlags(endpoint), "--api-key-env", "OWN_KEY", "--mode", "auto", "--record", file, "Do it"],
      {
        env: { OWN_KEY: key },
      },
    );

  it("replays the same events without a model and without running tools", async () => {
    const recorded = await record();
    assert.equal(recorded.code, 0, recorded.err);
    const before = facts(await home.events(await home.lastSession()));
    for (const name of ["made.txt", "ran.txt", "notes.txt"]) rmSync(join(home.work, name));
    const requestCount = endpoint.received.length;
    const replayed = await home.run(["run", "--replay", file, "--mode", "auto", "Do it"]);
    assert.equal(replayed.code, 0, replayed.err);
    assert.equal(replayed.out, recorded.out);
    assert.equal(endpoint.received.length, requestCount);
    for (const name of ["made.txt", "ran.txt", "notes.txt"])
      assert.throws(() => statSync(join(home.work, name)), /ENOENT/);
    assert.deepEqual(facts(await home.events(await home.lastSession())), before);
  });

  it("replays a recording of version 0.1.0", async () => {
    const old = join(import.meta.dirname, "../../fixtures/recordings/version-0.1.0.json");
    const replayed = await home.run(["run", "--replay", old, "What is in this folder?"]);
    assert.equal(replayed.code, 0, replayed.err);
    assert.match(replayed.out, /Places marked TODO or FIXME: none/);
    assert.deepEqual(endpoint.received, []);
  });

  it("reports where a run differs from the recording, with exit code 1", async () => {
    assert.equal((await record()).code, 0);
    const other = await home.run(["run", "--replay", file, "--mode", "auto", "Do something else"]);
    assert.equal(other.code, 1);
    assert.match(
      other.err,
      /differs from the recording at step 1: expected user: .*Do it.*; got user: .*Do something else/,
    );
    const text = readFileSync(file, "utf8").replaceAll("first line", "another line");
    writeFileSync(file, text);
    const same = await home.run(["run", "--replay", file, "--mode", "auto", "Do it"]);
    assert.equal(same.code, 0, "a recording is true to itself");
  });

  it("contains no key, is readable by its owner only, and can be served", async () => {
    assert.equal((await record()).code, 0);
    assert.doesNotMatch(readFileSync(file, "utf8"), /sk-key-that/);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const served = home.start(["rehearse", file]);
    const baseUrl = await served.line((line) => line.startsWith("http://127.0.0.1:"));
    rmSync(join(home.work, "made.txt"));
    const { code, out, err } = await home.run([
      "run",
      "--base-url",
      baseUrl,
      "--model",
      "any",
      "--mode",
      "auto",
      "Do it",
    ]);
    assert.equal(code, 0, err);
    assert.match(out, /All done, with \{\{braces\}\}\./);
    assert.equal(readFileSync(join(home.work, "made.txt"), "utf8"), "made\n");
    served.child.kill("SIGTERM");
    assert.equal((await served.outcome).code, 0);
  });

  it("keeps the steps before a crash", async () => {
    const silent = await scriptedEndpoint([callTools(["read", { path: "notes.txt" }]), { silent: true }]);
    const watcher = watch(home.root);
    const names = on(watcher, "change");
    const { child, outcome } = home.start(["run", ...endpointFlags(silent), "--record", file, "Do it"]);
    for await (const [, name] of names) if (name === "recording.json") break;
    child.kill("SIGKILL");
    await outcome;
    watcher.close();
    await silent.close();
    const { steps } = JSON.parse(readFileSync(file, "utf8")) as { steps: { calls: { tool: string }[] }[] };
    assert.deepEqual(
      steps.map(({ calls }) => calls.map(({ tool }) => tool)),
      [["read"]],
    );
  });

  it("rejects a file that is not a recording", async () => {
    writeFileSync(file, '{"steps": [{"say": "hi"}]}');
    const { code, err } = await home.run(["run", "--replay", file, "hi"]);
    assert.equal(code, 2);
    assert.match(err, /is a scenario, not a recording/);
    assert.equal((await home.run(["run", "--replay", file, "--record", file, "hi"])).code, 2);
  });
});
