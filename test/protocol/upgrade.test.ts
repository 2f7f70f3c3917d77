import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { exportSession, readExport } from "../../client/export.ts";
import { type Envelope, envelope } from "../../protocol/events.ts";
import { upgradeLog } from "../../protocol/upgrade.ts";
import { emptyView, reduceAll } from "../../protocol/view.ts";
import { checksum } from "../../server/node/checksum.ts";
import { createHistory } from "../../server/session/history.ts";
import { parseLog } from "../../server/session/log-format.ts";
import { createSessionState } from "../../server/session/state.ts";

const read = (name: string): string => readFileSync(new URL(`../fixtures/logs/${name}`, import.meta.url), "utf8");

describe("a session of version 0.1.0", () => {
  const { envelopes, damaged } = parseLog(read("version-0.1.0.jsonl"), checksum);

  it("is read whole, and every event has the shape of today", () => {
    assert.deepEqual(damaged, []);
    for (const one of envelopes) assert.deepEqual(envelope.parse(one), one);
  });

  it("exports to the text that version 0.1.0 exported, but for the words of a notice, and how questions ended", () => {
    const exported = read("version-0.1.0.md").replace("told the model of a result", "added feedback for the model");
    const outcomes = /\n\*((?:always allowed|denied|answered) by Ada.*)\*\n/g;
    const now = exportSession(envelopes, "md");
    assert.equal(now.replaceAll(outcomes, ""), exported);
    assert.deepEqual(
      [...now.matchAll(outcomes)].map(([, outcome]) => outcome),
      [
        "always allowed by Ada: bash(true)",
        "denied by Ada: Use false instead.",
        "denied by Ada",
        "answered by Ada: One",
      ],
    );
  });

  it("is the same session when its JSON export is imported", async () => {
    assert.deepEqual(await readExport("old.json", read("version-0.1.0.json")), envelopes);
  });

  it("keeps what was decided, reviewed and queued", () => {
    const view = reduceAll(emptyView, envelopes);
    assert.equal(view.modelReason, "it is configured");
    assert.deepEqual(view.edits, []);
    assert.deepEqual(
      view.queue.map(({ id, settings }) => [id, settings]),
      [["p33", undefined]],
    );
    assert.deepEqual(createSessionState(envelopes).approvedRules(), ["bash(true)"]);
    const answers = envelopes.flatMap(({ event }) => (event.type === "question.answered" ? [event.answer] : []));
    assert.deepEqual(answers, [
      { choice: "always" },
      { text: "Use false instead." },
      { choice: "no" },
      { choice: "1" },
    ]);
  });

  it("returns provider metadata to the model, and leaves out what was cut off", () => {
    const history = createHistory();
    for (const one of envelopes.slice(0, -2)) history.add(one);
    const [, response] = history.messages();
    assert.equal(response?.role, "assistant");
    const content = response?.role === "assistant" ? response.content : [];
    assert.deepEqual(content.slice(0, 3), [
      { type: "reasoning", text: "Think.", providerMetadata: { reasoning_details: [{ type: "x" }] } },
      { type: "text", text: "I will." },
      {
        type: "call",
        id: "call_t1_1_1",
        name: "bash",
        input: { command: "true" },
        providerMetadata: { thoughtSignature: "sig" },
      },
    ]);
  });

  it("has answers whose question cannot be read, and reasoning that was cut off", () => {
    const by = { kind: "person" as const, id: "ada", name: "ada" };
    const old = [
      { type: "question.asked", question: "q9" },
      { type: "question.answered", question: "q1", answer: "always" },
      { type: "question.answered", question: "q2", answer: "Use false." },
      { type: "reasoning.done", turn: "t1", text: "T", cut: true },
    ].map((event, index) => ({ seq: index + 1, at: 0, by, event }));
    const [, always, text, reasoning] = upgradeLog(old as unknown as Envelope[]).map(({ event }) => event);
    assert.deepEqual(always, { type: "question.answered", question: "q1", answer: { choice: "always" } });
    assert.deepEqual(text, { type: "question.answered", question: "q2", answer: { text: "Use false." } });
    assert.deepEqual(reasoning, { type: "reasoning.done", turn: "t1", text: "T", incomplete: true });
  });

  it("is left alone where it has the shape of today already", () => {
    assert.ok(upgradeLog(envelopes).every((one, index) => one === envelopes[index]));
  });
});
