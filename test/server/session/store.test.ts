import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmdirSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSessionStore } from "../../../server/node/store.ts";
import { ada, openAgentBench, prompted } from "../../help/agent-bench.ts";
import { checkEnds } from "../../help/laws.ts";
import { done, scriptedModel, text } from "../../help/scripted-model.ts";

const posix = process.platform !== "win32";

async function everything(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return [folder, ...names.map((name) => join(folder, name))];
}

function canMount(): boolean {
  const place = mkdtempSync(join(tmpdir(), "tutti-mount-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", place]).status === 0;
  if (mounted) spawnSync("umount", [place]);
  rmdirSync(place);
  return mounted;
}

describe("sessions on disk", () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "tutti-store-"));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  it("are for their owner alone", async () => {
    const before = process.umask(0);
    try {
      const inside = join(dataDir, "data");
      const store = openSessionStore(inside);
      const file = await store.create("one");
      file.append("{}\n");
      await store.blobs("one").put(Buffer.from("bytes"));
      for (const path of await everything(join(inside, "sessions"))) {
        const facts = await stat(path);
        if (posix) assert.equal(facts.mode & 0o777, facts.isDirectory() ? 0o700 : 0o600, path);
      }
      for (const path of await everything(join(inside, "blobs", "one"))) {
        const facts = await stat(path);
        if (posix) assert.equal(facts.mode & 0o777, facts.isDirectory() ? 0o700 : 0o600, path);
      }
      file.close();
    } finally {
      process.umask(before);
    }
  });

  it("have one writer: another is refused, until the first is done", async () => {
    const store = openSessionStore(dataDir);
    const file = await store.create("one");
    file.append("first\n");
    await assert.rejects(openSessionStore(dataDir).open("one"), { code: "busy", message: /another process/ });
    assert.equal(await openSessionStore(dataDir).read("one"), "first\n");
    file.close();
    const opened = await openSessionStore(dataDir).open("one");
    assert.equal(opened.text, "first\n");
    opened.file.close();
  });

  it("are free again when the process that wrote them was killed", async () => {
    const holder = spawn(process.execPath, [join(import.meta.dirname, "../../help/log-holder.ts"), dataDir, "one"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(holder.stdout, "data");
    await assert.rejects(openSessionStore(dataDir).open("one"), { code: "busy" });
    holder.kill("SIGKILL");
    await once(holder, "close");
    const { text: past, file } = await openSessionStore(dataDir).open("one");
    assert.match(past, /^line 1\n/);
    file.close();
  });

  it("lose a line that a crash cut, and go on after the whole ones", async () => {
    const store = openSessionStore(dataDir);
    const file = await store.create("one");
    file.append("first\nsecond\n");
    file.close();
    const path = join(dataDir, "sessions", "one", "log.jsonl");
    await truncate(path, "first\nsec".length);
    const { text: past, file: again } = await store.open("one");
    assert.equal(past, "first\n");
    again.append("third\n");
    again.close();
    assert.equal(await readFile(path, "utf8"), "first\nthird\n");
  });

  it("have ids that cannot leave the folder", async () => {
    for (const id of ["..", "../x", "a/b", "", ".", "a".repeat(65), "a\0"])
      await assert.rejects(openSessionStore(dataDir).read(id), { code: "notFound" }, JSON.stringify(id));
  });

  it("are listed newest first, and what is no session is not", async () => {
    const store = openSessionStore(dataDir);
    for (const id of ["one", "two"]) (await store.create(id)).close();
    await writeFile(join(dataDir, "sessions", "stray.txt"), "");
    assert.deepEqual((await store.list()).map(({ id }) => id).sort(), ["one", "two"]);
    await store.remove("one");
    assert.deepEqual(
      (await store.list()).map(({ id }) => id),
      ["two"],
    );
    await assert.rejects(store.open("one"), { code: "notFound" });
  });

  if (posix)
    it("refuse what would make the log grow past a limit of the system, and stay as they were", () => {
      const script = join(import.meta.dirname, "../../help/limited-writer.ts");
      const limited = ["-c", 'ulimit -f 64; exec "$0" "$@"', process.execPath, script, dataDir];
      const said = JSON.parse(execFileSync("/bin/sh", limited, { encoding: "utf8" })) as Record<string, unknown>;
      assert.equal(said.code, "storage");
      assert.match(String(said.message), /file size limit/);
      assert.equal(said.after, said.before);
      assert.equal(said.again, "storage");
    });

  // A file system of half a megabyte: only who may mount can have one.
  const mountable = process.platform === "linux" && process.getuid?.() === 0 && canMount();
  (mountable ? describe : () => undefined)("on a full disk", () => {
    let place: string;
    let filler: string;
    before(async () => {
      place = await mkdtemp(join(tmpdir(), "tutti-small-"));
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=512k,mode=0700", "tmpfs", place]);
    });
    after(async () => {
      execFileSync("umount", ["-l", place]);
      await rm(place, { recursive: true, force: true });
    });
    const fill = async (): Promise<void> => {
      filler = join(place, "filler");
      for (let size = 65_536; size >= 1; size = Math.floor(size / 2)) {
        for (;;) {
          try {
            await writeFile(filler, Buffer.alloc(size), { flag: "a" });
          } catch (error) {
            assert.equal((error as { code?: string }).code, "ENOSPC");
            break;
          }
        }
      }
    };

    it("refuse a prompt, leave nothing half-written, and work again when there is room", async () => {
      const model = scriptedModel([[text("Hello."), done]]);
      const bench = await openAgentBench({ model, dataDir: join(place, "data") });
      const session = await bench.create();
      await prompted(session, "one");
      const kept = await bench.store.read(session.view().id);
      await fill();
      await assert.rejects(session.prompt("x".repeat(100_000), [], {}, ada), {
        code: "storage",
        message: /disk is full/,
      });
      assert.equal(await bench.store.read(session.view().id), kept);
      await assert.rejects(bench.create(), { code: "storage", message: /disk is full/ });
      assert.deepEqual(
        (await bench.store.list()).map(({ id }) => id),
        [session.view().id],
      );
      await rm(filler);
      await prompted(session, "two");
      assert.equal(session.view().lastEnd?.outcome, "done");
      checkEnds(session.envelopes());
      await bench.close();
    });

    it("tell who watches that a turn cannot go on, and end it when there is room", async () => {
      const gate = Promise.withResolvers<void>();
      const model = scriptedModel([
        [text("a".repeat(5_000)), gate.promise, text("b".repeat(200_000)), done],
        [text("ok"), done],
      ]);
      const bench = await openAgentBench({ model, dataDir: join(place, "data2") });
      const session = await bench.create();
      const lost = new Promise<string>((resolve) => {
        session.watch(
          () => undefined,
          ({ message }) => resolve(message),
        );
      });
      await session.prompt("one", [], {}, ada);
      await fill();
      gate.resolve();
      assert.match(await lost, /disk is full/);
      await session.idle();
      assert.equal(session.view().activity.state, "running");
      await rm(filler);
      await prompted(session, "two");
      checkEnds(session.envelopes());
      assert.equal(session.view().lastEnd?.outcome, "done");
      await bench.close();
    });
  });
});
