import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import type { Envelope } from "../../../protocol/events.ts";
import { emptyView, reduceAll } from "../../../protocol/view.ts";
import { checksum } from "../../../server/node/clock.ts";
import { formatRecord } from "../../../server/session/log-format.ts";
import { createHistory } from "../../../server/session/history.ts";
import { type AgentBench, ada, openAgentBench, prompted } from "../../help/agent-bench.ts";
import { checkEnds, checkHistory } from "../../help/laws.ts";
import { logs } from "../../help/logs.ts";
import { call, calls, done, scriptedModel, text } from "../../help/scripted-model.ts";
import { law, seed } from "../../help/seed.ts";

const model = () => scriptedModel([[text("Going on."), done]]);

/** A log on disk as a crash after its last record, or in the middle of the next one, leaves it. */
async function crashed(bench: AgentBench, id: string, log: readonly Envelope[], torn = ""): Promise<void> {
  const folder = join(bench.dataDir, "sessions", id);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "log.jsonl"), log.map((envelope) => formatRecord(envelope, checksum)).join("") + torn);
}

function historyOf(log: readonly Envelope[]) {
  const history = createHistory();
  for (const envelope of log) history.add(envelope);
  return history.messages();
}

describe("a log that a crash cut", () => {
  let bench: AgentBench;
  beforeEach(async () => {
    bench = await openAgentBench({ model: model() });
  });
  afterEach(() => bench.close());

  it("gets exactly one end to everything, wherever it was cut, and a history that providers accept", async function () {
    this.timeout(20_000);
    const samples = fc.sample(
      logs(80).filter((log) => log.length > 50),
      { seed, numRuns: 3 },
    );
    process.stdout.write(`    SEED=${seed}\n`);
    let id = 0;
    for (const log of samples) {
      for (let length = 1; length <= log.length; length++) {
        const name = `p${++id}`;
        await crashed(bench, name, log.slice(0, length), '{"seq":');
        const session = await bench.sessions.open(name);
        checkEnds(session.envelopes());
        assert.equal(session.view().activity.state, "idle");
        assert.deepEqual(session.view().questions, []);
        assert.deepEqual(session.envelopes().slice(0, length), log.slice(0, length));
        const wasRunning = reduceAll(emptyView, log.slice(0, length)).activity.state === "running";
        if (wasRunning) assert.equal(session.view().lastEnd?.outcome, "interrupted");
        checkHistory(historyOf(session.envelopes()));
        const opened = session.envelopes().length;
        await bench.sessions.close(name);
        assert.equal((await bench.sessions.open(name)).envelopes().length, opened, "opening again adds nothing");
        await bench.sessions.close(name);
      }
    }
  });

  it("goes on with the next prompt, and the model is told what was interrupted", async () => {
    const first = scriptedModel([
      [text("Looking."), call("list", { path: "." }), calls],
      [text("Done."), done],
    ]);
    const whole = await openAgentBench({ model: first });
    const recorded = await whole.create();
    await prompted(recorded);
    const log = recorded.envelopes();
    for (let length = 2; length <= log.length; length++) {
      const name = `r${length}`;
      await crashed(bench, name, log.slice(0, length));
      const session = await bench.sessions.open(name);
      await prompted(session, "Go on.");
      checkEnds(session.envelopes());
      checkHistory(historyOf(session.envelopes()));
      assert.equal(session.view().lastEnd?.outcome, "done");
    }
    await whole.close();
  });

  it("keeps what waited in the queue, in order, and runs it before a new prompt", async () => {
    const events: Envelope[] = [
      { type: "session.opened" as const, session: "q", cwd: bench.cwd, version: "0" },
      { type: "prompt.queued" as const, prompt: "p2", text: "second", attachments: [] },
      { type: "prompt.queued" as const, prompt: "p3", text: "third", attachments: [] },
    ].map((event, index) => ({ seq: index + 1, at: index, by: ada, event }));
    await crashed(bench, "q", events);
    const session = await bench.sessions.open("q");
    await session.changeQueue({ type: "prompt.edited", prompt: "p3", text: "third, edited" }, ada);
    await session.prompt("fourth", [], {}, ada);
    await session.idle();
    const started = session.view().parts.flatMap((part) => (part.type === "prompt" ? [part.text] : []));
    assert.deepEqual(started, ["second", "third, edited", "fourth"]);
  });

  it("says which records are damaged, once, and goes on", async () => {
    const [log = []] = fc.sample(
      logs().filter((sample) => sample.length > 20),
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
      await prompted(session);
      assert.equal(session.view().lastEnd?.outcome, "done");
      checkHistory(historyOf(session.envelopes()));
      await bench.sessions.close("damaged");
    }
  });

  it("answers no question that waited: it is over, and its call did not run", async () => {
    const asking = await openAgentBench({
      model: scriptedModel([[call("bash", { command: "touch ran" }), calls], [done]]),
      judge: async () => ({ decision: "ask", reason: "it runs something" }),
      canAnswer: true,
    });
    const session = await asking.create();
    const asked = new Promise<void>((resolve) => {
      session.watch(({ event }) => event.type === "question.asked" && resolve());
    });
    await session.prompt("Go.", [], {}, ada);
    await asked;
    const log = [...session.envelopes()];
    const [question] = session.view().questions;
    await asking.close();
    await crashed(bench, "asked", log);
    const after = await bench.sessions.open("asked");
    checkEnds(after.envelopes());
    await assert.rejects(after.answer(question?.id ?? "", question?.digest ?? "", { choice: "yes" }, ada), { code: "notFound" });
    const part = after.view().parts.find(({ type }) => type === "call");
    assert.equal(part?.type === "call" && part.state, "interrupted");
  });
});

describe("a copy of a session", () => {
  it("made in the middle of a turn is whole, at every event of it", async () => {
    const bench = await openAgentBench({
      model: scriptedModel([
        [text("Looking."), call("list", { path: "." }), calls],
        [text("Done."), done],
      ]),
    });
    const session = await bench.create();
    await prompted(session);
    const { id } = session.view();
    for (const { seq } of [...session.envelopes()]) {
      const fork = await bench.sessions.fork(id, ada, seq);
      checkEnds(fork.envelopes());
      assert.deepEqual(fork.view().parent, { session: id, seq });
      await prompted(fork, "Go on.");
      checkEnds(fork.envelopes());
      checkHistory(historyOf(fork.envelopes()));
      assert.equal(fork.view().lastEnd?.outcome, "done");
    }
    await bench.close();
  });

  it("keeps what people see when it is imported, and imported again", async () => {
    await fc.assert(
      fc.asyncProperty(logs(40), async (log) => {
        const bench = await openAgentBench({ model: model() });
        const taken = await bench.sessions.importEnvelopes(log, ada);
        const { parts } = reduceAll(emptyView, taken.envelopes().slice(0, log.length));
        assert.deepEqual(parts, reduceAll(emptyView, log).parts);
        checkEnds(taken.envelopes());
        const again = await bench.sessions.importEnvelopes([...taken.envelopes()], ada);
        assert.deepEqual(again.view().parts, taken.view().parts);
        await bench.close();
      }),
      law(10),
    );
  });
});
