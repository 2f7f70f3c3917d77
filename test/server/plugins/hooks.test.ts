/** Hooks in a real run: each event is dispatched at the right time, and each answer has its effect. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type HookEvent, hookEvents, hookNames } from "../../../protocol/plugin.ts";
import { addPlugin, python, repository } from "../../help/plugins.ts";
import { answer, type Script, type ScriptedEndpoint, scriptedEndpoint } from "../../help/scripted-endpoint.ts";
import { callTools, endpointFlags, type Home, useHomes } from "../../help/tutti.ts";

type Answers = Partial<Record<HookEvent, unknown>> & { spec?: Partial<Record<HookEvent, unknown>> };

const program = join(repository, "test/help/events-plugin.py");

describe("plugin hooks", function () {
  this.timeout(60_000);
  let home: Home;
  let endpoint: ScriptedEndpoint | undefined;
  useHomes(
    (created) => {
      home = created;
    },
    async () => {
      await endpoint?.close();
      endpoint = undefined;
    },
  );

  const folder = (): string => join(home.root, "events");
  const readEvents = (): { event: HookEvent; payload: Record<string, unknown> }[] =>
    readFileSync(join(folder(), "told.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));

  async function addHookPlugin(answers: Answers, events: readonly HookEvent[] = hookNames): Promise<void> {
    mkdirSync(folder());
    writeFileSync(join(folder(), "answers.json"), JSON.stringify({ ...answers, events }));
    Object.assign(home.env, { EVENTS_FOLDER: folder() });
    await addPlugin(home, "events", { command: [python, program], env: ["EVENTS_FOLDER"] });
  }

  async function run(prompt: string, scripts: Script[], ...flags: string[]) {
    endpoint = await scriptedEndpoint(scripts);
    return home.run(["run", ...endpointFlags(endpoint), "--mode", "auto", ...flags, prompt]);
  }
  const body = (request: number): string => JSON.stringify(endpoint?.received[request]?.body);
  const readHookEffects = async (): Promise<unknown[]> => {
    const events = await home.events(await home.lastSession());
    return events.flatMap(({ by, event }) =>
      event.type === "hook.done"
        ? [[by.kind, by.name, event.hook, event.effect, event.text ?? event.input ?? null]]
        : [],
    );
  };

  it("get each event with the documented payload", async () => {
    await addHookPlugin({});
    const { code, err } = await run("Do it", [
      callTools(["write", { path: "a.txt", content: "one\n" }], ["bash", { command: "echo two" }]),
      answer("Done."),
    ]);
    assert.equal(code, 0, err);
    const received = readEvents();
    const expected = hookNames.filter((event) => event !== "permission.asked" && event !== "compaction.before");
    assert.deepEqual([...new Set(received.map(({ event }) => event))].sort(), [...expected].sort());
    for (const { event, payload } of received) hookEvents[event].payload.parse(payload);
    const first = (event: HookEvent) => received.find((entry) => entry.event === event)?.payload ?? {};
    assert.equal(first("session.started").reason, "new");
    assert.equal(first("prompt.before").text, "Do it");
    assert.equal(first("file.changed").path, join(home.work, "a.txt"));
    assert.deepEqual(first("turn.ended").files, [join(home.work, "a.txt")]);
    assert.equal(first("turn.ended").text, "Done.");
    assert.equal(first("session.ended").reason, "quit");
    assert.equal(received.filter(({ event }) => event === "model.before").length, 2);
    const order = [
      "session.started",
      "prompt.before",
      "model.before",
      "tool.before",
      "tool.after",
      "turn.ended",
      "session.ended",
    ];
    assert.deepEqual(
      received
        .map(({ event }) => event)
        .filter((event, index, list) => order.includes(event) && list.indexOf(event) === index),
      order,
    );
  });

  it("add context for the model, and change the prompt", async () => {
    await addHookPlugin({
      "session.started": { context: "It is a Tuesday." },
      "prompt.before": { text: "Do it well", context: "The build is red." },
      "model.before": { system: "Speak plainly." },
    });
    const { code } = await run("Do it", [answer("Done.")]);
    assert.equal(code, 0);
    for (const text of ["It is a Tuesday.", "Do it well", "The build is red.", "Speak plainly."])
      assert.match(body(0), new RegExp(text));
    assert.doesNotMatch(body(0), /"Do it"/);
    assert.deepEqual(await readHookEffects(), [
      ["plugin", "events", "session.started", "context", "It is a Tuesday."],
      ["plugin", "events", "prompt.before", "rewrote", "Do it well"],
      ["plugin", "events", "prompt.before", "context", "The build is red."],
      ["plugin", "events", "model.before", "context", null],
    ]);
  });

  it("block a prompt with a reason", async () => {
    await addHookPlugin({ "prompt.before": { block: "not on a Friday" } });
    const { code, err } = await run("Deploy", [answer("never")]);
    assert.equal(code, 4);
    assert.match(err, /events: not on a Friday/);
    assert.equal(endpoint?.received.length, 0);
  });

  it("block a request with a reason", async () => {
    await addHookPlugin({ "model.before": { block: "the month's money is spent" } });
    const { code, err } = await run("Go", [answer("never")]);
    assert.equal(code, 4);
    assert.match(err, /the month's money is spent/);
    assert.equal(endpoint?.received.length, 0);
  });

  it("refuse a call", async () => {
    await addHookPlugin({ "tool.before": { decision: "deny", reason: "no shell today" } });
    await run("Go", [callTools(["bash", { command: "touch gone" }]), answer("Then not.")]);
    assert.match(body(1), /refused: events: no shell today/);
    assert.deepEqual(await readHookEffects(), [["plugin", "events", "tool.before", "denied", "no shell today"]]);
  });

  it("change the input of a call before its permission check", async () => {
    await addHookPlugin({ "tool.before": { input: { command: "echo changed" } } });
    await run("Go", [callTools(["bash", { command: "echo asked" }]), answer("Done.")]);
    assert.match(body(1), /changed/);
    await home.run(["sessions", "list"]);
  });

  it("cannot change an input into what a rule denies", async () => {
    await addHookPlugin({ "tool.before": { decision: "allow", input: { command: "touch denied" } } });
    await run("Go", [callTools(["bash", { command: "echo fine" }]), answer("Then not.")], "--deny", "bash(touch:*)");
    assert.match(body(1), /refused: the rule bash\(touch:\*\) forbids it/);
  });

  it("refuse by asking if no user is available", async () => {
    await addHookPlugin({ "tool.before": { decision: "ask", reason: "look at this first" } });
    await run("Go", [callTools(["bash", { command: "echo x" }]), answer("Then not.")]);
    assert.match(body(1), /look at this first, and no one was available to approve it/);
  });

  it("allow a call that would need approval", async () => {
    await addHookPlugin({ "tool.before": { decision: "allow" } }, ["tool.before"]);
    await run("Go", [callTools(["bash", { command: "touch made" }]), answer("Done.")], "--mode", "ask");
    assert.match(body(1), /no output/);
  });

  it("approve a call instead of the user", async () => {
    await addHookPlugin({ "permission.asked": { answer: "yes" } }, ["permission.asked"]);
    await run("Go", [callTools(["bash", { command: "touch made" }]), answer("Done.")], "--mode", "ask");
    assert.match(body(1), /no output/);
    assert.deepEqual(await readHookEffects(), [["plugin", "events", "permission.asked", "allowed", null]]);
    assert.equal(readEvents()[0]?.payload.tool, "bash");
    hookEvents["permission.asked"].payload.parse(readEvents()[0]?.payload);
  });

  it("deny a call with a reason for the model", async () => {
    await addHookPlugin({ "permission.asked": { answer: "no", reason: "too early" } }, ["permission.asked"]);
    await run("Go", [callTools(["bash", { command: "touch made" }]), answer("Then not.")], "--mode", "ask");
    assert.match(body(1), /refused by events: too early/);
  });

  it("add feedback on a result and a changed file", async () => {
    await addHookPlugin({
      "tool.after": { feedback: "two tests fail now" },
      "file.changed": { feedback: "formatted" },
    });
    await run("Go", [callTools(["write", { path: "b.txt", content: "x\n" }]), answer("Done.")]);
    assert.match(body(1), /\[events\] formatted\\n\[events\] two tests fail now/);
  });

  it("add variables to the environment of commands, except those that load code", async () => {
    await addHookPlugin({ "shell.env": { env: { GREETING: "hello", LD_PRELOAD: "/x.so" } } });
    await run("Go", [
      callTools(["bash", { command: "printenv GREETING; printenv LD_PRELOAD; echo -" }]),
      answer("Done."),
    ]);
    assert.match(body(1), /"hello\\n-"/);
  });

  it("continue a turn three times at most", async () => {
    await addHookPlugin({ "turn.ended": { continue: "the tests are still red" } });
    const { code } = await run("Go", [answer("one"), answer("two"), answer("three"), answer("four")]);
    assert.equal(code, 0);
    assert.equal(endpoint?.received.length, 4);
    assert.match(body(3), /the tests are still red/);
  });

  it("are ignored if they fail open", async () => {
    await addHookPlugin({ "tool.before": { decision: "perhaps" } }, ["tool.before"]);
    await run("Go", [callTools(["bash", { command: "echo ran" }]), answer("Done.")]);
    assert.match(body(1), /ran/);
    assert.equal(((await readHookEffects())[0] as unknown[])[3], "failed");
    await endpoint?.close();
    writeFileSync(
      join(folder(), "answers.json"),
      JSON.stringify({
        "tool.before": { decision: 7 },
        events: ["tool.before"],
        spec: { "tool.before": { onFailure: "closed" } },
      }),
    );
    // Its declaration is not what was approved, so its hooks are not called.
    const changed = await run("Go", [callTools(["bash", { command: "echo ran" }]), answer("Done.")]);
    assert.equal(changed.code, 0);
  });

  it("are limited by their timeout", async () => {
    mkdirSync(folder());
    const program = join(repository, "test/help/hostile-server.mjs");
    await addPlugin(home, "slow", { command: [process.execPath, program, "hook-hangs", folder()] });
    await run("Go", [callTools(["bash", { command: "echo ran" }]), answer("Done.")]);
    assert.match(body(1), /ran/);
    assert.deepEqual(await readHookEffects(), [
      ["plugin", "slow", "tool.before", "failed", "it did not respond within 0.3 s"],
    ]);
  });

  it("add text that must survive a compaction", async () => {
    await addHookPlugin({ "compaction.before": { keep: "The key fact is 42." } }, ["compaction.before"]);
    const overflow: Script = {
      status: 400,
      body: [
        JSON.stringify({ error: { code: "context_length_exceeded", message: "maximum context length is 10 tokens" } }),
      ],
    };
    writeFileSync(join(home.work, "long.txt"), "word\n".repeat(3_000));
    const read = (offset: number): Script => callTools(["read", { path: "long.txt", offset }]);
    await run("Go", [read(1), read(10), read(20), read(30), answer("first")]);
    await endpoint?.close();
    const { code, err } = await run("And on", [overflow, answer("a short summary"), answer("Done.")], "--continue");
    assert.equal(code, 0, err);
    assert.match(body(2), /The key fact is 42\./);
    hookEvents["compaction.before"].payload.parse(readEvents()[0]?.payload);
  });
});
