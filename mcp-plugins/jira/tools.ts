/** Tools for Jira: search, read, create, comment, move and assign issues. */
import { z } from "zod";
import { formatDay, formatMinute, joinParts, sliceText, toOneLine } from "../http/text.ts";
import { createTool, readOnlyTool, updateTool } from "../http/tool.ts";
import { parseMarkdown } from "../markdown/blocks.ts";
import { toMarkdown } from "../markdown/write.ts";
import { type Node, toBlocks, toDocument } from "./adf.ts";
import {
  commentShape,
  commentsShape,
  type FoundIssue,
  type Issue,
  issueShape,
  issueUrl,
  jira,
  longFields,
  type Person,
  personShape,
  type Related,
  searchResultShape,
  shortFields,
  transitionsShape,
} from "./api.ts";

const COMMENTS = 50;
const keyField = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]*-\d+$/, "must be a key such as PROJ-12")
  .describe("Such as PROJ-12");
const markdownField = z.string().min(1).max(32_767).describe("Markdown");
const personField = z.string().min(1).describe("`me`, or a name or e-mail address");

export const tools = {
  search_issues: readOnlyTool({
    title: "Search issues",
    description:
      "Searches issues with JQL, which must have a restriction, such as `project = PROJ AND status != Done ORDER BY updated DESC`.",
    input: z.strictObject({
      jql: z.string().min(1).max(4_000),
      after: z.string().optional().describe("Token from the previous result"),
    }),
    async run({ jql, after }, { signal }) {
      const body = { jql, maxResults: 30, fields: shortFields, ...(after !== undefined && { nextPageToken: after }) };
      const found = await jira.get(searchResultShape, { method: "POST", path: "/search/jql", body, signal });
      const more = found.nextPageToken ? `\nThere is more: after "${found.nextPageToken}".` : "";
      return (found.issues.map(formatIssue).join("\n") || "No matching issues.") + more;
    },
  }),
  read_issue: readOnlyTool({
    title: "Read an issue",
    description: "Reads one issue with its comments.",
    input: z.strictObject({
      key: keyField,
      first_comment: z.number().int().nonnegative().default(0).describe("Comment to begin with, counted from 0"),
      offset: z.number().int().nonnegative().default(0).describe("Character offset to continue from"),
    }),
    async run({ key, first_comment, offset }, { signal }) {
      const path = `/issue/${key}`;
      const query = { startAt: first_comment, maxResults: COMMENTS, orderBy: "created" };
      const [issue, { comments, startAt, total }] = await Promise.all([
        jira.get(issueShape, { path, query: { fields: longFields.join() }, signal }),
        jira.get(commentsShape, { path: `${path}/comment`, query, signal }),
      ]);
      const commentTexts = comments.map(
        ({ author, body, created }) =>
          `## ${author?.displayName ?? "someone"}, ${formatMinute(created)}\n${toText(body)}`,
      );
      const next = startAt + comments.length;
      const more = next < total ? `\nThere are more comments: first_comment ${next}.` : "";
      return (
        sliceText(
          [...(first_comment === 0 ? formatSections(issue) : []), ...commentTexts].filter(Boolean).join("\n\n"),
          offset,
        ) + more
      );
    },
  }),
  create_issue: createTool({
    title: "Create an issue",
    description: "Creates an issue in a project.",
    input: z.strictObject({
      project: z
        .string()
        .regex(/^[A-Za-z][A-Za-z0-9_]*$/)
        .describe("Key, such as PROJ"),
      type: z.string().default("Task").describe("Name of the type, such as Bug, Story or Task"),
      summary: z.string().min(1).max(255),
      description: markdownField.optional(),
      labels: z.array(z.string().regex(/^\S+$/, "must not contain spaces")).optional(),
      priority: z.string().optional().describe("Name"),
      parent: keyField.optional().describe("Key of the parent epic or issue"),
      assignee: personField.optional(),
      fields: z.record(z.string(), z.unknown()).optional().describe("More fields, in the form of Jira's API"),
    }),
    async run({ project, type, summary, description, labels, priority, parent, assignee, fields }, { signal }) {
      const person = assignee === undefined ? null : await findPerson(assignee, { project }, signal);
      const body = {
        fields: {
          ...fields,
          project: { key: project },
          issuetype: { name: type },
          summary,
          ...(description !== undefined && { description: toDocument(parseMarkdown(description)) }),
          ...(labels !== undefined && { labels }),
          ...(priority !== undefined && { priority: { name: priority } }),
          ...(parent !== undefined && { parent: { key: parent } }),
          ...(person && { assignee: { accountId: person.accountId } }),
        },
      };
      const { key } = await jira.get(z.object({ key: z.string() }), { method: "POST", path: "/issue", body, signal });
      return `Created ${key}: ${issueUrl(key)}`;
    },
  }),
  comment_issue: createTool({
    title: "Comment on an issue",
    description: "Adds a comment to an issue.",
    input: z.strictObject({ key: keyField, body: markdownField }),
    async run({ key, body }, { signal }) {
      const comment = { body: toDocument(parseMarkdown(body)) };
      const { id } = await jira.get(commentShape, {
        method: "POST",
        path: `/issue/${key}/comment`,
        body: comment,
        signal,
      });
      return `Commented: ${issueUrl(key)}?focusedCommentId=${id}`;
    },
  }),
  list_transitions: readOnlyTool({
    title: "List transitions",
    description: "Lists the transitions that are available for an issue.",
    input: z.strictObject({ key: keyField }),
    async run({ key }, { signal }) {
      const { transitions } = await jira.get(transitionsShape, { path: `/issue/${key}/transitions`, signal });
      return transitions.map(formatTransition).join("\n") || "There is none that this account can use.";
    },
  }),
  transition_issue: updateTool({
    title: "Move an issue",
    description: "Moves an issue to another status.",
    input: z.strictObject({ key: keyField, to: z.string().min(1).describe("Name of the status or of the transition") }),
    async run({ key, to }, { signal }) {
      const path = `/issue/${key}/transitions`;
      const { transitions } = await jira.get(transitionsShape, { path, signal });
      const matches = (name: string): boolean => name.toLowerCase() === to.toLowerCase();
      const found = transitions.find(({ name }) => matches(name)) ?? transitions.find((one) => matches(one.to.name));
      if (found === undefined)
        throw new Error(
          `${key} cannot move to ${to}. Available transitions: ${transitions.map(formatTransition).join(", ") || "none"}.`,
        );
      await jira.send({ method: "POST", path, body: { transition: { id: found.id } }, signal });
      return `${key} is now ${found.to.name}.`;
    },
  }),
  assign_issue: updateTool({
    title: "Assign an issue",
    description: "Assigns an issue to a user, or to no one.",
    input: z.strictObject({
      key: keyField,
      assignee: personField.nullable().describe("`me`, a name or e-mail address; null for no one"),
    }),
    async run({ key, assignee }, { signal }) {
      const person = assignee === null ? null : await findPerson(assignee, { issueKey: key }, signal);
      const body = { accountId: person?.accountId ?? null };
      await jira.send({ method: "PUT", path: `/issue/${key}/assignee`, body, signal });
      return person ? `${key} is assigned to ${person.displayName}.` : `${key} is unassigned.`;
    },
  }),
};

