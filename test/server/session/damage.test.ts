/** Damage on disk, and files that people moved or copied: each session stands for itself, and loses only what cannot be read. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cp, mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checksum } from "../../../server/node/checksum.ts";
import { openSessionIndex } from "../../../server/node/session-index.ts";
import { formatRecord, MAX_SEQ } from "../../../server/session/log-format.ts";
import { type AgentBench, ada, filterByType, openAgentBench, promptAndWait } from "../../help/agent-bench.ts";
import { done, scriptedModel, text } from "../../help/scripted-model.ts";

const posix = process.platform !== "win32";

describe("a damaged, copied or moved session", () => {
  let bench: AgentBench;
  let folder: string;
  let one: string;
  let two: string;
  beforeEach(async () => {
    bench = await openAgentBench({ model: scriptedModel([[text("Hello."), done]]) });
    folder = join(bench.dataDir, "sessions");
    [one, two] = [await createSession("about apples"), await createSession("about pears")];
  });
  afterEach(() => bench.close());

  async function createSession(words: string): Promise<string> {
    const session = await bench.create();
    await promptAndWait(session, words);
    const { id } = session.view();
    await bench.sessions.close(id);
    return id;
  }
  const listTitles = async () => {
    const { sessions } = await openSessionIndex(bench.dataDir, bench.store, checksum).list({
      archived: false,
      limit: 50,
    });
    return new Map(sessions.map(({ id, title }) => [id, title]));
  };
  const logPath = (id: string) => join(folder, id, "log.jsonl");
  async function changeLog(id: string, change: (lines: string[]) => string[]): Promise<void> {
    const lines = (await readFile(logPath(id), "utf8")).split("\n").slice(0, -1);
    await writeFile(logPath(id), `${change(lines).join("\n")}\n`);
  }
  const damage = (line: string) => line.replace('"type"', '"tyqe"');

  it("is listed with the others if its events have a huge gap, on disk or in an import", async () => {
    const { envelopes } = await bench.sessions.read(one);
    const last = envelopes.at(-1);
    assert.ok(last);
    for (const seq of [MAX_SEQ, 9_007_199_254_740_000, Number.MAX_VALUE]) {
      await assert.rejects(bench.sessions.importEnvelopes([...envelopes.slice(0, -1), { ...last, seq }], ada), {
        code: "usage",
        message: /too large/,
      });
      const stored = { ...last, seq };
      await changeLog(two, (lines) => [...lines, formatRecord(stored, checksum).trimEnd()]);
      assert.deepEqual([...(await listTitles()).values()].sort(), ["about apples", "about pears"], `${seq}`);
    }
    const far = await bench.sessions.importEnvelopes([...envelopes.slice(0, -1), { ...last, seq: 2 ** 39 }], ada);
    assert.equal(far.view().seq, 2 ** 39 + 1);
    await promptAndWait(far);
    assert.equal((await listTitles()).size, 3);
  });

  it("is listed under the name of its folder, and continues as a copy of its own", async () => {
    for (const name of ["backup1", `${one} (copy)`, "Sicherung vom Montag"]) {
      await cp(join(folder, one), join(folder, name), { recursive: true });
      assert.equal((await listTitles()).get(name), "about apples");
    }
    assert.equal((await listTitles()).size, 5);
    const copy = await bench.sessions.open("backup1");
    await promptAndWait(copy, "more");
    const { id, parent } = copy.view();
    assert.deepEqual([id, parent?.session], ["backup1", one]);
    assert.equal((await bench.sessions.read(one)).view().turns, 1);
    assert.equal((await bench.sessions.read("backup1")).view().turns, 2);
  });

  it("keeps its place in the list if the opening of a fork is damaged", async () => {
    const fork = (await bench.sessions.fork(one, ada)).view().id;
    await bench.sessions.close(fork);
    await changeLog(fork, (lines) =>
      lines.map((line, at) => (at > 0 && /session\.opened/.test(line) ? damage(line) : line)),
    );
    assert.deepEqual(new Set((await listTitles()).keys()), new Set([one, two, fork]));
    assert.equal((await bench.sessions.open(fork)).view().id, fork);
  });

  if (posix)
    it("stays in the list if its log is a pipe, a circle of links, a dangling link or a folder", async () => {
      await mkdir(join(folder, "pipe"));
      execFileSync("mkfifo", [logPath("pipe")]);
      await mkdir(join(folder, "circle"));
      await symlink("log.jsonl", logPath("circle"));
      await mkdir(join(folder, "dangling"));
      await symlink("nowhere", logPath("dangling"));
      await mkdir(logPath("folder"), { recursive: true });
      await symlink("ring", join(folder, "ring"));
      const titles = await listTitles();
      for (const id of ["pipe", "circle", "dangling", "folder"]) {
        assert.equal(titles.get(id), "(cannot be read)", id);
        await assert.rejects(bench.sessions.read(id), { code: "storage", message: /log\.jsonl/ }, id);
        await assert.rejects(bench.sessions.open(id), { code: "storage", message: /log\.jsonl/ }, id);
      }
      assert.equal(titles.get(one), "about apples");
      assert.equal(titles.size, 6);
    });

  it("opens whatever its lock file contains, and stays locked while it is open", async () => {
    for (const content of ["garbagegarbagegarbagegarbage", "", "SQLite format 3\0", "x".repeat(5000)]) {
      await writeFile(join(folder, one, "lock"), content);
      const session = await bench.sessions.open(one);
      await writeFile(join(folder, one, "lock"), content);
      const other = await bench.reopen();
      await assert.rejects(other.sessions.open(one), { code: "busy" }, JSON.stringify(content.slice(0, 20)));
      await promptAndWait(session);
      await bench.sessions.close(one);
    }
  });

  it("shows what is sound behind a damaged first record, and continues in the folder that is offered", async () => {
    await changeLog(one, ([first = "", ...rest]) => [damage(first), ...rest]);
    assert.equal((await listTitles()).get(one), "about apples");
    assert.equal((await bench.sessions.read(one)).view().turns, 1);
    await assert.rejects(bench.sessions.open(one), { code: "storage", message: /folder of session .* is unknown/ });
    const session = await bench.sessions.open(one, bench.cwd);
    assert.equal(session.view().cwd, bench.cwd);
    await promptAndWait(session);
    const notices = filterByType(session.envelopes(), "notice.shown").map(({ text }) => text);
    assert.deepEqual(notices, ["Record 1 of this session is damaged on disk and was skipped."]);
  });

  it("continues in the folder of now if its own was moved, and in its own if that exists", async () => {
    const moved = join(bench.root, "moved");
    await rename(bench.cwd, moved);
    const session = await bench.sessions.open(one, moved);
    assert.equal(session.view().cwd, moved);
    assert.match(
      filterByType(session.envelopes(), "notice.shown")[0]?.text ?? "",
      /work no longer exists\. The session continues in .*moved/,
    );
    await bench.sessions.close(one);
    assert.equal((await bench.sessions.open(one, bench.root)).view().cwd, moved);
    // Another client has opened it already, without a folder.
    await bench.sessions.open(two);
    assert.equal((await bench.sessions.open(two, moved)).view().cwd, moved);
    await rm(moved, { recursive: true });
  });

  it("returns a text that its log gained to a search once, however often the list is read", async () => {
    const index = openSessionIndex(bench.dataDir, bench.store, checksum);
    const other = openSessionIndex(bench.dataDir, bench.store, checksum);
    assert.equal((await index.search("apples", 20)).length, 1);
    await promptAndWait(await bench.sessions.open(one), "about quinces");
    await Promise.all([index, other, index].map((each) => each.list({ archived: false, limit: 50 })));
    assert.equal((await index.search("apples", 20)).length, 1);
    assert.equal((await other.search("quinces", 20)).length, 1);
    await bench.sessions.close(one);
    // A backup that was put back has other content.
    await cp(logPath(two), logPath(one));
    await changeLog(one, (lines) => [...lines, ...lines]);
    assert.equal((await index.search("quinces", 20)).length, 0);
    assert.equal((await index.search("pears", 20)).length, 2);
  });
});
