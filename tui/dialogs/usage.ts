/** What the session has used, its budgets, and the usage of the last days by day, model, agent and tier. */
import { drawBar } from "../../client/bar.ts";
import { formatCost, formatCount } from "../../client/format.ts";
import {
  describeBudgets,
  formatUnpriced,
  formatUsageCost,
  summarizeUsage,
  type UsageNumbers,
} from "../../client/usage.ts";
import type { App, ListSpec } from "../app/app.ts";
import { currentFolder, type Item } from "../app/state.ts";

const DAYS = 30;

const formatTokens = ({ requests, input, cached, output }: UsageNumbers): string =>
  `${formatCount(requests)} requests · ${formatCount(input)} in (${formatCount(cached)} cached) · ${formatCount(output)} out`;

export const usageDialog: ListSpec = {
  title: "Usage",
  empty: "No usage yet.",
  followsSession: (view) => view?.usage,
  async items(app) {
    const session = app.state().view?.id;
    const [{ rows }, { budgets }] = await Promise.all([
      app.server.call("statsRead", { days: DAYS }),
      app.server.call("budgetRead", { cwd: currentFolder(app.state()), ...(session && { session }) }),
    ]);
    const summary = summarizeUsage(rows);
    const unpriced = formatUnpriced(summary);
    return [
      ...listSession(app),
      ...describeBudgets(budgets).map(({ name, text, share, level }) => ({
        id: `budget ${name}`,
        text: `${drawBar(share)}  ${name}`,
        right: text,
        group: "Budgets",
        ...(level !== "ok" && { detail: level === "notice" ? "more than 70 %" : level }),
      })),
      ...summary.sections.flatMap(({ title, sums }) =>
        sums.map((sum) => ({
          id: `${title} ${sum.name}`,
          text: `${drawBar(sum.share)}  ${sum.name}`,
          detail: formatTokens(sum),
          right: summary.isPriced ? formatUsageCost(sum) : `${formatCount(sum.input + sum.output)} tokens`,
          group: `${title}, last ${DAYS} days`,
        })),
      ),
      ...(unpriced === null ? [] : [{ id: "unpriced", text: unpriced, group: "Prices" }]),
    ];
  },
};

/** The current model with the reason for it, and what each model was used for. */
function listSession(app: App): Item[] {
  const { model = "", modelReason = "", usage = [] } = app.state().view ?? {};
  const group = "This session";
  const current = model === "" ? [] : [{ id: "current", text: model, detail: modelReason, mark: "›", group }];
  return [
    ...current,
    ...usage.map((one) => ({
      id: one.model,
      text: one.model,
      detail: formatTokens({ ...one, cost: one.cost ?? 0, unpriced: one.cost === null ? one.requests : 0 }),
      right: formatCost([one]) ?? "price unknown",
      group,
    })),
  ];
}
