/** A fake GitHub with one repository, two issues and one pull request, and the rules of its REST API. */
import { type Received, type Reply, type Route, unknownKeys, type VendorServer, vendorServer } from "./fake-vendor.ts";

export const TOKEN = "ghp_verysecrettoken";
export const SHA = "6dcb09b5b57875f334f61aebed695e2e4193db5e";

const validationError = (message: string, errors?: unknown[]): Reply => ({
  status: 422,
  body: { message, ...(errors && { errors }), documentation_url: "https://docs.github.com/rest" },
});
const missing: Reply = { status: 404, body: { message: "Not Found", status: "404" } };
const createUser = (login: string) => ({ login, id: 1 });

const createIssue = (number: number, more: Record<string, unknown> = {}) => ({
  number,
  title: `Issue ${number}`,
  state: "open",
  user: createUser("ada"),
  body: `Body of ${number}`,
  labels: [{ name: "bug" }],
  assignees: [],
  comments: 0,
  created_at: "2026-01-01T10:00:00Z",
  updated_at: "2026-01-02T10:00:00Z",
  html_url: `https://github.com/octo/app/issues/${number}`,
  ...more,
});

const pull = {
  number: 7,
  title: "Add a cache",
  state: "open",
  draft: true,
  merged_at: null,
  user: createUser("bob"),
  body: "It is faster.",
  head: { ref: "cache", sha: SHA, repo: { full_name: "bob/app" } },
  base: { ref: "main", sha: "0".repeat(40), repo: { full_name: "octo/app" } },
  updated_at: "2026-02-01T10:00:00Z",
  html_url: "https://github.com/octo/app/pull/7",
};

const patch = [
  "@@ -10,4 +10,5 @@ function get() {",
  " const a = 1;",
  "-const b = 2;",
  "+const b = 3;",
  "+const c = 4;",
  " return a;",
  " }",
].join("\n");
const files = [
  { filename: "src/cache.ts", status: "modified", additions: 2, deletions: 1, patch },
  { filename: "logo.png", status: "added", additions: 0, deletions: 0 },
];
/** The lines where GitHub accepts a review comment. */
const inDiff: Record<string, number[]> = {
  "src/cache.ts RIGHT": [10, 11, 12, 13, 14],
  "src/cache.ts LEFT": [10, 11, 12, 13],
};

/** Serves a list in pages, with GitHub's Link header. */
function createPage(all: unknown[], { path, query }: Received): Reply {
  const size = Number(query.per_page ?? 30);
  const page = Number(query.page ?? 1);
  if (size > 100) return validationError("per_page is too large");
  const link =
    page * size < all.length
      ? `<http://api/${path}?per_page=${size}&page=${page + 1}>; rel="next", <http://api/${path}?page=9>; rel="last"`
      : "";
  return { headers: link === "" ? {} : { link }, body: all.slice((page - 1) * size, page * size) };
}

const queryOf =
  (known: string[], route: Route): Route =>
  (received) => {
    const unknown = unknownKeys(received.query, [...known, "per_page", "page"]);
    return unknown.length > 0 ? validationError(`unknown query ${unknown.join()}`) : route(received);
  };

const bodyOf =
  (known: string[], required: string[], route: Route): Route =>
  (received) => {
    const body = received.body as Record<string, unknown> | undefined;
    const unknown = unknownKeys(body, known);
    if (unknown.length > 0)
      return validationError(
        "Invalid request.",
        unknown.map((name) => `"${name}" is not a permitted key.`),
      );
    const absent = required.filter((name) => typeof body?.[name] !== "string");
    if (absent.length > 0)
      return validationError(
        "Validation Failed",
        absent.map((field) => ({ resource: "Issue", code: "missing_field", field })),
      );
    return route(received);
  };

function postReview({ body, params }: Received): Reply {
  const {
    event,
    body: summary,
    commit_id,
    comments = [],
  } = body as {
    event: string;
    body?: string;
    commit_id?: string;
    comments?: Record<string, unknown>[];
  };
  if (params.number !== "7") return missing;
  if (!["COMMENT", "APPROVE", "REQUEST_CHANGES"].includes(event))
    return validationError("Variable $event was provided invalid value");
  if (event !== "APPROVE" && !summary) return validationError("Unprocessable Entity", ["Body can't be blank"]);
  if (commit_id !== undefined && commit_id !== SHA)
    return validationError("Unprocessable Entity", ["commit_id is not part of the pull request"]);
  for (const comment of comments) {
    if (unknownKeys(comment, ["path", "line", "side", "start_line", "start_side", "body"]).length > 0)
      return validationError("Invalid request.");
    for (const line of [comment.line, comment.start_line ?? comment.line])
      if (!inDiff[`${comment.path} ${comment.side}`]?.includes(line as number))
        return validationError("Unprocessable Entity", ["Pull request review thread line must be part of the diff"]);
  }
  const state = { COMMENT: "COMMENTED", APPROVE: "APPROVED", REQUEST_CHANGES: "CHANGES_REQUESTED" }[event];
  return { body: { id: 80, state, html_url: "https://github.com/octo/app/pull/7#pullrequestreview-80" } };
}

