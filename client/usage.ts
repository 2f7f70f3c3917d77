/** Usage over time and budgets, as every client shows them. Pure. */
import type { ResultOf } from "../protocol/methods.ts";
import { printable } from "../protocol/printable.ts";
import type { UsageRow } from "../protocol/stats-methods.ts";
import { formatTable } from "./table.ts";

export type Budget = ResultOf<"budgetRead">["budgets"][number];
export type UsageNumbers = Pick<UsageRow, "requests" | "input" | "cached" | "output" | "cost" | "unpriced">;

export interface UsageSum extends UsageNumbers {
  name: string;
  /** Of the largest sum of its section: its cost, or its tokens if nothing has a price. From 0 to 1. */
  share: number;
}

export interface UsageSummary {
  total: UsageNumbers;
  /** True if anything has a price; otherwise shares are of tokens. */
  isPriced: boolean;
  /** Days in order; the others with the largest first. */
  sections: { title: string; sums: UsageSum[] }[];
  /** Models of which a request has no price. */
  unpriced: string[];
}

const NONE: UsageNumbers = { requests: 0, input: 0, cached: 0, output: 0, cost: 0, unpriced: 0 };

const add = (sum: UsageNumbers, row: UsageNumbers): UsageNumbers => ({
  requests: sum.requests + row.requests,
  input: sum.input + row.input,
  cached: sum.cached + row.cached,
  output: sum.output + row.output,
  cost: sum.cost + row.cost,
  unpriced: sum.unpriced + row.unpriced,
});

/** In the order in which the keys come. */
function sumBy(rows: readonly UsageRow[], getKey: (row: UsageRow) => string): [string, UsageNumbers][] {
  const sums = new Map<string, UsageNumbers>();
  for (const row of rows) sums.set(getKey(row), add(sums.get(getKey(row)) ?? NONE, row));
  return [...sums];
}

const measure = ({ cost, input, output }: UsageNumbers, isPriced: boolean): number =>
  isPriced ? cost : input + output;

const nameAgent = ({ agent, purpose }: UsageRow): string => (purpose ? `${agent} (${purpose})` : agent);

/** `rows` as `stats/read` returns them. */
export function summarizeUsage(rows: readonly UsageRow[]): UsageSummary {
  const isPriced = rows.some(({ cost }) => cost > 0);
  const section = (title: string, getKey: (row: UsageRow) => string) => {
    const sums = sumBy(rows, getKey);
    const largest = Math.max(...sums.map(([, sum]) => measure(sum, isPriced)));
    return {
      title,
      sums: sums.map(([name, sum]) => ({
        name: printable(name),
        ...sum,
        share: largest > 0 ? measure(sum, isPriced) / largest : 0,
      })),
    };
  };
  const sorted = (title: string, getKey: (row: UsageRow) => string) => {
    const { sums } = section(title, getKey);
    return { title, sums: sums.toSorted((a, b) => b.share - a.share) };
  };
  return {
    total: rows.reduce<UsageNumbers>(add, NONE),
    isPriced,
    sections: [
      section("By day", ({ day }) => day),
      sorted("By model", ({ model }) => model),
      sorted("By agent", nameAgent),
      sorted("By tier", ({ tier }) => tier ?? "no tier"),
    ],
    unpriced: sumBy(rows, ({ model }) => model).flatMap(([model, sum]) => (sum.unpriced > 0 ? [printable(model)] : [])),
  };
}

const formatNumber = (number: number): string => number.toLocaleString("en-US");

const formatUsd = (usd: number): string => `$${usd.toFixed(usd < 1 ? 4 : 2)}`;

/** Ends with "+" if it includes requests without a price. */
export function formatUsageCost({ cost, unpriced, requests }: UsageNumbers): string {
  if (unpriced === requests) return "no price";
  return `${formatUsd(cost)}${unpriced > 0 ? " +" : ""}`;
}

/** Its cost or, if nothing has a price, its tokens. */
const formatUsageSum = (sum: UsageNumbers, isPriced: boolean): string =>
  isPriced ? formatUsageCost(sum) : `${formatNumber(sum.input + sum.output)} tokens`;

/** Null if everything has a price. */
export const formatUnpriced = ({ unpriced }: UsageSummary): string | null =>
  unpriced.length === 0 ? null : `Without a known price, only tokens are counted: ${unpriced.join(", ")}.`;

const nameBudget = ({ scope, tier }: Budget): string =>
  scope === "day" ? "today" : scope === "session" ? "this session" : `the ${tier} tier in this session`;

/** The used share in percent, which is not rounded up to a limit that is not reached. */
const formatPercent = (share: number): string => `${Math.floor(share * 100)} %`;

export interface BudgetLine {
  name: string;
  /** The used amount and the limit. */
  text: string;
  share: number;
  level: "ok" | "notice" | "scarce" | "used up";
}

export const describeBudgets = (budgets: readonly Budget[]): BudgetLine[] =>
  budgets.map((budget) => {
    const { share, usd, tokens } = budget;
    const amounts = [
      ...(usd ? [`${formatUsd(usd.spent)} of ${formatUsd(usd.limit)}`] : []),
      ...(tokens ? [`${formatNumber(tokens.spent)} of ${formatNumber(tokens.limit)} tokens`] : []),
    ];
    const level = share >= 1 ? "used up" : share >= 0.9 ? "scarce" : share >= 0.7 ? "notice" : "ok";
    return { name: nameBudget(budget), text: `${amounts.join(", ")} (${formatPercent(share)})`, share, level };
  });

const LEVELS: Record<BudgetLine["level"], string> = {
  ok: "",
  notice: ": more than 70 % is used",
  scarce: ": tiers above standard are not used",
  "used up": ": used up",
};

export const formatBudget = ({ name, text, level }: BudgetLine): string =>
  `Budget for ${name}: ${text}${LEVELS[level]}`;

const BAR_COLUMNS = 40;

const toColumns = (sum: UsageNumbers): string[] => [
  formatNumber(sum.requests),
  formatNumber(sum.input),
  formatNumber(sum.cached),
  formatNumber(sum.output),
  formatUsageCost(sum),
];

/** As text in a font of fixed width: tables, a bar for each day, and budgets. */
export function formatUsageReport(rows: readonly UsageRow[], budgets: readonly Budget[] = []): string {
  const summary = summarizeUsage(rows);
  const { sections, total, isPriced } = summary;
  const days = sections[0]?.sums ?? [];
  const numbers = ["REQUESTS", "INPUT", "CACHED", "OUTPUT", "COST"];
  const models = sumBy(rows, (row) => JSON.stringify([row.model, nameAgent(row), row.tier ?? "-"]));
  const bars = days.map(
    (day) => `${day.name}  ${"█".repeat(Math.ceil(day.share * BAR_COLUMNS))} ${formatUsageSum(day, isPriced)}\n`,
  );
  const notes = [...describeBudgets(budgets).map(formatBudget), formatUnpriced(summary)].filter(
    (note) => note !== null,
  );
  return [
    formatTable(
      ["DAY", ...numbers],
      [...days.map((day) => [day.name, ...toColumns(day)]), ["total", ...toColumns(total)]],
    ),
    formatTable(
      ["MODEL", "AGENT", "TIER", ...numbers],
      models.map(([key, sum]) => [...(JSON.parse(key) as string[]).map((name) => printable(name)), ...toColumns(sum)]),
    ),
    `${isPriced ? "Cost" : "Tokens"} a day\n${bars.join("")}`,
    ...(notes.length === 0 ? [] : [`${notes.join("\n")}\n`]),
  ].join("\n");
}
