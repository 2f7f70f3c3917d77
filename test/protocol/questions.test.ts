/** What was typed in answer to a question: nothing that may be meant as an approval becomes the reason of a denial. */
import assert from "node:assert/strict";
import type { Answer } from "../../protocol/events.ts";
import { isDenial, toAnswer } from "../../protocol/questions.ts";

const choose = (...ids: string[]) => ids.map((id) => ({ id, label: id }));
const approval = { kind: "approval", choices: choose("yes", "always", "no") } as const;
const everyTime = { kind: "approval", choices: choose("yes", "no") } as const;
const question = { kind: "choice", choices: choose("red", "always") } as const;

describe("toAnswer", () => {
  const answers: [typeof approval | typeof everyTime | typeof question, input: string, Answer][] = [
    [approval, "yes", { choice: "yes" }],
    [approval, " No ", { choice: "no" }],
    [approval, "no, use another name", { text: "no, use another name" }],
    [approval, "alwaysbash(x)", { text: "alwaysbash(x)" }],
    [approval, "always", { choice: "always" }],
    [approval, "always bash(npm test)", { choice: "always", rule: "bash(npm test)" }],
    [approval, " Always  mcp__github__create_issue\n", { choice: "always", rule: "mcp__github__create_issue" }],
    [approval, "always mcp__a__*", { choice: "always", rule: "mcp__a__*" }],
    [approval, "always edit (src/(a)/**)", { choice: "always", rule: "edit (src/(a)/**)" }],
    // These are no valid rules; the server says so.
    [approval, "always bash(npm test", { choice: "always", rule: "bash(npm test" }],
    [approval, "always this one", { choice: "always", rule: "this one" }],
    [everyTime, "always", { choice: "always" }],
    [everyTime, "session", { choice: "session" }],
    [everyTime, "always bash(npm test)", { choice: "always", rule: "bash(npm test)" }],
    [question, "always", { choice: "always" }],
    [question, "always red", { text: "always red" }],
    [question, "yes", { text: "yes" }],
  ];
  for (const [asked, input, answer] of answers)
    it(`reads ${JSON.stringify(input)} as ${JSON.stringify(answer)} of ${asked.choices.length} choices (${asked.kind})`, () =>
      assert.deepEqual(toAnswer(asked, input), answer));
});

describe("isDenial", () => {
  it("is true for no and for text, whatever the text is", () => {
    for (const answer of [{ choice: "no" }, { text: "" }, { text: "always ask first" }, { text: "yes" }])
      assert.ok(isDenial(answer), JSON.stringify(answer));
    for (const answer of [{ choice: "yes" }, { choice: "session" }, { choice: "always", rule: "no" }])
      assert.ok(!isDenial(answer), JSON.stringify(answer));
  });
});
