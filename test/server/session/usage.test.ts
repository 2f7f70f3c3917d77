/** Usage over time, as a fold of the logs that the index keeps. */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import type { Envelope, SessionEvent } from "../../../protocol/events.ts";
import { checksum } from "../../../server/node/checksum.ts";
import { openSessionIndex } from "../../../server/node/session-index.ts";
import { createStatsHandlers } from "../../../server/rpc/stats-handlers.ts";
import { emptyUsage, foldUsage, toLocalDay } from "../../../server/session/usage-fold.ts";
import { type AgentBench, ada, openAgentBench, promptAndWait } from "../../help/agent-bench.ts";
import { done, scriptedModel, text, usageWithCost } from "../../help/scripted-model.ts";

const envelope = (event: SessionEvent, at: number, seq = 1): Envelope => ({ seq, at, by: ada, event });
const counted = (model: string, cost: number | null, more: object = {}): SessionEvent => ({
  type: "usage.counted",
  turn: "t1",
  step: 1,
  model,
  usage: { input: 100, cached: 40, output: 7, reasoning: 0, cost, estimated: false },
  ...more,
});
const started = (agent: string): SessionEvent => ({
  type: "turn.started",
  turn: "t1",
  text: "",
  attachments: [],
  agent,
});

describe("usage over time", () => {
  it("is summed by time, model, agent and tier; requests without a price are counted", () => {
    const noon = new Date(2026, 2, 10, 12).getTime();
    const events: [SessionEvent, number][] = [
      [started("build"), noon],
      [counted("a/m", 0.5), noon],
      [counted("a/m", null), noon + 1_000],
      [counted("a/m", 0.25, { tier: "quick" }), noon],
      [counted("a/m", 2, { tier: "quick", purpose: "classifier" }), noon],
      [started("review"), noon],
      [counted("a/m", 1), noon],
      [counted("b/m", null), noon + 24 * 3_600_000],
    ];
    const { entries } = foldUsage(
      emptyUsage,
      events.map(([event, at]) => envelope(event, at)),
    );
    assert.deepEqual(
      entries.map(({ at, model, agent, tier, purpose = "", requests, input, cached, output, cost, unpriced }) =>
        [toLocalDay(at), model, agent, tier ?? "-", requests, input, cached, output, cost, unpriced, purpose]
          .join(" ")
          .trim(),
      ),
      [
        "2026-03-10 a/m build - 2 200 80 14 0.5 1",
        "2026-03-10 a/m build quick 1 100 40 7 0.25 0",
        "2026-03-10 a/m build quick 1 100 40 7 2 0 classifier",
        "2026-03-10 a/m review - 1 100 40 7 1 0",
        "2026-03-11 b/m review - 1 100 40 7 0 1",
      ],
    );
  });

  it("is the same whether a log is folded at once or in pieces", () => {
    const event = fc.oneof(
      fc.constantFrom("build", "review").map(started),
      fc.tuple(fc.constantFrom("a/m", "b/m"), fc.option(fc.nat(9))).map(([model, cost]) => counted(model, cost)),
    );
    const log = fc.array(fc.tuple(event, fc.nat(10 * 24 * 3_600_000)), { maxLength: 30 });
    fc.assert(
      fc.property(log, fc.nat(30), (events, cut) => {
        const envelopes = events.map(([one, at]) => envelope(one, at));
        const first = foldUsage(emptyUsage, envelopes.slice(0, cut));
        assert.deepEqual(foldUsage(first, envelopes.slice(cut)), foldUsage(emptyUsage, envelopes));
      }),
    );
  });

  describe("in the index", () => {
    let bench: AgentBench;
    beforeEach(async () => {
      bench = await openAgentBench({ model: scriptedModel([[text("Fine."), usageWithCost(0.5), done]]) });
    });
    afterEach(() => bench.close());
    const index = () => openSessionIndex(bench.dataDir, bench.store, checksum);
    const total = (rows: { cost: number; requests: number }[]): number[] => [
      rows.reduce((sum, { requests }) => sum + requests, 0),
      rows.reduce((sum, { cost }) => sum + cost, 0),
    ];

    it("is that of all sessions; a fork does not count again what its original used", async () => {
      const session = await bench.create();
      await promptAndWait(session, "About apples.");
      await promptAndWait(session, "And pears.");
      const fork = await bench.sessions.fork(session.view().id, ada);
      await promptAndWait(fork, "And plums.");
      const rows = await index().usage("");
      assert.deepEqual(total(rows), [3, 1.5]);
      assert.deepEqual(
        rows.map((row) => [row.session, row.title, row.requests, row.model]).sort(),
        [
          [session.view().id, session.view().title, 2, "acme/m"],
          [fork.view().id, fork.view().title, 1, "acme/m"],
        ].sort(),
      );
    });

    it("grows with the logs, and is the same after the index was lost", async () => {
      const session = await bench.create();
      const current = index();
      for (let turn = 1; turn <= 3; turn += 1) {
        await promptAndWait(session, `Turn ${turn}.`);
        assert.deepEqual(total(await current.usage("")), [turn, turn / 2]);
      }
      const before = await current.usage("");
      for (const suffix of ["", "-wal", "-shm"])
        await rm(join(bench.dataDir, `index.sqlite${suffix}`), { force: true });
      assert.deepEqual(await index().usage(""), before);
    });

    it("is read for the last days, with today", async () => {
      const session = await bench.create();
      await promptAndWait(session, "Today.");
      const now = Date.now();
      const at = (daysLater: number) => {
        const date = new Date(now);
        return new Date(date.getFullYear(), date.getMonth(), date.getDate() + daysLater, 12).getTime();
      };
      const read = async (daysLater: number, days?: number) => {
        const { statsRead } = createStatsHandlers({ index: index(), clock: { now: () => at(daysLater) } });
        return (await statsRead(days === undefined ? {} : { days }, {} as never, {} as never)).rows.length;
      };
      assert.deepEqual([await read(0, 1), await read(1, 1), await read(1, 2), await read(400)], [1, 0, 1, 1]);
    });
  });
});
