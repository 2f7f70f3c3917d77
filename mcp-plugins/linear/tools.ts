/** Tools for Linear: search, read, create, update and comment on issues; list teams, states and cycles. */
import { z } from "zod";
import { formatDay, formatMinute, joinParts, sliceText, toOneLine } from "../http/text.ts";
import { createTool, readOnlyTool, updateTool } from "../http/tool.ts";
import { sendQuery } from "./api.ts";
import {
  createComment,
  createIssue,
  findIssue,
  type Issue,
  listIssues,
  type PageInfo,
  readIssue,
  searchIssues,
  teams,
  updateIssue,
} from "./documents.ts";
import {
  cycleFilter,
  findTeam,
  listCycles,
  listStates,
  matchName,
  namesShape,
  resolveNames,
  teamFilter,
  userFilter,
} from "./names.ts";

const idField = z
  .string()
  .regex(/^(\w+-\d+|[0-9a-f-]{36})$/i, "must be an identifier such as ENG-12")
  .describe("Such as ENG-12");
const teamField = z.string().min(1).describe("Key or name, such as ENG");
const afterField = z.string().optional().describe("Cursor from the previous result");
const priorities = ["none", "urgent", "high", "medium", "low"] as const;
const plainFields = {
  description: z.string().max(250_000).optional().describe("Markdown"),
  priority: z.enum(priorities).optional(),
  dueDate: z.iso.date().nullable().optional(),
};

export const tools = {
  search_issues: readOnlyTool({
    title: "Search issues",
    description: "Searches issues and their comments.",
    input: z.strictObject({ query: z.string().min(1).max(500), team: teamField.optional(), after: afterField }),
    async run({ query: term, team, after }, { signal }) {
      const filter = team === undefined ? undefined : { team: teamFilter(team) };
      const { searchIssues: found } = await sendQuery(searchIssues, { term, filter, first: 25, after }, signal);
      return `${found.totalCount} found\n${formatIssues(found.nodes, found.pageInfo)}`;
    },
  }),
  list_issues: readOnlyTool({
    title: "List issues",
    description: "Lists issues that match all filters, most recently changed first.",
    input: z.strictObject({
      team: teamField.optional(),
      state: z
        .string()
        .optional()
        .describe("Name of a workflow state, or `open` for all that are not completed or canceled"),
      assignee: z.string().optional().describe("`me`, `none`, a name or an e-mail address"),
      label: z.string().optional(),
      cycle: z.string().optional().describe("`current`, a number or a name"),
      after: afterField,
    }),
    async run({ team, state, assignee, label, cycle, after }, { signal }) {
      const filter = {
        ...(team !== undefined && { team: teamFilter(team) }),
        ...(state !== undefined && {
          state:
            state === "open" ? { type: { nin: ["completed", "canceled", "duplicate"] } } : { name: matchName(state) },
        }),
        ...(assignee !== undefined && { assignee: assignee === "none" ? { null: true } : userFilter(assignee) }),
        ...(label !== undefined && { labels: { some: { name: matchName(label) } } }),
        ...(cycle !== undefined && { cycle: cycleFilter(cycle) }),
      };
      const { issues } = await sendQuery(listIssues, { filter, first: 30, after }, signal);
      return formatIssues(issues.nodes, issues.pageInfo);
    },
  }),
  read_issue: readOnlyTool({
    title: "Read an issue",
    description: "Reads one issue with its comments.",
    input: z.strictObject({
      id: idField,
      after: afterField,
      offset: z.number().int().nonnegative().default(0).describe("Character offset to continue from"),
    }),
    async run({ id, after, offset }, { signal }) {
      const { issue } = await sendQuery(readIssue, { id, first: 50, after }, signal);
      const { comments, children, parent, cycle, project } = issue;
      const facts = joinParts([
        `team ${issue.team.key}`,
        `created ${formatDay(issue.createdAt)}${issue.creator ? ` by ${issue.creator.displayName}` : ""}`,
        project && `project ${project.name}`,
        cycle && `cycle ${cycle.number}${cycle.name ? ` (${cycle.name})` : ""}`,
        issue.dueDate && `due ${issue.dueDate}`,
        issue.estimate !== null && `estimate ${issue.estimate}`,
        parent && `part of ${parent.identifier} ${toOneLine(parent.title)}`,
        `branch ${issue.branchName}`,
      ]);
      const commentTexts = comments.nodes.map(
        ({ body, createdAt, user }) =>
          `## ${user?.displayName ?? "an integration"}, ${formatMinute(createdAt)}\n${body}`,
      );
      const parts = children.nodes.map(({ identifier, title }) => `- ${identifier} ${toOneLine(title)}`);
      const text = [
        `# ${formatIssue(issue)}\n${issue.url}\n${facts}`,
        after === undefined ? issue.description : null,
        parts.length > 0 && after === undefined ? `## Sub-issues\n${parts.join("\n")}` : null,
        ...commentTexts,
      ];
      return sliceText(text.filter(Boolean).join("\n\n"), offset) + formatMore(comments.pageInfo);
    },
  }),
  create_issue: createTool({
    title: "Create an issue",
    description: "Creates an issue in a team.",
    input: z.strictObject({ team: teamField, title: z.string().min(1).max(500), ...plainFields, ...namesShape }),
    async run({ team: name, title, description, priority, dueDate, ...names }, { signal }) {
      const team = await findTeam(name, signal);
      const ids = await resolveNames(names, team, signal);
      const input = { teamId: team.id, title, ...toPlainInput({ description, priority, dueDate }), ...ids };
      const { issueCreate } = await sendQuery(createIssue, { input }, signal);
      return `Created ${formatResult(issueCreate)}`;
    },
  }),
  update_issue: updateTool({
    title: "Update an issue",
    description: "Updates the given fields of an issue.",
    input: z.strictObject({ id: idField, title: z.string().min(1).max(500).optional(), ...plainFields, ...namesShape }),
    async run({ id, title, description, priority, dueDate, ...names }, { signal }) {
      const { issue } = await sendQuery(findIssue, { id }, signal);
      const ids = await resolveNames(names, issue.team, signal);
      const input = { ...toPlainInput({ title, description, priority, dueDate }), ...ids };
      const changed = Object.keys(input);
      if (changed.length === 0) throw new Error("Nothing to change: set at least one field in addition to id.");
      const { issueUpdate } = await sendQuery(updateIssue, { id: issue.id, input }, signal);
      return `Changed ${formatResult(issueUpdate)}`;
    },
  }),
  comment_issue: createTool({
    title: "Comment on an issue",
    description: "Adds a comment to an issue.",
    input: z.strictObject({ id: idField, body: z.string().min(1).max(100_000).describe("Markdown") }),
    async run({ id, body }, { signal }) {
      const { issue } = await sendQuery(findIssue, { id }, signal);
      const { commentCreate } = await sendQuery(createComment, { input: { issueId: issue.id, body } }, signal);
      if (!commentCreate.success) throw new Error("Linear did not save the comment.");
      return `Commented on ${issue.identifier}: ${commentCreate.comment.url}`;
    },
  }),
  list_teams: readOnlyTool({
    title: "List teams",
    description: "Lists teams with their keys.",
    input: z.strictObject({ after: afterField }),
    async run({ after }, { signal }) {
      const { nodes, pageInfo } = (await sendQuery(teams, { first: 50, after }, signal)).teams;
      const lines = nodes.map(({ key, name, description }) =>
        joinParts([`${key}: ${name}`, description && toOneLine(description)], " – "),
      );
      return (lines.join("\n") || "The key has access to no team.") + formatMore(pageInfo);
    },
  }),
  list_states: readOnlyTool({
    title: "List workflow states",
    description: "Lists the workflow states of a team in order.",
    input: z.strictObject({ team: teamField }),
    async run({ team }, { signal }) {
      const all = await listStates(await findTeam(team, signal), signal);
      return all.map(({ name, type }) => `${name} (${type})`).join("\n");
    },
  }),
  list_cycles: readOnlyTool({
    title: "List cycles",
    description: "Lists the cycles of a team with their progress.",
    input: z.strictObject({ team: teamField }),
    async run({ team }, { signal }) {
      const all = await listCycles(await findTeam(team, signal), signal);
      const lines = all.map(({ number, name, startsAt, endsAt, progress }) =>
        joinParts([
          joinParts([`${number}`, name], " "),
          `${formatDay(startsAt)} to ${formatDay(endsAt)}`,
          `${Math.round(progress * 100)} % done`,
        ]),
      );
      return lines.join("\n") || "The team has no cycles.";
    },
  }),
};

