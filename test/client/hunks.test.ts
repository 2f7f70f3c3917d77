/** Changes between two texts, kept and undone one by one. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Hunk, hunksOf, keepHunk, sameHunk, undoHunk } from "../../client/hunks.ts";

/** Few different lines, so that texts have much in common and lines come again. */
const someText = fc
  .tuple(fc.array(fc.constantFrom("a", "b", "c", "", "  d\r", "}"), { maxLength: 14 }), fc.boolean())
  .map(([lines, ended]) => lines.join("\n") + (ended && lines.length > 0 ? "\n" : ""));
const someFile = fc.option(someText, { nil: null, freq: 8 });
const choice = fc.infiniteStream(fc.tuple(fc.nat(), fc.boolean()));

type Files = { base: string | null; now: string | null };
const kept = ({ base, now }: Files, hunk: Hunk): Files => ({ base: keepHunk(base, now, hunk), now });
const undone = ({ base, now }: Files, hunk: Hunk): Files => ({ base, now: undoHunk(base, now, hunk) });

/** How many steps are taken, at most, until nothing differs. */
function lookThrough(files: Files, step: (files: Files, hunks: readonly Hunk[]) => Files): Files {
  const most = hunksOf(files.base, files.now).reduce(
    (sum, { base, now }) => sum + base.lines.length + now.lines.length,
    1,
  );
  let at = files;
  for (let count = 0; count <= most; count++) {
    const hunks = hunksOf(at.base, at.now);
    if (hunks.length === 0) return at;
    at = step(at, hunks);
  }
  assert.fail("Looking through did not end.");
}
const first = (hunks: readonly Hunk[]): Hunk => hunks[0] ?? assert.fail();

describe("hunks of two texts", () => {
  it("are none exactly where nothing differs, and no file is not an empty one", () => {
    fc.assert(
      fc.property(someFile, someFile, (base, now) => assert.equal(hunksOf(base, now).length === 0, base === now)),
    );
    assert.deepEqual(hunksOf(null, ""), [{ base: { start: 0, lines: [] }, now: { start: 0, lines: [] } }]);
  });

  it("say where they stand in both, with line ends", () => {
    assert.deepEqual(hunksOf("a\nb\nc\n", "a\nB\nc\nd"), [
      { base: { start: 1, lines: ["b\n"] }, now: { start: 1, lines: ["B\n"] } },
      { base: { start: 3, lines: [] }, now: { start: 3, lines: ["d"] } },
    ]);
    fc.assert(
      fc.property(someText, someText, (base, now) => {
        for (const hunk of hunksOf(base, now)) {
          const at = (text: string, { start, lines }: Hunk["base"]) =>
            text.split(/(?<=\n)/).slice(start, start + lines.length);
          assert.deepEqual(at(base, hunk.base), hunk.base.lines);
          assert.deepEqual(at(now, hunk.now), hunk.now.lines);
        }
      }),
    );
  });

  it("give the present text when all are kept, one after another", () => {
    fc.assert(
      fc.property(someFile, someFile, (base, now) => {
        assert.deepEqual(
          lookThrough({ base, now }, (files, hunks) => kept(files, first(hunks))),
          { base: now, now },
        );
      }),
    );
  });

  it("give the old text when all are undone", () => {
    fc.assert(
      fc.property(someFile, someFile, (base, now) => {
        const ended = lookThrough({ base, now }, (files, hunks) => undone(files, first(hunks)));
        assert.deepEqual(ended, { base, now: base });
      }),
    );
  });

  it("end equal, kept and undone in any order", () => {
    fc.assert(
      fc.property(someFile, someFile, choice, (base, now, choices) => {
        const ended = lookThrough({ base, now }, (files, hunks) => {
          const [which, keep] = choices.next().value ?? [0, true];
          const hunk = hunks[which % hunks.length] ?? first(hunks);
          return keep ? kept(files, hunk) : undone(files, hunk);
        });
        assert.equal(ended.base, ended.now);
      }),
    );
  });

  it("leave the others where they were: keeping one is the present text with the others undone", () => {
    fc.assert(
      fc.property(someText, someText, fc.nat(), (base, now, which) => {
        const hunks = hunksOf(base, now);
        const one = hunks[which % Math.max(1, hunks.length)];
        if (!one) return;
        // From the last to the first, so that none moves.
        const others = hunks.filter((hunk) => hunk !== one).reverse();
        const without = others.reduce<string | null>((text, hunk) => undoHunk(base, text, hunk), now);
        assert.equal(without, keepHunk(base, now, one));
      }),
    );
  });

  it("are found again where others before them were undone, or not taken for another", () => {
    const before = hunksOf("a\nb\nc\n", "A\nb\nC\n");
    const again = hunksOf("A\nb\nc\n", "A\nb\nC\n");
    assert.deepEqual(
      before.map((hunk) => again.some((one) => sameHunk(one, hunk))),
      [false, true],
    );
    const other = hunksOf("A\nb\nx\n", "A\nb\nC\n");
    assert.equal(
      other.some((one) => before.some((hunk) => sameHunk(one, hunk))),
      false,
    );
  });

  it("take a text that changed throughout as one change, and soon", () => {
    const lines = (mark: string): string => Array.from({ length: 9_000 }, (_, index) => `${mark}${index}\n`).join("");
    const [base, now] = [lines("a"), lines("b")];
    const started = performance.now();
    const hunks = hunksOf(base, now);
    assert.equal(hunks.length, 1);
    assert.equal(keepHunk(base, now, first(hunks)), now);
    assert.ok(performance.now() - started < 3_000);
  });
});
