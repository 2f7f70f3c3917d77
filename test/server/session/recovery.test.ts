import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import type { Envelope } from "../../../protocol/events.ts";
import { emptyView, reduceAll } from "../../../protocol/view.ts";
import { checksum } from "../../../server/node/checksum.ts";
import { createHistory } from "../../../server/session/history.ts";
import { formatRecord } from "../../../server/session/log-format.ts";
import { type AgentBench, ada, openAgentBench, promptAndWait } from "../../help/agent-bench.ts";
import { checkEnds, checkHistory } from "../../help/invariants.ts";
import { arbitraryLogs } from "../../help/random-logs.ts";
import { call, calls, done, scriptedModel, text } from "../../help/scripted-model.ts";
import { seed, seededOptions } from "../../help/seed.ts";

const model = () => scriptedModel([[text("Continuing."), done]]);

/** Writes a log as a crash leaves it, after its last record or in the middle of the next one. */
async function writeCrashedLog(bench: AgentBench, id: string, log: readonly Envelope[], partial = ""): Promise<void> {
  const folder = join(bench.dataDir, "sessions", id);
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, "log.jsonl"),
    log.map((envelope) => formatRecord(envelope, checksum)).join("") + partial,
  );
}

function toHistory(log: readonly Envelope[]) {
  const history = createHistory();
  for (const envelope of log) history.add(envelope);
  return history.messages();
}

describe("a log after a crash", () => {
  let bench: AgentBench;
  beforeEach(async () => {
    bench = await openAgentBench({ model: model() });
  });
  afterEach(() => bench.close());

  it("gets exactly one end for everything, wherever it was cut, and a valid history", async function () {
    this.timeout(20_000);
    const samples = fc.sample(
      arbitraryLogs(80).filter((log) => log.length > 50),
      { seed, numRuns: 3 },
    );
    process.stdout.write(`    SEED=${seed}\n`);
    let id = 0;
    for (const log of samples) {
      for (let length = 1; length <= log.length; length++) {
        const name = `p${++id}`;
        await writeCrashedLog(bench, name, log.slice(0, length), '{"seq":');
        const session = await bench.sessions.open(name);
        checkEnds(session.envelopes());
        assert.equal(session.view().activity.state, "idle");
        assert.deepEqual(session.view().questions, []);
        assert.deepEqual(session.envelopes().slice(0, length), log.slice(0, length));
        const wasRunning = reduceAll(emptyView, log.slice(0, length)).activity.state === "running";
        if (wasRunning) assert.equal(session.view().lastEnd?.outcome, "interrupted");
        checkHistory(toHistory(session.envelopes()));
        const opened = session.envelopes().length;
        await bench.sessions.close(name);
        assert.equal((await bench.sessions.open(name)).envelopes().length, opened, "opening again adds nothing");
        await bench.sessions.close(name);
      }
    }
  });

  it("continues with the next prompt, with the interruption in the history", async () => {
    const first = scriptedModel([
      [text("Looking."), call("list", { path: "." }), calls],
      [text("Done."), done],
    ]);
    const whole = await openAgentBench({ model: first });
    const recorded = await whole.create();
    await promptAndWait(recorded);
    const log = recorded.envelopes();
    for (let length = 2; length <= log.length; length++) {
      const name = `r${length}`;
      await writeCrashedLog(bench, name, log.slice(0, length));
      const session = await bench.sessions.open(name);
      await promptAndWait(session, "Continue.");
      checkEnds(session.envelopes());
      checkHistory(toHistory(session.envelopes()));
      assert.equal(session.view().lastEnd?.outcome, "done");
    }
    await whole.close();
  });

  it("keeps queued prompts in order, and runs them before a new prompt", async () => {
    const events: Envelope[] = [
      { type: "session.opened" as const, session: "q", cwd: bench.cwd, version: "0" },
      { type: "prompt.queued" as const, prompt: "p2", text: "second", attachments: [] },
      { type: "prompt.queued" as const, prompt: "p3", text: "third", attachments: [] },
    ].map((event, index) => ({ seq: index + 1, at: index, by: ada, event }));
    await writeCrashedLog(bench, "q", events);
    const session = await bench.sessions.open("q");
    await session.changeQueue({ type: "prompt.edited", prompt: "p3", text: "third, edited" }, ada);
    await session.prompt("fourth", [], {}, ada);
    await session.idle();
    const started = session.view().parts.flatMap((part) => (part.type === "prompt" ? [part.text] : []));
    assert.deepEqual(started, ["second", "third, edited", "fourth"]);
  });

  it("reports damaged records once, and continues", async () => {
    const [log = []] = fc.sample(
      arbitraryLogs().filter((sample) => sample.length > 20),
      { seed, numRuns: 1 },
    );
    const lines = log.map((envelope) => formatRecord(envelope, checksum));
    lines[5] = `${lines[5]?.slice(0, 10)}#${lines[5]?.slice(11)}`;
    const folder = join(bench.dataDir, "sessions", "damaged");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "log.jsonl"), lines.join(""));
    for (let times = 0; times < 2; times++) {
      const session = await bench.sessions.open("damaged");
      const notices = session.view().parts.filter((part) => part.type === "notice" && /Record 6 /.test(part.text));
      assert.equal(notices.length, 1);
      await promptAndWait(session);
      assert.equal(session.view().lastEnd?.outcome, "done");
      checkHistory(toHistory(session.envelopes()));
      await bench.sessions.close("damaged");
    }
  });

  it("expires open questions without running their calls", async () => {
    const before = await openAgentBench({
      model: scriptedModel([[call("bash", { command: "touch ran" }), calls], [done]]),
      judge: async () => ({ decision: "ask", reason: "it runs something" }),
      canAnswer: true,
    });
    const session = await before.create();
    const asked = new Promise<void>((resolve) => {
      session.watch(({ event }) => event.type === "question.asked" && resolve());
    });
    await session.prompt("Go.", [], {}, ada);
    await asked;
    const log = [...session.envelopes()];
    const [question] = session.view().questions;
    await before.close();
    await writeCrashedLog(bench, "asked", log);
    const after = await bench.sessions.open("asked");
    checkEnds(after.envelopes());
    await assert.rejects(after.answer(question?.id ?? "", question?.digest ?? "", { choice: "yes" }, ada), {
      code: "notFound",
    });
    const part = after.view().parts.find(({ type }) => type === "call");
    assert.equal(part?.type === "call" && part.state, "interrupted");
  });
});

