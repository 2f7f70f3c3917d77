import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Envelope, EventOf, SessionEvent } from "../../../protocol/events.ts";
import { createBudgets } from "../../../server/budget/budgets.ts";
import { type Amount, readLimits, readSpending, usedShare } from "../../../server/budget/limits.ts";
import { clock as realClock } from "../../../server/node/clock.ts";
import { openDayLedger } from "../../../server/node/day-ledger.ts";
import { createBudgetHandlers } from "../../../server/rpc/stats-handlers.ts";
import { type AgentBench, type BenchOptions, openAgentBench, promptAndWait } from "../../help/agent-bench.ts";
import {
  call,
  calls,
  done,
  type ScriptedModel,
  type ScriptedResponse,
  scriptedModel,
  text,
  usageWithCost,
} from "../../help/scripted-model.ts";
import { taskAgents } from "../../help/subagents.ts";

let count = 0;
const step = (cost: number): ScriptedResponse => [
  call("grep", { pattern: `x${++count}` }, `c${count}`),
  usageWithCost(cost),
  calls,
];
const answer = (cost: number): ScriptedResponse => [text("Done."), usageWithCost(cost), done];
const priced = { inputPrice: 1, outputPrice: 1 };
const model = (...answers: ScriptedResponse[]): ScriptedModel => scriptedModel(answers, priced);
const end = (log: readonly Envelope[]): EventOf<"turn.ended"> | undefined =>
  log.flatMap(({ event }) => (event.type === "turn.ended" ? [event] : [])).at(-1);
const notices = (log: readonly Envelope[]): string[] =>
  log.flatMap(({ event }) => (event.type === "notice.shown" ? [event.text] : []));

