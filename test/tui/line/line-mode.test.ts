import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { addPlugin, python, repository } from "../../help/plugins.ts";
import { openTestTerminal, type TestTerminal } from "../../help/screen.ts";
import { answer, chunk, done, finish, type ScriptedEndpoint, scriptedEndpoint } from "../../help/scripted-endpoint.ts";
import { callTools, type Home, useHomes } from "../../help/tutti.ts";
import { type LineSession, startLineSession } from "./line-driver.ts";

/** Control characters other than line ends. */
const controlCharacters = /[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]/;
const edit = callTools(["edit", { path: "add.js", edits: [{ old: "a - b", new: "a + b" }] }]);
const touch = callTools(["bash", { command: "touch made.txt" }]);

describe("line mode", function () {
  this.timeout(60_000);
  let home: Home;
  let endpoint: ScriptedEndpoint;
  let session: LineSession | undefined;
  let person: TestTerminal | undefined;
  useHomes(
    (fresh) => {
      home = fresh;
      writeFileSync(join(home.work, "add.js"), "export const add = (a, b) => a - b;\n");
    },
    async () => {
      session?.signal("SIGKILL");
      await session?.over;
      await person?.close();
      session = undefined;
      person = undefined;
      await home.stop();
      await endpoint?.close();
    },
  );
  const serve = async (...scripts: Parameters<typeof scriptedEndpoint>[0]): Promise<Record<string, string>> => {
    endpoint = await scriptedEndpoint(scripts);
    return { TUTTI_BASE_URL: endpoint.baseUrl, TUTTI_MODEL: "m" };
  };
  const requestBody = (number: number): string => JSON.stringify(endpoint.received[number]?.body);

  it("runs a workflow from a script", async () => {
    const env = await serve(callTools(["read", { path: "add.js" }]), edit, touch, answer("It **adds** now."));
    const { code, out, err } = await home.run(["--line"], { env, stdin: "Fix it.\n1\nyes\n" });
    assert.equal(err, "");
    assert.equal(code, 0);
    assert.match(out, /^status: Tutti .+\nyou: Fix it\.\ntool: read add\.js started\ntool: read add\.js done after /);
    assert.match(out, /\nquestion: .*add\.js\n {2}details, 3 lines:\n {2}in add\.js:\n {2}removed: .* a - b;\n/);
    assert.match(out, /\n {2}added: .* a \+ b;\n {2}"always" saves the rule .*\n {2}1: Approve\n/);
    assert.match(out, /\nyou: 1\ntool: edit add\.js done after .* seconds, approved once by ada, \+1 −1 in add\.js\n/);
    assert.match(
      out,
      /\nyou: yes\ntool: execute touch made\.txt done after .*\nagent: It adds now\.\nstatus: The agent/,
    );
    assert.doesNotMatch(out, controlCharacters);
    for (const line of out.split("\n"))
      assert.match(line, /^(?:$| {2}|(?:you|agent|tool|question|notice|error|status): )/);
    assert.match(readFileSync(join(home.work, "add.js"), "utf8"), /a \+ b/);
    assert.ok(existsSync(join(home.work, "made.txt")));
  });

  it("denies requests after the end of the input, and exits with the code of the turn", async () => {
    const env = await serve(touch, answer("Then not."));
    const { code, out } = await home.run(["--line", "--prompt", "Make it."], { env, stdin: "" });
    assert.match(out, /\nquestion: Not interactive: denied\.\n/);
    assert.equal(code, 4);
    assert.ok(!existsSync(join(home.work, "made.txt")));
  });

  for (const [line, problem] of [
    ["always bash(touch:*)", "too broad to save"],
    ["always bash", "too broad to save"],
    ["always mcp__a__b", "different tool"],
    ["session", "must be one of"],
  ] as const)
    it(`denies a request at the end of the input if the answer was rejected: ${line}`, async () => {
      const env = await serve(touch, answer("Then not."));
      const { code, out } = await home.run(["--line", "--prompt", "Make it."], { env, stdin: `${line}\n` });
      assert.ok(
        out.indexOf(problem) > 0 && out.indexOf(problem) < out.indexOf("\nquestion: Not interactive: denied.\n"),
        out,
      );
      assert.equal(code, 4);
      assert.ok(!existsSync(join(home.work, "made.txt")));
    });

  it("exits with the code of a failed turn or an invalid line", async () => {
    const env = await serve({ status: 401, body: ['{"error":{"message":"no such key"}}'] });
    const failed = await home.run(["--line"], { env, stdin: "Go.\n" });
    assert.match(failed.out, /\nerror: /);
    assert.equal(failed.code, 41);
    const wrong = await home.run(["--line"], { env, stdin: "/nonsense\n" });
    assert.match(wrong.out, /\nerror: Unknown command \/nonsense\. /);
    assert.equal(wrong.code, 2);
    assert.match(
      (await home.run(["--line"], { env, stdin: "/theme\n" })).out,
      /error: \/theme requires full-screen mode/,
    );
  });

  it("queues prompts, steers and stops the turn", async () => {
    const env = await serve({ end: "open" }, answer("Steered."));
    session = startLineSession(home, env);
    session.write("Begin.");
    await endpoint.request(0);
    session.write("And then this.");
    await session.until(/status: Queued until the turn ends: And then this\.\n/);
    session.write("/steer Use tabs.");
    await session.until(/status: Will steer the agent at its next step: Use tabs\.\n/);
    session.write("/queue");
    await session.until(/1: And then this\.\n/);
    session.write("1");
    await session.until(/status: Removed the prompt from the queue\.\n/);
    session.write("/stop");
    await session.until(/status: The agent was stopped after .*\nstatus: 1 queued prompt waiting\. \/next sends them/);
    session.write("/next");
    await session.until(/agent: Steered\.\n/);
    assert.match(requestBody(1), /Use tabs\./);
    assert.doesNotMatch(requestBody(1), /And then this/);
    session.end();
    assert.equal(await session.over, 0);
  });

  it("shows what fills the context, and compacts the conversation with a focus", async () => {
    const env = await serve(
      answer("long ".repeat(3_000)),
      answer("Short."),
      answer("A summary."),
      answer("Still here."),
    );
    session = startLineSession(home, env);
    session.write("/compact");
    await session.until(/error: No session yet\. Send a prompt to start one\.\n/);
    session.write("Begin with the parser.");
    await session.until(/agent: long/);
    session.write("And then?");
    await session.until(/agent: Short\.\n/);
    session.write("/context");
    await session.until(
      /status: About [\d,]+ (of [\d,]+ )?tokens used.*\n(.*\n)*.*Tools \(\d+\): \d+ tokens, \d+ %\n(.*\n)*.*Responses: \d+ tokens, \d+ %\n/,
    );
    session.write("/compact the names of the tests");
    await session.until(/notice: Compacted: [\d,]+ -> [\d,]+ tokens\. You asked for it\.\n/);
    assert.match(requestBody(2), /in particular: the names of the tests/);
    session.write("Go on.");
    await session.until(/agent: Still here\.\n/);
    assert.match(requestBody(3), /A summary\./);
    assert.doesNotMatch(requestBody(3), /long long/);
    session.end();
    assert.equal(await session.over, 0);
  });

  it("stops the turn on an interrupt, and leaves on the next", async () => {
    const env = await serve({ body: [chunk({ content: "So far. " })], end: "open" });
    session = startLineSession(home, env);
    session.write("Go.");
    await session.until(/agent: So far\./);
    session.signal("SIGINT");
    await session.until(/status: Stopping the turn\. Press Ctrl\+C again to quit\.\n/);
    await session.until(/The agent was stopped/);
    // One that comes at once is taken for an echo of the first.
    const again = setInterval(() => session?.signal("SIGINT"), 20);
    const code = await session.over;
    clearInterval(again);
    assert.equal(code, 130);
  });

  it("continues a session from a menu, and the last one", async () => {
    const env = await serve(answer("First answer."), answer("Second answer."), answer("Third answer."));
    await home.run(["--line"], { env, stdin: "Zebra?\n" });
    await home.run(["--line"], { env, stdin: "Yak?\n" });
    session = startLineSession(home, env);
    session.write("/sessions");
    await session.until(/1: Yak\?, just now\n {2}2: Zebra\?, just now\n/);
    session.write("2");
    await session.until(/status: Session Zebra\?, 1 prompt so far\.\nyou: Zebra\?\nagent: First answer\.\n/);
    session.write("More.");
    await session.until(/agent: Third answer\.\n/);
    assert.match(requestBody(2), /First answer\./);
    session.write("/rename Zebras");
    await session.until(/Renamed the session to Zebras/);
    session.write("/quit");
    assert.equal(await session.over, 0);
    const { out } = await home.run(["--line", "--continue"], { env, stdin: "/output\n" });
    assert.match(out, /Session Zebras, 2 prompts so far\.\nyou: More\.\nagent: Third answer\.\n/);
    assert.match(out, /error: No such tool call: there are 0 tool calls so far\./);
  });

  it("sets the mode, runs shell commands, and shows output on request", async () => {
    const env = await serve(touch, answer("Made."));
    session = startLineSession(home, env);
    session.write("/mode");
    await session.until(/2: ask, in use\n/);
    session.write("4");
    await session.until(/The next prompt uses the mode auto\./);
    session.write("Make it.");
    await session.until(/agent: Made\./);
    session.write("!echo 'one\ttwo'");
    await session.until(/tool: execute .* done after /);
    session.write("/output");
    await session.until(/tool: Output of execute .*\n {2}one {4}two\n/);
    session.write("/model flag/other");
    await session.until(/error: Unknown provider "flag"\./);
    session.write("/model rehearsal/tuor");
    await session.until(/error: .*Did you mean rehearsal\/tour\?/);
    session.write("/model rehearsal/edit");
    await session.until(/The next prompt uses the model rehearsal\/edit\./);
    session.end();
    // The code of the models that were refused.
    assert.equal(await session.over, 52);
  });

  it("writes no control characters from models, titles and files", async () => {
    const evil = "\u001b]52;c;ZQ==\u0007\u009b2J\r\u202e";
    const command = `printf '${evil}'\nquestion: Harmless?\n1: No`;
    const env = await serve(callTools(["bash", { command }]), {
      body: [chunk({ content: `Fine${evil}.\nquestion: Delete it all?\nyou: yes` }), finish(), done],
    });
    const { out } = await home.run(["--line"], { env, stdin: `${evil}\n1\n/output\n` });
    assert.doesNotMatch(out, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    assert.match(out, /\nquestion: question: Harmless\?\n/);
    assert.match(out, /\nagent: question: Delete it all\?\nagent: you: yes\n/);
  });

  it("starts a stopped server again with the next line", async () => {
    const env = await serve(answer("Before."), answer("After."));
    session = startLineSession(home, env);
    session.write("One.");
    await session.until(/agent: Before\./);
    await home.run(["stop"]);
    await session.until(/notice: The server was stopped\. Your next line starts it again\.\n/);
    session.write("Two.");
    await session.until(/agent: After\./);
    assert.match(requestBody(1), /Before\./);
    assert.equal(session.output().split("agent: Before.").length, 2);
    session.end();
    assert.equal(await session.over, 0);
  });

  it("announces everything once when the server is killed during a turn", async () => {
    const env = await serve({ body: [chunk({ content: "Half. Of " })], end: "open" }, answer("After."));
    session = startLineSession(home, env);
    session.write("One.");
    await session.until(/agent: Half\./);
    const pid = Number(/process (\d+)/.exec((await home.run(["status"])).out)?.[1]);
    process.kill(pid, "SIGKILL");
    await session.until(/notice: Lost the connection to the server/);
    session.write("Two.");
    await session.until(/agent: After\.\n/);
    session.end();
    assert.equal(await session.over, 0);
    const output = session.output();
    assert.match(output, /status: The agent was interrupted|error: /);
    for (const once of ["Half.", "you: One.", "you: Two.", "agent: After."])
      assert.equal(output.split(once).length, 2, `${once} in\n${output}`);
  });

  it("announces answers of other clients", async () => {
    const env = await serve(touch, answer("Made."));
    session = startLineSession(home, env);
    session.write("Make it.");
    await session.until(/question: [\s\S]*3: Deny\n/);
    const other = startLineSession(home, env, ["--continue"]);
    await other.until(/3: Deny\n/);
    await session.until(/notice: ada \(line terminal\) joined\.\n/);
    other.write("yes");
    await session.until(/question: ada answered: yes\n/);
    await session.until(/agent: Made\./);
    other.end();
    assert.equal(await other.over, 0);
    await session.until(/notice: ada \(line terminal\) left\.\n/);
    session.end();
    await session.over;
  });

  for (const TERM of ["xterm-256color", "dumb"]) {
    it(`works at a terminal, TERM=${TERM}, without a control character of its own`, async () => {
      const env = await serve(touch, answer("Made **it**."));
      person = openTestTerminal(home, TERM === "dumb" ? [] : ["--line"], { env: { ...env, TERM } });
      await person.waitFor(/Type a prompt, or \/help\./);
      person.type("Make it.\r");
      await person.waitFor(/3: Deny\s[\s\S]*a reply\./);
      person.type("1\r");
      await person.waitFor(/agent: Made it\./);
      await person.waitFor(/status: The agent finished/);
      person.press("ctrl+c");
      await person.waitFor(/Press Ctrl\+C again to quit\./);
      await person.waitUntilSettled();
      person.press("ctrl+c");
      assert.equal(await person.exited, 0);
      assert.doesNotMatch(person.raw().replaceAll(/\r+\n/g, "\n"), /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
      assert.equal(person.raw().split("Make it.").length, 2, "a terminal shows what is written by itself");
    });
  }

  it("does not write into the line being typed", async () => {
    const gate = Promise.withResolvers<void>();
    const env = await serve(
      { body: [chunk({ content: "It begins. " }), gate.promise, chunk({ content: "It goes on. " })], end: "open" },
      answer("Then this."),
    );
    person = openTestTerminal(home, ["--line"], { env });
    await person.waitFor(/Type a prompt, or \/help\./);
    person.type("Go.\r");
    await person.waitFor(/agent: It begins\./);
    person.type("half a");
    await person.waitFor(/^half a$/m);
    gate.resolve();
    await person.waitUntilSettled();
    person.type(" line\r");
    await person.waitFor(/half a line\n.*It goes on\.[\s\S]*Queued until the turn ends: half a line/);
    person.type("/stop\r");
    await person.waitFor(/1 queued prompt waiting/);
    person.type("/next\r");
    await person.waitFor(/you: half a line\nagent: Then this\./);
    person.type("/quit\r");
    assert.equal(await person.exited, 0);
  });

  it("does not treat a line as an answer to a question that came later", async () => {
    const gate = Promise.withResolvers<void>();
    const env = await serve({ body: [gate.promise, ...[touch.body ?? []].flatMap((body) => [...(body as string[])])] });
    person = openTestTerminal(home, ["--line"], { env });
    await person.waitFor(/Type a prompt, or \/help\./);
    person.type("Go.\r");
    await endpoint.request(0);
    person.type("ye");
    await person.waitFor(/^ye$/m);
    gate.resolve();
    await person.waitUntilSettled();
    person.type("s\r");
    await person.waitFor(/Queued until the turn ends: yes/);
    await person.waitFor(/3: Deny/);
    assert.ok(!existsSync(join(home.work, "made.txt")));
  });

  it("expands plugin commands, also by short name, and lists them in the help", async () => {
    const script = join(repository, "mcp-plugins/examples/python/plugin.py");
    await addPlugin(home, "example", { command: [python, script] });
    const env = await serve(answer("Nothing is in the way."));
    const stdin = "/help\n/standup the parser\n/example:gone\n";
    const { out } = await home.run(["--line"], { env, stdin });
    assert.match(out, /\n {2}\/example:standup \[FOCUS\]: Summarizes what was done, what is next/);
    assert.match(out, /\nyou: Read the last commits .* Focus on the parser\.\n/);
    assert.match(out, /\nagent: Nothing is in the way\.\n/);
    assert.match(out, /\nerror: Unknown command \/example:gone\. \/help lists/);
    assert.match(requestBody(0), /Focus on the parser\./);
  });
});
