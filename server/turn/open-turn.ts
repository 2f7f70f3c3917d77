/** What a turn runs with: its agent, its model, its tools and its plugins. */
import { TuttiError } from "../../protocol/errors.ts";
import type { Settings } from "../../protocol/events.ts";
import type { Effort } from "../../protocol/settings.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { Budgets } from "../budget/budgets.ts";
import type { Agent, Agents } from "../definitions/agent.ts";
import { NO_PLUGINS } from "../plugins/lazy-plugins.ts";
import type { TurnPlugins } from "../plugins/turn-plugins.ts";
import type { Model, Tool } from "../ports.ts";
import type { TurnSession } from "../session/turn-lifecycle.ts";
import type { Subagents } from "../subagents.ts";
import type { TaskParent } from "../tasks/task-parent.ts";
import { createTaskTools } from "../tools/task-tools.ts";
import { type AgentConfig, applyAgent, offersTool } from "./apply-agent.ts";
import { type ExpandDeps, findPromptCommand, type PromptCommand } from "./find-prompt-command.ts";
import { openRouter } from "./open-router.ts";
import { openTurnSkills } from "./open-skills.ts";
import { createRoutedTask, type RoutingConfig } from "./routed-task.ts";
import type { RoutedTask, TurnRoute, TurnRouter } from "./turn-router.ts";
import type { TurnSkills } from "./turn-skills.ts";

export type TurnConfig = AgentConfig & RoutingConfig & { sandbox: string; effort?: Effort };

export interface OpenTurnDeps extends ExpandDeps {
  openModel(name: string | undefined, cwd: string): Promise<{ model: Model; reason: string; warnings: string[] }>;
  toolsFor(model: Model): readonly Tool[];
  /** The configuration for turns in a folder. */
  configFor(cwd: string): Promise<TurnConfig>;
  agents(cwd: string): Promise<Agents>;
  /** Null if the session may start no agent. */
  subagents(parent: TaskParent): Subagents | null;
  budgets: Budgets;
  /** Tools and hooks of the plugins for a turn in this folder. */
  turnPlugins(session: string, cwd: string): Promise<TurnPlugins>;
}

export interface OpenedTurn {
  config: TurnConfig;
  agent: Agent;
  /** What was requested, with what the agent changes. */
  settings: Settings;
  /** The command or skill that its prompt names. */
  command: PromptCommand | null;
  skills: TurnSkills;
  router: TurnRouter;
  route: TurnRoute;
  effort: { effort?: Effort };
  plugins: TurnPlugins;
  subagents: Subagents | null;
  tools: Tool[];
  /** For the user. */
  warnings: string[];
}

/** `continued`: the model that continues a turn, and what chose it. `keepsTier`: the model of the last turn is used, in its tier. */
export async function openTurn(
  deps: OpenTurnDeps,
  session: Pick<TurnSession, "view" | "turn" | "signal" | "append">,
  requested: Settings,
  continued: Pick<OpenedTurn, "router" | "route"> | null,
  keepsTier = false,
): Promise<OpenedTurn> {
  const view = session.view();
  const { id, cwd } = view;
  const config = await deps.configFor(cwd);
  refuseWithoutSandbox(config);
  const agents = await deps.agents(cwd);
  const command = await findPromptCommand(deps, session);
  const combined = { ...command?.settings, ...requested };
  const { agent, settings, mode } = applyAgent(agents, combined, config, view.task !== undefined);
  const budget = config.budget ? await deps.budgets.forTurn(view, config.budget) : null;
  const task = createRoutedTask(view, session.turn, settings, agent, config, budget);
  const rate: RoutedTask["rate"] = async (open) => {
    const { rateTask } = await import("./rate-task.ts");
    return rateTask(session, task.text, async () => {
      const { model, tier } = await open();
      return { model: budget?.wrap(model, tier) ?? model, tier };
    });
  };
  const router = continued?.router ?? (await openRouter(deps, { ...task, rate }));
  const opened = continued?.route ?? (await router.open());
  const chosen = keepsTier ? { ...opened, ...pickTier(view) } : opened;
  const route = { ...chosen, model: budget?.wrap(chosen.model, chosen.tier ?? null) ?? chosen.model };
  const effort = requested.effort ?? route.effort ?? agent.effort ?? config.effort;
  const plugins = agent.withoutPlugins ? NO_PLUGINS : await deps.turnPlugins(id, cwd);
  const subagents = deps.subagents({ session: id, agent, agents, settings, mode });
  const skills = await openTurnSkills(await deps.skills(cwd), route.model.context);
  const ownTools = [...deps.toolsFor(route.model), ...skills.tools];
  const noSandbox = (settings.sandbox ?? config.sandbox) === "on" ? [NO_SANDBOX] : [];
  return {
    config,
    agent,
    settings,
    command,
    skills,
    router,
    route,
    effort: effort === undefined ? {} : { effort },
    plugins,
    subagents,
    tools: offerTools(ownTools, { model: route.model, agent, subagents, plugins }),
    warnings: [...route.warnings, ...((await budget?.warnings(route.model)) ?? []), ...plugins.warnings, ...noSandbox],
  };
}

const pickTier = ({ tier, routing }: SessionView): Pick<TurnRoute, "tier" | "routing"> => ({
  ...(tier && { tier }),
  ...(routing && { routing }),
});

interface ToolSource {
  model: Model;
  agent: Agent;
  subagents: Subagents | null;
  plugins: TurnPlugins;
}

function offerTools(own: readonly Tool[], { model, agent, subagents, plugins }: ToolSource): Tool[] {
  if (!model.tools) return [];
  const all = [...own, ...(subagents ? createTaskTools(subagents) : []), ...plugins.tools];
  return all.filter((tool) => offersTool(agent, tool));
}

const NO_SANDBOX =
  "The sandbox is on, but this version of Tutti has none: commands run with your rights. Use a container, or --sandbox off.";

export function refuseWithoutSandbox({ sandbox }: { sandbox: string }): void {
  if (sandbox !== "required") return;
  throw new TuttiError("sandbox", "The configuration requires a sandbox, and this version of Tutti has none.");
}