interface PlainFields {
  title?: string | undefined;
  description?: string | undefined;
  priority?: (typeof priorities)[number] | undefined;
  dueDate?: string | null | undefined;
}

/** Converts fields without IDs to the form of the API: priorities are numbers. */
function toPlainInput({ priority, ...rest }: PlainFields): Record<string, unknown> {
  const all = { ...rest, priority: priority === undefined ? undefined : priorities.indexOf(priority) };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function formatResult({
  success,
  issue,
}: {
  success: boolean;
  issue: { identifier: string; url: string } | null;
}): string {
  if (!success || issue === null) throw new Error("Linear did not save the issue.");
  return `${issue.identifier}: ${issue.url}`;
}

function formatIssue({ identifier, title, state, assignee, priorityLabel, labels, updatedAt }: Issue): string {
  const facts = joinParts([
    state.name,
    assignee ? `assigned to ${assignee.displayName}` : "unassigned",
    priorityLabel !== "No priority" && priorityLabel,
    labels.nodes.length > 0 && `labels: ${labels.nodes.map(({ name }) => name).join(" · ")}`,
    `updated ${formatDay(updatedAt)}`,
  ]);
  return `${identifier} ${toOneLine(title)} (${facts})`;
}

const formatIssues = (issues: Issue[], page: PageInfo): string =>
  (issues.map(formatIssue).join("\n") || "No issues.") + formatMore(page);

const formatMore = ({ hasNextPage, endCursor }: PageInfo): string =>
  hasNextPage && endCursor !== null ? `\nThere is more: after "${endCursor}".` : "";
