import assert from "node:assert/strict";
import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  chown,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { openFiles } from "../../../server/node/files.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (content: Uint8Array) => new TextDecoder().decode(content);

/** Exchanges a folder for a link and back until its input ends; a write may make the folder anew while it is away. */
const swapping = `
  const fs = require("node:fs");
  const [inside, away, out] = process.argv.slice(1);
  let on = true;
  process.stdin.on("end", () => { on = false; }).resume();
  const anew = () => { for (const path of [inside, away]) fs.rmSync(path, { recursive: true, force: true, maxRetries: 50 }); fs.mkdirSync(inside); };
  const swap = () => {
    try { fs.renameSync(inside, away); fs.symlinkSync(out, inside); fs.unlinkSync(inside); fs.renameSync(away, inside); }
    catch { try { anew(); } catch {} }
  };
  const turn = () => { for (let i = 0; i < 50; i++) swap(); if (on) setImmediate(turn); };
  swap();
  process.stdout.write("swapped");
  turn();`;

describe("files", () => {
  let root: string;
  const files = openFiles();
  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), "tutti-files-")));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it("creates missing folders for a new file, and reads a part of it", async () => {
    await files.write(join(root, "a/b/c.txt"), bytes("hello"));
    assert.equal(text(await files.read(join(root, "a/b/c.txt"), 3, 1)), "ell");
    assert.deepEqual(await readdir(join(root, "a/b")), ["c.txt"]);
  });

  it("preserves the mode of a replaced file", async () => {
    const path = join(root, "run.sh");
    await writeFile(path, "old");
    await chmod(path, 0o751);
    await files.write(path, bytes("new"));
    assert.equal((await stat(path)).mode & 0o7777, 0o751);
    assert.equal(await readFile(path, "utf8"), "new");
  });

  it("keeps hard links", async () => {
    for (const [before, after] of [
      ["old", "new"],
      ["long content", "x"],
      ["x", "long content"],
    ] as const) {
      await writeFile(join(root, "one"), before);
      await rm(join(root, "two"), { force: true });
      await link(join(root, "one"), join(root, "two"));
      let isStored = false;
      await files.write(join(root, "one"), bytes(after), {
        async beforeInPlace() {
          isStored = (await readFile(join(root, "one"), "utf8")) === before;
        },
      });
      assert.equal(await readFile(join(root, "two"), "utf8"), after);
      assert.ok(isStored);
    }
  });

  it("gives a new file the requested mode", async () => {
    await files.write(join(root, "run.sh"), bytes("x"), { mode: 0o750 });
    assert.equal((await stat(join(root, "run.sh"))).mode & 0o7777, 0o750);
  });

  for (const mode of [0o444, 0o400, 0o555])
    it(`does not change a file of mode ${mode.toString(8)}`, async () => {
      const path = join(root, "frozen");
      await writeFile(path, "old");
      await chmod(path, mode);
      assert.equal((await files.stat(path)).readOnly, true);
      await assert.rejects(files.write(path, bytes("new")), /frozen is read-only/);
      assert.equal(await readFile(path, "utf8"), "old");
    });

  /** Root may do everything, so it writes as another user. */
  const writeAsUser = async (path: string, content: string): Promise<string> => {
    const program = fileURLToPath(new URL("../../help/write-as-user.ts", import.meta.url));
    const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
    await chmod(root, 0o755);
    if (user.uid !== undefined)
      await Promise.all((await readdir(root)).map((name) => chown(join(root, name), 65534, 65534)));
    const { stdout } = await promisify(execFile)(process.execPath, [program, path, content], user);
    return stdout;
  };

  it("writes a file in a folder that cannot be changed", async () => {
    const folder = join(root, "closed");
    await mkdir(folder);
    const [path, other] = [join(folder, "open.txt"), join(folder, "shut.txt")];
    await writeFile(path, "old content");
    await chmod(path, 0o666);
    await writeFile(other, "old");
    await chmod(other, 0o444);
    await chmod(folder, 0o555);
    try {
      assert.equal(await writeAsUser(path, "new"), "");
      assert.equal(await readFile(path, "utf8"), "new");
      assert.match(await writeAsUser(other, "new"), /shut\.txt is read-only/);
      assert.match(await writeAsUser(join(folder, "more.txt"), "new"), /permission denied/);
      assert.deepEqual((await readdir(folder)).sort(), ["open.txt", "shut.txt"]);
    } finally {
      await chmod(folder, 0o755);
    }
  });

  it("writes a mounted file", async function () {
    const [path, source] = [join(root, "file"), join(root, "source")];
    await writeFile(path, "");
    await writeFile(source, "old");
    const mounted = await promisify(execFile)("mount", ["--bind", source, path]).catch(() => null);
    if (mounted === null) return this.skip();
    try {
      await files.write(path, bytes("new content"));
      assert.equal(await readFile(source, "utf8"), "new content");
      assert.deepEqual((await readdir(root)).sort(), ["file", "source"]);
    } finally {
      await promisify(execFile)("umount", [path]);
    }
  });

  it("resolves links to files and folders, chains, and dangling links", async () => {
    await mkdir(join(root, "real"));
    await writeFile(join(root, "real/file"), "x");
    await symlink("real", join(root, "folder"));
    await symlink("folder/file", join(root, "l0"));
    for (let depth = 0; depth < 8; depth += 1) await symlink(`l${depth}`, join(root, `l${depth + 1}`));
    await symlink("real/coming", join(root, "dangling"));
    const real = async (name: string) => {
      const facts = await files.stat(join(root, name));
      return [facts.real, facts.linked, facts.kind];
    };
    assert.deepEqual(await real("real/file"), [join(root, "real/file"), false, "file"]);
    assert.deepEqual(await real("folder/file"), [join(root, "real/file"), true, "file"]);
    assert.deepEqual(await real("l8"), [join(root, "real/file"), true, "file"]);
    assert.deepEqual(await real("folder/new/deep"), [join(root, "real/new/deep"), true, "missing"]);
    assert.deepEqual(await real("dangling"), [join(root, "real/coming"), true, "missing"]);
  });

  it("reports a loop of links", async () => {
    await symlink("b", join(root, "a"));
    await symlink("a", join(root, "b"));
    await assert.rejects(files.stat(join(root, "a")), /links/);
  });

  it("follows no link to read, write or remove", async () => {
    await mkdir(join(root, "out"));
    await writeFile(join(root, "out/file"), "kept");
    await symlink("out", join(root, "folder"));
    await symlink("out/file", join(root, "file"));
    for (const path of ["folder/file", "file"]) {
      await assert.rejects(files.read(join(root, path), 10), /link/);
      await assert.rejects(files.write(join(root, path), bytes("bad")), /link/);
    }
    await assert.rejects(files.write(join(root, "folder/new"), bytes("bad")), /link/);
    await assert.rejects(files.remove(join(root, "folder/file")), /link/);
    assert.equal(await readFile(join(root, "out/file"), "utf8"), "kept");
    assert.deepEqual(await readdir(join(root, "out")), ["file"]);
  });

  it("never writes outside while its folder is repeatedly replaced by a link", async () => {
    const [inside, away, out] = [join(root, "in"), join(root, "away"), join(root, "out")];
    await mkdir(inside);
    await mkdir(out);
    const swapper = spawn(process.execPath, ["-e", swapping, inside, away, out], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const [first] = await once(swapper.stdout, "data");
    assert.match(String(first), /swapped/);
    const results: PromiseSettledResult<void>[] = [];
    for (let index = 0; index < 2_000; index += 1) {
      results.push(...(await Promise.allSettled([files.write(join(inside, `f${index % 7}`), bytes("x"))])));
    }
    swapper.stdin.end();
    await once(swapper, "exit");
    assert.ok(results.some(({ status }) => status === "fulfilled"));
    assert.deepEqual(await readdir(out), []);
  });

  it("rejects devices, pipes and process files", async () => {
    execFileSync("/bin/sh", ["-c", 'mkfifo "$1"', "sh", join(root, "pipe")]);
    await assert.rejects(files.read(join(root, "pipe"), 10), /pipe/);
    await assert.rejects(files.write(join(root, "pipe"), bytes("x")), /pipe/);
    for (const path of [
      "/dev/zero",
      "/dev/stdin",
      "/proc/self/root/etc/passwd",
      "/proc/self/environ",
      `/proc/${process.pid}/mem`,
    ]) {
      assert.equal((await files.stat(path)).kind, "device");
      await assert.rejects(files.read(path, 10), /only regular files/);
    }
  });

  it("reads only the requested part of a huge file", async () => {
    const path = join(root, "huge");
    await writeFile(path, "start");
    await truncate(path, 10 * 1024 ** 3);
    assert.equal((await files.read(path, 1000)).length, 1000);
    assert.equal((await files.read(path, 1000, 10 * 1024 ** 3 - 10)).length, 10);
  });

  it("removes old temporary files of a crash", async () => {
    const [old, young] = [join(root, ".tutti-old.tmp"), join(root, ".tutti-young.tmp")];
    await writeFile(old, "half");
    await writeFile(young, "half");
    await utimes(old, new Date(Date.now() - 7_200_000), new Date(Date.now() - 7_200_000));
    await files.write(join(root, "file"), bytes("x"));
    assert.deepEqual((await readdir(root)).sort(), [".tutti-young.tmp", "file"]);
  });

  it("leaves the old or the new content complete when the program is killed", async () => {
    const path = join(root, "file");
    const writer = fileURLToPath(new URL("../../help/killed-writer.ts", import.meta.url));
    await writeFile(path, "old");
    await chmod(path, 0o640);
    for (const rounds of [1, 2, 4]) {
      const program = spawn(process.execPath, [writer, path], { stdio: ["ignore", "pipe", "inherit"] });
      let output = "";
      for await (const piece of program.stdout) {
        output += String(piece);
        if (output.split("\n").length > rounds) break;
      }
      const ended = new Promise((resolve) => program.once("exit", resolve));
      program.kill("SIGKILL");
      await ended;
      const content = await readFile(path);
      assert.equal(content.length, 20_000_000);
      assert.ok(content.equals(Buffer.alloc(20_000_000, content[0])));
      assert.equal((await stat(path)).mode & 0o777, 0o640);
    }
  });

  it("keeps the previous content of a file that was written in place when the program is killed", async function () {
    this.timeout(120_000);
    const editor = fileURLToPath(new URL("../../help/killed-editor.ts", import.meta.url));
    const wholeContents = ["a", "b"].map((letter) => Buffer.alloc(12_000_000, letter));
    const isWhole = (content: Buffer) => wholeContents.some((whole) => whole.equals(content));
    for (const rounds of [1, 2]) {
      const program = spawn(process.execPath, [editor], { stdio: ["ignore", "pipe", "inherit"] });
      let output = "";
      for await (const piece of program.stdout) {
        output += String(piece);
        if (output.split("\n").length > rounds + 2) break;
      }
      const ended = new Promise((resolve) => program.once("exit", resolve));
      program.kill("SIGKILL");
      await ended;
      const [path = "", blob = ""] = output.split("\n");
      try {
        const kept = (await readdir(dirname(blob))).filter((name) => name.length === 64);
        const contents = await Promise.all(kept.map((name) => readFile(join(dirname(blob), name))));
        assert.ok(contents.length > 0 && contents.every(isWhole));
        assert.equal((await readFile(path)).length, 12_000_000);
        assert.equal((await stat(path)).nlink, 2);
      } finally {
        await rm(dirname(dirname(path)), { recursive: true });
      }
    }
  });

  it("describes errors", async () => {
    await assert.rejects(files.read(join(root, "nothing"), 1), /nothing does not exist/);
    await assert.rejects(files.read(root, 1), /is a folder/);
    await assert.rejects(files.list(join(root, "nothing")), /does not exist/);
  });

  it("lists names in a stable order and marks folders, also through links", async () => {
    await mkdir(join(root, "b"));
    for (const name of ["a", "B", "ä"]) await writeFile(join(root, name), "");
    await symlink("b", join(root, "c"));
    await symlink("nowhere", join(root, "d"));
    assert.deepEqual(
      (await files.list(root)).map(({ name, directory }) => name + (directory ? "/" : "")),
      ["B", "a", "b/", "c/", "d", "ä"],
    );
  });

  it("removes a file, but not a folder", async () => {
    await writeFile(join(root, "a"), "");
    await files.remove(join(root, "a"));
    await assert.rejects(lstat(join(root, "a")));
    await assert.rejects(files.remove(root), /folder/);
  });
});
