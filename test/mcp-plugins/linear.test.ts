/** The included Linear plugin, against a fake Linear server. */
import assert from "node:assert/strict";
import { build } from "../help/build.ts";
import { includedPlugin, type StartedPlugin, start } from "./connect.ts";
import type { VendorServer } from "./fake-vendor.ts";
import { createRateLimit, ISSUE, KEY, linearServer, TEAM } from "./linear-server.ts";

interface Sent {
  query: string;
  variables: unknown;
}

describe("the fake Linear server", () => {
  it("rejects documents and variables that do not match its schema", async () => {
    const vendor = await linearServer();
    const query = async (query: string, variables: Record<string, unknown>): Promise<string> => {
      const headers = { authorization: KEY, "content-type": "application/json" };
      const body = JSON.stringify({ query, variables });
      const answer = await fetch(`${vendor.url}/graphql`, { method: "POST", headers, body });
      return `${answer.status} ${await answer.text()}`;
    };
    const find = "query Find($id: String!) { issue(id: $id) { id } }";
    assert.match(await query(find, { id: "ENG-1" }), /^200 .*"id":"2222/);
    assert.match(await query(find, {}), /^400 .*not to be null/);
    assert.match(await query(find, { id: 1 }), /^400 .*String cannot represent/);
    assert.match(await query(find, { id: "ENG-1", more: 1 }), /^400 .*not declared/);
    assert.match(await query(find.replace("{ id }", "{ id secret }"), { id: "ENG-1" }), /^400 .*Cannot query field/);
    assert.match(await query(find.replace("String!", "ID!"), { id: "ENG-1" }), /^400 .*position expecting/);
    const create = "mutation Create($input: IssueCreateInput!) { issueCreate(input: $input) { success } }";
    assert.match(await query(create, { input: { title: "T" } }), /^400 .*teamId/);
    assert.match(await query(create, { input: { teamId: "t", colour: "red" } }), /^400 .*colour/);
    await vendor.close();
  });
});

describe("the linear plugin", () => {
  let vendor: VendorServer;
  let plugin: StartedPlugin;
  const open = (env: Record<string, string> = {}): Promise<StartedPlugin> =>
    start(includedPlugin("linear"), { env: { LINEAR_API_URL: `${vendor.url}/graphql`, LINEAR_API_KEY: KEY, ...env } });
  /** The last request, and its variables. */
  const last = (): Sent => vendor.received.at(-1)!.body as Sent;
  const sent = (): unknown => last().variables;
  before(async () => {
    build();
    vendor = await linearServer();
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
      "list_issues true undefined",
      "read_issue true undefined",
      "create_issue false false",
      "update_issue false true",
      "comment_issue false false",
      "list_teams true undefined",
      "list_states true undefined",
      "list_cycles true undefined",
    ]);
    for (const { inputSchema, name } of tools) assert.equal(inputSchema.additionalProperties, false, name);
  });

  it("lists issues by filters, in pages", async () => {
    const first = await plugin.call("list_issues", {
      team: "eng",
      state: "open",
      assignee: "me",
      label: "bug",
      cycle: "current",
    });
    assert.equal(
      first.text,
      `ENG-1 Issue 1 (In Progress, assigned to ada, Urgent, labels: bug, updated 2026-01-02)
ENG-2 Issue 2 (In Progress, unassigned, labels: bug, updated 2026-01-02)
There is more: after "cursor-1".`,
    );
    assert.deepEqual(sent(), {
      first: 30,
      filter: {
        team: { or: [{ key: { eqIgnoreCase: "eng" } }, { name: { eqIgnoreCase: "eng" } }] },
        state: { type: { nin: ["completed", "canceled", "duplicate"] } },
        assignee: { isMe: { eq: true } },
        labels: { some: { name: { eqIgnoreCase: "bug" } } },
        cycle: { isActive: { eq: true } },
      },
    });
    const second = await plugin.call("list_issues", { after: "cursor-1", assignee: "none", state: "Todo", cycle: "4" });
    assert.match(second.text, /^ENG-3 [^\n]*$/);
    assert.deepEqual(sent(), {
      first: 30,
      after: "cursor-1",
      filter: { assignee: { null: true }, state: { name: { eqIgnoreCase: "Todo" } }, cycle: { number: { eq: 4 } } },
    });
  });

  it("searches with the query as a variable, and limits the results", async () => {
    const term = 'a "quoted" } word';
    const { text } = await plugin.call("search_issues", { query: term, team: "ENG" });
    assert.match(text, /^40 found\nENG-1 Issue 1 /);
    assert.equal((sent() as { term: string }).term, term);
    assert.doesNotMatch(last().query, /quoted/);
    const long = await plugin.call("search_issues", { query: "long" });
    assert.ok(long.text.length < 10_000);
  });

  it("reads an issue with its comments", async () => {
    const { text } = await plugin.call("read_issue", { id: "ENG-1" });
    assert.equal(
      text,
      `# ENG-1 Issue 1 (In Progress, assigned to ada, Urgent, labels: bug, updated 2026-01-02)
https://linear.app/acme/issue/ENG-1
team ENG, created 2026-01-01 by bob, project Rocket, cycle 4, estimate 3, branch ada/eng-1

Why and how.

## Sub-issues
- ENG-9 Part

## an integration, 2026-01-03 11:12 UTC
Hm.
There is more: after "c1".`,
    );
    const next = await plugin.call("read_issue", { id: "ENG-1", after: "c1" });
    assert.doesNotMatch(next.text, /Why and how/);
  });

  it("creates an issue, with names instead of IDs", async () => {
    const { text, failed } = await plugin.call("create_issue", {
      team: "eng",
      title: "It breaks",
      description: "Often.",
      priority: "high",
      dueDate: "2026-03-01",
      state: "todo",
      assignee: "ada@example.com",
      labels: ["bug"],
      cycle: "current",
      parent: "ENG-1",
    });
    assert.equal(failed, false, text);
    assert.equal(text, "Created ENG-50: https://linear.app/acme/issue/ENG-50");
    assert.deepEqual(sent(), {
      input: {
        teamId: TEAM,
        title: "It breaks",
        description: "Often.",
        priority: 2,
        dueDate: "2026-03-01",
        stateId: "s-todo",
        assigneeId: "u-ada",
        labelIds: ["l-bug"],
        cycleId: "cy-4",
        parentId: ISSUE,
      },
    });
  });

  it("updates only the given fields, and comments", async () => {
    const { text } = await plugin.call("update_issue", {
      id: "ENG-1",
      state: "Done",
      assignee: null,
      cycle: null,
      dueDate: null,
    });
    assert.equal(text, "Changed ENG-1: https://linear.app/acme/issue/ENG-1");
    assert.deepEqual(sent(), {
      id: ISSUE,
      input: { stateId: "s-done", assigneeId: null, cycleId: null, dueDate: null },
    });
    const result = await plugin.call("comment_issue", { id: "ENG-1", body: "Done." });
    assert.equal(result.text, "Commented on ENG-1: https://linear.app/acme/issue/ENG-1#comment-1");
    assert.deepEqual(sent(), { input: { issueId: ISSUE, body: "Done." } });
    const none = await plugin.call("update_issue", { id: "ENG-1" });
    assert.match(none.text, /Nothing to change/);
  });

  it("lists teams, states in order, and cycles", async () => {
    assert.equal((await plugin.call("list_teams")).text, "ENG: Engineering – Builds it");
    assert.equal((await plugin.call("list_states", { team: "ENG" })).text, "Todo (unstarted)\nDone (completed)");
    assert.equal(
      (await plugin.call("list_cycles", { team: "ENG" })).text,
      "4 Spring, 2026-01-01 to 2026-01-14, 26 % done",
    );
  });

  it("lists the available names if one is wrong", async () => {
    const create = async (more: Record<string, unknown>): Promise<string> => {
      const { text, failed } = await plugin.call("create_issue", { team: "ENG", title: "T", ...more });
      assert.equal(failed, true);
      return text;
    };
    assert.match(await create({ team: "OPS" }), /No team OPS found, or the key has no access\. list_teams/);
    assert.match(await create({ state: "Stuck" }), /no state Stuck\. It has: Todo, Done\./);
    assert.match(await create({ assignee: "eve" }), /No user named eve/);
    assert.match(await create({ assignee: "both" }), /is ambiguous: ada@example\.com or bob@example\.com/);
    assert.match(await create({ labels: ["ghost"] }), /no label ghost/);
    assert.match(await create({ cycle: "77" }), /no cycle 77\. list_cycles/);
    assert.match(await create({ dueDate: "tomorrow" }), /Invalid input for create_issue/);
    const missing = await plugin.call("read_issue", { id: "ENG-404" });
    assert.match(
      missing.text,
      /^Linear: Entity not found: Issue: Could not find referenced Issue\. The identifier is wrong/,
    );
  });

  it("reports an invalid or missing key without showing it, and when a rate limit ends", async () => {
    const stranger = await open({ LINEAR_API_KEY: "lin_api_wrongwrong" });
    const refused = await stranger.call("list_teams");
    await stranger.close();
    assert.equal(refused.failed, true);
    assert.match(
      refused.text,
      /^Linear rejected LINEAR_API_KEY \(Authentication required, not authenticated: \[secret\]\)/,
    );
    const none = await open({ LINEAR_API_KEY: "" });
    const unset = await none.call("list_teams");
    await none.close();
    assert.match(unset.text, /^LINEAR_API_KEY is not set; create a personal API key/);
    vendor.next.push(createRateLimit(Date.now() + 3_600_000), { status: 503, body: "down" });
    assert.match((await plugin.call("list_teams")).text, /^Linear has reached its rate limit\. Try again in 60 min/);
    assert.match((await plugin.call("list_teams")).text, /^Linear failed \(status 503\)/);
  });

  it("aborts a cancelled request", async () => {
    vendor.next.push("silent");
    const stop = new AbortController();
    const call = plugin.client.callTool({ name: "list_teams", arguments: {} }, undefined, { signal: stop.signal });
    const { gone } = await vendor.waiting();
    stop.abort();
    await assert.rejects(call);
    await gone;
  });
});
