import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type IPty, spawn } from "@lydell/node-pty";
import { bin } from "../help/build.ts";
import { checkEnds } from "../help/invariants.ts";
import { answer, chunk, type ScriptedEndpoint, scriptedEndpoint } from "../help/scripted-endpoint.ts";
import { callTools, endpointFlags, type Home, useHomes } from "../help/tutti.ts";

/** A pseudo-terminal with its output. */
function sit(home: Home, args: readonly string[], env: Record<string, string> = {}) {
  const pty: IPty = spawn(process.execPath, [bin, ...args], {
    cwd: home.work,
    env: { ...home.env, ...env },
    cols: 100,
    rows: 30,
    name: "xterm-256color",
  });
  let screen = "";
  const waiting = new Set<() => void>();
  pty.onData((data) => {
    screen += data;
    for (const look of [...waiting]) look();
  });
  return {
    pty,
    screen: () => screen,
    shows: (pattern: RegExp) =>
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (!pattern.test(screen)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    over: new Promise<number>((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode))),
  };
}

/** Control sequences in the output, except line ends and those that erase the status line. */
const controlSequences = (screen: string): string[] =>
  screen
    .replaceAll("\x1b[2K", "")
    .replaceAll("\r", "")
    .match(/[\x00-\x08\x0b-\x1f\x7f-\x9f][^\x00-\x1f]{0,8}/g) ?? [];

describe("tutti run at a terminal", () => {
  let home: Home;
  let endpoint: ScriptedEndpoint;
  useHomes(
    (fresh) => {
      home = fresh;
    },
    () => endpoint?.close(),
  );
  const asking = callTools(["bash", { command: "touch made.txt" }]);

  it("shows a status line, streamed text and a line per call, and escapes control characters", async () => {
    const gate = Promise.withResolvers<void>();
    endpoint = await scriptedEndpoint([
      callTools(["list", { path: "." }]),
      {
        body: [
          gate.promise,
          chunk({ content: "evil \u001b]52;c;ZQ==\u0007 \u001b[2J \u009b31m text" }),
          "data: [DONE]\n\n",
        ],
      },
    ]);
    const person = sit(home, ["run", ...endpointFlags(endpoint), "Go."], { NO_COLOR: "1" });
    await person.shows(/thinking · \d+s/);
    gate.resolve();
    assert.equal(await person.over, 0);
    assert.match(person.screen(), /✓ /);
    assert.match(person.screen(), /evil \\x1b\]52;c;ZQ==\\x07.*text/);
    assert.deepEqual(controlSequences(person.screen()), []);
  });

  it("asks a question, and follows the answer", async () => {
    endpoint = await scriptedEndpoint([asking, answer("Made it.")]);
    const person = sit(home, ["run", ...endpointFlags(endpoint), "--mode", "ask", "Make it."]);
    await person.shows(/touch made\.txt[\s\S]*1\. Approve[\s\S]*Number, or your own answer: /);
    assert.ok(!existsSync(join(home.work, "made.txt")));
    person.pty.write("1\r");
    assert.equal(await person.over, 0);
    assert.match(person.screen(), /Made it\./);
    assert.ok(existsSync(join(home.work, "made.txt")));
  });

  it("does not run a denied call, and sends the user's own answer to the model", async () => {
    endpoint = await scriptedEndpoint([asking, answer("Then not.")]);
    const person = sit(home, ["run", ...endpointFlags(endpoint), "--mode", "ask", "Make it."]);
    await person.shows(/answer: /);
    person.pty.write("use another name\r");
    assert.equal(await person.over, 4);
    assert.match(JSON.stringify(endpoint.received[1]?.body), /refused by ada: use another name/);
    assert.ok(!existsSync(join(home.work, "made.txt")));
  });

  it("asks again after a rule that cannot be saved", async () => {
    endpoint = await scriptedEndpoint([asking, answer("Made it.")]);
    const person = sit(home, ["run", ...endpointFlags(endpoint), "--mode", "ask", "Make it."]);
    await person.shows(/answer: /);
    person.pty.write("always bash(touch:*)\r");
    await person.shows(/too broad to save[\s\S]*answer: /);
    person.pty.write("always run the tests first\r");
    await person.shows(/is not a rule[\s\S]*answer: /);
    assert.ok(!existsSync(join(home.work, "made.txt")));
    person.pty.write("always bash(touch made.txt)\r");
    assert.equal(await person.over, 0);
    assert.ok(existsSync(join(home.work, "made.txt")));
    assert.match((await home.run(["permission", "list"])).out, /bash\(touch made\.txt\)/);
  });

  for (const [name, key] of [
    ["Ctrl+C", "\x03"],
    ["Ctrl+D", "\x04"],
  ] as const) {
    it(`cancels the turn on ${name} while a question is open`, async () => {
      endpoint = await scriptedEndpoint([asking, answer("Never.")]);
      const person = sit(home, ["run", ...endpointFlags(endpoint), "--mode", "ask", "Make it."]);
      await person.shows(/answer: /);
      person.pty.write(key);
      assert.equal(await person.over, 130);
      checkEnds(await home.events(await home.lastSession()));
    });
  }

  it("cancels the turn on Ctrl+C while the response streams", async () => {
    endpoint = await scriptedEndpoint([{ body: [chunk({ content: "So far" })], end: "open" }]);
    const person = sit(home, ["run", ...endpointFlags(endpoint), "Go."]);
    await person.shows(/So far/);
    person.pty.write("\x03");
    assert.equal(await person.over, 130);
    assert.match(person.screen(), /Interrupted\. Continue with `tutti run --session \w+`\./);
    const events = await home.events(await home.lastSession());
    checkEnds(events);
    assert.ok(events.some(({ event }) => event.type === "turn.ended" && event.outcome === "cancelled"));
  });

  it("stops asking when the time limit is reached", async () => {
    endpoint = await scriptedEndpoint([asking, answer("Never.")]);
    const person = sit(home, ["run", ...endpointFlags(endpoint), "--mode", "ask", "--timeout", "1s", "Make it."]);
    await person.shows(/answer: /);
    assert.equal(await person.over, 5);
  });
});
