import assert from "node:assert/strict";
import fc from "fast-check";
import type { Part } from "../../../protocol/parts.ts";
import { runCooperatively } from "../../../server/rpc/time-slicing.ts";
import { findParts } from "../../../server/session/find-parts.ts";
import { seededOptions } from "../../help/seed.ts";

const createNotices = (texts: readonly string[]): Part[] =>
  texts.map((text, index) => ({ type: "notice", id: `n${index}`, level: "info", text }));

describe("findParts", () => {
  it("finds the newest parts that contain the text, case-insensitively, newest last", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom("Here", "where", "(.*", "nothing", ""), { maxLength: 1200, size: "max" }),
        fc.constantFrom("here", "HERE", "(.*", "absent"),
        fc.integer({ min: 1, max: 700 }),
        async (texts, text, limit) => {
          const matches = (candidate: string): boolean => candidate.toLowerCase().includes(text.toLowerCase());
          const all = texts.flatMap((candidate, index) => (matches(candidate) ? [{ id: `n${index}`, index }] : []));
          const found = await runCooperatively(findParts(createNotices(texts), text, limit));
          assert.deepEqual(found, { parts: all.slice(-limit), more: all.length > limit });
        },
      ),
      seededOptions(100),
    ));

  it("searches titles, output and diffs of calls", async () => {
    const call: Part = {
      ...{
        type: "call",
        id: "c1",
        turn: "t1",
        step: 1,
        name: "edit",
        kind: "edit",
        title: "a.ts",
        input: {},
        locations: [],
      },
      ...{ state: "done", output: "Wrote it.", images: [], diff: "+const one = 1;", askedAt: 1, endedAt: 2 },
    };
    for (const text of ["A.TS", "wrote", "CONST one"]) {
      assert.equal((await runCooperatively(findParts([call], text, 9))).parts.length, 1, text);
    }
  });
});
