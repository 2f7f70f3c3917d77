import assert from "node:assert/strict";
import { chmod, mkdir, readdir, readFile, rename, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { edit } from "../../../server/tools/edit.ts";
import { list } from "../../../server/tools/list.ts";
import { patch } from "../../../server/tools/patch.ts";
import { read } from "../../../server/tools/read.ts";
import { write } from "../../../server/tools/write.ts";
import { openToolBench, type ToolBench } from "../../help/tool-bench.ts";

let bench: ToolBench;
const setUp = async () => {
  bench = await openToolBench();
};
const tearDown = () => bench.close();
const onDisk = (name: string) => readFile(join(bench.cwd, name), "utf8");

describe("read", () => {
  beforeEach(setUp);
  afterEach(tearDown);

  it("numbers lines and gives the offset to continue", async () => {
    await bench.writeFile("a.txt", "one\r\ntwo\nthree\n");
    assert.equal((await bench.call(read, { path: "a.txt" })).output, "1\tone\n2\ttwo\n3\tthree");
    const part = await bench.call(read, { path: "a.txt", offset: "2", limit: 1 });
    assert.equal(part.output, "2\ttwo\n(lines 2–2 of 3; continue with offset 3)");
    assert.match((await bench.call(read, { path: "a.txt", offset: 9 })).output, /only 3 lines/);
  });

  it("is limited to 2,000 lines, 2,000 characters of a line and 50 KB", async () => {
    await bench.writeFile("long", "x\n".repeat(2500));
    assert.match(
      (await bench.call(read, { path: "long" })).output,
      /\n2000\tx\n\(lines 1–2000 of 2500; continue with offset 2001\)$/,
    );
    await bench.writeFile("wide", `${"y".repeat(5000)}\n`);
    assert.match((await bench.call(read, { path: "wide" })).output, /^1\ty{2000}… \(3000 more characters\)$/);
    await bench.writeFile("big", `${"z".repeat(1000)}\n`.repeat(100));
    const { output } = await bench.call(read, { path: "big" });
    assert.ok(output.length <= 51_000);
    assert.match(output, /continue with offset 50\)/);
  });

  it("shows control and invisible characters", async () => {
    await bench.writeFile("evil", "a\x1b]0;t\x07\u202eb\n");
    assert.equal((await bench.call(read, { path: "evil" })).output, "1\ta\\x1b]0;t\\x07\\u{202e}b");
  });

  it("reads a small part of a huge file, with many lines or with one", async () => {
    const path = await bench.writeFile("huge", "first\nsecond\nthird\n");
    await truncate(path, 10 * 1024 ** 3);
    assert.match((await bench.call(read, { path: "huge" })).output, /not text/);
    await writeFile(path, Buffer.alloc(17 * 1024 * 1024, "0123456\n"));
    const deep = await bench.call(read, { path: "huge", offset: 1_000_000, limit: 1 });
    assert.match(deep.output, /^1000000\t0123456\n/);
    await writeFile(path, Buffer.alloc(17 * 1024 * 1024, "x"));
    assert.match((await bench.call(read, { path: "huge" })).output, /^1\tx{2000}… /);
  });

  it("returns an image, and rejects other binary files", async () => {
    const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0]);
    await bench.writeFile("a.png", png);
    const { images, ok } = await bench.call(read, { path: "a.png" });
    assert.ok(ok);
    assert.equal(images?.[0]?.mediaType, "image/png");
    await bench.writeFile("a.bin", new Uint8Array([1, 0, 2]));
    assert.match((await bench.call(read, { path: "a.bin" })).output, /not text/);
    await bench.writeFile("empty", "");
    assert.equal((await bench.call(read, { path: "empty" })).output, "(the file is empty)");
  });

  it("lists a folder like the list tool", async () => {
    await bench.writeFile("d/x/y", "");
    await bench.writeFile("d/a", "");
    assert.equal((await bench.call(read, { path: "d" })).output, "a\nx/");
    assert.equal((await bench.call(list, { path: "d" })).output, "a\nx/");
    assert.equal((await bench.call(list, {})).output, "d/");
    assert.match((await bench.call(list, { path: "d/a" })).output, /not a folder/);
  });

  it("suggests similar names for a missing file", async () => {
    await bench.writeFile("src/index.ts", "");
    assert.match((await bench.call(read, { path: "src/index.js" })).output, /does not exist.*index\.ts/);
    await bench.writeFile(".hidden/x", "");
    assert.equal((await bench.call(read, { path: "nope.txt" })).output, "nope.txt does not exist.");
    assert.match((await bench.call(read, { path: "no/such.txt" })).output, /and neither does its folder/);
  });

  it("requests access to the real path", async () => {
    await writeFile(join(bench.outside, "f"), "x");
    await symlink(bench.outside, join(bench.cwd, "l"));
    const accessesOf = async (path: string) => (await bench.prepare(read, { path })).accesses;
    const real = join(bench.outside, "f");
    assert.deepEqual(await accessesOf("l/f"), [{ kind: "read", path: real, shown: `l/f → ${real}` }]);
    assert.deepEqual(await accessesOf("../outside/f"), [{ kind: "read", path: real, shown: real }]);
    assert.deepEqual(await accessesOf("a/..//../outside//f"), [{ kind: "read", path: real, shown: real }]);
    assert.deepEqual(await accessesOf("%2e%2e/f"), [
      { kind: "read", path: join(bench.cwd, "%2e%2e/f"), shown: "%2e%2e/f" },
    ]);
    assert.deepEqual(await accessesOf("..\\f"), [{ kind: "read", path: join(bench.cwd, "..\\f"), shown: "..\\f" }]);
  });

  for (const path of ["~/x", "~root/x", "file:///etc/passwd", "a\0b", "", 7, null])
    it(`refuses the path ${JSON.stringify(path)}`, () => assert.equal(read.parse({ path }).ok, false));

  it("refuses devices and /proc files", async () => {
    for (const path of ["/dev/zero", "/dev/stdin", "/proc/self/environ", "/proc/self/root/etc/passwd"])
      assert.match((await bench.call(read, { path })).output, /device/);
  });

  it("reads nothing if a link was created after the check", async () => {
    await bench.writeFile("d/f", "mine");
    await writeFile(join(bench.outside, "f"), "theirs");
    const input = { path: "d/f", offset: undefined, limit: undefined };
    const plan = await read.prepare(input, bench.context);
    await rename(join(bench.cwd, "d"), join(bench.cwd, "was"));
    await symlink(bench.outside, join(bench.cwd, "d"));
    await assert.rejects(read.run(input, bench.context, plan), /has changed since it was checked/);
  });
});

