import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connectTo } from "../../../client/local.ts";
import type { Envelope } from "../../../protocol/events.ts";
import type { Link } from "../../../protocol/link.ts";
import { filterByType } from "../../help/agent-bench.ts";
import { checkEnds } from "../../help/invariants.ts";
import { initializeParams, startTestServer, type TestServer } from "../../help/test-server.ts";

describe("user actions", () => {
  let at: TestServer;
  let link: Link;
  let cwd: string;
  let session: string;
  before(async () => {
    at = await startTestServer();
    link = await connectTo(at.path, undefined, { client: initializeParams.client, answers: false });
  });
  beforeEach(async () => {
    cwd = join(at.folder, "work");
    rmSync(cwd, { recursive: true, force: true });
    mkdirSync(cwd);
    ({ session } = await link.call("sessionCreate", { cwd }));
  });
  after(async () => {
    await link.close();
    await at.close();
  });
  const log = async (): Promise<Envelope[]> => (await link.call("sessionRead", { session, limit: 10_000 })).envelopes;
  const waitForIdle = async (): Promise<void> => at.server.sessions.live(session)?.idle();
  const run = async (command: string): Promise<Envelope[]> => {
    await link.call("shellRun", { session, command });
    await waitForIdle();
    const envelopes = await log();
    checkEnds(envelopes);
    return envelopes;
  };

  it("runs a shell command as a turn of the user, without approval", async () => {
    const envelopes = await run("echo hello > out.txt && cat out.txt && exit 3");
    assert.equal(readFileSync(join(cwd, "out.txt"), "utf8"), "hello\n");
    const types = envelopes.map(({ event }) => event.type).filter((type) => type !== "call.output");
    const turn = ["turn.started", "call.asked", "call.started", "call.done", "turn.ended"];
    assert.deepEqual(types, ["session.opened", ...turn]);
    const [started] = filterByType(envelopes, "turn.started");
    assert.deepEqual([started?.agent, started?.text.startsWith("!echo")], ["shell", true]);
    const [done] = filterByType(envelopes, "call.done");
    assert.equal(done?.state, "failed");
    assert.match(done?.output ?? "", /^hello\n\(exit code 3\)$/);
    const asked = envelopes.find(({ event }) => event.type === "call.asked");
    assert.deepEqual([asked?.by.kind, filterByType(envelopes, "turn.ended")[0]?.outcome], ["person", "done"]);
  });

  it("does not run a denied command in any mode", async () => {
    await at.configure({ permissions: { mode: "plan", deny: ["bash(touch:*)"] } });
    try {
      const [refused] = filterByType(await run("touch made.txt"), "call.done");
      assert.equal(refused?.state, "refused");
      assert.match(refused?.output ?? "", /bash\(touch:\*\) forbids it/);
      assert.equal(filterByType(await run("echo planned"), "call.done")[1]?.output, "planned");
    } finally {
      await at.configure({});
    }
  });

  it("is refused while a turn runs, and can be cancelled", async () => {
    const { turn } = await link.call("shellRun", { session, command: "sleep 60" });
    await assert.rejects(link.call("shellRun", { session, command: "ls" }), { code: "conflict", data: { turn } });
    await assert.rejects(link.call("turnSteer", { session, turn, text: "Faster." }), { code: "conflict" });
    await link.call("turnCancel", { session });
    const envelopes = await log();
    checkEnds(envelopes);
    assert.equal(filterByType(envelopes, "call.done")[0]?.state, "interrupted");
    assert.equal(filterByType(envelopes, "turn.ended")[0]?.outcome, "cancelled");
    await assert.rejects(link.call("shellRun", { session, command: "  " }), { code: "usage" });
  });

  it("adds a note to the instructions, and shows a notice", async () => {
    const { path } = await link.call("noteAdd", { session, text: "Use tabs." });
    assert.equal(path, join(cwd, "AGENTS.md"));
    writeFileSync(path, `# Project\r\n\r\n${readFileSync(path, "utf8").replaceAll("\n", "\r\n")}`);
    await link.call("noteAdd", { session, text: "No\nsemicolons." });
    const whole = "# Project\r\n\r\n## Notes\r\n\r\n- Use tabs.\r\n- No semicolons.\r\n";
    assert.equal(readFileSync(path, "utf8"), whole);
    const envelopes = await log();
    const [created, changed] = filterByType(envelopes, "file.changed").map(({ change }) => change);
    assert.deepEqual([created?.before, created?.added, changed?.added, changed?.removed], [null, 3, 1, 0]);
    assert.deepEqual(
      filterByType(envelopes, "notice.shown").map(({ note }) => note),
      ["Use tabs.", "No\nsemicolons."],
    );
  });

  it("extends the existing instructions, but never outside of the folder", async () => {
    writeFileSync(join(cwd, "CLAUDE.md"), "Be kind.\n");
    const { path } = await link.call("noteAdd", { session, text: "a" });
    assert.deepEqual([path, readFileSync(path, "utf8")], [join(cwd, "CLAUDE.md"), "Be kind.\n\n## Notes\n\n- a\n"]);
    const outside = join(at.folder, "outside.md");
    for (const exists of [true, false]) {
      if (exists) writeFileSync(outside, "mine\n");
      else rmSync(outside);
      rmSync(join(cwd, "CLAUDE.md"), { force: true });
      rmSync(join(cwd, "AGENTS.md"), { force: true });
      symlinkSync(outside, join(cwd, "AGENTS.md"));
      await assert.rejects(link.call("noteAdd", { session, text: "b" }), { code: "storage", message: /outside/ });
      if (exists) assert.equal(readFileSync(outside, "utf8"), "mine\n");
    }
  });
});
