import assert from "node:assert/strict";
import { createLookups } from "../../../server/workspace/program-lookups.ts";

describe("a decision that needs the output of programs", () => {
  it("is repeated until all lookups are done, and runs each once", async () => {
    const { lookUp, decide } = createLookups();
    const asked: string[] = [];
    const find = (key: string): string =>
      lookUp({
        key,
        async run() {
          asked.push(key);
          return key.toUpperCase();
        },
        fallback: "?",
      });
    let attempts = 0;
    const decided = await decide(() => {
      attempts += 1;
      return [find("a"), find("b"), find("a")].join("");
    });
    assert.deepEqual([decided, asked, attempts], ["ABA", ["a", "b"], 3]);
  });

  it("uses the fallback after too many lookups", async () => {
    const { lookUp, decide } = createLookups();
    const decided = await decide(() =>
      Array.from({ length: 1_000 }, (_, index) => lookUp({ key: `${index}`, run: async () => true, fallback: false })),
    );
    assert.equal(decided.filter(Boolean).length, 100);
  });

  it("rejects if the decision throws or a lookup fails", async () => {
    const { lookUp, decide } = createLookups();
    const failing = () => lookUp({ key: "a", run: () => Promise.reject(new Error("no such program")), fallback: 0 });
    await assert.rejects(decide(failing), /no such program/);
    await assert.rejects(
      decide(() => {
        throw new Error("wrong");
      }),
      /^Error: wrong$/,
    );
  });
});