describe("write", () => {
  beforeEach(setUp);
  afterEach(tearDown);

  it("creates a file and its folders, and records the change", async () => {
    const result = await bench.call(write, { file_path: "a/b.txt", content: "x\ny\n" });
    assert.deepEqual([result.ok, result.output], [true, "Created a/b.txt (2 lines)."]);
    assert.match(result.diff ?? "", /^\+x$/m);
    assert.equal(await onDisk("a/b.txt"), "x\ny\n");
    const after = bench.context.hash("x\ny\n");
    assert.deepEqual(bench.changes, [{ path: join(bench.cwd, "a/b.txt"), before: null, after, added: 2, removed: 0 }]);
  });

  it("refuses to overwrite an unread file, shows it, and then accepts the write", async () => {
    await bench.writeFile("a", "mine\n");
    const refused = await bench.call(write, { path: "a", content: "new\n" });
    assert.equal(refused.ok, false);
    assert.match(refused.output, /was not read.*\n1\tmine$/);
    assert.equal(await onDisk("a"), "mine\n");
    assert.equal((await bench.call(write, { path: "a", content: "new\n" })).ok, true);
    assert.equal(await onDisk("a"), "new\n");
    const stored = await bench.context.blobs.get(bench.changes[0]?.before ?? "");
    assert.equal(new TextDecoder().decode(stored ?? undefined), "mine\n");
  });

  it("refuses to overwrite a file that changed since it was read", async () => {
    await bench.writeFile("a", "one\n");
    await bench.call(read, { path: "a" });
    await bench.writeFile("a", "one\nsaved by the user\n");
    const refused = await bench.call(write, { path: "a", content: "two\n" });
    assert.equal(refused.ok, false);
    assert.match(refused.output, /changed since you read it.*\n1\tone\n2\tsaved by the user$/);
    assert.match(await onDisk("a"), /saved by the user/);
  });

  it("preserves mode, byte order mark, encoding and line ends", async () => {
    const path = await bench.writeFile("a", "\ufeffx\r\ny\r\n");
    await chmod(path, 0o750);
    await bench.call(read, { path: "a" });
    await bench.call(write, { path: "a", content: "p\nq\n" });
    assert.equal(await onDisk("a"), "\ufeffp\r\nq\r\n");
    assert.equal((await stat(path)).mode & 0o777, 0o750);
  });

  it("writes nothing through a link that was created after the check", async () => {
    await mkdir(join(bench.cwd, "d"));
    const input = { path: "d/f", content: "x" };
    const plan = await write.prepare(input, bench.context);
    await rm(join(bench.cwd, "d"), { recursive: true });
    await symlink(bench.outside, join(bench.cwd, "d"));
    await assert.rejects(write.run(input, bench.context, plan), /has changed since it was checked/);
    assert.deepEqual(await readdir(bench.outside), []);
  });

  it("previews the diff without changing the file", async () => {
    await bench.writeFile("a", "old\n");
    const { preview, title } = await bench.prepare(write, { path: "a", content: "new\n" });
    assert.equal(title, "a");
    assert.match(preview ?? "", /^-old\n\+new$/m);
    assert.equal(await onDisk("a"), "old\n");
  });
});

