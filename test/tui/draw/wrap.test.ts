import assert from "node:assert/strict";
import fc from "fast-check";
import { type Line, span, textOf } from "../../../tui/draw/style.ts";
import { lineWidth, type WrapOptions, wrapLine } from "../../../tui/draw/wrap.ts";
import { seededOptions } from "../../help/seed.ts";

const rows = (text: string, columns: number, how?: WrapOptions): string[] =>
  wrapLine([span(text)], columns, how).map((row) => textOf(row));

const cases: [string, string, number, WrapOptions, string[]][] = [
  ["what fits stays", "as it is", 20, {}, ["as it is"]],
  ["between words", "one two three", 8, {}, ["one two", "three"]],
  ["no blanks at the edges", "one      two", 5, {}, ["one", "two"]],
  ["blanks at the beginning stay", "  one two", 6, {}, ["  one", "two"]],
  ["inside a word that is too long", "a abcdefghij", 4, {}, ["a", "abcd", "efgh", "ij"]],
  ["wide characters whole", "漢字漢字", 5, {}, ["漢字", "漢字"]],
  ["after any ideograph, not before a stop", "go 漢字漢字。", 8, {}, ["go 漢字", "漢字。"]],
  ["a family is one character", "👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 3, {}, ["👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"]],
  ["hanging", "one two three", 6, { indent: [span("> ")] }, ["one", "> two", "> thre", "> e"]],
  ["an indent without room goes", "abcd", 2, { indent: [span(">>")] }, ["ab", "cd"]],
  ["anywhere keeps blanks", "a  b c", 2, { anywhere: true }, ["a ", " b", " c"]],
];

describe("wrap", () => {
  for (const [name, text, columns, how, expected] of cases) {
    it(name, () => assert.deepEqual(rows(text, columns, how), expected));
  }

  it("does not break a word that spans several spans", () => {
    const bold = { bold: true };
    const laid = wrapLine([span("see "), span("bo", bold), span("ld, now")], 6);
    assert.deepEqual(laid.map(textOf), ["see", "bold,", "now"]);
    assert.deepEqual(laid[1]?.[0], span("bo", bold));
  });

  const anyLine: fc.Arbitrary<Line> = fc.array(
    fc
      .string({ unit: fc.constantFrom("a", "b", " ", "漢", "。", "é", "e\u0301", "🎉", "🇩🇪", "ب", "-") })
      .map((text) => span(text, { bold: text.length % 2 === 0 })),
    { maxLength: 6 },
  );

  it("never exceeds the columns, and preserves words", () =>
    fc.assert(
      fc.property(anyLine, fc.integer({ min: 2, max: 40 }), (spans, columns) => {
        const laid = wrapLine(spans, columns);
        for (const row of laid) assert.ok(lineWidth(row) <= columns);
        const bare = (text: string) => text.replace(/\s/gu, "");
        assert.equal(bare(laid.map(textOf).join("")), bare(textOf(spans)));
      }),
      seededOptions(500),
    ));

  it("preserves all text when breaking anywhere", () =>
    fc.assert(
      fc.property(anyLine, fc.integer({ min: 2, max: 40 }), (spans, columns) => {
        const laid = wrapLine(spans, columns, { anywhere: true });
        for (const row of laid) assert.ok(lineWidth(row) <= columns);
        assert.equal(laid.map(textOf).join(""), textOf(spans));
      }),
      seededOptions(500),
    ));

  it("handles a line of a megabyte in time", () => {
    assert.equal(rows("x".repeat(1_000_000), 100).length, 10_000);
    assert.equal(rows("ab ".repeat(330_000), 99).length, 10_000);
  });
});
