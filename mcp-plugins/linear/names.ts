/** What people call teams, states, people, labels and cycles, and the ids that Linear wants in their place. */
import { z } from "zod";
import { ask } from "./api.ts";
import { cycles, findIssue, labels, states, teams, users } from "./documents.ts";

export interface Team {
  id: string;
  key: string;
}

/** What filters say for a name. */
export const is = (name: string): { eqIgnoreCase: string } => ({ eqIgnoreCase: name });
export const teamFilter = (name: string): Record<string, unknown> => ({ or: [{ key: is(name) }, { name: is(name) }] });
const ofTeam = (team: Team): { team: { id: { eq: string } } } => ({ team: { id: { eq: team.id } } });

export async function teamNamed(name: string, signal: AbortSignal): Promise<Team> {
  const [team] = (await ask(teams, { filter: teamFilter(name), first: 1 }, signal)).teams.nodes;
  if (team === undefined) throw new Error(`There is no team ${name} that the key may see. list_teams shows them.`);
  return team;
}

export async function statesOf(team: Team, signal: AbortSignal) {
  const { nodes } = (await ask(states, { filter: ofTeam(team), first: 100 }, signal)).workflowStates;
  return nodes.toSorted((one, other) => one.position - other.position);
}

export async function cyclesOf(team: Team, signal: AbortSignal) {
  const { nodes } = (await ask(cycles, { filter: ofTeam(team), first: 50 }, signal)).cycles;
  return nodes.toSorted((one, other) => one.startsAt.localeCompare(other.startsAt));
}

/** What is set by name. Undefined leaves it, null clears it. */
export const namesShape = {
  state: z.string().optional().describe("Name of a workflow state of the team"),
  assignee: z.string().nullable().optional().describe("`me`, a name or an e-mail address; null for nobody"),
  labels: z.array(z.string()).max(20).optional().describe("Names; they replace the labels there are"),
  cycle: z.string().nullable().optional().describe("`current`, a number or a name; null for none"),
  parent: z.string().nullable().optional().describe("Identifier of the issue above it, as in ENG-12"),
};
type Names = z.output<z.ZodObject<typeof namesShape>>;

/** The fields of an issue's input that these names stand for. */
export async function idsOf(names: Names, team: Team, signal: AbortSignal): Promise<Record<string, unknown>> {
  const { state, assignee, labels: wanted, cycle, parent } = names;
  const [stateId, assigneeId, labelIds, cycleId, parentId] = await Promise.all([
    state === undefined ? undefined : stateNamed(state, team, signal),
    typeof assignee === "string" ? userNamed(assignee, signal) : assignee,
    wanted === undefined ? undefined : labelsNamed(wanted, team, signal),
    typeof cycle === "string" ? cycleNamed(cycle, team, signal) : cycle,
    typeof parent === "string" ? ask(findIssue, { id: parent }, signal).then(({ issue }) => issue.id) : parent,
  ]);
  const all = { stateId, assigneeId, labelIds, cycleId, parentId };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

async function stateNamed(name: string, team: Team, signal: AbortSignal): Promise<string> {
  const all = await statesOf(team, signal);
  const found = all.find((state) => same(state.name, name));
  if (found) return found.id;
  throw new Error(`Team ${team.key} has no state ${name}. It has: ${all.map((state) => state.name).join(", ")}.`);
}

/** What a filter of users says for a name. */
export const userFilter = (name: string): Record<string, unknown> =>
  name === "me" ? { isMe: { eq: true } } : { or: [{ displayName: is(name) }, { name: is(name) }, { email: is(name) }] };

async function userNamed(name: string, signal: AbortSignal): Promise<string> {
  const { nodes } = (await ask(users, { filter: userFilter(name), first: 5 }, signal)).users;
  const [found, ...others] = nodes;
  if (found === undefined) throw new Error(`There is nobody named ${name}. Use a whole name or an e-mail address.`);
  if (others.length > 0)
    throw new Error(`${name} may be ${nodes.map(({ email }) => email).join(" or ")}. Use the e-mail address.`);
  return found.id;
}

async function labelsNamed(names: string[], team: Team, signal: AbortSignal): Promise<string[]> {
  if (names.length === 0) return [];
  const filter = { or: names.map((name) => ({ name: is(name) })) };
  const { nodes } = (await ask(labels, { filter, first: 100 }, signal)).issueLabels;
  return names.map((name) => {
    const found = nodes.find((label) => same(label.name, name) && (label.team === null || label.team.id === team.id));
    if (found === undefined)
      throw new Error(`Team ${team.key} has no label ${name}. Create it in Linear, or leave it out.`);
    return found.id;
  });
}

async function cycleNamed(name: string, team: Team, signal: AbortSignal): Promise<string> {
  const [found] = (await ask(cycles, { filter: { ...ofTeam(team), ...cycleFilter(name) }, first: 1 }, signal)).cycles
    .nodes;
  if (found === undefined) throw new Error(`Team ${team.key} has no cycle ${name}. list_cycles shows them.`);
  return found.id;
}

/** What a filter of cycles says for a name. */
export function cycleFilter(name: string): Record<string, unknown> {
  if (name === "current") return { isActive: { eq: true } };
  return /^\d+$/.test(name) ? { number: { eq: Number(name) } } : { name: is(name) };
}

const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
