import assert from "node:assert/strict";
import { countCrashes } from "../../../server/diagnostics/crash-report.ts";

describe("faults that nobody caught", () => {
  it("end the server where three come within a minute", () => {
    let now = 0;
    const crashes = countCrashes({ most: 3, withinMs: 60_000 }, () => now);
    const at = (time: number, told: string) => {
      now = time;
      return crashes.add(told);
    };
    assert.equal(at(0, "a"), null);
    assert.equal(at(30_000, "b"), null);
    assert.equal(at(61_000, "c"), null);
    assert.deepEqual(at(62_000, "d"), ["b", "c", "d"]);
  });
});
