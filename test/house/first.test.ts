import assert from "node:assert/strict";
import { isDelta } from "../../protocol/facts.ts";

describe("facts", () =>
  it("tells deltas apart", () => assert.equal(isDelta({ type: "call.output", call: "c", text: "" }), true)));
