/** Handlers for usage over time. */
import type { Handlers } from "../../protocol/methods.ts";
import type { Budgets, SpendingLog } from "../budget/budgets.ts";
import type { Config } from "../config/config.ts";
import type { Clock } from "../ports.ts";
import type { SessionIndex } from "../session/session-summary.ts";
import type { Sessions } from "../session/sessions.ts";
import { toLocalDay } from "../session/usage-fold.ts";

export function createStatsHandlers(deps: {
  index: Pick<SessionIndex, "usage">;
  clock: Pick<Clock, "now">;
}): Pick<Handlers, "statsRead"> {
  return {
    async statsRead({ days }) {
      const firstDay = days === undefined ? "" : toLocalDay(subtractDays(deps.clock.now(), days - 1));
      return { rows: await deps.index.usage(firstDay) };
    },
  };
}

export interface BudgetHandlerDeps {
  budgets: Pick<Budgets, "read">;
  sessions: Pick<Sessions, "read">;
  folder(path: string): string;
  configFor(cwd: string): Promise<Pick<Config, "budget">>;
}

export function createBudgetHandlers(deps: BudgetHandlerDeps): Pick<Handlers, "budgetRead"> {
  /** The budget of a session is that of the one which a person started. */
  const readRoot = async (id: string): Promise<SpendingLog> => {
    const { view, envelopes } = await deps.sessions.read(id);
    const { task } = view();
    return task ? readRoot(task.root) : { root: id, envelopes };
  };
  return {
    async budgetRead({ cwd, session }) {
      const { budget } = await deps.configFor(deps.folder(cwd));
      if (!budget) return { budgets: [] };
      return { budgets: await deps.budgets.read(session === undefined ? null : await readRoot(session), budget) };
    },
  };
}

/** Noon of a day before: days with a change of the clock are longer or shorter. */
function subtractDays(now: number, days: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() - days, 12).getTime();
}
