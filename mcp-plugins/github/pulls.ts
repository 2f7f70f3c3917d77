/** Tools for pull requests: list, read, diff, create. */
import { z } from "zod";
import { formatCount, formatDay, joinParts, sliceText, toOneLine } from "../http/text.ts";
import { createTool, readOnlyTool } from "../http/tool.ts";
import {
  checksShape,
  fetchAll,
  fetchPage,
  fileShape,
  formatMore,
  github,
  lineCommentShape,
  type Pull,
  pullShape,
  reviewShape,
  statusShape,
} from "./api.ts";
import { formatDiff, formatHeading } from "./diff.ts";
import { currentBranch, numberField, pageField, repoField, repositoryPath } from "./repository.ts";

/** Pages of 100 files; GitHub lists at most 3,000. */
export const FILE_PAGES = 30;

const parts = ["files", "reviews", "comments", "checks"] as const;
type Part = (typeof parts)[number];

const offsetField = z.number().int().nonnegative().default(0).describe("Character offset to continue from");

export const pullTools = {
  list_pull_requests: readOnlyTool({
    title: "List pull requests",
    description: "Lists pull requests of a repository, most recently changed first.",
    input: z.strictObject({
      repo: repoField,
      state: z.enum(["open", "closed", "all"]).default("open"),
      base: z.string().optional().describe("Target branch"),
      head: z.string().optional().describe("Source branch, as owner:branch"),
      page: pageField,
    }),
    async run({ repo, state, base, head, page }, { signal }) {
      const path = `${await repositoryPath(repo, signal)}/pulls`;
      const query = { state, base, head, sort: "updated", direction: "desc" };
      const { items, next } = await fetchPage(pullShape, { path, query, signal }, page);
      return (items.map(formatPull).join("\n") || "No pull requests here.") + formatMore(next);
    },
  }),
  read_pull_request: readOnlyTool({
    title: "Read a pull request",
    description:
      "Reads a pull request: description, changed files, reviews, line comments, and checks. Use another tool for its diff.",
    input: z.strictObject({
      repo: repoField,
      number: numberField,
      include: z
        .array(z.enum(parts))
        .default([...parts])
        .describe("What to read in addition to the description"),
      offset: offsetField,
    }),
    async run({ repo, number, include, offset }, { signal }) {
      const root = await repositoryPath(repo, signal);
      const pull = await github.get(pullShape, { path: `${root}/pulls/${number}`, signal });
      const sections = await Promise.all(
        parts.filter((part) => include.includes(part)).map((part) => readSection[part](root, pull, signal)),
      );
      const { additions = 0, deletions = 0, changed_files = 0, commits = 0, mergeable_state } = pull;
      const facts = joinParts([
        `+${additions} -${deletions} in ${formatCount(changed_files, "file")}`,
        formatCount(commits, "commit"),
        mergeable_state && `merge state: ${mergeable_state}`,
        `head ${pull.head.sha}`,
      ]);
      const head = `# ${formatPull(pull)}\n${pull.html_url}\n${facts}`;
      return sliceText([head, pull.body, ...sections].filter(Boolean).join("\n\n"), offset);
    },
  }),
  read_pull_request_diff: readOnlyTool({
    title: "Read a diff",
    description:
      "Reads the diff of a pull request with line numbers: of the new file (side RIGHT), or of the old one (side LEFT) for lines that begin with -.",
    input: z.strictObject({
      repo: repoField,
      number: numberField,
      files: z.array(z.string()).optional().describe("Only these paths"),
      offset: offsetField,
    }),
    async run({ repo, number, files, offset }, { signal }) {
      const path = `${await repositoryPath(repo, signal)}/pulls/${number}/files`;
      const { items, more } = await fetchAll(fileShape, { path, signal }, FILE_PAGES);
      const missing = (files ?? []).filter((name) => !items.some(({ filename }) => filename === name));
      const shown = files ? items.filter(({ filename }) => files.includes(filename)) : items;
      const notes = joinParts([
        missing.length > 0 && `Not changed in this pull request: ${missing.join(", ")}.`,
        more && "GitHub lists no more files.",
      ]);
      return sliceText(joinParts([...shown.map(formatDiff), notes], "\n\n") || "No changes.", offset);
    },
  }),
  create_pull_request: createTool({
    title: "Create a pull request",
    description: "Creates a pull request from a pushed branch.",
    input: z.strictObject({
      repo: repoField,
      title: z.string().min(1).max(256),
      body: z.string().max(65_536).optional().describe("Markdown"),
      head: z
        .string()
        .optional()
        .describe("Branch with the changes, or owner:branch of a fork; default: the current branch"),
      base: z.string().optional().describe("Branch to merge into; default: the default branch"),
      draft: z.boolean().default(false),
    }),
    async run({ repo, head, base, ...rest }, { signal }) {
      const root = await repositoryPath(repo, signal);
      const from = head ?? (await currentBranch(signal));
      if (from === null) throw new Error("No branch is checked out. Set head to the branch with the changes.");
      const into =
        base ?? (await github.get(z.object({ default_branch: z.string() }), { path: root, signal })).default_branch;
      if (from === into) throw new Error(`${from} cannot be merged into itself. Push the changes to another branch.`);
      const body = { ...rest, head: from, base: into };
      const { number, html_url } = await github.get(pullShape, { method: "POST", path: `${root}/pulls`, body, signal });
      return `Created #${number} (${from} → ${into}): ${html_url}`;
    },
  }),
};

