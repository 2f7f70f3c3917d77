/** GitHub's REST API, version 3: requests, pagination, errors and the shapes of responses. */
import { z } from "zod";
import { type ApiRequest, type ApiResponse, describeRateLimit, openClient, shortenMessage } from "../http/client.ts";
import { requireSetting, setting, urlSetting } from "../http/settings.ts";
import { joinParts } from "../http/text.ts";
import { describeWait } from "../http/wait.ts";

export const API_URL = urlSetting("GITHUB_API_URL", "https://api.github.com");
const TOKEN_HELP =
  "create one at https://github.com/settings/tokens with read access to the repository and write access to its issues and pull requests, and pass it to this plugin.";

export const github = openClient({
  name: "GitHub",
  base: API_URL,
  secrets: [setting("GITHUB_TOKEN")],
  headers: () => ({
    accept: "application/vnd.github+json",
    authorization: `Bearer ${requireSetting("GITHUB_TOKEN", TOKEN_HELP)}`,
    "x-github-api-version": "2022-11-28",
  }),
  explain,
});

const errorShape = z.object({
  message: z.string(),
  errors: z
    .array(z.union([z.string(), z.object({ field: z.string(), code: z.string(), message: z.string() }).partial()]))
    .optional(),
});

function explain(response: ApiResponse, { method = "GET", path }: ApiRequest): string | null {
  const { status, headers } = response;
  if (status < 400) return null;
  const { data } = errorShape.safeParse(response.json);
  const message = shortenMessage(data?.message ?? response.text);
  const isLimit =
    headers.get("x-ratelimit-remaining") === "0" || headers.has("retry-after") || /rate limit/i.test(message);
  if (status === 403 && isLimit) return describeRateLimit("GitHub", describeWait(headers));
  switch (status) {
    case 401:
      return `GitHub rejected GITHUB_TOKEN (${message}): it is invalid, revoked or expired. ${TOKEN_HELP.replace(/^c/, "C")}`;
    case 403: {
      const permissions = headers.get("x-accepted-github-permissions") ?? headers.get("x-accepted-oauth-scopes");
      const needs = permissions ? ` It needs: ${permissions}.` : "";
      return `GitHub denied the request: ${message}.${needs} Give the token that permission, or let the organization approve it.`;
    }
    case 404:
      return `GitHub found nothing at ${method} ${path}: the repository, number or branch is wrong, or the token has no access.`;
    case 410:
      return `GitHub: ${message}. The repository has this feature turned off, or it was deleted.`;
    case 422:
      return `GitHub rejected the request: ${joinParts([message, ...formatDetails(data)], "; ")}. Change it and try again.`;
    default:
      return status >= 500
        ? `GitHub failed (status ${status}). Try again later.`
        : `GitHub responded with status ${status}: ${message}`;
  }
}

const formatDetails = (data: z.output<typeof errorShape> | undefined): string[] =>
  (data?.errors ?? []).map((one) =>
    shortenMessage(typeof one === "string" ? one : (one.message ?? joinParts([one.field, one.code], " "))),
  );

export interface Page<T> {
  items: T[];
  /** The next page, or null. */
  next: number | null;
}

/** Fetches one page of a list, counted from 1. */
export async function fetchPage<S extends z.ZodType>(
  item: S,
  request: Omit<ApiRequest, "method" | "body">,
  page = 1,
  size = 30,
): Promise<Page<z.output<S>>> {
  const response = await github.send({ ...request, query: { ...request.query, per_page: size, page } });
  return { items: github.read(z.array(item), response), next: parseNextPage(response.headers.get("link")) };
}

/** Fetches all pages of a list, up to `maxPages`; `more` is true if there are others. */
export async function fetchAll<S extends z.ZodType>(
  item: S,
  ask: Omit<ApiRequest, "method" | "body">,
  maxPages = 10,
): Promise<{ items: z.output<S>[]; more: boolean }> {
  const items: z.output<S>[] = [];
  let next: number | null = 1;
  for (let pages = 0; next !== null && pages < maxPages; pages += 1) {
    const page: Page<z.output<S>> = await fetchPage(item, ask, next, 100);
    items.push(...page.items);
    next = page.next;
  }
  return { items, more: next !== null };
}

/** The number of the next page in a Link header. */
export function parseNextPage(link: string | null): number | null {
  const next = /<([^>]+)>;\s*rel="next"/.exec(link ?? "")?.[1];
  const page = next === undefined ? null : URL.parse(next)?.searchParams.get("page");
  return page ? Number(page) : null;
}

export const formatMore = (next: number | null): string => (next === null ? "" : `\nThere is more: page ${next}.`);

// ── response shapes ──────────────────────────────────────────────────────────────────────────────────────────────────

const user = z
  .object({ login: z.string() })
  .nullish()
  .transform((found) => found?.login ?? "ghost");
const text = z
  .string()
  .nullish()
  .transform((found) => found ?? "");

export const issueShape = z.object({
  number: z.number(),
  title: z.string(),
  state: z.string(),
  state_reason: z.string().nullish(),
  user,
  body: text,
  labels: z.array(z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)])),
  assignees: z.array(user).nullish(),
  comments: z.number(),
  created_at: z.string(),
  updated_at: z.string(),
  html_url: z.string(),
  pull_request: z.object({}).nullish(),
});
export type Issue = z.output<typeof issueShape>;

export const commentShape = z.object({ user, body: text, created_at: z.string(), html_url: z.string() });

const branch = z.object({
  ref: z.string(),
  sha: z.string(),
  repo: z.object({ full_name: z.string() }).nullish(),
});

export const pullShape = z.object({
  number: z.number(),
  title: z.string(),
  state: z.string(),
  draft: z.boolean().nullish(),
  merged_at: z.string().nullish(),
  user,
  body: text,
  head: branch,
  base: branch,
  updated_at: z.string(),
  html_url: z.string(),
  // Only in single pull requests, not in lists.
  additions: z.number().optional(),
  deletions: z.number().optional(),
  changed_files: z.number().optional(),
  commits: z.number().optional(),
  mergeable_state: z.string().optional(),
});
export type Pull = z.output<typeof pullShape>;

export const fileShape = z.object({
  filename: z.string(),
  previous_filename: z.string().optional(),
  status: z.string(),
  additions: z.number(),
  deletions: z.number(),
  /** Absent if the file is binary or its diff is too long. */
  patch: z.string().optional(),
});
export type ChangedFile = z.output<typeof fileShape>;

export const reviewShape = z.object({ user, body: text, state: z.string(), submitted_at: z.string().nullish() });

export const lineCommentShape = z.object({
  user,
  body: text,
  path: z.string(),
  line: z.number().nullish(),
  original_line: z.number().nullish(),
  side: z.string().nullish(),
});

export const statusShape = z.object({
  statuses: z.array(z.object({ context: z.string(), state: z.string(), description: z.string().nullish() })),
});

export const checksShape = z.object({
  total_count: z.number(),
  check_runs: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      conclusion: z.string().nullish(),
      output: z.object({ title: z.string().nullish() }).nullish(),
      html_url: z.string().nullish(),
    }),
  ),
});
