import assert from "node:assert/strict";
import { nearest } from "../../client/nearest.ts";

describe("a mistyped name", () => {
  it("is near to what was meant, or to nothing", () => {
    const names = ["accent", "onAccent", "border", "background"];
    assert.equal(nearest("acent", names), "accent");
    assert.equal(nearest("ONACCENT", names), "onAccent");
    assert.equal(nearest("backgruond", names), "background");
    assert.equal(nearest("prompt", names), null);
    assert.equal(nearest("x".repeat(100_000), names), null);
    assert.equal(nearest("accent", []), null);
  });
});