describe("edit", () => {
  beforeEach(setUp);
  afterEach(tearDown);

  it("accepts the field names that models use, for one edit and for many", async () => {
    await bench.writeFile("a", "one two\n");
    assert.equal((await bench.call(edit, { file_path: "a", old_string: "one", new_string: "1" })).ok, true);
    assert.equal((await bench.call(edit, { path: "a", edits: '[{"oldText":"two","newText":"2"}]' })).ok, true);
    assert.equal(await onDisk("a"), "1 2\n");
    assert.equal(
      (await bench.call(edit, { path: "a", edits: [{ old: "1" }] })).output,
      'edit: edits[0]: "new" is missing.',
    );
    assert.match((await bench.call(edit, { path: "none", old: "a", new: "b" })).output, /does not exist/);
  });

  it("is refused with the new content if the user saved in between", async () => {
    await bench.writeFile("a", "one\n");
    await bench.call(read, { path: "a" });
    await bench.writeFile("a", "one\ntwo\n");
    const refused = await bench.call(edit, { path: "a", old: "one", new: "1" });
    assert.equal(refused.ok, false);
    assert.match(refused.output, /changed since.*\n1\tone\n2\ttwo$/);
    assert.equal((await bench.call(edit, { path: "a", old: "one", new: "1" })).ok, true);
    assert.equal(await onDisk("a"), "1\ntwo\n");
  });

  it("applies all edits or none", async () => {
    await bench.writeFile("a", "one\n");
    const result = await bench.call(edit, {
      path: "a",
      edits: [
        { old: "one", new: "1" },
        { old: "gone", new: "2" },
      ],
    });
    assert.match(result.output, /not changed: Edit 2 of 2/);
    assert.equal(await onDisk("a"), "one\n");
    assert.deepEqual(bench.changes, []);
  });

  it("preserves every other byte of Latin-1, UTF-16 and a file of one long line", async () => {
    await bench.writeFile("latin", Uint8Array.from([0x63, 0x61, 0x66, 0xe9, 0x0d, 0x0a, 0x78]));
    await bench.call(edit, { path: "latin", old: "x", new: "é" });
    assert.deepEqual([...(await readFile(join(bench.cwd, "latin")))], [0x63, 0x61, 0x66, 0xe9, 0x0d, 0x0a, 0xe9]);
    assert.match((await bench.call(edit, { path: "latin", old: "caf", new: "€" })).output, /Latin-1/);
    await bench.writeFile("wide", Buffer.from("\ufeffaé\r\nb", "utf16le"));
    await bench.call(edit, { path: "wide", old: "b", new: "ü" });
    assert.deepEqual(await readFile(join(bench.cwd, "wide")), Buffer.from("\ufeffaé\r\nü", "utf16le"));
    const side = "0123456789".repeat(500_000);
    await bench.writeFile("min.js", `${side}needle${side}`);
    assert.equal((await bench.call(edit, { path: "min.js", old: "needle", new: "thread" })).ok, true);
    assert.equal(await onDisk("min.js"), `${side}thread${side}`);
  });

  it("never interleaves with another edit of the same file", async () => {
    await bench.writeFile("a", Array.from({ length: 20 }, (_, index) => `<${index}>`).join("\n"));
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) => bench.call(edit, { path: "a", old: `<${index}>`, new: `[${index}]` })),
    );
    assert.ok(results.every((result) => result.ok));
    assert.equal(await onDisk("a"), Array.from({ length: 20 }, (_, index) => `[${index}]`).join("\n"));
  });

  it("previews the diff and the line", async () => {
    await bench.writeFile("a", "1\n2\n3\n");
    const plan = await bench.prepare(edit, { path: "a", old: "3", new: "three" });
    assert.match(plan.preview ?? "", /^-3\n\+three$/m);
    assert.deepEqual(plan.locations, [{ path: join(bench.cwd, "a"), line: 3 }]);
    assert.deepEqual(plan.accesses, [{ kind: "edit", path: join(bench.cwd, "a"), shown: "a" }]);
  });
});

