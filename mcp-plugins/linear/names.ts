/** Resolves the names of teams, states, users, labels and cycles to the IDs that Linear requires. */
import { z } from "zod";
import { sendQuery } from "./api.ts";
import { cycles, findIssue, labels, states, teams, users } from "./documents.ts";

export interface Team {
  id: string;
  key: string;
}

/** The filter for a name. */
export const matchName = (name: string): { eqIgnoreCase: string } => ({ eqIgnoreCase: name });
export const teamFilter = (name: string): Record<string, unknown> => ({
  or: [{ key: matchName(name) }, { name: matchName(name) }],
});
const filterByTeam = (team: Team): { team: { id: { eq: string } } } => ({ team: { id: { eq: team.id } } });

export async function findTeam(name: string, signal: AbortSignal): Promise<Team> {
  const [team] = (await sendQuery(teams, { filter: teamFilter(name), first: 1 }, signal)).teams.nodes;
  if (team === undefined) throw new Error(`No team ${name} found, or the key has no access. list_teams lists them.`);
  return team;
}

export async function listStates(team: Team, signal: AbortSignal) {
  const { nodes } = (await sendQuery(states, { filter: filterByTeam(team), first: 100 }, signal)).workflowStates;
  return nodes.toSorted((one, other) => one.position - other.position);
}

export async function listCycles(team: Team, signal: AbortSignal) {
  const { nodes } = (await sendQuery(cycles, { filter: filterByTeam(team), first: 50 }, signal)).cycles;
  return nodes.toSorted((one, other) => one.startsAt.localeCompare(other.startsAt));
}

/** Fields that are set by name. Undefined keeps the value, null clears it. */
export const namesShape = {
  state: z.string().optional().describe("Name of a workflow state of the team"),
  assignee: z.string().nullable().optional().describe("`me`, a name or an e-mail address; null for no one"),
  labels: z.array(z.string()).max(20).optional().describe("Names; replaces the current labels"),
  cycle: z.string().nullable().optional().describe("`current`, a number or a name; null for none"),
  parent: z.string().nullable().optional().describe("Identifier of the parent issue, such as ENG-12"),
};
type Names = z.output<z.ZodObject<typeof namesShape>>;

/** Resolves names to the ID fields of an issue's input. */
export async function resolveNames(names: Names, team: Team, signal: AbortSignal): Promise<Record<string, unknown>> {
  const { state, assignee, labels: labelNames, cycle, parent } = names;
  const [stateId, assigneeId, labelIds, cycleId, parentId] = await Promise.all([
    state === undefined ? undefined : findStateId(state, team, signal),
    typeof assignee === "string" ? findUserId(assignee, signal) : assignee,
    labelNames === undefined ? undefined : findLabelIds(labelNames, team, signal),
    typeof cycle === "string" ? findCycleId(cycle, team, signal) : cycle,
    typeof parent === "string" ? sendQuery(findIssue, { id: parent }, signal).then(({ issue }) => issue.id) : parent,
  ]);
  const all = { stateId, assigneeId, labelIds, cycleId, parentId };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

async function findStateId(name: string, team: Team, signal: AbortSignal): Promise<string> {
  const all = await listStates(team, signal);
  const found = all.find((state) => equalsIgnoringCase(state.name, name));
  if (found) return found.id;
  throw new Error(`Team ${team.key} has no state ${name}. It has: ${all.map((state) => state.name).join(", ")}.`);
}

/** The filter of users for a name. */
export const userFilter = (name: string): Record<string, unknown> =>
  name === "me"
    ? { isMe: { eq: true } }
    : { or: [{ displayName: matchName(name) }, { name: matchName(name) }, { email: matchName(name) }] };

async function findUserId(name: string, signal: AbortSignal): Promise<string> {
  const { nodes } = (await sendQuery(users, { filter: userFilter(name), first: 5 }, signal)).users;
  const [found, ...others] = nodes;
  if (found === undefined) throw new Error(`No user named ${name} found. Use the full name or the e-mail address.`);
  if (others.length > 0)
    throw new Error(`${name} is ambiguous: ${nodes.map(({ email }) => email).join(" or ")}. Use the e-mail address.`);
  return found.id;
}

async function findLabelIds(names: string[], team: Team, signal: AbortSignal): Promise<string[]> {
  if (names.length === 0) return [];
  const filter = { or: names.map((name) => ({ name: matchName(name) })) };
  const { nodes } = (await sendQuery(labels, { filter, first: 100 }, signal)).issueLabels;
  return names.map((name) => {
    const found = nodes.find(
      (label) => equalsIgnoringCase(label.name, name) && (label.team === null || label.team.id === team.id),
    );
    if (found === undefined) throw new Error(`Team ${team.key} has no label ${name}. Create it in Linear, or omit it.`);
    return found.id;
  });
}

async function findCycleId(name: string, team: Team, signal: AbortSignal): Promise<string> {
  const [found] = (
    await sendQuery(cycles, { filter: { ...filterByTeam(team), ...cycleFilter(name) }, first: 1 }, signal)
  ).cycles.nodes;
  if (found === undefined) throw new Error(`Team ${team.key} has no cycle ${name}. list_cycles lists them.`);
  return found.id;
}

/** The filter of cycles for a name. */
export function cycleFilter(name: string): Record<string, unknown> {
  if (name === "current") return { isActive: { eq: true } };
  return /^\d+$/.test(name) ? { number: { eq: Number(name) } } : { name: matchName(name) };
}

const equalsIgnoringCase = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
