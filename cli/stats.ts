/** `tutti stats`: tokens and cost by day, model and agent, with a bar for each day. */
import type { UsageRow } from "../protocol/stats-methods.ts";
import { usageError } from "./args.ts";
import type { Command } from "./command.ts";
import { formatTable } from "./print/table.ts";
import { sanitize } from "./print/text.ts";

const DEFAULT_DAYS = 30;
const BAR_COLUMNS = 40;

type Numbers = Pick<UsageRow, "requests" | "input" | "cached" | "output" | "cost" | "unpriced">;

const NONE: Numbers = { requests: 0, input: 0, cached: 0, output: 0, cost: 0, unpriced: 0 };

const add = (sum: Numbers, row: Numbers): Numbers => ({
  requests: sum.requests + row.requests,
  input: sum.input + row.input,
  cached: sum.cached + row.cached,
  output: sum.output + row.output,
  cost: sum.cost + row.cost,
  unpriced: sum.unpriced + row.unpriced,
});

/** In the order in which the keys come. */
function sumBy<K extends string>(rows: readonly UsageRow[], getKey: (row: UsageRow) => K): [K, Numbers][] {
  const sums = new Map<K, Numbers>();
  for (const row of rows) sums.set(getKey(row), add(sums.get(getKey(row)) ?? NONE, row));
  return [...sums];
}

const formatNumber = (number: number): string => number.toLocaleString("en-US");

/** "+" where requests without a price are part of it. */
function formatCost({ cost, unpriced, requests }: Numbers): string {
  if (unpriced === requests) return "no price";
  return `$${cost.toFixed(cost < 1 ? 4 : 2)}${unpriced > 0 ? " +" : ""}`;
}

const toColumns = (sum: Numbers): string[] => [
  formatNumber(sum.requests),
  formatNumber(sum.input),
  formatNumber(sum.cached),
  formatNumber(sum.output),
  formatCost(sum),
];

/** A bar for each day: of its cost, or of its tokens if nothing has a price. */
function formatChart(days: readonly (readonly [string, Numbers])[]): string {
  const isPriced = days.some(([, { cost }]) => cost > 0);
  const measure = ({ cost, input, output }: Numbers): number => (isPriced ? cost : input + output);
  const largest = Math.max(...days.map(([, sum]) => measure(sum)));
  const lines = days.map(([day, sum]) => {
    const columns = largest === 0 ? 0 : Math.ceil((measure(sum) / largest) * BAR_COLUMNS);
    const label = isPriced ? formatCost(sum) : `${formatNumber(measure(sum))} tokens`;
    return `${day}  ${"█".repeat(columns)} ${label}\n`;
  });
  return `${isPriced ? "Cost" : "Tokens"} a day\n${lines.join("")}`;
}

export function formatStats(rows: readonly UsageRow[]): string {
  const byDay = sumBy(rows, ({ day }) => day);
  const byModel = sumBy(rows, ({ model, agent, tier, purpose }) =>
    JSON.stringify([model, purpose ? `${agent} (${purpose})` : agent, tier ?? "-"]),
  );
  const total = rows.reduce<Numbers>(add, NONE);
  const numbers = ["REQUESTS", "INPUT", "CACHED", "OUTPUT", "COST"];
  const modelRows = byModel.map(([key, sum]) => [...(JSON.parse(key) as string[]).map(sanitize), ...toColumns(sum)]);
  return [
    formatTable(
      ["DAY", ...numbers],
      [...byDay.map(([day, sum]) => [day, ...toColumns(sum)]), ["total", ...toColumns(total)]],
    ),
    formatTable(["MODEL", "AGENT", "TIER", ...numbers], modelRows),
    formatChart(byDay),
  ].join("\n");
}

export const stats: Command = {
  name: "stats",
  operands: "",
  purpose: "Show tokens and cost by day, model and agent.",
  flags: [
    { name: "days", value: "DAYS", purpose: `How many days, with today (default: ${DEFAULT_DAYS})` },
    { name: "format", value: "FORMAT", choices: ["text", "json"], purpose: "Output format" },
  ],
  examples: ["tutti stats", "tutti stats --days 7 --format json"],
  async run(input) {
    const days = Number(input.text("days") ?? DEFAULT_DAYS);
    if (!Number.isInteger(days) || days < 1 || days > 3660)
      throw usageError(`Invalid --days ${JSON.stringify(input.text("days"))}. Use a number from 1 to 3660.`);
    const link = await input.connect({ cwd: input.cwd, project: true, answers: false });
    try {
      const { rows } = await link.call("statsRead", { days });
      if (input.text("format") === "json") input.terminal.out(`${JSON.stringify(rows, null, 2)}\n`);
      else if (rows.length === 0) input.terminal.out(`No usage in the last ${days} days.\n`);
      else input.terminal.out(formatStats(rows));
      return 0;
    } finally {
      await link.close();
    }
  },
};
