/** The log assigns the sequence numbers: its order is the order of writing, regardless of the clock. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Envelope } from "../../../protocol/events.ts";
import { emptyView, reduceAll } from "../../../protocol/view.ts";
import { checksum } from "../../../server/node/checksum.ts";
import { openLog } from "../../../server/session/log.ts";
import { parseLog } from "../../../server/session/log-format.ts";
import { arbitraryLogs } from "../../help/random-logs.ts";
import { seededOptions } from "../../help/seed.ts";

const day = 86_400_000;

/** Writes events at the given times, and reads them back. */
function writeAndRead(log: readonly Envelope[], timeAt: (index: number) => number): Envelope[] {
  let text = "";
  let now = 0;
  const file = {
    append: (record: string) => {
      text += record;
    },
    sync: async () => undefined,
    close: () => undefined,
  };
  const clock = { now: () => now, monotonic: () => now, sleep: async () => undefined };
  const open = openLog(file, { clock, checksum, redact: (event) => event }, 0);
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
  it("numbers events without a gap, even if the clock goes back by days", () => {
    fc.assert(
      fc.property(arbitraryLogs(), fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1 }), (log, jumps) => {
        const start = 1_700_000_000_000;
        const envelopes = writeAndRead(log, (index) => start + (jumps[index % jumps.length] ?? 0) * day);
        assert.deepEqual(
          envelopes.map(({ seq }) => seq),
          log.map((_, index) => index + 1),
        );
        assert.deepEqual(
          envelopes.map(({ event }) => event),
          log.map(({ event }) => event),
        );
        // Apart from the times, the view is the same.
        const toView = (log: readonly Envelope[]) =>
          JSON.stringify(reduceAll(emptyView, log), (key, value) => (/^(at|since)$|At$/.test(key) ? 0 : value));
        assert.equal(toView(envelopes), toView(envelopes.map((envelope) => ({ ...envelope, at: 0 }))));
      }),
      seededOptions(100),
    );
  });
});