const formatTransition = ({ name, to }: { name: string; to: { name: string } }): string =>
  name === to.name ? name : `${name} (to ${to.name})`;

/** Finds the assignable user with this name. */
async function findPerson(name: string, scope: Record<string, string>, signal: AbortSignal): Promise<Person> {
  if (name === "me") return jira.get(personShape, { path: "/myself", signal });
  const query = { ...scope, query: name, maxResults: 10 };
  const people = await jira.get(z.array(personShape), { path: "/user/assignable/search", query, signal });
  const exact = people.filter(({ displayName }) => displayName.toLowerCase() === name.toLowerCase());
  const [found, ...others] = exact.length > 0 ? exact : people;
  if (found === undefined) throw new Error(`No assignable user is named ${name}.`);
  if (others.length > 0)
    throw new Error(
      `${name} is ambiguous: ${people.map(({ displayName }) => displayName).join(" or ")}. Use the full name or the e-mail address.`,
    );
  return found;
}

const toText = (body: Node | string | null | undefined): string =>
  typeof body === "string" ? body : body ? toMarkdown(toBlocks(body)) : "";

function formatIssue({ key, fields }: FoundIssue): string {
  const { summary, status, issuetype, priority, assignee, labels, updated } = fields;
  const facts = joinParts([
    issuetype?.name,
    status?.name,
    assignee ? `assigned to ${assignee.displayName}` : "unassigned",
    priority?.name,
    labels && labels.length > 0 && `labels: ${labels.join(" · ")}`,
    updated && `updated ${formatDay(updated)}`,
  ]);
  return `${key} ${toOneLine(summary)} (${facts})`;
}

function formatSections(issue: Issue): string[] {
  const { created, reporter, resolution, duedate, components, fixVersions, parent, subtasks, issuelinks, description } =
    issue.fields;
  const names = (all: { name: string }[] | null | undefined): string => (all ?? []).map(({ name }) => name).join(" · ");
  const facts = joinParts([
    created && `created ${formatDay(created)}${reporter ? ` by ${reporter.displayName}` : ""}`,
    resolution && `resolution ${resolution.name}`,
    duedate && `due ${duedate}`,
    names(components) && `components: ${names(components)}`,
    names(fixVersions) && `fix versions: ${names(fixVersions)}`,
  ]);
  const links = (issuelinks ?? []).flatMap(({ type, inwardIssue, outwardIssue }) => [
    ...(inwardIssue ? [`- ${type.inward} ${formatRelated(inwardIssue)}`] : []),
    ...(outwardIssue ? [`- ${type.outward} ${formatRelated(outwardIssue)}`] : []),
  ]);
  const relations = [
    ...(parent ? [`- part of ${formatRelated(parent)}`] : []),
    ...(subtasks ?? []).map((one) => `- subtask ${formatRelated(one)}`),
    ...links,
  ];
  return [
    `# ${formatIssue(issue)}\n${issueUrl(issue.key)}\n${facts}`,
    toText(description),
    relations.length > 0 ? `## Related\n${relations.join("\n")}` : "",
  ];
}

const formatRelated = ({ key, fields }: Related): string =>
  joinParts([key, toOneLine(fields?.summary ?? ""), fields?.status && `(${fields.status.name})`], " ");
