/** The included GitHub plugin, against a fake GitHub server. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "../help/build.ts";
import { includedPlugin, type StartedPlugin, start } from "./connect.ts";
import type { VendorServer } from "./fake-vendor.ts";
import { githubServer, SHA, TOKEN } from "./github-server.ts";

const repo = "octo/app";

describe("the github plugin", () => {
  let vendor: VendorServer;
  let plugin: StartedPlugin;
  let folder: string;
  const open = (env: Record<string, string> = {}): Promise<StartedPlugin> =>
    start(includedPlugin("github"), { cwd: folder, env: { GITHUB_API_URL: vendor.url, GITHUB_TOKEN: TOKEN, ...env } });
  before(async () => {
    build();
    vendor = await githubServer();
    folder = mkdtempSync(join(tmpdir(), "tutti-github-"));
    const git = (...argv: string[]) => execFileSync("git", argv, { cwd: folder, stdio: "ignore" });
    git("init", "-b", "cache");
    git("remote", "add", "other", "git@example.com:who/what.git");
    git("remote", "add", "fork", "https://127.0.0.1/bob/app.git");
    git("remote", "add", "origin", "ssh://git@127.0.0.1:22/octo/app.git");
    plugin = await open();
  });
  after(async () => {
    await plugin.close();
    await vendor.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("annotates its tools correctly, and has a slash command", async () => {
    const { tools } = await plugin.client.listTools();
    const reads = tools.filter(({ annotations }) => annotations?.readOnlyHint).map(({ name }) => name);
    assert.deepEqual(reads, [
      "list_issues",
      "search_issues",
      "read_issue",
      "list_pull_requests",
      "read_pull_request",
      "read_pull_request_diff",
    ]);
    const writes = tools.filter(({ annotations }) => annotations?.readOnlyHint === false).map(({ name }) => name);
    assert.deepEqual(writes, ["create_issue", "comment_issue", "create_pull_request", "review_pull_request"]);
    for (const { inputSchema, name } of tools) assert.equal(inputSchema.additionalProperties, false, name);
    const { prompts } = await plugin.client.listPrompts();
    assert.deepEqual(
      prompts.map(({ name }) => name),
      ["review"],
    );
  });

  it("lists issues in pages, without pull requests", async () => {
    const first = await plugin.call("list_issues", { repo, labels: ["bug", "ui"] });
    assert.equal(first.failed, false, first.text);
    assert.match(first.text, /^#1 Issue 1 \(open, by ada, labels: bug, updated 2026-01-02\)$/m);
    assert.doesNotMatch(first.text, /#4 /);
    assert.match(first.text, /There is more: page 2\.$/);
    assert.deepEqual(vendor.last("GET", "/repos/octo/app/issues")?.query, {
      state: "open",
      labels: "bug,ui",
      sort: "updated",
      direction: "desc",
      per_page: "30",
      page: "1",
    });
    const second = await plugin.call("list_issues", { repo, page: 2 });
    assert.match(second.text, /^#31 /);
    assert.doesNotMatch(second.text, /more/);
    const closed = await plugin.call("list_issues", { repo, state: "closed" });
    assert.match(closed.text, /^#99 Issue 99 \(closed as not planned/);
  });

  it("uses the repository of the git remote", async () => {
    await plugin.call("list_issues");
    assert.equal(vendor.received.at(-1)?.path, "/repos/octo/app/issues");
    const elsewhere = await start(includedPlugin("github"), { cwd: tmpdir(), env: { GITHUB_TOKEN: TOKEN } });
    const { text, failed } = await elsewhere.call("list_issues");
    await elsewhere.close();
    assert.equal(failed, true);
    assert.match(text, /no git remote on github\.com.*Set repo to the repository, as owner\/name/);
  });

  it("searches this repository, or those in the query", async () => {
    const { text } = await plugin.call("search_issues", { query: "white screen" });
    assert.equal(
      text,
      "1 found for: white screen is:issue repo:octo/app\n#5 Issue 5 (open, by ada, labels: bug, updated 2026-01-02)",
    );
    const wide = await plugin.call("search_issues", { query: "org:octo crash", kind: "pr" });
    assert.equal(vendor.last("GET", "/search/issues")?.query.q, "org:octo crash is:pr");
    assert.match(wide.text, /\nocto\/app #5 /);
  });

  it("reads an issue with its comments, in parts", async () => {
    const first = await plugin.call("read_issue", { number: 5 });
    assert.match(
      first.text,
      /^# #5 Issue 5 .*\nhttps:.*, created 2026-01-01\n\nBody of 5\n\n## ghost, 2026-01-03 11:12 UTC\nSame here\./,
    );
    assert.ok(first.text.length < 41_000);
    const offset = Number(/continue with offset (\d+)\.$/.exec(first.text)?.[1]);
    const rest = await plugin.call("read_issue", { number: 5, offset });
    assert.match(rest.text, /^x+$/);
    assert.equal(offset + rest.text.length > 60_000, true);
  });

  it("creates an issue and comments on it", async () => {
    const created = await plugin.call("create_issue", { title: "It breaks", body: "Often.", labels: ["bug"] });
    assert.equal(created.text, "Created #36: https://github.com/octo/app/issues/36");
    assert.deepEqual(vendor.last("POST", "/repos/octo/app/issues")?.body, {
      title: "It breaks",
      body: "Often.",
      labels: ["bug"],
    });
    const getPrompt = await plugin.call("comment_issue", { number: 5, body: "Fixed." });
    assert.equal(getPrompt.text, "Commented: https://github.com/c/1");
    assert.deepEqual(vendor.last("POST", "/repos/octo/app/issues/5/comments")?.body, { body: "Fixed." });
  });

  it("lists and reads pull requests with files, reviews, comments and checks", async () => {
    const listed = await plugin.call("list_pull_requests", { base: "main" });
    assert.equal(listed.text, "#7 Add a cache (draft open, by bob, bob/app:cache → main, updated 2026-02-01)");
    const { text } = await plugin.call("read_pull_request", { number: 7 });
    assert.equal(
      text,
      `# #7 Add a cache (draft open, by bob, bob/app:cache → main, updated 2026-02-01)
https://github.com/octo/app/pull/7
+2 -1 in 2 files, 1 commit, merge state: clean, head ${SHA}

It is faster.

## Files
- src/cache.ts (modified, +2 -1)
- logo.png (added, +0 -0)

## Reviews
- eve: changes requested, 2026-02-02, Hm.

## Line comments
- src/cache.ts:11 eve: Why 3?

## Checks of 6dcb09b
- success: build, 12 passed
- failure: ci/old, 3 failed`,
    );
    const before = vendor.received.length;
    await plugin.call("read_pull_request", { number: 7, include: [] });
    assert.equal(vendor.received.length, before + 1);
  });

  it("numbers the lines of a diff, for all or some files, in parts", async () => {
    const { text } = await plugin.call("read_pull_request_diff", { number: 7 });
    assert.equal(
      text,
      `## src/cache.ts (modified, +2 -1)
@@ -10,4 +10,5 @@ function get() {
   10  const a = 1;
   11 -const b = 2;
   11 +const b = 3;
   12 +const c = 4;
   13  return a;
   14  }

## logo.png (added, +0 -0)
(no diff: the file is binary, only renamed, or its diff is too long for GitHub)`,
    );
    const some = await plugin.call("read_pull_request_diff", { number: 7, files: ["logo.png", "nowhere"] });
    assert.match(some.text, /^## logo\.png[\s\S]*Not changed in this pull request: nowhere\.$/);
    const before = vendor.received.length;
    const long = await plugin.call("read_pull_request_diff", { number: 70 });
    assert.equal(vendor.received.length, before + 2);
    assert.match(long.text, /## f129\.ts/);
  });

  it("creates a pull request from the current branch into the default branch", async () => {
    const { text } = await plugin.call("create_pull_request", { title: "Add a cache" });
    assert.equal(text, "Created #8 (cache → main): https://github.com/octo/app/pull/8");
    assert.deepEqual(vendor.last("POST", "/repos/octo/app/pulls")?.body, {
      title: "Add a cache",
      head: "cache",
      base: "main",
      draft: false,
    });
    const refused = await plugin.call("create_pull_request", { title: "T", head: "nowhere", base: "main" });
    assert.equal(refused.failed, true);
    assert.equal(
      refused.text,
      "GitHub rejected the request: Validation Failed; head invalid. Change it and try again.",
    );
    const same = await plugin.call("create_pull_request", { title: "T", head: "main" });
    assert.match(same.text, /main cannot be merged into itself/);
  });

  it("posts a review with line comments in one request", async () => {
    const before = vendor.received.filter(({ method }) => method === "POST").length;
    const { text, failed } = await plugin.call("review_pull_request", {
      number: 7,
      event: "REQUEST_CHANGES",
      body: "Two things.",
      commit: SHA,
      comments: [
        { path: "src/cache.ts", line: 12, body: "Unused." },
        { path: "src/cache.ts", line: 13, start_line: 11, side: "LEFT", body: "Keep." },
      ],
    });
    assert.equal(failed, false, text);
    assert.equal(
      text,
      "Posted the review (changes requested, 2 comments): https://github.com/octo/app/pull/7#pullrequestreview-80",
    );
    assert.equal(vendor.received.filter(({ method }) => method === "POST").length, before + 1);
    assert.deepEqual(vendor.last("POST", "/repos/octo/app/pulls/7/reviews")?.body, {
      event: "REQUEST_CHANGES",
      body: "Two things.",
      commit_id: SHA,
      comments: [
        { path: "src/cache.ts", line: 12, side: "RIGHT", body: "Unused." },
        { path: "src/cache.ts", line: 13, start_line: 11, side: "LEFT", start_side: "LEFT", body: "Keep." },
      ],
    });
    const approved = await plugin.call("review_pull_request", { number: 7, event: "APPROVE" });
    assert.match(approved.text, /^Posted the review \(approved, 0 comments\)/);
  });

  it("reports comments outside the diff, and posts nothing", async () => {
    const before = vendor.received.filter(({ method }) => method === "POST").length;
    const { text, failed } = await plugin.call("review_pull_request", {
      number: 7,
      body: "B",
      comments: [
        { path: "src/cache.ts", line: 12, body: "right" },
        { path: "src/cache.ts", line: 40, body: "wrong" },
        { path: "src/cache.ts", line: 14, side: "LEFT", body: "wrong" },
        { path: "other.ts", line: 1, body: "wrong" },
      ],
    });
    assert.equal(failed, true);
    assert.match(
      text,
      /^Nothing was posted: src\/cache\.ts:40 \(RIGHT\) is not in the diff, which has 10-14 on that side; /,
    );
    assert.match(
      text,
      /src\/cache\.ts:14 \(LEFT\) is not in the diff, which has 10-13 on that side; other\.ts is not changed/,
    );
    assert.equal(vendor.received.filter(({ method }) => method === "POST").length, before);
    const unseen = await plugin.call("review_pull_request", {
      number: 7,
      body: "B",
      comments: [{ path: "logo.png", line: 1, body: "b" }],
    });
    assert.match(unseen.text, /rejected the request.*line must be part of the diff/);
    const empty = await plugin.call("review_pull_request", { number: 7 });
    assert.match(empty.text, /COMMENT needs a body/);
  });

  it("guides a review, for every form of a pull request reference", async () => {
    const textOf = async (pr: string): Promise<string> => {
      const { messages } = await plugin.client.getPrompt({ name: "review", arguments: { pr, focus: "races" } });
      return JSON.stringify(messages);
    };
    assert.match(await textOf("#7"), /Review pull request #7\. Focus on: races.*\(omit\), number: 7/);
    assert.match(await textOf("https://github.com/octo/app/pull/7/files"), /Review pull request octo\/app#7/);
    assert.match(await textOf("octo/app#7"), /repo: \\"octo\/app\\", number: 7/);
    await assert.rejects(textOf("the last one"), /is not a pull request/);
  });

  it("explains errors and what to do, without the token", async () => {
    const missing = await plugin.call("read_issue", { number: 404 });
    assert.equal(missing.failed, true);
    assert.match(
      missing.text,
      /^GitHub found nothing at GET \/repos\/octo\/app\/issues\/404: .* is wrong, or the token has no access\.$/,
    );
    const unknown = await plugin.call("read_issue", { number: 5, colour: "red" });
    assert.match(unknown.text, /Invalid input for read_issue:[\s\S]*colour/);
    const path = await plugin.call("list_issues", { repo: "octo/../app" });
    assert.match(path.text, /must be owner\/name/);

    const wrongToken = "ghp_wrongwrongwrong";
    const stranger = await open({ GITHUB_TOKEN: wrongToken });
    const refused = await stranger.call("list_issues");
    await stranger.close();
    assert.equal(refused.failed, true);
    assert.match(refused.text, /^GitHub rejected GITHUB_TOKEN \(Bad credentials: Bearer \[secret\]\).*Create one at/);
    assert.doesNotMatch(refused.text, /wrongwrong/);

    const none = await open({ GITHUB_TOKEN: "" });
    const before = vendor.received.length;
    const unset = await none.call("list_issues");
    await none.close();
    assert.match(unset.text, /^GITHUB_TOKEN is not set; create one at/);
    assert.equal(vendor.received.length, before);
  });

  it("reports when a rate limit ends, and which permission a token lacks", async () => {
    const reset = String(Math.ceil(Date.now() / 1000) + 1_800);
    vendor.next.push(
      {
        status: 403,
        headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset },
        body: { message: "API rate limit exceeded" },
      },
      { status: 429, headers: { "retry-after": "40" }, body: { message: "secondary" } },
      {
        status: 403,
        headers: { "x-accepted-github-permissions": "issues=write" },
        body: { message: "Resource not accessible" },
      },
      { status: 502, body: "<html>bad gateway</html>" },
      { status: 200, body: "<html>a proxy</html>" },
    );
    const call = async (): Promise<string> => (await plugin.call("list_issues")).text;
    assert.match(await call(), /^GitHub has reached its rate limit\. Try again in 30 min \(at \d\d:\d\d:\d\d UTC\)/);
    assert.match(await call(), /Try again in 40 s \(at/);
    assert.match(await call(), /denied the request: Resource not accessible\. It needs: issues=write\./);
    assert.match(await call(), /GitHub failed \(status 502\)/);
    assert.match(await call(), /sent an unexpected response.*Check the URL http:\/\/127/);
  });

  it("follows renamed repositories, but sends the token to no other host", async () => {
    const renamed = await plugin.call("list_issues", { repo: "octo/old" });
    assert.match(renamed.text, /^#99 /);
    const posted = await plugin.call("create_issue", { repo: "octo/old", title: "T" });
    assert.match(posted.text, /^GitHub redirects to .*\/repos\/octo\/app\/issues\. Check the URL http:\/\/127.*\.$/);
    const thief = await githubServer();
    vendor.next.push({ status: 302, headers: { location: `${thief.url}/repos/octo/app/issues` }, body: "" });
    const elsewhere = await plugin.call("list_issues");
    assert.match(elsewhere.text, /^GitHub redirects to http:\/\/127/);
    assert.deepEqual(thief.received, []);
    await thief.close();
    const clear = await open({ GITHUB_API_URL: "http://github.example.com/api/v3" });
    const { text } = await clear.call("list_issues", { repo });
    await clear.close();
    assert.match(text, /must use https: http:\/\/github\.example\.com\/api\/v3 would send the key unencrypted/);
  });

  it("aborts a cancelled request", async () => {
    vendor.next.push("silent");
    const stop = new AbortController();
    const call = plugin.client.callTool({ name: "list_issues", arguments: {} }, undefined, { signal: stop.signal });
    const { gone } = await vendor.waiting();
    stop.abort();
    await assert.rejects(call);
    await gone;
    assert.equal((await plugin.call("list_pull_requests")).failed, false);
  });

  it("reports a refused connection", async () => {
    const ended = await githubServer();
    await ended.close();
    const alone = await open({ GITHUB_API_URL: ended.url });
    const { text } = await alone.call("list_issues", { repo });
    await alone.close();
    assert.match(text, /^GitHub: 127\.0\.0\.1:\d+ refused the connection\.$/);
  });
});