describe("budgets", () => {
  let bench: AgentBench;
  const open = async (options: BenchOptions): Promise<AgentBench> => {
    bench = await openAgentBench(options);
    await writeFile(join(bench.cwd, "a.txt"), "one\n");
    return bench;
  };
  afterEach(() => bench.close());

  it("end a turn before the request that would exceed the session's limit, and it continues with a higher one", async () => {
    const spender = model(step(0.4), step(0.4), step(0.4), answer(0.4));
    const config = { budget: { session: 1 } };
    const session = await (await open({ model: spender, config })).create();
    const log = await promptAndWait(session);
    assert.deepEqual([end(log)?.outcome, end(log)?.failure?.code], ["limit", "budget"]);
    assert.match(end(log)?.failure?.message ?? "", /budget for this session is \$1/);
    assert.equal(spender.requests.length, 3);
    assert.equal(end(await promptAndWait(session))?.failure?.code, "budget");
    assert.equal(spender.requests.length, 3);
    config.budget.session = 5;
    assert.equal(end(await promptAndWait(session, "Go on."))?.outcome, "done");
  });

  it("count what was spent before a restart", async () => {
    const config = { budget: { session: 1 } };
    const first = await (await open({ model: model(answer(0.999)), config })).create();
    await promptAndWait(first);
    const { id } = first.view();
    await bench.sessions.closeAll();
    const again = model(answer(0.1));
    bench = await bench.reopen({ model: again, config });
    const log = await promptAndWait(await bench.sessions.open(id));
    assert.equal(end(log)?.failure?.code, "budget");
    assert.equal(again.requests.length, 0);
  });

  it("of a day are shared by all sessions and by a server that starts later", async () => {
    const config = { budget: { day: 1 } };
    const spender = model(answer(0.6));
    await open({ model: spender, config });
    assert.equal(end(await promptAndWait(await bench.create()))?.outcome, "done");
    assert.equal(end(await promptAndWait(await bench.create()))?.outcome, "done");
    assert.match(end(await promptAndWait(await bench.create()))?.failure?.message ?? "", /budget for today is \$1/);
    const later = await bench.reopen({ model: spender, config });
    assert.equal(end(await promptAndWait(await later.create()))?.failure?.code, "budget");
    await later.sessions.closeAll();
    assert.equal(spender.requests.length, 2);
  });

  it("tell once at 70 %, and use cheap tiers from 90 %", async () => {
    const set = { "p/q": model(answer(0.1)), "p/s": model(answer(0.1)), "p/a": model(answer(0.75), answer(0.2)) };
    const config = { budget: { session: 1 }, tiers: { quick: "p/q", standard: "p/s", advanced: "p/a" } };
    const session = await (await open({ models: set, config })).create();
    const hard = "Find the root cause of the deadlock.";
    assert.deepEqual(notices(await promptAndWait(session, hard)), []);
    assert.equal(notices(await promptAndWait(session, hard)).filter((one) => /More than 70 %/.test(one)).length, 1);
    const log = await promptAndWait(session, hard);
    assert.deepEqual(notices(log), []);
    const route = log.flatMap(({ event }) => (event.type === "model.routed" ? [event] : []))[0];
    assert.deepEqual([route?.tier, route?.routing?.source, route?.routing?.mode], ["standard", "budget", "cost"]);
    assert.deepEqual(route?.routing?.rejected, [{ tier: "advanced", why: "the budget is almost used up" }]);
    assert.equal(route?.routing?.budget?.limit, 1);
  });

  it("of a tier lead to the tier below", async () => {
    const set = { "p/q": model(answer(0)), "p/s": model(answer(0)), "p/a": model(answer(0.5)) };
    const config = { budget: { tiers: { advanced: 0.5 } }, tiers: { quick: "p/q", standard: "p/s", advanced: "p/a" } };
    const session = await (await open({ models: set, config })).create();
    const tiers: unknown[] = [];
    for (let count = 0; count < 2; count++) {
      await promptAndWait(session, "Find the root cause of the deadlock.");
      tiers.push(session.view().tier);
    }
    assert.deepEqual(tiers, ["advanced", "standard"]);
  });

  it("count tokens of models without a price, and say so once", async () => {
    const free = scriptedModel([answer(0)]);
    const session = await (
      await open({ model: free, config: { budget: { session: { usd: 1, tokens: 20_000 } } } })
    ).create();
    const log = [...(await promptAndWait(session)), ...(await promptAndWait(session))];
    assert.equal(notices(log).filter((one) => /no known price/.test(one)).length, 1);
    await bench.close();
    const small = await (
      await open({ model: scriptedModel([answer(0)]), config: { budget: { session: { tokens: 100 } } } })
    ).create();
    assert.equal(end(await promptAndWait(small))?.failure?.code, "budget");
  });

  it("are shared by a session and its subagents", async () => {
    const spend = (prompt: string) => call("task", { subagent_type: "general", description: prompt, prompt }, prompt);
    const spender = model(
      [spend("one"), usageWithCost(0.1), calls],
      answer(0.5),
      [spend("two"), usageWithCost(0.1), calls],
      answer(0.5),
      answer(0.1),
    );
    const session = await (
      await open({ model: spender, agents: taskAgents, config: { budget: { session: 1 } } })
    ).create();
    const log = await promptAndWait(session);
    assert.equal(end(log)?.failure?.code, "budget");
    assert.equal(spender.requests.length, 4);
    assert.deepEqual(
      session.view().tasks.map(({ state }) => state),
      ["done", "done"],
    );
  });

  it("can be read, also those of a session that is not open or of a subagent", async () => {
    const config = { budget: { session: 4, day: { usd: 10, tokens: 100_000 }, tiers: { quick: 1 } } };
    const session = await (await open({ model: model(answer(1)), config })).create();
    await promptAndWait(session);
    const { id } = session.view();
    const budgets = createBudgets({
      openLedger: () => openDayLedger(join(bench.dataDir, "spending"), realClock),
      newId: () => "x",
      envelopes: () => [],
    });
    const { sessions, cwd } = bench;
    const handlers = createBudgetHandlers({ budgets, sessions, folder: (path) => path, configFor: async () => config });
    const read = (session?: string) =>
      handlers.budgetRead({ cwd, ...(session && { session }) }, {} as never, {} as never);
    const day = { scope: "day", usd: { spent: 1, limit: 10 }, tokens: { spent: 15, limit: 100_000 }, share: 0.1 };
    const expected = [
      { scope: "session", usd: { spent: 1, limit: 4 }, share: 0.25 },
      { scope: "tier", tier: "quick", usd: { spent: 0, limit: 1 }, share: 0 },
      day,
    ];
    assert.deepEqual((await read(id)).budgets, expected);
    assert.deepEqual((await read()).budgets, [day]);
    const task = { session: id, root: id, agent: "general", depth: 1 };
    const child = await sessions.create(cwd, { kind: "agent", id: "a", name: "a" }, { task });
    assert.deepEqual((await read(child.view().id)).budgets, expected);
    await sessions.close(id);
    assert.deepEqual((await read(id)).budgets, expected);
  });

  it("leave no trace without a configuration", async () => {
    const session = await (await open({ model: model(answer(9)) })).create();
    assert.equal(end(await promptAndWait(session))?.outcome, "done");
    assert.ok(!(await readdir(bench.dataDir)).includes("spending"));
  });
});

