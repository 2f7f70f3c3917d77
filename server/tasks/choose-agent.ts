/** Which agents an agent may start. Pure. */
import { TuttiError } from "../../protocol/errors.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { Agent } from "../definitions/agent.ts";
import { mayStart } from "../definitions/find-agent.ts";
import type { TaskRequest } from "../subagents.ts";
import type { TaskParent } from "./task-parent.ts";

type Starting = Pick<TaskParent, "agent" | "agents">;

export const listStartable = ({ agent, agents }: Starting): Agent[] =>
  agents.list().filter((one) => one.mode !== "primary" && mayStart(agent.agents, one.name));

export function chooseAgent(parent: Starting, { agent, resume }: TaskRequest, view: SessionView): Agent {
  const resumed = resume === undefined ? undefined : view.tasks.find(({ id }) => id === resume);
  if (resume !== undefined && !resumed)
    throw new TuttiError("notFound", `This session has no task ${resume}. Its tasks: ${listIds(view)}.`);
  const name = agent ?? resumed?.agent ?? DEFAULT_AGENT;
  const found = parent.agents.find(name);
  if (found && found.mode !== "primary" && mayStart(parent.agent.agents, found.name)) return found;
  const names = listStartable(parent).map((one) => one.name);
  const why = found ? `${name} cannot be started by ${parent.agent.name}` : `There is no agent named ${name}`;
  throw new TuttiError("notFound", `${why}. Available agents: ${names.join(", ")}.`);
}

const DEFAULT_AGENT = "general";

export const listIds = ({ tasks }: SessionView): string =>
  tasks.length === 0 ? "none" : tasks.map(({ id, title }) => `${id} (${title})`).join(", ");
