import assert from "node:assert/strict";
import { openPathLock } from "../../../server/workspace/path-lock.ts";
import { openReadTracker } from "../../../server/workspace/read-tracker.ts";

describe("read tracker", () => {
  it("returns the hash that was seen last", () => {
    const ledger = openReadTracker();
    assert.equal(ledger.getSeenHash("/a"), null);
    ledger.markSeen("/a", "1");
    ledger.markSeen("/a", "2");
    assert.equal(ledger.getSeenHash("/a"), "2");
    assert.equal(ledger.getSeenHash("/b"), null);
  });

  it("starts from the changes in the log", () => {
    const change = { before: null, added: 1, removed: 0 };
    const ledger = openReadTracker([
      { ...change, path: "/a", after: "1" },
      { ...change, path: "/b", after: "2" },
      { ...change, path: "/a", before: "1", after: null },
    ]);
    assert.equal(ledger.getSeenHash("/a"), null);
    assert.equal(ledger.getSeenHash("/b"), "2");
  });
});

describe("path lock", () => {
  it("runs one task per path at a time, in order, also after a failure", async () => {
    const lock = openPathLock();
    const order: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = lock("/a", async () => {
      order.push("first starts");
      await gate.promise;
      order.push("first ends");
      throw new Error("broken");
    });
    const second = lock("/a", async () => order.push("second"));
    await lock("/b", async () => order.push("other path"));
    gate.resolve();
    await assert.rejects(first, /broken/);
    await second;
    assert.deepEqual(order, ["first starts", "other path", "first ends", "second"]);
  });
});
