/** Keeps slow packages out of the bundle that every run loads: each was once imported there by accident, and made the start 80 ms slower. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "../help/build.ts";

describe("the bundle of a run", () => {
  let bundle: string;
  before(async () => {
    await build();
    bundle = readFileSync(join(import.meta.dirname, "../../dist/tutti.cjs"), "utf8");
  });

  it("does not load zod", () => assert.ok(!bundle.includes("./zod.cjs")));

  it("does not contain JSON-RPC", () => assert.ok(!bundle.includes("Content-Length: ")));

  it("is small", () => assert.ok(bundle.length < 400_000, `${bundle.length} characters`));
});
