/** `tutti stats` with sessions of the program. */
import assert from "node:assert/strict";
import { formatStats } from "../../cli/stats.ts";
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
    const priced = formatStats([
      row({}),
      row({ agent: "review", cost: 0, unpriced: 1 }),
      row({ day: "2026-03-11", cost: 0.25, tier: "quick" }),
    ]);
    assert.match(priced, /^2026-03-10 +2 +2,000 +1,800 +40 +\$0\.5000 \+$/m);
    assert.match(priced, /^total +3 +3,000 +2,700 +60 +\$0\.7500 \+$/m);
    assert.match(priced, /^acme\/m +review +- +1 +1,000 +900 +20 +no price$/m);
    assert.match(priced, /^acme\/m +build +quick +1 /m);
    assert.match(priced, /Cost a day\n2026-03-10 {2}█{40} \$0\.5000 \+\n2026-03-11 {2}█{20} \$0\.2500\n$/);
    const free = formatStats([
      row({ cost: 0, unpriced: 1 }),
      row({ day: "2026-03-11", input: 490, cost: 0, unpriced: 1 }),
    ]);
    assert.match(free, /Tokens a day\n2026-03-10 {2}█{40} 1,020 tokens\n2026-03-11 {2}█{20} 510 tokens\n$/);
  });
});
