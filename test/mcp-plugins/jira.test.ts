/** The included Jira plugin, against a fake Jira server. */
import assert from "node:assert/strict";
import { build } from "../help/build.ts";
import { checkDocument } from "./adf-rules.ts";
import { includedPlugin, type StartedPlugin, start } from "./connect.ts";
import type { VendorServer } from "./fake-vendor.ts";
import { EMAIL, jiraServer, TOKEN } from "./jira-server.ts";

const API = "/rest/api/3";

const markdown = `# Heading

It **is _very_** \`code\`, see [this](https://example.com/a) & ~~that~~.
Next line.

- one
  1. deep
  2. deeper

     # a heading below
- [x] checked
- > quoted

\`\`\`ts
const a = "\`";
\`\`\`

> Said **once**.
> - in a list

| k | v |
| --- | --- |
| a | **1** |

---

[broken](not an address) <b>raw</b> ![shot](https://example.com/s.png)`;

describe("the jira plugin", () => {
  let vendor: VendorServer;
  let plugin: StartedPlugin;
  const open = (env: Record<string, string> = {}): Promise<StartedPlugin> =>
    start(includedPlugin("jira"), {
      env: { JIRA_URL: `${vendor.url}/`, JIRA_EMAIL: EMAIL, JIRA_TOKEN: TOKEN, ...env },
    });
  const sent = (): unknown => vendor.received.at(-1)?.body;
  before(async () => {
    build();
    vendor = await jiraServer();
    plugin = await open();
  });
  after(async () => {
    await plugin.close();
    await vendor.close();
  });

  it("annotates its tools correctly", async () => {
    const { tools } = await plugin.client.listTools();
    const hints = tools.map(
      ({ name, annotations }) => `${name} ${annotations?.readOnlyHint} ${annotations?.destructiveHint}`,
    );
    assert.deepEqual(hints, [
      "search_issues true undefined",
      "read_issue true undefined",
      "create_issue false false",
      "comment_issue false false",
      "list_transitions true undefined",
      "transition_issue false true",
      "assign_issue false true",
    ]);
    for (const { inputSchema, name } of tools) assert.equal(inputSchema.additionalProperties, false, name);
  });

  it("searches with JQL in pages", async () => {
    const jql = "project = PROJ ORDER BY updated DESC";
    const first = await plugin.call("search_issues", { jql });
    assert.equal(
      first.text,
      `PROJ-1 Summary 1 (Bug, To Do, assigned to Ada Lovelace, High, labels: ui, updated 2026-01-02)
PROJ-2 Summary 2 (Bug, To Do, unassigned, High, labels: ui, updated 2026-01-02)
There is more: after "token-2".`,
    );
    assert.deepEqual(sent(), {
      jql,
      maxResults: 30,
      fields: ["summary", "status", "issuetype", "priority", "assignee", "labels", "updated"],
    });
    const second = await plugin.call("search_issues", { jql, after: "token-2" });
    assert.match(second.text, /^PROJ-3 [^\n]*$/);
    assert.equal((await plugin.call("search_issues", { jql: "text ~ nothing" })).text, "No matching issues.");
    const unbounded = await plugin.call("search_issues", { jql: "order by key" });
    assert.equal(unbounded.failed, true);
    assert.match(unbounded.text, /^Jira rejected the request: Unbounded JQL/);
  });

  it("reads an issue as Markdown, and its comments in pages and parts", async () => {
    const { text } = await plugin.call("read_issue", { key: "PROJ-1" });
    const head = `# PROJ-1 Summary 1 (Bug, To Do, assigned to Ada Lovelace, High, labels: ui, updated 2026-01-02)
${vendor.url}/browse/PROJ-1
created 2026-01-01 by Bob, due 2026-04-01, components: core

## Steps

It is **bold** and \`code\`
@Bob

1. one
   - deep
2. two

\`\`\`js
a = 1;
\`\`\`

> Careful

- [x] done

[attachment shot.png]

| k | v |
| --- | --- |
| a | 1 |

inside

## Related
- part of PROJ-9 Epic (Open)
- blocks PROJ-8 Other (Done)

## Bob, 2026-01-03 11:12 UTC
Comment 0 `;
    assert.equal(text.slice(0, head.length), head);
    assert.ok(text.length < 41_000);
    const offset = Number(/continue with offset (\d+)\./.exec(text)?.[1]);
    const rest = await plugin.call("read_issue", { key: "PROJ-1", offset });
    assert.match(rest.text, /continue with offset|first_comment 50/);
    const last = await plugin.call("read_issue", { key: "PROJ-1", first_comment: 50 });
    assert.match(last.text, /^## Bob, .*\nComment 50 /);
    assert.doesNotMatch(last.text, /There are more/);
  });

  it("creates an issue with its description in the Atlassian Document Format", async () => {
    const { text, failed } = await plugin.call("create_issue", {
      project: "PROJ",
      type: "Bug",
      summary: "It breaks",
      description: markdown,
      labels: ["ui"],
      priority: "High",
      parent: "PROJ-9",
      assignee: "ada",
      fields: { customfield_10010: 3 },
    });
    assert.equal(failed, false, text);
    assert.equal(text, `Created PROJ-10: ${vendor.url}/browse/PROJ-10`);
    const { description, ...fields } = (sent() as { fields: Record<string, unknown> }).fields;
    assert.deepEqual(fields, {
      customfield_10010: 3,
      project: { key: "PROJ" },
      issuetype: { name: "Bug" },
      summary: "It breaks",
      labels: ["ui"],
      priority: { name: "High" },
      parent: { key: "PROJ-9" },
      assignee: { accountId: "5b10a2844c20165700ede21g" },
    });
    assert.equal(checkDocument(description), null);
    const { content } = description as { content: { type: string; content: unknown[] }[] };
    assert.deepEqual(
      content.map(({ type }) => type),
      ["heading", "paragraph", "bulletList", "codeBlock", "blockquote", "table", "rule", "paragraph"],
    );
    assert.deepEqual(content[1]?.content.slice(1, 6), [
      { type: "text", text: "is ", marks: [{ type: "strong" }] },
      { type: "text", text: "very", marks: [{ type: "strong" }, { type: "em" }] },
      { type: "text", text: " " },
      { type: "text", text: "code", marks: [{ type: "code" }] },
      { type: "text", text: ", see " },
    ]);
  });

  it("comments with plain text, line by line", async () => {
    const { text } = await plugin.call("comment_issue", { key: "PROJ-1", body: "One & two\nthree\n\nfour" });
    assert.equal(text, `Commented: ${vendor.url}/browse/PROJ-1?focusedCommentId=700`);
    assert.deepEqual(sent(), {
      body: {
        version: 1,
        type: "doc",
        content: [
          {
            type: "paragraph",
            content: [{ type: "text", text: "One & two" }, { type: "hardBreak" }, { type: "text", text: "three" }],
          },
          { type: "paragraph", content: [{ type: "text", text: "four" }] },
        ],
      },
    });
  });

  it("moves an issue by the name of a status or transition", async () => {
    assert.equal((await plugin.call("list_transitions", { key: "PROJ-1" })).text, "Start (to In Progress)\nDone");
    assert.equal(
      (await plugin.call("transition_issue", { key: "PROJ-1", to: "in progress" })).text,
      "PROJ-1 is now In Progress.",
    );
    assert.deepEqual(sent(), { transition: { id: "11" } });
    const stuck = await plugin.call("transition_issue", { key: "PROJ-1", to: "Closed" });
    assert.equal(stuck.failed, true);
    assert.match(stuck.text, /cannot move to Closed\. Available transitions: Start \(to In Progress\), Done\./);
  });

  it("assigns to me, to a name, and to no one", async () => {
    const assign = async (assignee: string | null): Promise<string> =>
      (await plugin.call("assign_issue", { key: "PROJ-1", assignee })).text;
    assert.equal(await assign("me"), "PROJ-1 is assigned to Ada Lovelace.");
    assert.equal(await assign("bob"), "PROJ-1 is assigned to Bob.");
    assert.equal(vendor.last("PUT", `${API}/issue/PROJ-1/assignee`)?.headers["content-type"], "application/json");
    assert.equal(await assign(null), "PROJ-1 is unassigned.");
    assert.deepEqual(sent(), { accountId: null });
    assert.match(await assign("eve"), /No assignable user is named eve/);
    assert.match(await assign("b"), /b is ambiguous: Ada Lovelace or Bob/);
  });

  it("explains errors and what to do, without the token", async () => {
    const wrongProject = await plugin.call("create_issue", { project: "NOPE", summary: "S" });
    assert.match(wrongProject.text, /^Jira rejected the request: project: valid project is required$/);
    const missing = await plugin.call("read_issue", { key: "PROJ-404" });
    assert.match(
      missing.text,
      /^Jira found nothing at GET .*Issue does not exist.*the key is wrong, or the account has no access/,
    );
    const path = await plugin.call("read_issue", { key: "../myself" });
    assert.match(path.text, /must be a key such as PROJ-12/);

    const stranger = await open({ JIRA_TOKEN: "ATATT-wrongwrong" });
    const refused = await stranger.call("search_issues", { jql: "a = b" });
    await stranger.close();
    assert.equal(refused.failed, true);
    assert.match(
      refused.text,
      /^Jira rejected JIRA_EMAIL with JIRA_TOKEN \(Client must be authenticated, not with Basic \[secret\]\)/,
    );
    for (const [name, expected] of Object.entries({
      JIRA_URL: /URL of your site/,
      JIRA_EMAIL: /e-mail/,
      JIRA_TOKEN: /create an API token/,
    })) {
      const bare = await open({ [name]: "" });
      const { text } = await bare.call("list_transitions", { key: "PROJ-1" });
      await bare.close();
      assert.match(text, new RegExp(`^${name} is not set; `));
      assert.match(text, expected);
    }
    vendor.next.push(
      { status: 429, headers: { "retry-after": "12" }, body: "" },
      { status: 403, body: { errorMessages: ["No."] } },
    );
    assert.match((await plugin.call("list_transitions", { key: "PROJ-1" })).text, /rate limit\. Try again in 12 s/);
    assert.match((await plugin.call("list_transitions", { key: "PROJ-1" })).text, /denied the request: No\./);
  });

  it("aborts a cancelled request", async () => {
    vendor.next.push("silent");
    const stop = new AbortController();
    const call = plugin.client.callTool({ name: "search_issues", arguments: { jql: "a = b" } }, undefined, {
      signal: stop.signal,
    });
    const { gone } = await vendor.waiting();
    stop.abort();
    await assert.rejects(call);
    await gone;
  });
});
