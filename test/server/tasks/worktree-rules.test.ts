/** Rules that a user saves while a subagent works in a worktree. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer } from "../../../server/main.ts";
import type { Server } from "../../../server/server.ts";
import { ada, filterByType, waitForEvent } from "../../help/agent-bench.ts";
import { answer, type ScriptedEndpoint, scriptedEndpoint } from "../../help/scripted-endpoint.ts";
import { callTools } from "../../help/tutti.ts";

describe("a rule that a user saves for a subagent in a worktree", function () {
  this.timeout(60_000);
  let root: string;
  let work: string;
  let server: Server;
  let endpoint: ScriptedEndpoint;
  beforeEach(async () => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "tutti-rules-")));
    work = join(root, "work");
    mkdirSync(work);
    const git = (...args: string[]) =>
      execFileSync("git", ["-C", work, "-c", "user.name=a", "-c", "user.email=a@b", ...args]);
    git("init", "-q");
    writeFileSync(join(work, "a.txt"), "one\n");
    git("add", ".");
    git("commit", "-q", "-m", "start");
    endpoint = await scriptedEndpoint([
      ({ body }) => {
        const messages = body.messages as { role: string; content?: unknown }[];
        const tools = messages.filter(({ role }) => role === "tool").length;
        if (JSON.stringify(messages).includes("Touch a file"))
          if (!messages.some(({ role, content }) => role === "user" && JSON.stringify(content).includes("Go")))
            return tools === 0 ? callTools(["bash", { command: "mkdir new" }]) : answer("Touched.");
        const task = { agent: "general", prompt: "Touch a file", title: "t", isolation: "worktree" };
        return tools < 2 ? callTools(["task", task]) : answer("Done.");
      },
    ]);
    const config = { model: "p/m", providers: { p: { baseUrl: endpoint.baseUrl, apiKey: "k", models: { m: {} } } } };
    server = await startServer({
      cwd: work,
      version: "test",
      env: {
        HOME: root,
        PATH: process.env.PATH,
        TUTTI_DATA_DIR: join(root, "data"),
        TUTTI_CONFIG_CONTENT: JSON.stringify(config),
      },
      project: false,
      canAnswer: () => true,
    });
  });
  afterEach(async () => {
    await server.close();
    await endpoint.close();
    rmSync(root, { recursive: true, force: true });
  });

  it("is saved for the folder of the session, and applies to the next one", async () => {
    const session = await server.sessions.create(work, ada, {});
    const asked = waitForEvent(session, "question.asked");
    await session.prompt("Go", [], { mode: "ask" }, ada);
    const { question, digest, choices } = await asked;
    assert.ok(
      choices.some(({ id }) => id === "always"),
      JSON.stringify(choices),
    );
    await session.answer(question, digest, { choice: "always" }, ada);
    await session.idle();
    const saved = JSON.parse(readFileSync(join(root, "data", "permissions.json"), "utf8")) as unknown;
    assert.deepEqual(saved, { [work]: ["bash(mkdir new)"] });
    assert.equal(filterByType(session.envelopes(), "question.asked").length, 1);
    assert.equal(session.view().tasks.length, 2);
    const other = await server.sessions.create(work, ada, {});
    await other.prompt("Go", [], { mode: "ask" }, ada);
    await other.idle();
    assert.deepEqual(filterByType(other.envelopes(), "question.asked"), []);
    assert.deepEqual(
      other.view().tasks.map(({ state }) => state),
      ["done", "done"],
    );
  });
});