describe("the spending of a day", () => {
  let folder: string;
  const clock = (at: string) =>
    ({ now: () => Date.parse(at), monotonic: () => 0, sleep: async () => undefined }) as unknown as Parameters<
      typeof openDayLedger
    >[1];
  const noon = clock("2026-05-01T12:00:00Z");
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), "tutti-day-")), "spending");
  });
  afterEach(() => rm(join(folder, ".."), { recursive: true, force: true }));
  const amount = (usd: number): Amount => ({ usd, tokens: 10 });
  const file = (): string => join(folder, "2026-05-01.jsonl");

  it("is seen by every server, and a settled amount replaces its reservation", async () => {
    const [one, other] = [openDayLedger(folder, noon), openDayLedger(folder, noon)];
    await one.put("a", amount(2));
    assert.equal((await other.put("b", amount(1))).usd, 3);
    await one.put("a", amount(0.5));
    assert.equal((await other.today()).usd, 1.5);
    assert.equal((await openDayLedger(folder, clock("2026-05-02T00:00:00Z")).today()).usd, 0);
  });

  it("survives lines that were cut off or damaged", async () => {
    const ledger = openDayLedger(folder, noon);
    await ledger.put("a", amount(1));
    await appendFile(file(), '{"id":"half","usd":');
    assert.equal((await ledger.today()).usd, 1);
    assert.equal((await ledger.put("b", amount(1))).usd, 2);
    await appendFile(file(), 'null\n[1]\n{"id":3,"usd":1,"tokens":1}\n');
    assert.equal((await ledger.today()).usd, 2);
    assert.equal((await openDayLedger(folder, noon).today()).usd, 2);
  });

  it("counts the reservation of a server that was killed", async () => {
    const path = JSON.stringify(join(import.meta.dirname, "../../../server/node/day-ledger.ts"));
    const script = `import { openDayLedger } from ${path};
      const clock = { now: () => ${Date.parse("2026-05-01T12:00:00Z")} };
      await openDayLedger(${JSON.stringify(folder)}, clock).put("killed", { usd: 3, tokens: 1 });
      console.log("reserved");
      setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "exit");
    assert.equal((await openDayLedger(folder, noon).today()).usd, 3);
    assert.match(await readFile(file(), "utf8"), /killed/);
  });
});

describe("limits", () => {
  it("are read from numbers and objects", () => {
    assert.equal(readLimits(undefined), null);
    assert.equal(readLimits({}), null);
    assert.deepEqual(readLimits({ session: 2, tiers: { advanced: { tokens: 5 } } }), {
      session: { usd: 2 },
      day: {},
      tiers: { advanced: { tokens: 5 } },
    });
    assert.equal(usedShare({ usd: 1, tokens: 90 }, { usd: 2, tokens: 100 }), 0.9);
    assert.equal(usedShare({ usd: 1, tokens: 90 }, {}), 0);
    assert.equal(usedShare({ usd: 0, tokens: 0 }, { usd: 0 }), 1);
  });

  it("count a subagent once, though it was resumed and started others", () => {
    const by = { kind: "server", id: "s", name: "s" } as const;
    const started = { type: "task.started", agent: "a", title: "t", background: false } as const;
    const ended = { type: "task.ended", outcome: "done", model: "p/m", steps: 1 } as const;
    const events: SessionEvent[] = [
      {
        type: "usage.counted",
        turn: "t0",
        step: 1,
        model: "p/m",
        usage: { input: 9, cached: 0, output: 9, reasoning: 0, cost: 9, estimated: false },
      },
      { type: "session.opened", session: "s", cwd: "/", version: "0" },
      { type: "model.routed", turn: "t1", model: "p/m", reason: "", context: null, tools: [], tier: "quick" },
      {
        type: "usage.counted",
        turn: "t1",
        step: 1,
        model: "p/m",
        usage: { input: 1, cached: 0, output: 1, reasoning: 0, cost: 1, estimated: false },
      },
      { ...started, task: "x" },
      { ...started, task: "y", parent: "x" },
      { ...ended, task: "y", tokens: 5, cost: 2 },
      { ...ended, task: "x", tokens: 10, cost: 4, tier: "advanced" },
      { ...started, task: "x" },
      { ...ended, task: "x", tokens: 12, cost: 5, tier: "advanced" },
    ];
    const spending = readSpending(events.map((event, index) => ({ seq: index + 1, at: 0, by, event })));
    assert.deepEqual(spending.all, { usd: 6, tokens: 14 });
    assert.deepEqual(spending.tiers, { quick: { usd: 1, tokens: 2 }, advanced: { usd: 5, tokens: 12 } });
  });
});
