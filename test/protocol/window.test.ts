import assert from "node:assert/strict";
import fc from "fast-check";
import { emptyView, reduce, reduceAll, type SessionView } from "../../protocol/view.ts";
import { lastParts, partsBefore } from "../../protocol/window.ts";
import { arbitraryLogs } from "../help/random-logs.ts";
import { seededOptions } from "../help/seed.ts";

const copy = (view: SessionView): SessionView => JSON.parse(JSON.stringify(view)) as SessionView;

describe("the end of a view", () => {
  it("goes on as the whole does, whenever it was taken and however short it is", () => {
    fc.assert(
      fc.property(arbitraryLogs(100), fc.nat(), fc.integer({ min: 1, max: 12 }), (log, at, most) => {
        const cut = at % (log.length + 1);
        let whole = reduceAll(emptyView, log.slice(0, cut));
        let window = copy(lastParts(whole, most));
        const { earlier } = window;
        assert.ok(window.parts.length >= Math.min(most, whole.parts.length));
        for (const envelope of log.slice(cut)) {
          whole = reduce(whole, envelope);
          window = reduce(window, envelope);
          assert.deepEqual(window, { ...whole, earlier, parts: whole.parts.slice(earlier) });
        }
      }),
      seededOptions(300),
    );
  });

  it("is made whole by its pages", () => {
    fc.assert(
      fc.property(
        arbitraryLogs(100),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 7 }),
        (log, most, page) => {
          const whole = reduceAll(emptyView, log);
          let { parts, earlier } = lastParts(whole, most);
          while (earlier > 0) {
            const older = partsBefore(whole, parts[0]?.id ?? "", page);
            assert.ok(older && older.parts.length > 0 && older.parts.length <= page);
            parts = [...older.parts, ...parts];
            ({ earlier } = older);
          }
          assert.deepEqual(parts, whole.parts);
          assert.equal(partsBefore(whole, "no such part", page), null);
        },
      ),
      seededOptions(200),
    );
  });
});
