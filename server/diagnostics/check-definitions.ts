/** Checks agents, skills and commands for `tutti doctor`: each problem is one sentence with its file. */
import { describeError } from "../../protocol/errors.ts";
import { tiers } from "../../protocol/settings.ts";
import type { Agent, DefinitionProblem } from "../definitions/agent.ts";
import { mayStart } from "../definitions/find-agent.ts";
import type { Definitions } from "../definitions/open-definitions.ts";
import type { Skill } from "../definitions/skill.ts";

export interface DefinitionCheckDeps {
  definitions: Definitions;
  /** Tiers with a model in the configuration. */
  configuredTiers(cwd: string): Promise<readonly string[]>;
  /** Rejects with a message if the model cannot be used. */
  checkModel(name: string): Promise<unknown>;
}

export interface DefinitionCheck {
  problems: string[];
  /** What there is, for people. */
  summary: string;
}

export async function checkDefinitions(deps: DefinitionCheckDeps, cwd: string): Promise<DefinitionCheck> {
  const { definitions } = deps;
  const [agents, skills, commands] = await Promise.all([
    definitions.agents(cwd),
    definitions.skills(cwd),
    definitions.commands(cwd),
  ]);
  const own = agents.list().filter(({ source, configuredBy }) => source.kind !== "builtin" || configuredBy);
  const missing = own.flatMap((agent) =>
    agent.skills
      .filter((name) => !skills.find(name))
      .map((name) => describe(agent, `uses the skill ${name}, which does not exist`)),
  );
  const problems = [
    ...[...agents.problems, ...skills.problems, ...commands.problems].map(formatProblem),
    ...(await checkTexts(skills.list())),
    ...missing,
    ...findTiersWithoutModel(own, await deps.configuredTiers(cwd)),
    ...findCircles(agents.list()),
    ...(await checkModels(own, deps.checkModel)),
  ];
  const count = (list: readonly unknown[], name: string) => `${list.length} ${name}${list.length === 1 ? "" : "s"}`;
  return {
    problems,
    summary: `${count(agents.list(), "agent")}, ${count(skills.list(), "skill")}, ${count(commands.list(), "command")}.`,
  };
}

const formatProblem = ({ path, line, text }: DefinitionProblem): string =>
  `${path}${line === undefined ? "" : `:${line}`}: ${text}`;

/** The texts of plugins' skills; those of files are checked where they are loaded. */
async function checkTexts(skills: readonly Skill[]): Promise<string[]> {
  const ofPlugins = skills.filter(({ source }) => source.kind === "plugin");
  const problems = ofPlugins.map(async ({ source, read }) => {
    const problem = await read().then(() => null, describeError);
    return problem === null ? [] : [formatProblem({ path: `plugin ${source.plugin}`, text: problem })];
  });
  return (await Promise.all(problems)).flat();
}

const describe = ({ name, source, configuredBy }: Agent, text: string): string =>
  `${configuredBy?.at(-1) ?? source.path ?? source.plugin ?? "Included"}: The agent ${name} ${text}.`;

/** A tier without a model falls to the model of the agent or of the session, which may surprise. */
function findTiersWithoutModel(agents: readonly Agent[], configured: readonly string[]): string[] {
  return tiers.flatMap((tier) => {
    if (configured.includes(tier)) return [];
    const users = agents.filter((agent) => agent.tier === tier && agent.model === undefined && !agent.tiers[tier]);
    const [first, ...more] = users;
    if (first === undefined) return [];
    const reason = `the tier ${tier}, which has no model, so that of the session is used. Set one with \`tutti config set tiers.${tier} PROVIDER/MODEL\``;
    if (more.length === 0) return [describe(first, `uses ${reason}`)];
    return [`${users.length} agents (${users.map(({ name }) => name).join(", ")}) use ${reason}.`];
  });
}

/** Agents that can start each other in a circle, because their lists name them. */
function findCircles(agents: readonly Agent[]): string[] {
  const listing = agents.filter((agent) => agent.agents !== null && !agent.agents.some((name) => name.includes("*")));
  const next = (agent: Agent): Agent[] => listing.filter((other) => mayStart(agent.agents, other.name));
  const circles: string[] = [];
  const done = new Set<Agent>();
  const visit = (agent: Agent, path: readonly Agent[]): void => {
    const at = path.indexOf(agent);
    if (at >= 0) {
      const names = [...path.slice(at), agent].map(({ name }) => name).join(" → ");
      circles.push(describe(agent, `can start itself again: ${names}`));
    }
    if (at >= 0 || done.has(agent)) return;
    for (const one of next(agent)) visit(one, [...path, agent]);
    done.add(agent);
  };
  for (const agent of listing) visit(agent, []);
  return circles;
}

async function checkModels(agents: readonly Agent[], checkModel: DefinitionCheckDeps["checkModel"]): Promise<string[]> {
  const used = agents.flatMap((agent) =>
    [agent.model, ...tiers.map((tier) => agent.tiers[tier]?.model)]
      .filter((model) => model !== undefined)
      .map((model) => ({ agent, model })),
  );
  const names = [...new Set(used.map(({ model }) => model))];
  const failures = new Map<string, string>();
  await Promise.all(
    names.map((name) =>
      checkModel(name).catch((error: unknown) => void failures.set(name, describeError(error).replace(/\.$/, ""))),
    ),
  );
  return used.flatMap(({ agent, model }) => {
    const failure = failures.get(model);
    return failure === undefined ? [] : [describe(agent, `uses the model ${model}, which cannot be used: ${failure}`)];
  });
}
