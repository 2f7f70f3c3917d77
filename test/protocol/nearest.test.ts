import assert from "node:assert/strict";
import { findNearest } from "../../protocol/nearest.ts";

describe("findNearest", () => {
  it("suggests a similar name, or none", () => {
    const names = ["accent", "onAccent", "border", "background"];
    assert.equal(findNearest("acent", names), "accent");
    assert.equal(findNearest("ONACCENT", names), "onAccent");
    assert.equal(findNearest("backgruond", names), "background");
    assert.equal(findNearest("prompt", names), null);
    assert.equal(findNearest("modle", ["theme", "model"]), "model");
    assert.equal(findNearest("rn", ["log", "run"]), "run");
    assert.equal(findNearest("bar", ["for", "to"]), null);
    assert.equal(findNearest("x".repeat(100_000), names), null);
    assert.equal(findNearest("accent", []), null);
  });
});
