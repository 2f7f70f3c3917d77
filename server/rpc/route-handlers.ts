/** Handlers for routing. What they need is loaded on demand. */
import { TuttiError } from "../../protocol/errors.ts";
import type { Handlers } from "../../protocol/methods.ts";
import { emptyView } from "../../protocol/view.ts";
import type { Agents } from "../definitions/agent.ts";
import type { AgentConfig } from "../turn/apply-agent.ts";
import type { OpenCandidateDeps } from "../turn/open-candidate.ts";
import type { RoutingConfig } from "../turn/routed-task.ts";

export interface RouteHandlerDeps extends OpenCandidateDeps {
  folder(path: string): string;
  configFor(cwd: string): Promise<AgentConfig & RoutingConfig>;
  agents(cwd: string): Promise<Agents>;
}

export const createRouteHandlers = (deps: RouteHandlerDeps): Pick<Handlers, "routeExplain"> => ({
  async routeExplain({ cwd, text, agent, tier }, { author }) {
    const { createRoutedTask } = await import("../turn/routed-task.ts");
    const { applyAgent } = await import("../turn/apply-agent.ts");
    const { openRouter } = await import("../turn/open-router.ts");
    const folder = deps.folder(cwd);
    const config = await deps.configFor(folder);
    const turn = "t1";
    const prompt = { type: "prompt", id: turn, turn, text, attachments: [], by: author, at: 0 } as const;
    const view = { ...emptyView, cwd: folder, parts: [prompt] };
    const settings = { ...(agent !== undefined && { agent }), ...(tier && { tier }) };
    const applied = applyAgent(await deps.agents(folder), settings, config, false);
    const task = createRoutedTask(view, turn, settings, applied.agent, config);
    try {
      const router = await openRouter(deps, task);
      const { model, effort: _, maxSteps: __, maxCostUsd: ___, ...route } = await router.open();
      return { ...route, model: model.id };
    } catch (error) {
      if (!(error instanceof TuttiError) || error.code !== "noModel") throw error;
      const { explainWithoutModel } = await import("../turn/turn-router.ts");
      return { model: "", reason: error.message, warnings: [], ...(await explainWithoutModel(task)) };
    }
  },
});
