/** `tutti stats` with sessions of the program. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { describeBudgets, formatBudget, formatUsageReport, summarizeUsage } from "../../client/usage.ts";
import type { UsageRow } from "../../protocol/stats-methods.ts";
import { type Home, useHomes } from "../help/tutti.ts";

const row = (more: Partial<UsageRow>): UsageRow => ({
  day: "2026-03-10",
  session: "s",
  title: "A title",
  model: "acme/m",
  agent: "build",
  requests: 1,
  input: 1_000,
  cached: 900,
  output: 20,
  cost: 0.5,
  unpriced: 0,
  ...more,
});

describe("tutti stats", function () {
  this.timeout(60_000);
  let home: Home;
  useHomes(
    (fresh) => {
      home = fresh;
    },
    async () => undefined,
  );

  it("shows the usage of sessions as a table with bars, and as JSON", async () => {
    assert.match((await home.run(["stats"])).out, /^No usage in the last 30 days\.\n$/);
    const ran = await home.run(["run", "--model", "rehearsal/tour", "Hi"]);
    assert.equal(ran.code, 0, ran.err);
    const shown = await home.run(["stats", "--days", "2"]);
    assert.equal(shown.code, 0, shown.err);
    assert.match(shown.out, /^DAY +REQUESTS +INPUT +CACHED +OUTPUT +COST\n\d{4}-\d\d-\d\d +\d+/);
    assert.match(shown.out, /MODEL +AGENT +TIER[^\n]*\nrehearsal\/tour +\S+ +-/);
    const rows = JSON.parse((await home.run(["stats", "--format", "json"])).out) as UsageRow[];
    assert.deepEqual(
      rows.map(({ model }) => model),
      ["rehearsal/tour"],
    );
    assert.ok((rows[0]?.output ?? 0) > 0);
  });

  for (const days of ["0", "1.5", "many", "9999"])
    it(`rejects --days ${days}`, async () => {
      const { code, err } = await home.run(["stats", "--days", days]);
      assert.equal(code, 2);
      assert.match(err, new RegExp(`Invalid --days "${days}"\\. Use a number from 1 to 3660\\.`));
    });

  it("draws bars of cost, marks what has no price, and draws tokens if nothing has one", () => {
    const priced = formatUsageReport([
      row({}),
      row({ agent: "review", cost: 0, unpriced: 1 }),
      row({ day: "2026-03-11", cost: 0.25, tier: "quick" }),
    ]);
    assert.match(priced, /^2026-03-10 +2 +2,000 +1,800 +40 +\$0\.5000 \+$/m);
    assert.match(priced, /^total +3 +3,000 +2,700 +60 +\$0\.7500 \+$/m);
    assert.match(priced, /^acme\/m +review +- +1 +1,000 +900 +20 +no price$/m);
    assert.match(priced, /^acme\/m +build +quick +1 /m);
    assert.match(
      priced,
      /Cost a day\n2026-03-10 {2}█{40} \$0\.5000 \+\n2026-03-11 {2}█{20} \$0\.2500\n\nWithout a known price, only tokens are counted: acme\/m\.\n$/,
    );
    const free = formatUsageReport([
      row({ cost: 0, unpriced: 1 }),
      row({ day: "2026-03-11", input: 490, cost: 0, unpriced: 1 }),
    ]);
    assert.match(
      free,
      /Tokens a day\n2026-03-10 {2}█{40} 1,020 tokens\n2026-03-11 {2}█{20} 510 tokens\n\nWithout a known price, /,
    );
  });

  it("sums by day, model, agent and tier, and names what has no price", () => {
    const rows = [
      row({ cost: 1, tier: "advanced" }),
      row({ day: "2026-03-11", agent: "review", cost: 3, tier: "quick" }),
      row({ day: "2026-03-11", model: "home/llama", agent: "build", purpose: "title", cost: 0, unpriced: 1 }),
    ];
    const { sections, total, unpriced, isPriced } = summarizeUsage(rows);
    assert.deepEqual(
      sections.map(({ title, sums }) => [title, ...sums.map(({ name, cost, share }) => `${name} ${cost} ${share}`)]),
      [
        ["By day", "2026-03-10 1 0.3333333333333333", "2026-03-11 3 1"],
        ["By model", "acme/m 4 1", "home/llama 0 0"],
        ["By agent", "review 3 1", "build 1 0.3333333333333333", "build (title) 0 0"],
        ["By tier", "quick 3 1", "advanced 1 0.3333333333333333", "no tier 0 0"],
      ],
    );
    assert.deepEqual([total.cost, total.requests, unpriced, isPriced], [4, 3, ["home/llama"], true]);
    assert.match(formatUsageReport(rows), /Without a known price, only tokens are counted: home\/llama\./);
  });

  it("sums to the same total in every section", () => {
    const rows = fc.array(
      fc.record({
        day: fc.constantFrom("2026-03-10", "2026-03-11"),
        model: fc.constantFrom("a/m", "b/n"),
        agent: fc.constantFrom("build", "review"),
        tier: fc.constantFrom("quick", "advanced"),
        input: fc.nat(1_000),
        unpriced: fc.constantFrom(0, 1),
      }),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(rows, (some) => {
        const { sections, total } = summarizeUsage(some.map(row));
        for (const { sums } of sections) {
          assert.equal(
            sums.reduce((sum, { input }) => sum + input, 0),
            total.input,
          );
          assert.ok(sums.every(({ share }) => share >= 0 && share <= 1));
        }
      }),
    );
  });

  it("describes budgets, with a word from 70, 90 and 100 %", () => {
    const use = (spent: number) => ({ scope: "day" as const, usd: { spent, limit: 2 }, share: spent / 2 });
    const budgets = [
      use(0.5),
      use(1.4),
      use(1.8),
      use(1.999),
      use(2),
      { scope: "tier" as const, tier: "quick" as const, tokens: { spent: 1_500, limit: 1_000 }, share: 1.5 },
    ];
    assert.deepEqual(describeBudgets(budgets).map(formatBudget), [
      "Budget for today: $0.5000 of $2.00 (25 %)",
      "Budget for today: $1.40 of $2.00 (70 %): more than 70 % is used",
      "Budget for today: $1.80 of $2.00 (90 %): tiers above standard are not used",
      "Budget for today: $2.00 of $2.00 (99 %): tiers above standard are not used",
      "Budget for today: $2.00 of $2.00 (100 %): used up",
      "Budget for the quick tier in this session: 1,500 of 1,000 tokens (150 %): used up",
    ]);
  });
});
