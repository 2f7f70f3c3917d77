import assert from "node:assert/strict";
import fc from "fast-check";
import { line, textOf } from "../../../tui/draw/style.ts";
import { wrapLine } from "../../../tui/draw/wrap.ts";
import { findMatchingRows } from "../../../tui/screens/find-matching-rows.ts";
import { seededOptions } from "../../help/seed.ts";

describe("findMatchingRows", () => {
  it("finds the rows in which a match begins, also across rows, prefixes and cases", () => {
    const cases: [string[], string, number[]][] = [
      [["one two", "three TWO", "four"], "two", [0, 1]],
      [["▌ one two", "▌ three four"], "two three", [0]],
      [["│ averylongwo", "│ rd and more"], "longword", [0]],
      [["not one", "nothing"], "absent", []],
      [["a b", "c"], "ab", []],
      [["", "x", "", "y"], "x y", [1]],
      [["anything"], " ", []],
    ];
    for (const [rows, text, expected] of cases) assert.deepEqual(findMatchingRows(rows, text), expected, text);
  });

  it("finds words at every width", () =>
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("a", "few", "different", "words"), { maxLength: 60 }),
        fc.array(fc.constantFrom("a", "few", "different", "words"), { maxLength: 60 }),
        fc.integer({ min: 4, max: 60 }),
        (before, after, columns) => {
          const text = [...before, "the sought phrase", ...after].join(" ");
          const rows = wrapLine(line(text), columns).map(textOf);
          const [found, ...others] = findMatchingRows(rows, "The sought PHRASE");
          assert.deepEqual(others, []);
          // The rows above it do not contain all of the phrase, and the phrase begins on this row.
          const squeeze = (part: string[]): string => part.join("").replaceAll(" ", "");
          assert.ok(found !== undefined);
          assert.ok(!squeeze(rows.slice(0, found)).includes("thesoughtphrase"));
          assert.ok(squeeze(rows.slice(found)).includes("thesoughtphrase"));
          assert.ok(!squeeze(rows.slice(found + 1)).includes("thesoughtphrase"));
        },
      ),
      seededOptions(100),
    ));
});
