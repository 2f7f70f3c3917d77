/** What fills the context of a session, as its log says. */
import assert from "node:assert/strict";
import { formatContextUse, formatShare, listContextLines } from "../../../client/context-text.ts";
import type { ContextReport } from "../../../protocol/context-report.ts";
import type { Session } from "../../../server/session/session.ts";
import { estimateTextTokens, getInputBudget } from "../../../server/turn/context-budget.ts";
import { createContextReport } from "../../../server/turn/context-report.ts";
import { type AgentBench, ada, openAgentBench, promptAndWait } from "../../help/agent-bench.ts";
import { call, calls, done, reasoning, type ScriptedModel, scriptedModel, text } from "../../help/scripted-model.ts";

describe("the report of a context", () => {
  let bench: AgentBench;
  let session: Session;
  let model: ScriptedModel;
  afterEach(() => bench.close());
  const rules = [
    { path: "AGENTS.md", text: "Always run make check. ".repeat(40) },
    { path: "/home/a/AGENTS.md", text: "Be brief." },
  ];
  async function open(context: number | null): Promise<void> {
    const answers = [
      [reasoning("I write it."), call("write", { path: "a.txt", content: "a ".repeat(400) }), calls],
      [text("Done."), done],
    ];
    model = scriptedModel(answers, { context });
    bench = await openAgentBench({ model, instructions: rules });
    session = await bench.create();
  }
  const report = (): ContextReport => createContextReport(session.envelopes());
  const tokensOf = (kind: string): number[] => report().rows.flatMap((row) => (row.kind === kind ? [row.tokens] : []));

  it("is that of the next request: prompt, instructions, tools and messages by kind", async () => {
    await open(50_000);
    await promptAndWait(session, "Write the file. ".repeat(100));
    const { rows, used, context, free, reserve, ...rest } = report();
    assert.deepEqual(rest, { model: "acme/m" });
    const kinds = [
      "system",
      "instructions",
      "instructions",
      "tools",
      "prompts",
      "responses",
      "reasoning",
      "calls",
      "results",
    ];
    assert.deepEqual(
      rows.map(({ kind }) => kind),
      kinds,
    );
    assert.deepEqual(
      rows.flatMap(({ kind, name }) => (kind === "instructions" ? [name] : [])),
      ["AGENTS.md", "/home/a/AGENTS.md"],
    );
    const { system, tools } = model.requests.at(-1) ?? {};
    const near = (actual: number, text: string) =>
      assert.ok(Math.abs(actual - estimateTextTokens(text)) <= 5, `${actual} for ${text.slice(0, 40)}`);
    near(tokensOf("tools")[0] ?? 0, JSON.stringify(tools));
    near((tokensOf("system")[0] ?? 0) + tokensOf("instructions").reduce((a, b) => a + b), system ?? "");
    near(tokensOf("instructions")[0] ?? 0, rules[0]?.text ?? "");
    near(tokensOf("prompts")[0] ?? 0, "Write the file. ".repeat(100));
    near(tokensOf("calls")[0] ?? 0, JSON.stringify({ path: "a.txt", content: "a ".repeat(400) }));
    assert.equal(
      used,
      rows.reduce((sum, { tokens }) => sum + tokens, 0),
    );
    assert.deepEqual([context, reserve], [50_000, 50_000 - (getInputBudget(50_000) ?? 0)]);
    assert.equal(used + (free ?? 0) + (reserve ?? 0), 50_000);
  });

  it("names no free space if the context is unknown, and is empty before the first turn", async () => {
    await open(null);
    assert.deepEqual(report(), { model: "", rows: [], used: 0, context: null, reserve: null, free: null });
    await promptAndWait(session, "Go.");
    const { context, reserve, free, used } = report();
    assert.deepEqual([context, reserve, free], [null, null, null]);
    assert.ok(used > 0);
    assert.equal(
      formatContextUse(report()),
      `About ${used.toLocaleString("en-US")} tokens used; the context is unknown`,
    );
  });

  it("shows the summary after a compaction, and less of all else", async () => {
    await open(50_000);
    for (const words of ["One. ".repeat(400), "Two. ".repeat(400), "Three. ".repeat(400)])
      await promptAndWait(session, words);
    const before = report().used;
    assert.deepEqual(tokensOf("summary"), []);
    await session.compact("", ada);
    await session.idle();
    assert.ok((tokensOf("summary")[0] ?? 0) > 0);
    assert.ok(report().used < before);
  });

  it("does not disturb a running turn", async () => {
    await open(50_000);
    let read: ContextReport | null = null;
    session.watch(({ event }) => {
      if (event.type === "call.started") read = report();
    });
    await promptAndWait(session, "Go.");
    assert.ok(read);
    assert.equal(session.view().lastEnd?.outcome, "done");
    assert.deepEqual(
      model.requests.at(-1)?.messages.map(({ role }) => role),
      ["user", "assistant", "tool"],
    );
  });

  it("is shown as lines with shares of the context", () => {
    const lines = listContextLines({
      model: "a/b",
      rows: [
        { kind: "system", tokens: 100 },
        { kind: "instructions", name: "AGENTS.md\u001b[2J", tokens: 1 },
        { kind: "tools", name: "12", tokens: 299 },
      ],
      used: 400,
      context: 1_000,
      reserve: 200,
      free: 400,
    });
    assert.deepEqual(
      lines.map(({ label, tokens, share }) => `${label} ${tokens} ${formatShare(share)}`),
      [
        "System prompt 100 10 %",
        "Instructions: AGENTS.md\\x1b[2J 1 <1 %",
        "Tools (12) 299 30 %",
        "Free 400 40 %",
        "Reserve for the response 200 20 %",
      ],
    );
  });
});
