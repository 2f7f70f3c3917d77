import assert from "node:assert/strict";
import { createSlowAnswers, decideWithAnswers } from "../../../server/workspace/slow-answers.ts";

describe("a decision that needs the answers of programs", () => {
  it("is made again until it has all of them, and asks for each once", async () => {
    const answer = createSlowAnswers();
    const asked: string[] = [];
    const find = (key: string): string =>
      answer({
        key,
        async ask() {
          asked.push(key);
          return key.toUpperCase();
        },
        otherwise: "?",
      });
    let attempts = 0;
    const decided = await decideWithAnswers(() => {
      attempts += 1;
      return [find("a"), find("b"), find("a")].join("");
    });
    assert.deepEqual([decided, asked, attempts], ["ABA", ["a", "b"], 3]);
  });

  it("ends with what is not known if it would need too many", async () => {
    const answer = createSlowAnswers();
    const decided = await decideWithAnswers(() =>
      Array.from({ length: 1_000 }, (_, index) => answer({ key: `${index}`, ask: async () => true, otherwise: false })),
    );
    assert.equal(decided.filter(Boolean).length, 100);
  });

  it("fails as it fails, or as a program could not be asked", async () => {
    const answer = createSlowAnswers();
    const decide = () => answer({ key: "a", ask: () => Promise.reject(new Error("no such program")), otherwise: 0 });
    await assert.rejects(decideWithAnswers(decide), /no such program/);
    await assert.rejects(
      decideWithAnswers(() => {
        throw new Error("wrong");
      }),
      /^Error: wrong$/,
    );
  });
});