describe("a copy of a session", () => {
  it("is complete when forked at any event of a turn", async () => {
    const bench = await openAgentBench({
      model: scriptedModel([
        [text("Looking."), call("list", { path: "." }), calls],
        [text("Done."), done],
      ]),
    });
    const session = await bench.create();
    await promptAndWait(session);
    const { id } = session.view();
    for (const { seq } of [...session.envelopes()]) {
      const fork = await bench.sessions.fork(id, ada, seq);
      checkEnds(fork.envelopes());
      assert.deepEqual(fork.view().parent, { session: id, seq });
      await promptAndWait(fork, "Continue.");
      checkEnds(fork.envelopes());
      checkHistory(toHistory(fork.envelopes()));
      assert.equal(fork.view().lastEnd?.outcome, "done");
    }
    await bench.close();
  });

  it("keeps its parts when imported, and imported again", async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryLogs(40), async (log) => {
        const bench = await openAgentBench({ model: model() });
        const imported = await bench.sessions.importEnvelopes(log, ada);
        const { parts } = reduceAll(emptyView, imported.envelopes().slice(0, log.length));
        assert.deepEqual(parts, reduceAll(emptyView, log).parts);
        checkEnds(imported.envelopes());
        const again = await bench.sessions.importEnvelopes([...imported.envelopes()], ada);
        assert.deepEqual(again.view().parts, imported.view().parts);
        await bench.close();
      }),
      seededOptions(10),
    );
  });
});
