/** Tools for issues: list, search, read, create, comment. */
import { z } from "zod";
import { formatDay, formatMinute, joinParts, sliceText, toOneLine } from "../http/text.ts";
import { createTool, readOnlyTool } from "../http/tool.ts";
import { commentShape, fetchPage, formatMore, github, type Issue, issueShape, parseNextPage } from "./api.ts";
import { numberField, pageField, repoField, repositoryPath } from "./repository.ts";

const bodyField = z.string().min(1).max(65_536).describe("Markdown");

export const issueTools = {
  list_issues: readOnlyTool({
    title: "List issues",
    description: "Lists issues of a repository, most recently changed first.",
    input: z.strictObject({
      repo: repoField,
      state: z.enum(["open", "closed", "all"]).default("open"),
      labels: z.array(z.string()).optional().describe("Issues with all of these labels"),
      assignee: z.string().optional().describe("A login, `none` or `*`"),
      page: pageField,
    }),
    async run({ repo, state, labels, assignee, page }, { signal }) {
      const path = `${await repositoryPath(repo, signal)}/issues`;
      const query = { state, labels: labels?.join(","), assignee, sort: "updated", direction: "desc" };
      const { items, next } = await fetchPage(issueShape, { path, query, signal }, page);
      const issues = items.filter((item) => !item.pull_request);
      const lines = issues.map(formatIssue).join("\n");
      return (lines || "No issues here.") + formatMore(next);
    },
  }),
  search_issues: readOnlyTool({
    title: "Search issues and pull requests",
    description:
      "Searches issues or pull requests with GitHub's search syntax, in one repository unless the query names others.",
    input: z.strictObject({
      query: z.string().min(1).max(256).describe('Such as `is:open label:bug "white screen"` or `org:acme author:ada`'),
      kind: z.enum(["issue", "pr"]).default("issue"),
      repo: repoField,
      page: pageField,
    }),
    async run({ query, kind, repo, page }, { signal }) {
      const isScoped = /(^|\s)-?(repo|org|user):/.test(query);
      const scope = isScoped ? null : (await repositoryPath(repo, signal)).replace("/repos/", "repo:");
      const q = joinParts([query, `is:${kind}`, scope], " ");
      const response = await github.send({ path: "/search/issues", query: { q, per_page: 30, page }, signal });
      const found = github.read(z.object({ total_count: z.number(), items: z.array(issueShape) }), response);
      const lines = found.items.map((one) => joinParts([isScoped && repositoryName(one), formatIssue(one)], " "));
      const next = parseNextPage(response.headers.get("link"));
      return `${found.total_count} found for: ${q}\n${lines.join("\n")}${formatMore(next)}`.trimEnd();
    },
  }),
  read_issue: readOnlyTool({
    title: "Read an issue",
    description: "Reads one issue (or the conversation of a pull request) with its comments.",
    input: z.strictObject({
      repo: repoField,
      number: numberField,
      page: pageField.describe("Page of the comments, counted from 1"),
      offset: z.number().int().nonnegative().default(0).describe("Character offset to continue from"),
    }),
    async run({ repo, number, page, offset }, { signal }) {
      const path = `${await repositoryPath(repo, signal)}/issues/${number}`;
      const issue = await github.get(issueShape, { path, signal });
      const comments = await fetchPage(commentShape, { path: `${path}/comments`, signal }, page);
      const commentTexts = comments.items.map(
        ({ user, created_at, body }) => `## ${user}, ${formatMinute(created_at)}\n${body}`,
      );
      const head = `# ${formatIssue(issue)}\n${issue.html_url}, created ${formatDay(issue.created_at)}`;
      return (
        sliceText([head, page === 1 && issue.body, ...commentTexts].filter(Boolean).join("\n\n"), offset) +
        formatMore(comments.next)
      );
    },
  }),
  create_issue: createTool({
    title: "Create an issue",
    description: "Creates an issue.",
    input: z.strictObject({
      repo: repoField,
      title: z.string().min(1).max(256),
      body: bodyField.optional(),
      labels: z.array(z.string()).max(100).optional(),
      assignees: z.array(z.string()).max(10).optional().describe("Logins"),
    }),
    async run({ repo, ...body }, { signal }) {
      const path = `${await repositoryPath(repo, signal)}/issues`;
      const { number, html_url } = await github.get(issueShape, { method: "POST", path, body, signal });
      return `Created #${number}: ${html_url}`;
    },
  }),
  comment_issue: createTool({
    title: "Comment on an issue or pull request",
    description: "Adds a comment to the conversation of an issue or a pull request.",
    input: z.strictObject({ repo: repoField, number: numberField, body: bodyField }),
    async run({ repo, number, body }, { signal }) {
      const path = `${await repositoryPath(repo, signal)}/issues/${number}/comments`;
      const { html_url } = await github.get(commentShape, { method: "POST", path, body: { body }, signal });
      return `Commented: ${html_url}`;
    },
  }),
};

const repositoryName = ({ html_url }: Issue): string => html_url.split("/").slice(-4, -2).join("/");

function formatIssue({
  number,
  title,
  state,
  state_reason,
  user,
  labels,
  assignees,
  comments,
  updated_at,
}: Issue): string {
  const facts = joinParts([
    state === "closed" ? joinParts(["closed", state_reason?.replace("_", " ")], " as ") : state,
    `by ${user}`,
    labels.length > 0 && `labels: ${labels.join(" · ")}`,
    assignees && assignees.length > 0 && `assigned to ${assignees.join(" · ")}`,
    comments > 0 && `comments: ${comments}`,
    `updated ${formatDay(updated_at)}`,
  ]);
  return `#${number} ${toOneLine(title)} (${facts})`;
}
