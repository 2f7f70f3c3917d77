import assert from "node:assert/strict";
import fc from "fast-check";
import type { Envelope } from "../../protocol/events.ts";
import { isFact } from "../../protocol/facts.ts";
import { emptyView, reduce, reduceAll, type SessionView } from "../../protocol/view.ts";
import { checkEnds } from "../help/invariants.ts";
import { arbitraryLogs, toEnvelopes } from "../help/random-logs.ts";
import { seededOptions } from "../help/seed.ts";

const fold = (envelopes: readonly Envelope[], from: SessionView = emptyView): SessionView =>
  envelopes.reduce(reduce, from);

const somethingOpen = ({ parts }: SessionView): boolean =>
  parts.some((part) => ("open" in part && part.open) || (part.type === "call" && part.endedAt === undefined));

function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) frozen(inner);
  }
  return value;
}

describe("the view of a log", () => {
  it("is the same from facts alone as from facts and deltas, whenever no part is open", () => {
    fc.assert(
      fc.property(arbitraryLogs(), (log) => {
        checkEnds(log, false);
        for (let length = 1; length <= log.length; length++) {
          const past = log.slice(0, length);
          const whole = fold(past);
          if (somethingOpen(whole)) continue;
          const { seq: _, updatedAt: __, ...facts } = fold(past.filter(({ event }) => isFact(event)));
          const { seq, updatedAt, ...all } = whole;
          assert.deepEqual(facts, all);
          assert.deepEqual([seq, updatedAt], [past.at(-1)?.seq, past.at(-1)?.at]);
        }
      }),
      seededOptions(150),
    );
  });

  it("is the same at once as event by event, and changes nothing that it was given", () => {
    fc.assert(
      fc.property(arbitraryLogs(), (log) => {
        let view = frozen(emptyView);
        for (const envelope of frozen(log)) view = frozen(reduce(view, envelope));
        assert.deepEqual(reduceAll(emptyView, log), view);
      }),
      seededOptions(200),
    );
  });

  it("is the same from a snapshot and the rest as from the whole", () => {
    fc.assert(
      fc.property(arbitraryLogs(), fc.nat(), fc.boolean(), (log, at, quickly) => {
        const cut = at % (log.length + 1);
        const snapshot = JSON.parse(JSON.stringify(reduceAll(emptyView, log.slice(0, cut)))) as SessionView;
        const rest = log.slice(cut);
        const view = quickly ? reduceAll(frozen(snapshot), rest) : fold(rest, snapshot);
        assert.deepEqual(view, reduceAll(emptyView, log));
      }),
      seededOptions(200),
    );
  });

  it("skips events of a kind that it does not know", () => {
    fc.assert(
      fc.property(arbitraryLogs(20), fc.nat(), (log, at) => {
        const unknown = { type: "weather.changed", to: "rain" } as unknown as Envelope["event"];
        const events = log.map(({ event }) => event);
        const position = 1 + (at % log.length);
        const { seq: _, updatedAt: __, ...without } = fold(log);
        const newer = fold(toEnvelopes(events.toSpliced(position, 0, unknown)));
        assert.equal(newer.seq, log.length + 1);
        assert.deepEqual(
          newer.parts.map(({ type }) => type),
          without.parts.map(({ type }) => type),
        );
        assert.equal(newer.title, without.title);
      }),
      seededOptions(50),
    );
  });

  it("keeps a text where it ended when something came between its pieces", () => {
    const log = toEnvelopes([
      { type: "session.opened", session: "s1", cwd: "/work", version: "0" },
      { type: "turn.started", turn: "t1", text: "Go", attachments: [], agent: "tutti" },
      { type: "text.delta", turn: "t1", step: 1, part: "a", text: "Hel" },
      { type: "notice.shown", level: "info", text: "Somebody joined." },
      { type: "text.done", turn: "t1", step: 1, part: "a", text: "Hello" },
    ]);
    assert.deepEqual(
      fold(log).parts.map(({ type }) => type),
      ["prompt", "notice", "text"],
    );
  });
});
