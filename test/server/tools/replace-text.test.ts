import assert from "node:assert/strict";
import fc from "fast-check";
import { applyEdits, type Edit } from "../../../server/tools/replace-text.ts";
import { decodeText, encodeText } from "../../../server/workspace/text-file.ts";

const edit = (old: string, replacement: string, all = false): Edit => ({ old, new: replacement, all });
const getProblem = (text: string, ...edits: Edit[]): string => {
  const done = applyEdits(text, edits);
  return done.ok ? assert.fail(`was applied: ${done.text}`) : done.problem;
};
const result = (text: string, ...edits: Edit[]): string => {
  const done = applyEdits(text, edits);
  return done.ok ? done.text : assert.fail(done.problem);
};

describe("applyEdits", () => {
  it("applies edits in order, each to the result of the previous one", () =>
    assert.equal(result("one two", edit("one", "two x"), edit("x two", "y")), "two y"));

  it("applies all edits or none", () => {
    const done = applyEdits("one two", [edit("one", "1"), edit("three", "3")]);
    assert.equal(done.ok, false);
    assert.match(getProblem("one two", edit("one", "1"), edit("three", "3")), /^Edit 2 of 2: /);
  });

  it("replaces every occurrence with all", () => assert.equal(result("a a a", edit("a", "b", true)), "b b b"));

  it("does not treat the new text as a pattern", () => assert.equal(result("a", edit("a", "$& $1 \\1")), "$& $1 \\1"));

  it("matches any line end, and preserves those in the file", () => {
    assert.equal(result("a\r\nb\r\nc", edit("a\nb", "a\nx\nb")), "a\r\nx\r\nb\r\nc");
    assert.equal(result("a\r\nb\nc\r\n", edit("b\nc", "b\nC")), "a\r\nb\nC\r\n");
    assert.equal(result("a\nb", edit("a\r\nb", "a\r\nc")), "a\nc");
    assert.equal(result("a\rb", edit("b", "c")), "a\rc");
  });

  it("lists the positions if the old text occurs more than once", () => {
    const problem = getProblem("x = 1\ny\nx = 1\n", edit("x = 1", "x = 2"));
    assert.match(problem, /occurs 2 times/);
    assert.match(problem, /^1\tx = 1$/m);
    assert.match(problem, /^3\tx = 1$/m);
  });

  it("shows the closest match with line numbers", () => {
    const text = "function add(a, b) {\n  return a + b;\n}\n\nfunction sub(a, b) {\n  return a - b;\n}\n";
    const problem = getProblem(text, edit("function sub(a, b) {\n  return a - c;\n}", "x"));
    assert.match(problem, /Line 6 differs/);
    assert.match(problem, /^6\t {2}return a - b;$/m);
  });

  it("reports a difference that is only whitespace", () =>
    assert.match(getProblem("if (a) {\n\treturn;\n}\n", edit("if (a) {\n    return;\n}", "x")), /only in whitespace/));

  it("detects line numbers that were copied from read", () =>
    assert.match(getProblem("const a = 1;\nconst b = 2;\n", edit("1\tconst a = 1;", "x")), /Omit the line numbers/));

  it("reports that nothing similar exists", () =>
    assert.match(getProblem("abc\n", edit("zzzzzz", "y")), /nothing similar is/));

  it("refuses an edit that changes nothing, and an empty old text", () => {
    assert.match(getProblem("a", edit("a", "a")), /the same/);
    assert.match(getProblem("a", edit("", "b")), /empty/);
    assert.equal(result("", edit("", "b")), "b");
  });

  const line = fc.string({ unit: fc.constantFrom("a", "b", " ", "\t", "é", "🎉", "\r"), maxLength: 8 });
  const end = fc.constantFrom("\n", "\r\n");
  const document = fc.array(fc.tuple(line, end), { maxLength: 8 }).map((lines) => lines.flat().join(""));

  it("changes no byte outside the edit, and can be undone", () =>
    fc.assert(
      fc.property(
        document,
        document,
        fc.stringMatching(/^[x-z]{1,5}$/),
        fc.stringMatching(/^[p-r]{1,5}$/),
        (before, after, old, next) => {
          fc.pre(!before.endsWith("\r") || !old.startsWith("\n"));
          const text = before + old + after;
          const changed = result(text, edit(old, next));
          assert.equal(changed, before + next + after);
          assert.equal(result(changed, edit(next, old)), text);
        },
      ),
    ));

  it("preserves the bytes of an untouched part in every encoding", () =>
    fc.assert(
      fc.property(
        fc.constantFrom("utf8", "utf16le", "utf16be", "latin1"),
        fc.string({ unit: fc.constantFrom("a", "\r\n", "\n", "é", "ÿ"), maxLength: 30 }),
        fc.boolean(),
        (encoding, padding, withMark) => {
          const wide = encoding === "utf16le" || encoding === "utf16be";
          const file = {
            text: `é${padding}X${padding}`,
            encoding,
            mark: wide || (encoding === "utf8" && withMark),
          } as const;
          const bytes = encodeText(file);
          assert.ok(bytes instanceof Uint8Array);
          const read = decodeText(bytes);
          assert.deepEqual(read, file);
          const changed = encodeText({ ...file, text: result(file.text, edit("X", "Y")) });
          assert.ok(changed instanceof Uint8Array);
          const different = [...bytes.keys()].filter((index) => bytes[index] !== changed[index]);
          assert.equal(changed.length, bytes.length);
          assert.equal(different.length, 1);
        },
      ),
    ));

  it("finds the closest match in a large file", () => {
    const lines = Array.from({ length: 19_000 }, (_, index) => `const value${index} = compute(${index});`);
    lines[12_344] = "export function unlike(anything: string): Else {";
    const problem = getProblem(lines.join("\n"), edit("export function unlike(everything: string): Else {", "x"));
    assert.match(problem, /^12345\texport function unlike/m);
  });
});

describe("decodeText and encodeText", () => {
  it("rejects binary content: NUL bytes or compressed data", () => {
    assert.equal(decodeText(new Uint8Array([1, 0, 2])), null);
    assert.equal(decodeText(Uint8Array.from({ length: 300 }, (_, index) => (index * 7 + 128) % 256 || 1)), null);
  });

  it("reports a character that Latin-1 lacks", () => {
    const done = encodeText({ text: "€", encoding: "latin1", mark: false });
    assert.ok("problem" in done && /Latin-1, which has no "€"/.test(done.problem));
  });
});
