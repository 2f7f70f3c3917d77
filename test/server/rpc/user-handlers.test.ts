import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Link } from "../../../protocol/link.ts";
import { connectTo } from "../../../client/local.ts";
import type { Envelope } from "../../../protocol/events.ts";
import { ofType } from "../../help/agent-bench.ts";
import { checkEnds } from "../../help/laws.ts";
import { hello, type Served, served } from "../../help/served.ts";

describe("what a person does by hand", () => {
  let at: Served;
  let link: Link;
  let cwd: string;
  let session: string;
  before(async () => {
    at = await served();
    link = await connectTo(at.path, undefined, { client: hello.client, answers: false });
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
  const rested = async (): Promise<void> => at.server.sessions.live(session)?.idle();
  const run = async (command: string): Promise<Envelope[]> => {
    await link.call("shellRun", { session, command });
    await rested();
    const envelopes = await log();
    checkEnds(envelopes);
    return envelopes;
  };

  it("runs a command as a turn of its own, by the person, without asking", async () => {
    const envelopes = await run("echo hello > out.txt && cat out.txt && exit 3");
    assert.equal(readFileSync(join(cwd, "out.txt"), "utf8"), "hello\n");
    const types = envelopes.map(({ event }) => event.type).filter((type) => type !== "call.output");
    const turn = ["turn.started", "call.asked", "call.started", "call.done", "turn.ended"];
    assert.deepEqual(types, ["session.opened", ...turn]);
    const [started] = ofType(envelopes, "turn.started");
    assert.deepEqual([started?.agent, started?.text.startsWith("!echo")], ["shell", true]);
    const [done] = ofType(envelopes, "call.done");
    assert.equal(done?.state, "failed");
    assert.match(done?.output ?? "", /^hello\n\(exit code 3\)$/);
    const asked = envelopes.find(({ event }) => event.type === "call.asked");
    assert.deepEqual([asked?.by.kind, ofType(envelopes, "turn.ended")[0]?.outcome], ["person", "done"]);
  });

  it("does not run what a rule denies, in whatever mode", async () => {
    await at.configure({ permissions: { mode: "plan", deny: ["bash(touch:*)"] } });
    try {
      const [refused] = ofType(await run("touch made.txt"), "call.done");
      assert.equal(refused?.state, "refused");
      assert.match(refused?.output ?? "", /bash\(touch:\*\) forbids it/);
      assert.equal(ofType(await run("echo planned"), "call.done")[1]?.output, "planned");
    } finally {
      await at.configure({});
    }
  });

  it("is refused while a turn runs, and stopped as a turn is", async () => {
    const { turn } = await link.call("shellRun", { session, command: "sleep 60" });
    await assert.rejects(link.call("shellRun", { session, command: "ls" }), { code: "conflict", data: { turn } });
    await assert.rejects(link.call("turnSteer", { session, turn, text: "Faster." }), { code: "conflict" });
    await link.call("turnCancel", { session });
    const envelopes = await log();
    checkEnds(envelopes);
    assert.equal(ofType(envelopes, "call.done")[0]?.state, "interrupted");
    assert.equal(ofType(envelopes, "turn.ended")[0]?.outcome, "cancelled");
    await assert.rejects(link.call("shellRun", { session, command: "  " }), { code: "usage" });
  });

  it("notes something where new sessions read it, and says so", async () => {
    const { path } = await link.call("noteAdd", { session, text: "Use tabs." });
    assert.equal(path, join(cwd, "AGENTS.md"));
    writeFileSync(path, `# Project\r\n\r\n${readFileSync(path, "utf8").replaceAll("\n", "\r\n")}`);
    await link.call("noteAdd", { session, text: "No\nsemicolons." });
    const whole = "# Project\r\n\r\n## Notes\r\n\r\n- Use tabs.\r\n- No semicolons.\r\n";
    assert.equal(readFileSync(path, "utf8"), whole);
    const envelopes = await log();
    const [made, changed] = ofType(envelopes, "file.changed").map(({ change }) => change);
    assert.deepEqual([made?.before, made?.added, changed?.added, changed?.removed], [null, 3, 1, 0]);
    assert.deepEqual(
      ofType(envelopes, "notice.shown").map(({ note }) => note),
      ["Use tabs.", "No\nsemicolons."],
    );
  });

  it("goes on with the instructions that there are, and never outside of the folder", async () => {
    writeFileSync(join(cwd, "CLAUDE.md"), "Be kind.\n");
    const { path } = await link.call("noteAdd", { session, text: "a" });
    assert.deepEqual([path, readFileSync(path, "utf8")], [join(cwd, "CLAUDE.md"), "Be kind.\n\n## Notes\n\n- a\n"]);
    const outside = join(at.folder, "outside.md");
    for (const there of [true, false]) {
      if (there) writeFileSync(outside, "mine\n");
      else rmSync(outside);
      rmSync(join(cwd, "CLAUDE.md"), { force: true });
      rmSync(join(cwd, "AGENTS.md"), { force: true });
      symlinkSync(outside, join(cwd, "AGENTS.md"));
      await assert.rejects(link.call("noteAdd", { session, text: "b" }), { code: "storage", message: /outside/ });
      if (there) assert.equal(readFileSync(outside, "utf8"), "mine\n");
    }
  });
});
