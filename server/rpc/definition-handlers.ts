/** Handlers for agents, skills and commands. */
import { TuttiError } from "../../protocol/errors.ts";
import type { Handlers } from "../../protocol/methods.ts";
import { findNearest } from "../../protocol/nearest.ts";
import type { Agent } from "../definitions/agent.ts";
import type { Definitions } from "../definitions/open-definitions.ts";

import type { Command, Skill } from "../definitions/skill.ts";

type DefinitionMethod = Extract<keyof Handlers, `agent${string}` | `skill${string}` | "commandList" | "commandRead">;

export interface DefinitionHandlerDeps {
  definitions: Definitions;
  /** The real path of an existing folder. */
  folder(path: string): string;
}

export function createDefinitionHandlers({
  definitions,
  folder,
}: DefinitionHandlerDeps): Pick<Handlers, DefinitionMethod> {
  return {
    async agentList({ cwd }) {
      const agents = await definitions.agents(folder(cwd));
      return { agents: agents.list().map(toRow), problems: [...agents.problems] };
    },
    async skillList({ cwd }) {
      const skills = await definitions.skills(folder(cwd));
      return { skills: skills.list().map(toSkillRow), problems: [...skills.problems] };
    },
    async skillRead({ cwd, name }) {
      const skills = await definitions.skills(folder(cwd));
      const skill = skills.find(name);
      if (!skill) throw unknownName("skill", name, skills.list());
      return { ...toSkillRow(skill), text: await skill.read(), extra: skill.extra };
    },
    async commandList({ cwd }) {
      const commands = await definitions.commands(folder(cwd));
      return { commands: commands.list().map(toCommandRow), problems: [...commands.problems] };
    },
    async commandRead({ cwd, name }) {
      const commands = await definitions.commands(folder(cwd));
      const command = commands.find(name);
      if (!command) throw unknownName("command", name, commands.list());
      const { template, allow, extra } = command;
      return { ...toCommandRow(command), template, allow: [...allow], extra };
    },
    async agentRead({ cwd, name }) {
      const agents = await definitions.agents(folder(cwd));
      const agent = agents.find(name);
      if (!agent) throw unknownName("agent", name, agents.list());
      const { tools, permissions, configuredBy: _, ...rest } = agent;
      return {
        ...rest,
        ...toRow(agent),
        tools: { allow: tools.allow && [...tools.allow], deny: [...tools.deny] },
        permissions: {
          ...permissions,
          allow: [...permissions.allow],
          ask: [...permissions.ask],
          deny: [...permissions.deny],
        },
        agents: agent.agents && [...agent.agents],
        skills: [...agent.skills],
      };
    },
  };
}

function toRow({
  name,
  description,
  mode,
  hidden,
  permissions,
  model,
  tier,
  tiers,
  color,
  source,
  configuredBy,
}: Agent) {
  return {
    name,
    description,
    mode,
    hidden,
    ...(permissions.mode && { permissionMode: permissions.mode }),
    ...(model !== undefined && { model }),
    ...(tier && { tier }),
    tiers,
    ...(color !== undefined && { color }),
    source,
    ...(configuredBy && { configuredBy: [...configuredBy] }),
  };
}

const toSkillRow = ({ name, description, folder, fork, hidden, argumentHint, source }: Skill) => ({
  name,
  description,
  ...(folder !== undefined && { folder }),
  fork,
  hidden,
  argumentHint,
  source,
});

const toCommandRow = ({ name, description, argumentHint, model, agent, subtask, source }: Command) => ({
  name,
  description,
  argumentHint,
  ...(model !== undefined && { model }),
  ...(agent !== undefined && { agent }),
  subtask,
  source,
});

function unknownName(kind: string, name: string, known: readonly { name: string }[]): TuttiError {
  const names = known.map((one) => one.name);
  const nearest = findNearest(name, names);
  const hint = nearest === null ? `Available ${kind}s: ${names.join(", ")}.` : `Did you mean ${nearest}?`;
  return new TuttiError("notFound", `There is no ${kind} named ${name}. ${names.length === 0 ? "" : hint}`.trim());
}
