/** The router of a turn. That of a turn for which nothing is routed is here, so that its start loads nothing else. */
import { hasTiers } from "../routing/tier-table.ts";
import type { OpenCandidateDeps } from "./open-candidate.ts";
import type { RoutedTask, TurnRouter } from "./turn-router.ts";

export async function openRouter(deps: OpenCandidateDeps, task: RoutedTask): Promise<TurnRouter> {
  const named = task.userModel ?? task.callModel;
  if (named === undefined && hasTiers(task)) {
    const { createTurnRouter } = await import("./turn-router.ts");
    return createTurnRouter(deps, task);
  }
  return {
    open: () => deps.openModel(named ?? task.agent?.model ?? task.sessionModel, task.cwd),
    observe: () => undefined,
    replace: async () => null,
  };
}
