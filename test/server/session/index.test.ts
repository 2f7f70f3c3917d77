import assert from "node:assert/strict";
import { open, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { checksum } from "../../../server/node/checksum.ts";
import { openSessionIndex } from "../../../server/node/session-index.ts";
import type { SessionStore } from "../../../server/session/storage.ts";
import { type AgentBench, ada, openAgentBench, promptAndWait } from "../../help/agent-bench.ts";
import { done, scriptedModel, text } from "../../help/scripted-model.ts";

const all = { archived: false, limit: 50 };

/** Moves the write-ahead log into the database file. */
function checkpoint(path: string): void {
  const db = new DatabaseSync(path);
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  db.close();
}

describe("the session index", () => {
  let bench: AgentBench;
  let path: string;
  const index = () => openSessionIndex(bench.dataDir, bench.store, checksum);
  beforeEach(async () => {
    bench = await openAgentBench({ model: scriptedModel([[text("The zebra crossed the straße."), done]]) });
    path = join(bench.dataDir, "index.sqlite");
    for (const words of ["about apples", "about pears"]) {
      const session = await bench.create();
      await promptAndWait(session, words);
      await bench.sessions.close(session.view().id);
    }
  });
  afterEach(() => bench.close());
  const titles = async (from = index()) => (await from.list(all)).sessions.map(({ title }) => title).sort();

  it("lists sessions even if it cannot write", async () => {
    const file = join(bench.root, "file");
    await writeFile(file, "");
    assert.deepEqual(await titles(openSessionIndex(join(file, "data"), bench.store, checksum)), [
      "about apples",
      "about pears",
    ]);
  });

  it("lists sessions, and searches text by word prefixes", async () => {
    const current = index();
    assert.deepEqual(await titles(current), ["about apples", "about pears"]);
    assert.deepEqual(
      (await current.search("appl", 20)).map(({ title }) => title),
      ["about apples"],
    );
    assert.equal((await current.search("zebra straße", 20)).length, 2);
    assert.deepEqual(await current.search('"; DROP TABLE said; -- NEAR(', 20), []);
    assert.deepEqual(await current.search("!!!", 20), []);
    if (process.platform !== "win32") assert.equal((await stat(path)).mode & 0o777, 0o600);
  });

  it("finds sessions by their titles, each once, also after they were renamed", async () => {
    const current = index();
    const search = async (words: string, from = current) =>
      (await from.search(words, 20)).map(({ excerpt, part }) => ({ excerpt, inTitle: part === undefined }));
    assert.deepEqual(await search("pears"), [{ excerpt: "about pears", inTitle: false }]);
    const pears = (await current.list(all)).sessions.find(({ title }) => title === "about pears");
    const session = await bench.sessions.open(pears?.id ?? "");
    const rename = (title: string) => session.record({ type: "session.titled", title }, ada);
    await rename("Der große Umbau");
    assert.deepEqual(await search("umbau"), [{ excerpt: "Der große Umbau", inTitle: true }]);
    assert.deepEqual(await search("pears"), [{ excerpt: "about pears", inTitle: false }]);
    await rename("zebra crossing");
    assert.deepEqual(await search("umbau"), []);
    assert.deepEqual(await search("zebra cross"), [
      { excerpt: "zebra crossing", inTitle: true },
      ...Array(2).fill({ excerpt: "The zebra crossed the straße.", inTitle: false }),
    ]);
    assert.equal((await current.search("zebra", 2)).length, 2);
    await promptAndWait(session, "and quinces");
    await rm(path);
    for (const from of [current, index()]) assert.equal((await search("crossing", from)).length, 1);
    await bench.sessions.remove(pears?.id ?? "");
    assert.deepEqual(await search("crossing"), []);
  });

  it("follows changes, and forgets removed sessions", async () => {
    const current = index();
    const [first] = (await current.list(all)).sessions;
    assert.ok(first);
    const session = await bench.sessions.open(first.id);
    await session.record({ type: "session.titled", title: "about plums" }, ada);
    assert.ok((await titles(current)).includes("about plums"));
    await session.record({ type: "session.archived", archived: true }, ada);
    assert.equal((await current.list(all)).sessions.length, 1);
    assert.equal((await current.list({ ...all, archived: true })).sessions.length, 1);
    await bench.sessions.remove(first.id);
    assert.equal((await current.list({ ...all, archived: true })).sessions.length, 0);
  });

  it("reads a session again that could not be read once", async () => {
    const failing = { id: "" };
    const store: SessionStore = {
      ...bench.store,
      read(id, from) {
        if (id === failing.id) throw new Error("the disk does not answer");
        return bench.store.read(id, from);
      },
    };
    const current = openSessionIndex(bench.dataDir, store, checksum);
    failing.id = (await current.list(all)).sessions.find(({ title }) => title === "about pears")?.id ?? "";
    const session = await bench.sessions.open(failing.id);
    await promptAndWait(session, "more");
    await bench.sessions.close(failing.id);
    assert.deepEqual(await titles(current), ["(cannot be read)", "about apples"]);
    failing.id = "";
    assert.deepEqual(await titles(current), ["about apples", "about pears"]);
    assert.equal((await current.search("pears", 20)).length, 1);
  });

  it("finds sessions by the start of an id, in any script", async () => {
    const [first] = (await index().list(all)).sessions;
    const find = async (idPrefix: string) => (await index().list({ ...all, idPrefix })).sessions.map(({ id }) => id);
    assert.deepEqual(await find(first?.id ?? ""), [first?.id]);
    assert.equal((await find((first?.id ?? "").slice(0, 3))).length, 2);
    assert.deepEqual(await find("😀"), []);
  });

  it("pages without omissions or repetitions", async () => {
    const current = index();
    const page = await current.list({ ...all, limit: 1 });
    assert.ok(page.cursor);
    const rest = await current.list({ ...all, limit: 5, cursor: page.cursor });
    assert.deepEqual([...page.sessions, ...rest.sessions].map(({ title }) => title).sort(), [
      "about apples",
      "about pears",
    ]);
  });

  it("is rebuilt if it is missing, invalid or damaged anywhere", async () => {
    await titles();
    await rm(path);
    assert.equal((await titles()).length, 2);
    await writeFile(path, "this is no database");
    assert.equal((await titles()).length, 2);
    checkpoint(path);
    const { size } = await stat(path);
    assert.ok(size > 8 * 4096, `there are ${size / 4096} pages`);
    for (let page = 0; page < size; page += 4096) {
      await titles();
      checkpoint(path);
      const file = await open(path, "r+");
      await file.write(Buffer.alloc(4096, 0xa5), 0, 4096, page);
      await file.close();
      const current = index();
      assert.equal((await titles(current)).length, 2, `page at ${page}`);
      assert.equal((await current.search("zebra", 20)).length, 2, `search, page at ${page}`);
    }
  });
});
