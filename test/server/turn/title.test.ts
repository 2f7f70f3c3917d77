import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { createBudgets } from "../../../server/budget/budgets.ts";
import type { Config } from "../../../server/config/config.ts";
import { clock } from "../../../server/node/clock.ts";
import { openDayLedger } from "../../../server/node/day-ledger.ts";
import type { Session } from "../../../server/session/session.ts";
import { titleSession } from "../../../server/turn/title-session.ts";
import { type AgentBench, ada, filterByType, openAgentBench, promptAndWait } from "../../help/agent-bench.ts";
import {
  done,
  failed,
  type ScriptedModel,
  type ScriptedResponse,
  scriptedModel,
  text,
  usageWithCost,
} from "../../help/scripted-model.ts";

const PROMPT = "please make the export of big tables faster, it takes minutes";
const titled = (title: string): ScriptedResponse => [text(title), usageWithCost(0.001), done];

describe("the title of a session", () => {
  let bench: AgentBench;
  let session: Session;
  let quick: ScriptedModel;

  beforeEach(async () => {
    bench = await openAgentBench({ model: scriptedModel([[text("It is faster now."), done]]) });
    session = await bench.create();
  });
  afterEach(() => bench.close());

  async function title(answers: ScriptedResponse[], config: Partial<Config> = {}, isLocal = false): Promise<string> {
    quick = scriptedModel(answers, { id: "p/quick", inputPrice: 1, outputPrice: 1 });
    const budgets = createBudgets({
      openLedger: () => openDayLedger(join(bench.dataDir, "spending"), clock),
      newId: () => randomUUID(),
      envelopes: () => session.envelopes(),
    });
    const deps = {
      configFor: async () => ({ tiers: { quick: "p/quick" }, ...config }),
      openModel: async () => ({ model: quick }),
      isLocal: async () => isLocal,
      budgets,
    };
    await titleSession(deps, session);
    return session.view().title;
  }

  const answers: [string, string][] = [
    ["Faster export of big tables", "Faster export of big tables"],
    ['"Faster export."\n\nI chose this because …', "Faster export"],
    ["# **Title: Export faster**", "Export faster"],
    ["Großer Export: schneller", "Großer Export: schneller"],
    ["Red \u001b[31malert\u0007", "Red alert\\x07"],
    ["x".repeat(200), `${"x".repeat(79)}…`],
  ];
  for (const [answer, expected] of answers)
    it(`is what the quick model answers: ${JSON.stringify(answer.slice(0, 30))}`, async () => {
      await promptAndWait(session, PROMPT);
      assert.equal(session.view().title, PROMPT);
      const { contextUsed } = session.view();
      assert.equal(await title([titled(answer)]), expected);
      const [request] = quick.requests;
      assert.deepEqual(request?.messages, [
        {
          role: "user",
          content: [{ type: "text", text: JSON.stringify({ user: PROMPT, agent: "It is faster now." }) }],
        },
      ]);
      const [usage] = filterByType(session.envelopes(), "usage.counted").filter(({ purpose }) => purpose === "title");
      assert.deepEqual([usage?.tier, usage?.usage.cost], ["quick", 0.001]);
      assert.equal(session.view().contextUsed, contextUsed);
    });

  it("has nothing of an attempt that was broken off", async () => {
    await promptAndWait(session, PROMPT);
    const broken = [text("Export of bi"), { type: "retry", attempt: 1, until: 0, reason: "broken off" } as const];
    assert.equal(await title([[...broken, text("Export of big tables"), done]]), "Export of big tables");
  });

  it("stays if it was given by a person, before or while the model answers", async () => {
    await promptAndWait(session, PROMPT);
    const rename = () => session.record({ type: "session.titled", title: "Mine" }, ada);
    assert.equal(await title([[rename(), text("Other"), done].flat()]), "Mine");
    assert.equal(await title([titled("Other")]), "Mine");
    assert.equal(quick.requests.length, 0);
  });

  const unusable: [string, ScriptedResponse][] = [
    ["nothing", [done]],
    ["marks only", [text('"**"'), done]],
    ["a failure", [text("Half"), failed("server")]],
    ["too much", [text("A title that never"), { type: "stop", reason: "length" }]],
  ];
  for (const [name, answer] of unusable)
    it(`stays the beginning of the prompt if the model answers ${name}`, async () => {
      await promptAndWait(session, PROMPT);
      assert.equal(await title([answer]), PROMPT);
      const [notice, ...more] = filterByType(session.envelopes(), "notice.shown");
      assert.deepEqual([notice?.level, more], ["info", []]);
      assert.match(notice?.text ?? "", /^No title was made for this session by p\/quick: (its response|It failed)/);
    });

  it("is made after the first turn alone", async () => {
    await promptAndWait(session, PROMPT);
    await promptAndWait(session, "And the import?");
    assert.equal(await title([titled("Later")]), PROMPT);
    assert.equal(quick.requests.length, 0);
  });

  it("is not made without a quick tier, by a local model that was not asked for, or against the configuration", async () => {
    await promptAndWait(session, PROMPT);
    assert.equal(await title([titled("Other")], { tiers: {} }), PROMPT);
    assert.equal(await title([titled("Other")], {}, true), PROMPT);
    assert.equal(await title([titled("Other")], { routing: { titles: false } }), PROMPT);
    assert.equal(await title([titled("Wanted")], { routing: { titles: true } }, true), "Wanted");
  });

  it("is made within the budget", async () => {
    await promptAndWait(session, PROMPT);
    assert.equal(await title([titled("Other")], { budget: { tiers: { quick: 0.000_001 } } }), PROMPT);
    assert.equal(await title([titled("Other")], { budget: { session: 0 } }), PROMPT);
    assert.equal(quick.requests.length, 0);
    assert.equal(await title([titled("Paid")], { budget: { session: 1 } }), "Paid");
  });
});
