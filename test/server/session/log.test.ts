/** The log alone stamps: its order is the order in which it was written, whatever the clock says. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Envelope } from "../../../protocol/events.ts";
import { emptyView, reduceAll } from "../../../protocol/view.ts";
import { checksum } from "../../../server/node/clock.ts";
import { parseLog } from "../../../server/session/log-format.ts";
import { openLog } from "../../../server/session/log.ts";
import { logs } from "../../help/logs.ts";
import { law } from "../../help/seed.ts";

const day = 86_400_000;

/** Writes these events while the clock shows these times, and reads them back. */
function written(log: readonly Envelope[], timeAt: (index: number) => number): Envelope[] {
  let text = "";
  let now = 0;
  const keep = {
    append: (record: string) => {
      text += record;
    },
    sync: async () => undefined,
    close: () => undefined,
  };
  const clock = { now: () => now, monotonic: () => now, sleep: async () => undefined };
  const open = openLog(keep, { clock, checksum, redact: (event) => event }, 0);
  const shown: Envelope[] = [];
  open.watch((envelope) => shown.push(envelope));
  for (const [index, { by, event }] of log.entries()) {
    now = timeAt(index);
    open.append(by, event);
  }
  const { envelopes, damaged } = parseLog(text, checksum);
  assert.deepEqual(damaged, []);
  assert.deepEqual(shown, envelopes);
  return envelopes;
}

describe("a log", () => {
  it("numbers what it is given without a gap, also where the clock goes back by days", () => {
    fc.assert(
      fc.property(logs(), fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1 }), (log, jumps) => {
        const start = 1_700_000_000_000;
        const wild = written(log, (index) => start + (jumps[index % jumps.length] ?? 0) * day);
        assert.deepEqual(
          wild.map(({ seq }) => seq),
          log.map((_, index) => index + 1),
        );
        assert.deepEqual(
          wild.map(({ event }) => event),
          log.map(({ event }) => event),
        );
        // But for the times themselves, a screen shows the same.
        const shown = (envelopes: readonly Envelope[]) =>
          JSON.stringify(reduceAll(emptyView, envelopes), (key, value) => (/^(at|since)$|At$/.test(key) ? 0 : value));
        assert.equal(shown(wild), shown(wild.map((envelope) => ({ ...envelope, at: 0 }))));
      }),
      law(100),
    );
  });
});
