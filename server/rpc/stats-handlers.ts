/** Handlers for usage over time. */
import type { Handlers } from "../../protocol/methods.ts";
import type { Clock } from "../ports.ts";
import type { SessionIndex } from "../session/session-summary.ts";
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

/** Noon of a day before: days with a change of the clock are longer or shorter. */
function subtractDays(now: number, days: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() - days, 12).getTime();
}