function formatPull({ number, title, state, draft, merged_at, user, head, base, updated_at }: Pull): string {
  const fork = head.repo && base.repo && head.repo.full_name !== base.repo.full_name ? `${head.repo.full_name}:` : "";
  const facts = joinParts([
    merged_at ? "merged" : joinParts([draft && "draft", state], " "),
    `by ${user}`,
    `${fork}${head.ref} → ${base.ref}`,
    `updated ${formatDay(updated_at)}`,
  ]);
  return `#${number} ${toOneLine(title)} (${facts})`;
}

const readSection: Record<Part, (root: string, pull: Pull, signal: AbortSignal) => Promise<string>> = {
  async files(root, { number }, signal) {
    const { items, more } = await fetchAll(fileShape, { path: `${root}/pulls/${number}/files`, signal }, 3);
    return formatSection("Files", items.map(formatHeading), more);
  },
  async reviews(root, { number }, signal) {
    const { items, more } = await fetchAll(reviewShape, { path: `${root}/pulls/${number}/reviews`, signal }, 3);
    const lines = items.map(({ user, state, submitted_at, body }) =>
      joinParts([
        `${user}: ${state.toLowerCase().replace("_", " ")}`,
        submitted_at && formatDay(submitted_at),
        toOneLine(body, 2_000),
      ]),
    );
    return formatSection("Reviews", lines, more);
  },
  async comments(root, { number }, signal) {
    const { items, more } = await fetchAll(lineCommentShape, { path: `${root}/pulls/${number}/comments`, signal }, 3);
    const lines = items.map(({ user, path, line, original_line, side, body }) => {
      const position = line ? `${path}:${line}` : `${path}:${original_line ?? "?"} (outdated)`;
      return `${position}${side === "LEFT" ? " (LEFT)" : ""} ${user}: ${toOneLine(body, 2_000)}`;
    });
    return formatSection("Line comments", lines, more);
  },
  async checks(root, { head: { sha } }, signal) {
    const [{ statuses }, { check_runs, total_count }] = await Promise.all([
      github.get(statusShape, { path: `${root}/commits/${sha}/status`, query: { per_page: 100 }, signal }),
      github.get(checksShape, { path: `${root}/commits/${sha}/check-runs`, query: { per_page: 100 }, signal }),
    ]);
    const lines = [
      ...check_runs.map(({ name, status, conclusion, output, html_url }) =>
        joinParts([`${conclusion ?? status}: ${name}`, output?.title, conclusion !== "success" && html_url]),
      ),
      ...statuses.map(({ state, context, description }) => joinParts([`${state}: ${context}`, description])),
    ];
    return formatSection(`Checks of ${sha.slice(0, 7)}`, lines, total_count > check_runs.length);
  },
};

const formatSection = (title: string, lines: string[], more: boolean): string =>
  [
    `## ${title}`,
    ...(lines.length > 0 ? lines.map((line) => `- ${line}`) : ["none"]),
    ...(more ? ["… and more"] : []),
  ].join("\n");