const issues = Array.from({ length: 35 }, (_, index) =>
  createIssue(index + 1, index === 3 ? { pull_request: {} } : {}),
);
const comments = [
  { user: null, body: "Same here.", created_at: "2026-01-03T11:12:13Z", html_url: "https://github.com/c/1" },
  {
    user: createUser("eve"),
    body: "x".repeat(60_000),
    created_at: "2026-01-04T11:12:13Z",
    html_url: "https://github.com/c/2",
  },
];
const R = "/repos/octo/app";
const issueKeys = ["title", "body", "labels", "assignees", "milestone", "type"];

const routes: Record<string, Route> = {
  [`GET ${R}`]: () => ({ body: { full_name: "octo/app", default_branch: "main" } }),
  // As repositories that were renamed answer.
  "GET /repos/octo/old/issues": () => ({
    status: 301,
    headers: { location: "/repos/octo/app/issues?state=closed" },
    body: { message: "Moved Permanently" },
  }),
  "POST /repos/octo/old/issues": () => ({
    status: 301,
    headers: { location: "/repos/octo/app/issues" },
    body: { message: "Moved Permanently" },
  }),
  [`GET ${R}/issues`]: queryOf(["state", "labels", "assignee", "sort", "direction"], (received) =>
    createPage(
      received.query.state === "closed" ? [createIssue(99, { state: "closed", state_reason: "not_planned" })] : issues,
      received,
    ),
  ),
  "GET /search/issues": queryOf(["q", "sort", "order"], ({ query }) =>
    /\bis:(issue|pr|pull-request)\b/.test(query.q ?? "")
      ? { body: { total_count: 1, incomplete_results: false, items: [createIssue(5)] } }
      : validationError("Query must include 'is:issue' or 'is:pull-request'"),
  ),
  [`GET ${R}/issues/:number`]: ({ params }) =>
    params.number === "5" ? { body: createIssue(5, { comments: 2 }) } : missing,
  [`GET ${R}/issues/:number/comments`]: queryOf([], (received) => createPage(comments, received)),
  [`POST ${R}/issues`]: bodyOf(issueKeys, ["title"], ({ body }) => ({
    status: 201,
    body: createIssue(36, body as object as Record<string, unknown>),
  })),
  [`POST ${R}/issues/:number/comments`]: bodyOf(["body"], ["body"], () => ({ status: 201, body: comments[0] })),
  [`GET ${R}/pulls`]: queryOf(["state", "base", "head", "sort", "direction"], (received) =>
    createPage([pull], received),
  ),
  [`POST ${R}/pulls`]: bodyOf(["title", "body", "head", "base", "draft"], ["head", "base"], ({ body }) =>
    (body as { head: string }).head === "cache"
      ? { status: 201, body: { ...pull, number: 8, html_url: "https://github.com/octo/app/pull/8" } }
      : validationError("Validation Failed", [{ resource: "PullRequest", field: "head", code: "invalid" }]),
  ),
  [`GET ${R}/pulls/:number`]: ({ params }) =>
    params.number === "7"
      ? { body: { ...pull, additions: 2, deletions: 1, changed_files: 2, commits: 1, mergeable_state: "clean" } }
      : missing,
  [`GET ${R}/pulls/:number/files`]: queryOf([], (received) =>
    received.params.number === "7"
      ? createPage(files, received)
      : createPage(
          Array.from({ length: 130 }, (_, index) => ({ ...files[0], filename: `f${index}.ts` })),
          received,
        ),
  ),
  [`GET ${R}/pulls/:number/reviews`]: queryOf([], (received) =>
    createPage(
      [{ user: createUser("eve"), body: "Hm.", state: "CHANGES_REQUESTED", submitted_at: "2026-02-02T10:00:00Z" }],
      received,
    ),
  ),
  [`GET ${R}/pulls/:number/comments`]: queryOf([], (received) =>
    createPage(
      [{ user: createUser("eve"), body: "Why 3?", path: "src/cache.ts", line: 11, original_line: 11, side: "RIGHT" }],
      received,
    ),
  ),
  [`POST ${R}/pulls/:number/reviews`]: bodyOf(["commit_id", "body", "event", "comments"], [], postReview),
  [`GET ${R}/commits/${SHA}/status`]: () => ({
    body: {
      state: "failure",
      total_count: 1,
      statuses: [{ context: "ci/old", state: "failure", description: "3 failed" }],
    },
  }),
  [`GET ${R}/commits/${SHA}/check-runs`]: () => ({
    body: {
      total_count: 1,
      check_runs: [
        {
          name: "build",
          status: "completed",
          conclusion: "success",
          output: { title: "12 passed" },
          html_url: "https://github.com/run/1",
        },
      ],
    },
  }),
};

export const githubServer = (): Promise<VendorServer> =>
  vendorServer({
    routes,
    missing,
    door({ headers }) {
      if (headers.authorization !== `Bearer ${TOKEN}`)
        return { status: 401, body: { message: `Bad credentials: ${headers.authorization}`, status: "401" } };
      if (!headers["user-agent"]) return { status: 403, body: "Request forbidden by administrative rules." };
      if (headers["x-github-api-version"] !== "2022-11-28")
        return { status: 400, body: { message: "Unknown version" } };
      if (headers.accept !== "application/vnd.github+json")
        return { status: 415, body: { message: "Unsupported 'Accept' header" } };
      return null;
    },
  });
