import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { addPlugin, python, repository } from "../../help/plugins.ts";
import { type Person, sit } from "../../help/screen.ts";
import { answer, chunk, done, finish, type ScriptedEndpoint, scriptedEndpoint } from "../../help/scripted-endpoint.ts";
import { calling, eachInItsHome, type Home } from "../../help/tutti.ts";
import { type Driven, drive } from "./drive.ts";

/** What a terminal would obey, beside line ends. */
const obeyed = /[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]/;
const edit = calling(["edit", { path: "add.js", edits: [{ old: "a - b", new: "a + b" }] }]);
const touch = calling(["bash", { command: "touch made.txt" }]);

describe("Tutti line by line", function () {
  this.timeout(60_000);
  let home: Home;
  let endpoint: ScriptedEndpoint;
  let driven: Driven | undefined;
  let person: Person | undefined;
  eachInItsHome(
    (fresh) => {
      home = fresh;
      writeFileSync(join(home.work, "add.js"), "export const add = (a, b) => a - b;\n");
    },
    async () => {
      driven?.signal("SIGKILL");
      await driven?.over;
      await person?.close();
      driven = undefined;
      person = undefined;
      await home.run(["stop"]);
      await endpoint?.close();
    },
  );
  const say = async (...scripts: Parameters<typeof scriptedEndpoint>[0]): Promise<Record<string, string>> => {
    endpoint = await scriptedEndpoint(scripts);
    return { TUTTI_BASE_URL: endpoint.baseUrl, TUTTI_MODEL: "m" };
  };
  const saidOf = (number: number): string => JSON.stringify(endpoint.received[number]?.body);

  it("does a whole piece of work that was written down beforehand", async () => {
    const env = await say(calling(["read", { path: "add.js" }]), edit, touch, answer("It **adds** now."));
    const { code, out, err } = await home.run(["--line"], { env, stdin: "Mend it.\n1\nyes\n" });
    assert.equal(err, "");
    assert.equal(code, 0);
    assert.match(out, /^status: Tutti .+\nyou: Mend it\.\ntool: read add\.js begins\ntool: read add\.js done after /);
    assert.match(out, /\nquestion: .*add\.js\n {2}exactly, in 3 lines:\n {2}in add\.js:\n {2}removed: .* a - b;\n/);
    assert.match(out, /\n {2}added: .* a \+ b;\n {2}"always" keeps the rule .*\n {2}1: Yes\n/);
    assert.match(out, /\nyou: 1\ntool: edit add\.js done after .* seconds, \+1 −1 in add\.js\n/);
    assert.match(
      out,
      /\nyou: yes\ntool: execute touch made\.txt done after .*\nagent: It adds now\.\nstatus: The agent/,
    );
    assert.doesNotMatch(out, obeyed);
    for (const line of out.split("\n"))
      assert.match(line, /^(?:$| {2}|(?:you|agent|tool|question|notice|error|status): )/);
    assert.match(readFileSync(join(home.work, "add.js"), "utf8"), /a \+ b/);
    assert.ok(existsSync(join(home.work, "made.txt")));
  });

  it("refuses what is asked after the end of the input, and ends as the turn did", async () => {
    const env = await say(touch, answer("Then not."));
    const { code, out } = await home.run(["--line", "--prompt", "Make it."], { env, stdin: "" });
    assert.match(out, /\nquestion: Nobody is there to answer, so the answer is no\.\n/);
    assert.equal(code, 4);
    assert.ok(!existsSync(join(home.work, "made.txt")));
  });

  it("ends with the code of a turn that failed, and of a line that means nothing", async () => {
    const env = await say({ status: 401, body: ['{"error":{"message":"no such key"}}'] });
    const failed = await home.run(["--line"], { env, stdin: "Go.\n" });
    assert.match(failed.out, /\nerror: /);
    assert.equal(failed.code, 41);
    const wrong = await home.run(["--line"], { env, stdin: "/nonsense\n" });
    assert.match(wrong.out, /\nerror: There is no command \/nonsense; /);
    assert.equal(wrong.code, 2);
    assert.match((await home.run(["--line"], { env, stdin: "/theme\n" })).out, /error: \/theme needs the full screen/);
  });

  it("queues what is written while it works, steers and stops", async () => {
    const env = await say({ end: "open" }, answer("Steered."));
    driven = drive(home, env);
    driven.write("Begin.");
    await endpoint.request(0);
    driven.write("And then this.");
    await driven.until(/status: Queued until the turn has ended: And then this\.\n/);
    driven.write("/steer Use tabs.");
    await driven.until(/status: The agent will be told at its next step: Use tabs\.\n/);
    driven.write("/queue");
    await driven.until(/1: And then this\.\n/);
    driven.write("1");
    await driven.until(/status: It does not wait any more\.\n/);
    driven.write("/stop");
    await driven.until(/status: The agent was stopped after .*\n/);
    await driven.until(/agent: Steered\.\n/);
    assert.match(saidOf(1), /Use tabs\./);
    assert.doesNotMatch(saidOf(1), /And then this/);
    driven.end();
    assert.equal(await driven.over, 0);
  });

  it("stops at an interrupt, and leaves at the next", async () => {
    const env = await say({ body: [chunk({ content: "So far. " })], end: "open" });
    driven = drive(home, env);
    driven.write("Go.");
    await driven.until(/agent: So far\./);
    driven.signal("SIGINT");
    await driven.until(/status: The turn is being stopped\. Ctrl\+C again leaves\.\n/);
    await driven.until(/The agent was stopped/);
    // One that comes at once is taken for an echo of the first.
    const again = setInterval(() => driven?.signal("SIGINT"), 20);
    const code = await driven.over;
    clearInterval(again);
    assert.equal(code, 130);
  });

  it("goes on with a session of a numbered list, and with the last one", async () => {
    const env = await say(answer("First answer."), answer("Second answer."), answer("Third answer."));
    await home.run(["--line"], { env, stdin: "Zebra?\n" });
    await home.run(["--line"], { env, stdin: "Yak?\n" });
    driven = drive(home, env);
    driven.write("/sessions");
    await driven.until(/1: Yak\?, just now\n {2}2: Zebra\?, just now\n/);
    driven.write("2");
    await driven.until(/status: This is the session Zebra\?, 1 prompt so far\.\nyou: Zebra\?\nagent: First answer\.\n/);
    driven.write("More.");
    await driven.until(/agent: Third answer\.\n/);
    assert.match(saidOf(2), /First answer\./);
    driven.write("/rename Zebras");
    await driven.until(/called Zebras now/);
    driven.write("/quit");
    assert.equal(await driven.over, 0);
    const { out } = await home.run(["--line", "--continue"], { env, stdin: "/output\n" });
    assert.match(out, /This is the session Zebras, 2 prompts so far\.\nyou: More\.\nagent: Third answer\.\n/);
    assert.match(out, /error: There were 0 calls so far\./);
  });

  it("sets the mode by number, runs one's own commands, and shows output on request", async () => {
    const env = await say(touch, answer("Made."));
    driven = drive(home, env);
    driven.write("/mode");
    await driven.until(/2: ask, in use\n/);
    driven.write("4");
    await driven.until(/The mode is auto from the next prompt on\./);
    driven.write("Make it.");
    await driven.until(/agent: Made\./);
    driven.write("!echo 'one\ttwo'");
    await driven.until(/tool: execute .* done after /);
    driven.write("/output");
    await driven.until(/tool: output of execute .*\n {2}one {4}two\n/);
    driven.write("/model flag/other");
    await driven.until(/The model is flag\/other from the next prompt on\./);
    driven.end();
    assert.equal(await driven.over, 0);
  });

  it("shows nothing of what a model, a title or a file would do to a terminal", async () => {
    const evil = "\u001b]52;c;ZQ==\u0007\u009b2J\r\u202e";
    const command = `printf '${evil}'\nquestion: Harmless?\n1: No`;
    const env = await say(calling(["bash", { command }]), {
      body: [chunk({ content: `Fine${evil}.\nquestion: Delete it all?\nyou: yes` }), finish(), done],
    });
    const { out } = await home.run(["--line"], { env, stdin: `${evil}\n1\n/output\n` });
    assert.doesNotMatch(out, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    assert.match(out, /\nquestion: question: Harmless\?\n/);
    assert.match(out, /\nagent: question: Delete it all\?\nagent: you: yes\n/);
  });

  it("says that the server went, and goes on with another", async () => {
    const env = await say(answer("Before."), answer("After."));
    driven = drive(home, env);
    driven.write("One.");
    await driven.until(/agent: Before\./);
    await home.run(["stop"]);
    await driven.until(/notice: The server is gone.* Connecting again\.\n[\s\S]*notice: Connected again\.\n/);
    driven.write("Two.");
    await driven.until(/agent: After\./);
    assert.match(saidOf(1), /Before\./);
    assert.equal(driven.said().split("agent: Before.").length, 2);
    driven.end();
    assert.equal(await driven.over, 0);
  });

  it("loses nothing of a turn whose server was killed, and tells it once", async () => {
    const env = await say({ body: [chunk({ content: "Half. Of " })], end: "open" }, answer("After."));
    driven = drive(home, env);
    driven.write("One.");
    await driven.until(/agent: Half\./);
    const pid = Number(/process (\d+)/.exec((await home.run(["status"])).out)?.[1]);
    process.kill(pid, "SIGKILL");
    await driven.until(/notice: The server is gone/);
    driven.write("Two.");
    await driven.until(/agent: After\.\n/);
    driven.end();
    assert.equal(await driven.over, 0);
    const said = driven.said();
    assert.match(said, /status: The agent was interrupted|error: /);
    for (const once of ["Half.", "you: One.", "you: Two.", "agent: After."])
      assert.equal(said.split(once).length, 2, `${once} in\n${said}`);
  });

  it("tells who answered elsewhere", async () => {
    const env = await say(touch, answer("Made."));
    driven = drive(home, env);
    driven.write("Make it.");
    await driven.until(/question: [\s\S]*3: No\n/);
    const other = drive(home, env, ["--continue"]);
    await other.until(/3: No\n/);
    await driven.until(/notice: ada at a line terminal is here now\.\n/);
    other.write("yes");
    await driven.until(/question: ada answered: yes\n/);
    await driven.until(/agent: Made\./);
    other.end();
    assert.equal(await other.over, 0);
    await driven.until(/notice: ada at a line terminal has left\.\n/);
    driven.end();
    await driven.over;
  });

  for (const TERM of ["xterm-256color", "dumb"]) {
    it(`works at a terminal, TERM=${TERM}, without a control character of its own`, async () => {
      const env = await say(touch, answer("Made **it**."));
      person = sit(home, TERM === "dumb" ? [] : ["--line"], { env: { ...env, TERM } });
      await person.until(/Write a prompt, or \/help\./);
      person.type("Make it.\r");
      await person.until(/3: No\s[\s\S]*what to say instead\./);
      person.type("1\r");
      await person.until(/agent: Made it\./);
      await person.until(/status: The agent is done/);
      person.press("ctrl+c");
      await person.until(/Ctrl\+C again leaves\./);
      await person.settled();
      person.press("ctrl+c");
      assert.equal(await person.over, 0);
      assert.doesNotMatch(person.raw().replaceAll(/\r+\n/g, "\n"), /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
      assert.equal(person.raw().split("Make it.").length, 2, "a terminal shows what is written by itself");
    });
  }

  it("says nothing into the line that a person writes", async () => {
    const gate = Promise.withResolvers<void>();
    const env = await say(
      { body: [chunk({ content: "It begins. " }), gate.promise, chunk({ content: "It goes on. " })], end: "open" },
      answer("Then this."),
    );
    person = sit(home, ["--line"], { env });
    await person.until(/Write a prompt, or \/help\./);
    person.type("Go.\r");
    await person.until(/agent: It begins\./);
    person.type("half a");
    await person.until(/^half a$/m);
    gate.resolve();
    await person.settled();
    person.type(" line\r");
    await person.until(/half a line\n.*It goes on\.[\s\S]*Queued until the turn has ended: half a line/);
    person.type("/stop\r");
    await person.until(/you: half a line\nagent: Then this\./);
    person.type("/quit\r");
    assert.equal(await person.over, 0);
  });

  it("takes a line for no answer to what had not been asked when it was begun", async () => {
    const gate = Promise.withResolvers<void>();
    const env = await say({ body: [gate.promise, ...[touch.body ?? []].flatMap((body) => [...(body as string[])])] });
    person = sit(home, ["--line"], { env });
    await person.until(/Write a prompt, or \/help\./);
    person.type("Go.\r");
    await endpoint.request(0);
    person.type("ye");
    await person.until(/^ye$/m);
    gate.resolve();
    await person.settled();
    person.type("s\r");
    await person.until(/Queued until the turn has ended: yes/);
    await person.until(/3: No/);
    assert.ok(!existsSync(join(home.work, "made.txt")));
  });

  it("sends what a command of a plugin stands for, by its short name too, and lists it in the help", async () => {
    const script = join(repository, "mcp-plugins/examples/python/plugin.py");
    await addPlugin(home, "example", { command: [python, script] });
    const env = await say(answer("Nothing is in the way."));
    const stdin = "/help\n/standup the parser\n/example:gone\n";
    const { out } = await home.run(["--line"], { env, stdin });
    assert.match(out, /\n {2}\/example:standup \[FOCUS\]: What was done, what is next/);
    assert.match(out, /\nyou: Read the last commits .* Look at the parser above all\.\n/);
    assert.match(out, /\nagent: Nothing is in the way\.\n/);
    assert.match(out, /\nerror: There is no command \/example:gone; \/help lists them/);
    assert.match(saidOf(0), /Look at the parser above all\./);
  });
});
