import assert from "node:assert/strict";
import fc from "fast-check";
import { textOf } from "../../../tui/draw/style.ts";
import { lineWidth } from "../../../tui/draw/wrap.ts";
import { type OutputOptions, renderOutput } from "../../../tui/text/output.ts";
import { seededOptions } from "../../help/seed.ts";

const rows = (text: string, options: Partial<OutputOptions> = {}): string[] =>
  renderOutput(text, { columns: 20, long: "wrap", ...options }).map(textOf);

const ten = Array.from({ length: 10 }, (_, index) => `line ${index + 1}`).join("\n");

const cases: [string, string, Partial<OutputOptions>, string[]][] = [
  ["nothing", "", {}, []],
  ["lines, blank ones too", "a\n\n\nb\n", {}, ["a", "", "", "b"]],
  ["colors go", "\x1b[31mred\x1b[0m", {}, ["red"]],
  ["what would steer is written out", "\x1b]52;c;a\x07", {}, ["\\x1b]52;c;a\\x07"]],
  ["progress stands as it ended", "10%\r50%\r100%\ndone", {}, ["100%", "done"]],
  ["a shorter text leaves the rest", "abcdef\rxy", {}, ["xycdef"]],
  ["a return at the end changes nothing", "abc\r\ndef\r", {}, ["abc", "def"]],
  ["erasing leaves nothing", "downloading\r\x1b[Kok", {}, ["ok"]],
  ["tabs", "a\tb\tc", {}, ["a   b   c"]],
  ["long lines are broken", "x".repeat(25), {}, ["x".repeat(20), "x".repeat(5)]],
  ["long lines are cut", "x".repeat(25), { long: "cut" }, [`${"x".repeat(19)}…`]],
  ["the end", ten, { tail: 2 }, ["… 8 more lines", "line 9", "line 10"]],
  ["the beginning", ten, { head: 2 }, ["line 1", "line 2", "… 8 more lines"]],
  ["both", ten, { head: 1, tail: 1 }, ["line 1", "… 8 more lines", "line 10"]],
  ["one line is not worth folding", ten, { head: 4, tail: 5 }, ten.split("\n")],
  ["rows of one long line", "x".repeat(100), { head: 1, tail: 1 }, ["x".repeat(20), "… 3 more rows", "x".repeat(20)]],
  ["numbered lines stand in line", "9\ta\n10\t\tb", {}, [" 9  a", "10      b"]],
  ["numbered lines hang", `7\t${"x".repeat(20)}`, {}, [`7  ${"x".repeat(17)}`, "   xxx"]],
];

describe("output", () => {
  for (const [name, text, options, expected] of cases) it(name, () => assert.deepEqual(rows(text, options), expected));

  it("is never wider than the columns, and contains no control characters", () => {
    const piece = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("\n", "\r", "\r\n", "\t", "12\t", "\x1b[K", "\x1b[1m", "\x9b", "漢字", "word word word"),
    );
    const options = fc.record({
      columns: fc.integer({ min: 10, max: 60 }),
      long: fc.constantFrom("wrap" as const, "cut" as const),
      head: fc.nat({ max: 4 }),
      tail: fc.nat({ max: 4 }),
    });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), options, (pieces, how) => {
        for (const row of renderOutput(pieces.join(""), how)) {
          assert.ok(lineWidth(row) <= how.columns);
          for (const { text } of row) assert.doesNotMatch(text, /[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
        }
      }),
      seededOptions(400),
    );
  });

  it("handles large output in time", () => {
    assert.equal(rows("x\r".repeat(500_000)).length, 1);
    assert.equal(rows("x".repeat(1_000_000), { head: 5, tail: 5 }).length, 11);
    assert.equal(rows("line\n".repeat(500_000), { head: 5, tail: 5 }).length, 11);
  }).timeout(4_000);
});