describe("patch", () => {
  beforeEach(setUp);
  afterEach(tearDown);
  const envelope = (...lines: string[]) => ({ patch: ["*** Begin Patch", ...lines, "*** End Patch"].join("\n") });

  it("adds, changes, moves and deletes files, and requests access to each path", async () => {
    await bench.writeFile("a", "1\n2\n");
    await bench.writeFile("b", "x\n");
    await bench.writeFile("c", "gone\n");
    await bench.call(read, { path: "c" });
    const input = envelope(
      "*** Update File: a",
      "@@",
      " 1",
      "-2",
      "+two",
      "*** Update File: b",
      "*** Move to: d/b",
      "@@",
      "-x",
      "+y",
      "*** Delete File: c",
      "*** Add File: e",
      "+new",
    );
    const plan = await bench.prepare(patch, input);
    assert.deepEqual(
      plan.accesses.map((access) => "path" in access && access.path),
      ["a", "b", "d/b", "c", "e"].map((name) => join(bench.cwd, name)),
    );
    assert.equal(plan.title, "a and 4 more");
    const result = await bench.call(patch, input);
    assert.equal(result.ok, true, result.output);
    assert.deepEqual((await readdir(bench.cwd)).sort(), ["a", "d", "e"]);
    assert.deepEqual([await onDisk("a"), await onDisk("d/b"), await onDisk("e")], ["1\ntwo\n", "y\n", "new\n"]);
    assert.equal(bench.changes.length, 5);
  });

  it("changes nothing if one hunk does not match", async () => {
    await bench.writeFile("a", "1\n");
    const result = await bench.call(patch, envelope("*** Add File: n", "+x", "*** Update File: a", "@@", "-9", "+8"));
    assert.match(result.output, /Nothing was changed: a: Change 1 was not found/);
    assert.deepEqual(await readdir(bench.cwd), ["a"]);
  });

  it("does not delete or replace unread files", async () => {
    await bench.writeFile("a", "1\n");
    assert.match((await bench.call(patch, envelope("*** Delete File: a"))).output, /was not read/);
    await bench.writeFile("b", "1\n");
    assert.match((await bench.call(patch, envelope("*** Add File: b", "+x"))).output, /was not read/);
    assert.deepEqual((await readdir(bench.cwd)).sort(), ["a", "b"]);
  });

  it("refuses invalid paths", () =>
    assert.match(
      (patch.parse(envelope("*** Delete File: ~/x")) as { problem: string }).problem,
      /"~" is not expanded/,
    ));
});

describe("the preview of a change", () => {
  beforeEach(setUp);
  afterEach(tearDown);

  const lines = (count: number, text: string): string =>
    `${Array.from({ length: count }, (_, at) => `${text} ${at}`).join("\n")}\n`;
  const added = (preview = ""): string[] =>
    preview.split("\n").flatMap((line) => (/^\+(?!\+\+ )/.test(line) ? [line.slice(1)] : []));

  it("is whole for a new file of any size", async () => {
    for (const count of [80, 9_000, 120_000]) {
      const content = lines(count, "a line of text");
      const { preview } = await bench.prepare(write, { path: "new.txt", content });
      assert.equal(`${added(preview).join("\n")}\n`, content);
    }
  });

  it("is whole for a changed file that is too large to compare", async () => {
    const [head, tail] = [lines(60_000, "head"), lines(60_000, "tail")];
    await bench.writeFile("large.txt", `${head}old\n${tail}`);
    await bench.call(read, { path: "large.txt" });
    const { preview } = await bench.prepare(write, { path: "large.txt", content: `${head}new 1\nnew 2\n${tail}` });
    assert.match(
      preview ?? "",
      /@@ -59998,7 \+59998,8 @@\n head 59997\n head 59998\n head 59999\n-old\n\+new 1\n\+new 2\n tail 0\n tail 1\n tail 2$/m,
    );
  });

  it("is whole for an edit and a patch that are longer than what the model gets", async () => {
    await bench.writeFile("a.txt", "begin\n");
    await bench.call(read, { path: "a.txt" });
    const content = lines(9_000, "another line");
    const edited = await bench.prepare(edit, { path: "a.txt", old: "begin\n", new: content });
    assert.equal(`${added(edited.preview).join("\n")}\n`, content);
    const body = content
      .trimEnd()
      .split("\n")
      .map((line) => `+${line}`)
      .join("\n");
    const patched = await bench.prepare(patch, {
      patch: `*** Begin Patch\n*** Add File: b.txt\n${body}\n*** End Patch`,
    });
    assert.equal(`${added(patched.preview).join("\n")}\n`, content);
  });
});
