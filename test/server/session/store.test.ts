import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmdirSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSessionStore } from "../../../server/node/store.ts";
import { ada, joinLines, openAgentBench, promptAndWait, readLog } from "../../help/agent-bench.ts";
import { checkEnds } from "../../help/invariants.ts";
import { redactor } from "../../help/redactor.ts";
import { done, scriptedModel, text } from "../../help/scripted-model.ts";

const posix = process.platform !== "win32";

async function listAll(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return [folder, ...names.map((name) => join(folder, name))];
}

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), "tutti-mount-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]).status === 0;
  if (mounted) spawnSync("umount", [folder]);
  rmdirSync(folder);
  return mounted;
}

describe("sessions on disk", () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "tutti-store-"));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  it("are private to their owner", async () => {
    const before = process.umask(0);
    try {
      const inside = join(dataDir, "data");
      const store = openSessionStore(inside, redactor.text);
      const file = await store.create("one");
      file.append("{}\n");
      await store.blobs("one").put(Buffer.from("bytes"));
      for (const path of await listAll(join(inside, "sessions"))) {
        const info = await stat(path);
        if (posix) assert.equal(info.mode & 0o777, info.isDirectory() ? 0o700 : 0o600, path);
      }
      for (const path of await listAll(join(inside, "blobs", "one"))) {
        const info = await stat(path);
        if (posix) assert.equal(info.mode & 0o777, info.isDirectory() ? 0o700 : 0o600, path);
      }
      file.close();
    } finally {
      process.umask(before);
    }
  });

  it("have one writer at a time", async () => {
    const store = openSessionStore(dataDir, redactor.text);
    const file = await store.create("one");
    file.append("first\n");
    await assert.rejects(openSessionStore(dataDir, redactor.text).open("one"), {
      code: "busy",
      message: /another process/,
    });
    assert.equal(await readLog(openSessionStore(dataDir, redactor.text), "one"), "first\n");
    file.close();
    const opened = await openSessionStore(dataDir, redactor.text).open("one");
    assert.equal(await joinLines(opened.lines), "first\n");
    opened.file.close();
  });

  it("can be opened again after their writer was killed", async () => {
    const holder = spawn(process.execPath, [join(import.meta.dirname, "../../help/log-holder.ts"), dataDir, "one"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(holder.stdout, "data");
    await assert.rejects(openSessionStore(dataDir, redactor.text).open("one"), { code: "busy" });
    holder.kill("SIGKILL");
    await once(holder, "close");
    const { lines, file } = await openSessionStore(dataDir, redactor.text).open("one");
    assert.match(await joinLines(lines), /^line 1\n/);
    file.close();
  });

  it("drop a truncated last line, and continue after the complete ones", async () => {
    const store = openSessionStore(dataDir, redactor.text);
    const file = await store.create("one");
    file.append("first\nsecond\n");
    file.close();
    const path = join(dataDir, "sessions", "one", "log.jsonl");
    await truncate(path, "first\nsec".length);
    const { lines, file: again } = await store.open("one");
    assert.equal(await joinLines(lines), "first\n");
    again.append("third\n");
    again.close();
    assert.equal(await readFile(path, "utf8"), "first\nthird\n");
  });

  it("have ids that cannot leave the folder", async () => {
    for (const id of ["..", "../x", "a/b", "", ".", "a".repeat(129), "a\0"])
      await assert.rejects(
        readLog(openSessionStore(dataDir, redactor.text), id),
        { code: "notFound" },
        JSON.stringify(id),
      );
  });

  it("are listed newest first, without other files", async () => {
    const store = openSessionStore(dataDir, redactor.text);
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
    it("refuse to exceed a file size limit, and stay unchanged", () => {
      const script = join(import.meta.dirname, "../../help/limited-writer.ts");
      const limited = ["-c", 'ulimit -f 64; exec "$0" "$@"', process.execPath, script, dataDir];
      const result = JSON.parse(execFileSync("/bin/sh", limited, { encoding: "utf8" })) as Record<string, unknown>;
      assert.equal(result.code, "storage");
      assert.match(String(result.message), /file size limit/);
      assert.equal(result.after, result.before);
      assert.equal(result.again, "storage");
    });

  // Needs the permission to mount a small file system.
  const mountable = process.platform === "linux" && process.getuid?.() === 0 && canMount();
  (mountable ? describe : () => undefined)("on a full disk", () => {
    let mountPoint: string;
    let filler: string;
    before(async () => {
      mountPoint = await mkdtemp(join(tmpdir(), "tutti-small-"));
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=512k,mode=0700", "tmpfs", mountPoint]);
    });
    after(async () => {
      execFileSync("umount", ["-l", mountPoint]);
      await rm(mountPoint, { recursive: true, force: true });
    });
    const fill = async (): Promise<void> => {
      filler = join(mountPoint, "filler");
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

    it("refuse a prompt without partial writes, and work again when there is space", async () => {
      const model = scriptedModel([[text("Hello."), done]]);
      const bench = await openAgentBench({ model, dataDir: join(mountPoint, "data") });
      const session = await bench.create();
      await promptAndWait(session, "one");
      const stored = await readLog(bench.store, session.view().id);
      await fill();
      await assert.rejects(session.prompt("x".repeat(100_000), [], {}, ada), {
        code: "storage",
        message: /disk is full/,
      });
      assert.equal(await readLog(bench.store, session.view().id), stored);
      await assert.rejects(bench.create(), { code: "storage", message: /disk is full/ });
      assert.deepEqual(
        (await bench.store.list()).map(({ id }) => id),
        [session.view().id],
      );
      await rm(filler);
      await promptAndWait(session, "two");
      assert.equal(session.view().lastEnd?.outcome, "done");
      checkEnds(session.envelopes());
      await bench.close();
    });

    it("report to watchers that a turn cannot continue, and end it when there is space", async () => {
      const gate = Promise.withResolvers<void>();
      const model = scriptedModel([
        [text("a".repeat(5_000)), gate.promise, text("b".repeat(200_000)), done],
        [text("ok"), done],
      ]);
      const bench = await openAgentBench({ model, dataDir: join(mountPoint, "data2") });
      const session = await bench.create();
      const failed = new Promise<string>((resolve) => {
        session.watch(
          () => undefined,
          ({ message }) => resolve(message),
        );
      });
      await session.prompt("one", [], {}, ada);
      await fill();
      gate.resolve();
      assert.match(await failed, /disk is full/);
      await session.idle();
      assert.equal(session.view().activity.state, "running");
      await rm(filler);
      await promptAndWait(session, "two");
      checkEnds(session.envelopes());
      assert.equal(session.view().lastEnd?.outcome, "done");
      await bench.close();
    });
  });
});
