/** Started with a Node.js that is too old, the program runs on the one installed as an optional dependency. Compiled code is cached. */
import assert from "node:assert/strict";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { checkEnds } from "../help/invariants.ts";
import { answer, type ScriptedEndpoint, scriptedEndpoint } from "../help/scripted-endpoint.ts";
import { callTools, endpointFlags, type Home, useHomes } from "../help/tutti.ts";
import { waitForFile, waitForNoProcess } from "../help/wait-for.ts";

const old = { NODE_OPTIONS: `--require ${join(import.meta.dirname, "../help/old-node.cjs")}` };

describe("the launcher on an old Node.js", () => {
  let home: Home;
  let endpoint: ScriptedEndpoint;
  useHomes(
    (fresh) => {
      home = fresh;
    },
    () => endpoint?.close(),
  );
  const mark = `launched-${process.pid}`;
  const long = callTools(["bash", { command: `touch ready; MARK=${mark} sleep 30; true` }]);

  it("passes through input, output and exit code", async () => {
    endpoint = await scriptedEndpoint([answer("fine")]);
    const good = await home.start(["run", ...endpointFlags(endpoint)], { env: old, stdin: "from a pipe" }).outcome;
    assert.deepEqual([good.code, good.out], [0, "fine\n"]);
    assert.match(JSON.stringify(endpoint.received[0]?.body), /from a pipe/);
    const bad = await home.start(["run", "--nonsense"], { env: old }).outcome;
    assert.equal(bad.code, 2);
  });

  it("ends, with its command, when the launcher is killed", async () => {
    endpoint = await scriptedEndpoint([long, answer("Done.")]);
    const running = home.start(["run", ...endpointFlags(endpoint), "--mode", "auto", "Go."], { env: old });
    await waitForFile(home.work, "ready");
    running.child.kill("SIGKILL");
    await waitForNoProcess(mark);
    const { code } = await home.run(["run", ...endpointFlags(endpoint), "--continue", "Go on."]);
    assert.equal(code, 0);
    const events = await home.events(await home.lastSession());
    checkEnds(events);
    const ends = events.flatMap(({ event }) => (event.type === "turn.ended" ? [event.outcome] : []));
    assert.equal(ends[0], "interrupted");
  });

  it("cancels the turn cleanly on one Ctrl+C that both processes receive", async () => {
    endpoint = await scriptedEndpoint([long]);
    const running = home.start(["run", ...endpointFlags(endpoint), "--mode", "auto", "Go."], { env: old });
    await waitForFile(home.work, "ready");
    running.child.kill("SIGINT");
    running.child.kill("SIGINT");
    const { code, err } = await running.outcome;
    assert.equal(code, 130);
    assert.match(err, /Interrupted\. Continue with `tutti run --session/);
    await waitForNoProcess(mark);
    const events = await home.events(await home.lastSession());
    checkEnds(events);
    assert.deepEqual(
      events.flatMap(({ event }) => (event.type === "turn.ended" ? [event.outcome] : [])),
      ["cancelled"],
    );
  });
});

describe("compiled code", () => {
  let home: Home;
  useHomes(
    (fresh) => {
      home = fresh;
    },
    () => undefined,
  );

  it("is cached while a program runs, since it may be killed", async () => {
    const cache = join(home.root, "cache");
    const compiled = join(cache, "tutti", "compiled");
    await mkdir(compiled, { recursive: true });
    const { child } = home.start(["serve"], { env: { XDG_CACHE_HOME: cache, NODE_COMPILE_CACHE: "" } });
    const list = async () =>
      (await readdir(compiled, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    // A recursive watch misses files in a folder that has just been made.
    while ((await list()).length <= 2) await pause(50);
    assert.equal(child.exitCode, null);
    child.kill("SIGKILL");
  });
});
