import assert from "node:assert/strict";
import { openLedger } from "../../../server/workspace/ledger.ts";
import { openPathLock } from "../../../server/workspace/lock.ts";

describe("ledger", () => {
  it("knows what was seen last, and nothing else", () => {
    const ledger = openLedger();
    assert.equal(ledger.seen("/a"), null);
    ledger.saw("/a", "1");
    ledger.saw("/a", "2");
    assert.equal(ledger.seen("/a"), "2");
    assert.equal(ledger.seen("/b"), null);
  });

  it("starts from the changes that the log tells of", () => {
    const change = { before: null, added: 1, removed: 0 };
    const ledger = openLedger([
      { ...change, path: "/a", after: "1" },
      { ...change, path: "/b", after: "2" },
      { ...change, path: "/a", before: "1", after: null },
    ]);
    assert.equal(ledger.seen("/a"), null);
    assert.equal(ledger.seen("/b"), "2");
  });
});

describe("path lock", () => {
  it("runs one work for a path at a time, in order, also after a failure", async () => {
    const lock = openPathLock();
    const said: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = lock("/a", async () => {
      said.push("first starts");
      await gate.promise;
      said.push("first ends");
      throw new Error("broken");
    });
    const second = lock("/a", async () => said.push("second"));
    await lock("/b", async () => said.push("other path"));
    gate.resolve();
    await assert.rejects(first, /broken/);
    await second;
    assert.deepEqual(said, ["first starts", "other path", "first ends", "second"]);
  });
});
