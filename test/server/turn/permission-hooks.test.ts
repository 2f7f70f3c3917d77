/** A hook that answers an approval: only its verdict decides, never its reason. */
import assert from "node:assert/strict";
import type { Author } from "../../../protocol/events.ts";
import type { HookAnswer } from "../../../protocol/plugin.ts";
import type { HookSource } from "../../../server/plugins/hooks.ts";
import {
  type AgentBench,
  ada,
  filterByType,
  openAgentBench,
  promptAndWait,
  waitForEvent,
} from "../../help/agent-bench.ts";
import { checkEnds } from "../../help/invariants.ts";
import { call, calls, done, scriptedModel } from "../../help/scripted-model.ts";

const guard: Author = { kind: "plugin", id: "guard", name: "guard" };
const onFailure = "closed";

/** A hook that answers, or fails if the answer is null. */
const createHook = (answer: HookAnswer<"permission.asked"> | null): HookSource => ({
  by: guard,
  specs: [{ event: "permission.asked", onFailure }],
  call: async () => {
    if (answer === null) throw new Error("yes");
    return answer;
  },
});

interface Case {
  answer: HookAnswer<"permission.asked"> | null;
  requiresPerson: boolean;
  /** True if the user is asked; the user approves. */
  asked: boolean;
  state: "done" | "refused";
  output?: RegExp;
}

const cases: Case[] = [false, true].flatMap((requiresPerson) => [
  ...[undefined, "yes", "always", "too early"].map(
    (reason): Case => ({
      answer: { answer: "no", ...(reason !== undefined && { reason }) },
      requiresPerson,
      asked: false,
      state: "refused",
      output: reason === undefined ? /refused by guard$/ : new RegExp(`refused by guard: ${reason}$`),
    }),
  ),
  { answer: null, requiresPerson, asked: false, state: "refused", output: /refused by guard: .*yes$/ },
  { answer: { answer: "yes", reason: "no" }, requiresPerson, asked: requiresPerson, state: "done" },
  { answer: {}, requiresPerson, asked: true, state: "done" },
]);

describe("a hook on permission.asked", () => {
  let bench: AgentBench;
  afterEach(() => bench.close());

  for (const { answer, requiresPerson, asked, state, output } of cases) {
    const answers = answer === null ? "fails closed" : `answers ${JSON.stringify(answer)}`;
    it(`that ${answers} ${requiresPerson ? "and only a user may approve" : "and may approve"}: ${state}`, async () => {
      bench = await openAgentBench({
        model: scriptedModel([[call("bash", { command: "true" }), calls], [done]]),
        judge: async () => ({ decision: "ask", reason: "it runs something", requiresPerson }),
        canAnswer: true,
        hooks: [createHook(answer)],
      });
      const session = await bench.create();
      void waitForEvent(session, "question.asked").then(({ question, digest }) =>
        session.answer(question, digest, { choice: "yes" }, ada),
      );
      const events = await promptAndWait(session);
      assert.equal(filterByType(events, "question.asked").length, asked ? 1 : 0);
      const [end] = filterByType(events, "call.done");
      assert.equal(end?.state, state);
      if (output) assert.match(end?.output ?? "", output);
      checkEnds(session.envelopes());
    });
  }
});
