/** What the routing of a turn depends on: its prompt, its settings, its session and the configuration. */
import type { Settings } from "../../protocol/events.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { TurnBudget } from "../budget/budgets.ts";
import type { Config } from "../config/config.ts";
import type { Agent } from "../definitions/agent.ts";
import type { RouteRequest } from "../routing/choose-tier.ts";
import { readTierTable } from "../routing/tier-table.ts";
import type { RoutedTask } from "./turn-router.ts";

export type RoutingConfig = Pick<Config, "tiers" | "model" | "routing" | "budget">;

/** Characters per token, roughly. */
const TOKEN_CHARS = 4;

export function createRoutedTask(
  view: SessionView,
  turn: string,
  settings: Settings,
  agent: Agent,
  config: RoutingConfig,
  budget: TurnBudget | null = null,
): RoutedTask {
  const prompt = view.parts.findLast((part) => part.type === "prompt" && part.turn === turn);
  const { text, attachments } = prompt?.type === "prompt" ? prompt : { text: "", attachments: [] };
  const attached = attachments.reduce((sum, one) => sum + (one.text?.length ?? 0), 0);
  // A budget that is almost used up makes every mode cheap.
  const routing = { ...config.routing, ...(budget?.isScarce && { mode: "cost" as const }) };
  return {
    turn,
    text,
    cwd: view.cwd,
    routing,
    ...chooseByWho(view, settings),
    agent: toRoutedAgent(agent),
    tiers: readTierTable(config.tiers, agent.model ?? config.model),
    ...(routing.maxTier && { maxTier: routing.maxTier }),
    ...(budget?.cap && { budgetTier: budget.cap }),
    ...(budget?.usd && { budget: budget.usd }),
    images: attachments.some(({ blob }) => blob !== undefined),
    contextUsed: view.contextUsed,
    context: Math.ceil((text.length + attached) / TOKEN_CHARS),
    // Loaded only if tiers are configured, to keep the start fast.
    async assess() {
      const { assessTurn } = await import("../routing/assess-turn.ts");
      const previousFailed = view.lastEnd?.failure?.code === "limit";
      const previous = view.routing && view.tier ? { previousTier: view.tier } : {};
      return assessTurn({ text, agent: agent.name, previousFailed, ...previous }, routing);
    },
    async createAssessor() {
      const { assessTurn } = await import("../routing/assess-turn.ts");
      return (item) => assessTurn({ text: item, agent: agent.name, previousFailed: false }, routing).assessment.tier;
    },
  };
}

/** In the session of a subagent, the settings are those of the call that started it. */
function chooseByWho(
  { task }: SessionView,
  { model, tier }: Settings,
): Pick<RouteRequest, "userModel" | "userTier" | "callModel" | "callTier"> {
  if (task) return { ...(model !== undefined && { callModel: model }), ...(tier && { callTier: tier }) };
  return { ...(model !== undefined && { userModel: model }), ...(tier && { userTier: tier }) };
}

export const toRoutedAgent = ({ name, model, effort, tier, tiers }: Agent): RouteRequest["agent"] => ({
  name,
  tiers: readTierTable(tiers, model),
  ...(model !== undefined && { model }),
  ...(effort && { effort }),
  ...(tier && { tier }),
});
