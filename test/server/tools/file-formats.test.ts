/** What a change keeps of a file: its encoding, bytes that were not meant, its mode. */
import assert from "node:assert/strict";
import { chmod, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { edit } from "../../../server/tools/edit.ts";
import { patch } from "../../../server/tools/patch.ts";
import { read } from "../../../server/tools/read.ts";
import { write } from "../../../server/tools/write.ts";
import { decodeText, encodeText } from "../../../server/workspace/text-file.ts";
import { openToolBench, type ToolBench } from "../../help/tool-bench.ts";

const latin = (text: string) => Buffer.from(text, "latin1");

describe("a changed file", () => {
  let bench: ToolBench;
  beforeEach(async () => {
    bench = await openToolBench();
  });
  afterEach(() => bench.close());
  const onDisk = (name: string) => readFile(join(bench.cwd, name));
  const readLine = async (name: string, line: number) => {
    const shown = await bench.call(read, { path: name });
    return shown.output.split("\n")[line - 1]?.replace(/^\d+\t/, "") ?? "";
  };

  const files: { name: string; bytes: Buffer; after: Buffer }[] = [
    {
      name: "Windows-1252",
      bytes: latin("one\r\ntrade\x99mark \x93x\x94\r\nend\x80"),
      after: latin("one\r\ntrade\x99mark \x93x\x94 here\r\nend\x80"),
    },
    {
      name: "a byte that Windows-1252 lacks",
      bytes: latin("one\r\na\x81b\x99\r\n"),
      after: latin("one\r\na\x81b\x99 here\r\n"),
    },
    { name: "Latin-1", bytes: latin("one\ncaf\xe9\n"), after: latin("one\ncaf\xe9 here\n") },
    {
      name: "Shift-JIS",
      bytes: latin("one\n\x93\xfa\x96\x7b\x8c\xea\nx"),
      after: latin("one\n\x93\xfa\x96\x7b\x8c\xea here\nx"),
    },
    {
      name: "UTF-16 without a byte order mark",
      bytes: Buffer.from("one\r\nzwei ö\r\n", "utf16le"),
      after: Buffer.from("one\r\nzwei ö here\r\n", "utf16le"),
    },
    {
      name: "UTF-16 with a byte order mark",
      bytes: Buffer.from("\ufeffone\r\nzwei ö\r\n", "utf16le"),
      after: Buffer.from("\ufeffone\r\nzwei ö here\r\n", "utf16le"),
    },
    {
      name: "UTF-8 with a byte order mark and control characters",
      bytes: Buffer.from("\ufeffone\n\x1b[31mred\x1b[0m \x07\u202ex\n"),
      after: Buffer.from("\ufeffone\n\x1b[31mred\x1b[0m \x07\u202ex here\n"),
    },
    {
      name: "no-break spaces",
      bytes: Buffer.from("one\na\u00a0b : \u201cc\u201d\n"),
      after: Buffer.from("one\na\u00a0b : \u201cc\u201d here\n"),
    },
  ];
  for (const { name, bytes, after } of files) {
    it(`can be edited by the text that read shows: ${name}`, async () => {
      await bench.writeFile("f", bytes);
      const line = await readLine("f", 2);
      const result = await bench.call(edit, { path: "f", old: line, new: `${line} here` });
      assert.ok(result.ok, result.output);
      assert.deepEqual(await onDisk("f"), after);
    });

    it(`can be patched by the text that read shows: ${name}`, async () => {
      await bench.writeFile("f", bytes);
      const line = await readLine("f", 2);
      const lines = ["*** Begin Patch", "*** Update File: f", "@@", `-${line}`, `+${line} here`, "*** End Patch"];
      const result = await bench.call(patch, { patch: lines.join("\n") });
      assert.ok(result.ok, result.output);
      assert.deepEqual(await onDisk("f"), after);
    });
  }

  it("gets the bytes of the characters that write was shown", async () => {
    await bench.writeFile("f", latin("one\r\na\x81b\x99\r\n"));
    const line = await readLine("f", 2);
    const result = await bench.call(write, { path: "f", content: `two\n${line} \u2013\n` });
    assert.ok(result.ok, result.output);
    assert.deepEqual(await onDisk("f"), latin("two\r\na\x81b\x99 \x96\r\n"));
  });

  it("keeps the escapes of source code, also of characters that the file contains", async () => {
    for (const code of ['const ends = ["\\x0a", "\\x22", "\\x61"];\n', 'const e = "\\u{61}\\u{e9}";\n']) {
      await bench.writeFile("f.js", 'a = "é";\n');
      await bench.call(read, { path: "f.js" });
      const result = await bench.call(write, { path: "f.js", content: code });
      assert.ok(result.ok, result.output);
      assert.equal((await onDisk("f.js")).toString(), code);
      await bench.writeFile("g.js", 'a = "é";\n');
      await bench.call(read, { path: "g.js" });
      await bench.call(edit, { path: "g.js", old: 'a = "é";', new: code.trim() });
      assert.equal((await onDisk("g.js")).toString(), code);
    }
  });

  it("keeps typographic characters that an edit writes plainly, and takes those that it names", async () => {
    await bench.writeFile("f", "it\u2019s \u201csaid\u201d\n");
    await bench.call(edit, { path: "f", old: `it's "said"`, new: `it's not "said"` });
    assert.equal((await onDisk("f")).toString(), "it\u2019s not \u201csaid\u201d\n");
    await bench.call(edit, { path: "f", old: "it\u2019s not", new: "it's not" });
    assert.equal((await onDisk("f")).toString(), "it's not \u201csaid\u201d\n");
  });

  it("is not changed at a look-alike that occurs twice", async () => {
    await bench.writeFile("f", "a\u2013b\na\u2014b\n");
    const result = await bench.call(edit, { path: "f", old: "a-b", new: "x" });
    assert.equal(result.ok, false);
    assert.equal((await onDisk("f")).toString(), "a\u2013b\na\u2014b\n");
  });

  it("keeps its mode when a patch moves it", async () => {
    for (const mode of [0o755, 0o640, 0o600]) {
      const name = `run-${mode.toString(8)}`;
      await chmod(await bench.writeFile(name, "one\n"), mode);
      const lines = [`*** Update File: ${name}`, `*** Move to: bin/${name}`, "@@", "-one", "+two"];
      const result = await bench.call(patch, { patch: ["*** Begin Patch", ...lines, "*** End Patch"].join("\n") });
      assert.ok(result.ok, result.output);
      assert.equal((await stat(join(bench.cwd, "bin", name))).mode & 0o7777, mode);
    }
  });

  it("is not changed if it is read-only", async () => {
    await chmod(await bench.writeFile("f", "one\n"), 0o444);
    await bench.call(read, { path: "f" });
    const update = ["*** Begin Patch", "*** Update File: f", "@@", "-one", "+two", "*** End Patch"].join("\n");
    const remove = ["*** Begin Patch", "*** Delete File: f", "*** End Patch"].join("\n");
    const results = [
      await bench.call(edit, { path: "f", old: "one", new: "two" }),
      await bench.call(write, { path: "f", content: "two" }),
      await bench.call(patch, { patch: update }),
      await bench.call(patch, { patch: remove }),
    ];
    for (const { ok, output } of results)
      assert.ok(!ok && /f is read-only, so nothing was changed/.test(output), output);
    assert.equal((await onDisk("f")).toString(), "one\n");
  });

  it("has the same bytes after decoding and encoding, whatever they are", () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const file = decodeText(bytes);
        if (file !== null) assert.deepEqual(encodeText(file), bytes);
      }),
    ));
});
