import assert from "node:assert/strict";
import { createCrashCounter } from "../../../server/diagnostics/uncaught-errors.ts";

describe("createCrashCounter", () => {
  it("reports three errors within a minute", () => {
    let now = 0;
    const crashes = createCrashCounter({ max: 3, withinMs: 60_000 }, () => now);
    const addAt = (time: number, text: string) => {
      now = time;
      return crashes.add(text);
    };
    assert.equal(addAt(0, "a"), null);
    assert.equal(addAt(30_000, "b"), null);
    assert.equal(addAt(61_000, "c"), null);
    assert.deepEqual(addAt(62_000, "d"), ["b", "c", "d"]);
  });
});
