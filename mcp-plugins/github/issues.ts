/** Tools for issues: list, search, read, create, comment. */
import { z } from "zod";
import { day, joined, minute, oneLine, pieceOf } from "../http/text.ts";
import { adding, reading } from "../http/tool.ts";
import { commentShape, github, type Issue, issueShape, morePages, nextPage, pageOf } from "./api.ts";
import { numberField, pageField, repoField, repositoryPath } from "./repository.ts";

const bodyField = z.string().min(1).max(65_536).describe("Markdown");

export const issueTools = {
  list_issues: reading({
    title: "List issues",
    description: "Lists issues of a repository, the newest change first.",
    input: z.strictObject({
      repo: repoField,
      state: z.enum(["open", "closed", "all"]).default("open"),
      labels: z.array(z.string()).optional().describe("All of these"),
      assignee: z.string().optional().describe("A login, `none` or `*`"),
      page: pageField,
    }),
    async run({ repo, state, labels, assignee, page }, { signal }) {
      const path = `${await repositoryPath(repo, signal)}/issues`;
      const query = { state, labels: labels?.join(","), assignee, sort: "updated", direction: "desc" };
      const { items, next } = await pageOf(issueShape, { path, query, signal }, page);
      const issues = items.filter((item) => !item.pull_request);
      const lines = issues.map(lineOf).join("\n");
      return (lines || "No issues here.") + morePages(next);
    },
  }),
  search_issues: reading({
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
      const q = joined([query, `is:${kind}`, scope], " ");
      const answer = await github.send({ path: "/search/issues", query: { q, per_page: 30, page }, signal });
      const found = github.read(z.object({ total_count: z.number(), items: z.array(issueShape) }), answer);
      const lines = found.items.map((one) => joined([isScoped && repositoryOf(one), lineOf(one)], " "));
      const next = nextPage(answer.headers.get("link"));
      return `${found.total_count} found for: ${q}\n${lines.join("\n")}${morePages(next)}`.trimEnd();
    },
  }),
  read_issue: reading({
    title: "Read an issue",
    description: "Reads one issue (or the conversation of a pull request) with its comments.",
    input: z.strictObject({
      repo: repoField,
      number: numberField,
      page: pageField.describe("Of the comments, counted from 1"),
      offset: z.number().int().nonnegative().default(0).describe("Character to go on from, where it was cut"),
    }),
    async run({ repo, number, page, offset }, { signal }) {
      const path = `${await repositoryPath(repo, signal)}/issues/${number}`;
      const issue = await github.get(issueShape, { path, signal });
      const comments = await pageOf(commentShape, { path: `${path}/comments`, signal }, page);
      const said = comments.items.map(({ user, created_at, body }) => `## ${user}, ${minute(created_at)}\n${body}`);
      const head = `# ${lineOf(issue)}\n${issue.html_url}, created ${day(issue.created_at)}`;
      return (
        pieceOf([head, page === 1 && issue.body, ...said].filter(Boolean).join("\n\n"), offset) +
        morePages(comments.next)
      );
    },
  }),
  create_issue: adding({
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
  comment_issue: adding({
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

const repositoryOf = ({ html_url }: Issue): string => html_url.split("/").slice(-4, -2).join("/");

function lineOf({ number, title, state, state_reason, user, labels, assignees, comments, updated_at }: Issue): string {
  const facts = joined([
    state === "closed" ? joined(["closed", state_reason?.replace("_", " ")], " as ") : state,
    `by ${user}`,
    labels.length > 0 && `labels: ${labels.join(" · ")}`,
    assignees && assignees.length > 0 && `assigned to ${assignees.join(" · ")}`,
    comments > 0 && `comments: ${comments}`,
    `updated ${day(updated_at)}`,
  ]);
  return `#${number} ${oneLine(title)} (${facts})`;
}
