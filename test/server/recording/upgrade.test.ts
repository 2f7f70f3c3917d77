/** Every field of a recording that has another name than in version 0.1.0. */
import assert from "node:assert/strict";
import { upgradeCall, upgradeResponse } from "../../../server/recording/upgrade.ts";

const call = (kind: string, value: unknown) => ({ kind, value }) as Parameters<typeof upgradeCall>[0];

describe("a recording of version 0.1.0", () => {
  it("has the fields of today in its calls", () => {
    const judged = { decision: "ask", firm: true };
    assert.deepEqual(upgradeCall(call("judge", judged)), call("judge", { decision: "ask", requiresPerson: true }));
    assert.deepEqual(
      upgradeCall(call("plan", { result: { title: "T", wants: [] } })),
      call("plan", { result: { title: "T", accesses: [] } }),
    );
  });

  it("may contain calls that did not settle, as one of today", () => {
    for (const kind of ["judge", "plan", "run"]) assert.deepEqual(upgradeCall(call(kind, null)), call(kind, null));
  });

  it("has the fields of today in its responses", () => {
    const part = { type: "reasoning", text: "T", replay: { a: 1 } };
    const upgraded = { type: "reasoning", text: "T", providerMetadata: { a: 1 } };
    assert.deepEqual(
      upgradeResponse({
        expects: { messages: [{ role: "assistant", content: [part] }] },
        events: [part, { type: "retry", why: "busy" }],
      }),
      {
        expects: { messages: [{ role: "assistant", content: [upgraded] }] },
        events: [upgraded, { type: "retry", reason: "busy" }],
      },
    );
  });
});
