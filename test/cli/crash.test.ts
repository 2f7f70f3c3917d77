import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import fc from "fast-check";
import type { Envelope } from "../../protocol/events.ts";
import { build } from "../help/build.ts";
import { checkBody, checkEnds } from "../help/invariants.ts";
import { answer, chunk, type Script, scriptedEndpoint } from "../help/scripted-endpoint.ts";
import { seed } from "../help/seed.ts";
import { callTools, endpointFlags, openHome } from "../help/tutti.ts";
import { waitForFile, waitForNoProcess } from "../help/wait-for.ts";

/** How often the program is killed; set `CRASHES=200` for a long run. */
const times = Number(process.env.CRASHES ?? 12);
const posix = process.platform !== "win32";

/** Streams words with short pauses, as a model does. */
async function* slowly(words: number): AsyncGenerator<string> {
  for (let word = 0; word < words; word++) {
    await pause(3);
    yield chunk({ content: `word${word} ` });
  }
}

/** A long run: text, edits, and a command with a child process. */
function script(mark: string): Script[] {
  return [
    callTools(["write", { path: "a.txt", content: "one\n" }], ["list", { path: "." }]),
    callTools(["edit", { path: "a.txt", old: "one", new: "two" }]),
    { body: slowly(20), end: "reset" },
    callTools([
      "bash",
      { command: `for i in 1 2 3 4 5 6 7 8; do echo out$i; sleep 0.02; done; MARK=${mark} sleep 0.1` },
    ]),
    { body: slowly(30) },
  ];
}

interface Printed {
  text: string;
  calls: string[];
  results: string[];
}

/** What a reader of the output lines has seen. */
function printed(lines: readonly string[]): Printed {
  const seen: Printed = { text: "", calls: [], results: [] };
  for (const line of lines) {
    const value = JSON.parse(line) as {
      event?: { delta?: { text?: string } };
      message?: { content: { type: string; id?: string; tool_use_id?: string }[] };
    };
    seen.text += value.event?.delta?.text ?? "";
    for (const part of value.message?.content ?? []) {
      if (part.type === "tool_use") seen.calls.push(part.id ?? "");
      if (part.type === "tool_result") seen.results.push(part.tool_use_id ?? "");
    }
  }
  return seen;
}

function logged(events: readonly Envelope[]): Printed {
  const seen: Printed = { text: "", calls: [], results: [] };
  for (const { event } of events) {
    if (event.type === "text.delta") seen.text += event.text;
    if (event.type === "call.asked") seen.calls.push(event.call);
    if (event.type === "call.done") seen.results.push(event.call);
  }
  return seen;
}

describe("kill -9 of a run", () => {
  before(function () {
    this.timeout(60_000);
    build();
  });

  it(`loses nothing that was shown, ends everything, leaves no child process, and continues (${times} times)`, async function () {
    if (!posix) return;
    this.timeout(20_000 + times * 5_000);
    const [moments = []] = fc.sample(fc.array(fc.nat(900), { minLength: times, maxLength: times }), {
      seed,
      numRuns: 1,
    });
    process.stdout.write(`    SEED=${seed}, killed after ${moments.join(", ")} ms\n`);
    let interrupted = 0;
    for (const [index, moment] of moments.entries()) {
      const home = await openHome();
      const mark = `crash-${process.pid}-${index}`;
      const endpoint = await scriptedEndpoint(script(mark));
      const flags = ["--format", "stream-json", "--include-partial-messages", "--mode", "auto", "Go."];
      const running = home.start(["run", ...endpointFlags(endpoint), ...flags]);
      await running.line((line) => line.includes('"init"'));
      await Promise.race([pause(moment), running.outcome]);
      running.child.kill("SIGKILL");
      await running.outcome;
      await waitForNoProcess(mark);

      const id = await home.lastSession();
      const events = await home.events(id);
      checkEnds(events);
      const was = logged(events);
      const shown = printed(running.lines.filter((line) => line.endsWith("}")));
      assert.ok(was.text.startsWith(shown.text), `shown: ${shown.text}\nlogged: ${was.text}`);
      assert.deepEqual(was.calls.slice(0, shown.calls.length), shown.calls);
      for (const call of shown.results) assert.ok(was.results.includes(call), `${call} has a result`);
      const [end] = events.flatMap(({ event }) => (event.type === "turn.ended" ? [event.outcome] : []));
      assert.ok(end === "interrupted" || end === "done", `${end}`);
      if (end === "interrupted") interrupted += 1;
      const exported = await home.run(["sessions", "export", "--format", "json", id]);
      assert.deepEqual((JSON.parse(exported.out) as { envelopes: unknown[] }).envelopes, events);
      await endpoint.close();

      const again = await scriptedEndpoint([answer("Went on.")]);
      const next = await home.run(["run", ...endpointFlags(again), "--continue", "Go on."]);
      assert.deepEqual([next.code, next.out], [0, "Went on.\n"], next.err);
      checkBody(again.received[0]?.body ?? {});
      checkEnds(await home.events(id));
      await again.close();
      await home.close();
    }
    assert.ok(interrupted > 0, "at least one was killed in the middle");
  });

  it("is not needed: a second Ctrl+C ends a run and a command that ignores signals", async function () {
    if (!posix) return;
    this.timeout(20_000);
    const home = await openHome();
    const mark = `stubborn-${process.pid}`;
    const stubborn = `trap '' TERM INT HUP; touch ready; MARK=${mark} sleep 30; MARK=${mark} sleep 30`;
    const endpoint = await scriptedEndpoint([callTools(["bash", { command: stubborn }])]);
    const running = home.start(["run", ...endpointFlags(endpoint), "--mode", "auto", "--format", "stream-json", "Go."]);
    const over = running.line((line) => line.includes('"type":"result"'));
    await waitForFile(home.work, "ready");
    running.child.kill("SIGINT");
    await over;
    running.child.kill("SIGINT");
    const { code, signal } = await running.outcome;
    assert.ok(code === 130 || signal === "SIGINT", `${code} ${signal}`);
    await waitForNoProcess(mark);
    const events = await home.events(await home.lastSession());
    checkEnds(events);
    const ends = events.flatMap(({ event }) => (event.type === "turn.ended" ? [event.outcome] : []));
    assert.ok(ends[0] === "cancelled" || ends[0] === "interrupted", ends.join());
    await endpoint.close();
    await home.close();
  });
});
