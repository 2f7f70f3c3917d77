/** Hunks between two texts, kept and undone one by one. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { diffHunks, type Hunk, isSameHunk, keepHunk, undoHunk } from "../../client/hunks.ts";

/** Few different lines, so that texts share lines and lines repeat. */
const someText = fc
  .tuple(fc.array(fc.constantFrom("a", "b", "c", "", "  d\r", "}"), { maxLength: 14 }), fc.boolean())
  .map(([lines, ended]) => lines.join("\n") + (ended && lines.length > 0 ? "\n" : ""));
const someFile = fc.option(someText, { nil: null, freq: 8 });
const choice = fc.infiniteStream(fc.tuple(fc.nat(), fc.boolean()));

type Files = { base: string | null; now: string | null };
const keep = ({ base, now }: Files, hunk: Hunk): Files => ({ base: keepHunk(base, now, hunk), now });
const undo = ({ base, now }: Files, hunk: Hunk): Files => ({ base, now: undoHunk(base, now, hunk) });

/** Applies steps until nothing differs; fails if that takes too many. */
function reviewAll(files: Files, step: (files: Files, hunks: readonly Hunk[]) => Files): Files {
  const most = diffHunks(files.base, files.now).reduce(
    (sum, { base, now }) => sum + base.lines.length + now.lines.length,
    1,
  );
  let at = files;
  for (let count = 0; count <= most; count++) {
    const hunks = diffHunks(at.base, at.now);
    if (hunks.length === 0) return at;
    at = step(at, hunks);
  }
  assert.fail("The review did not end.");
}
const first = (hunks: readonly Hunk[]): Hunk => hunks[0] ?? assert.fail();

describe("hunks", () => {
  it("are empty only for equal texts; a missing file differs from an empty one", () => {
    fc.assert(
      fc.property(someFile, someFile, (base, now) => assert.equal(diffHunks(base, now).length === 0, base === now)),
    );
    assert.deepEqual(diffHunks(null, ""), [{ base: { start: 0, lines: [] }, now: { start: 0, lines: [] } }]);
  });

  it("have positions in both texts, and lines with line ends", () => {
    assert.deepEqual(diffHunks("a\nb\nc\n", "a\nB\nc\nd"), [
      { base: { start: 1, lines: ["b\n"] }, now: { start: 1, lines: ["B\n"] } },
      { base: { start: 3, lines: [] }, now: { start: 3, lines: ["d"] } },
    ]);
    fc.assert(
      fc.property(someText, someText, (base, now) => {
        for (const hunk of diffHunks(base, now)) {
          const at = (text: string, { start, lines }: Hunk["base"]) =>
            text.split(/(?<=\n)/).slice(start, start + lines.length);
          assert.deepEqual(at(base, hunk.base), hunk.base.lines);
          assert.deepEqual(at(now, hunk.now), hunk.now.lines);
        }
      }),
    );
  });

  it("result in the current text if all are kept", () => {
    fc.assert(
      fc.property(someFile, someFile, (base, now) => {
        assert.deepEqual(
          reviewAll({ base, now }, (files, hunks) => keep(files, first(hunks))),
          { base: now, now },
        );
      }),
    );
  });

  it("result in the base if all are undone", () => {
    fc.assert(
      fc.property(someFile, someFile, (base, now) => {
        const ended = reviewAll({ base, now }, (files, hunks) => undo(files, first(hunks)));
        assert.deepEqual(ended, { base, now: base });
      }),
    );
  });

  it("result in equal texts if kept and undone in any order", () => {
    fc.assert(
      fc.property(someFile, someFile, choice, (base, now, choices) => {
        const ended = reviewAll({ base, now }, (files, hunks) => {
          const [which, mustKeep] = choices.next().value ?? [0, true];
          const hunk = hunks[which % hunks.length] ?? first(hunks);
          return mustKeep ? keep(files, hunk) : undo(files, hunk);
        });
        assert.equal(ended.base, ended.now);
      }),
    );
  });

  it("are independent: keeping one equals undoing all others", () => {
    fc.assert(
      fc.property(someText, someText, fc.nat(), (base, now, which) => {
        const hunks = diffHunks(base, now);
        const one = hunks[which % Math.max(1, hunks.length)];
        if (!one) return;
        // From the last to the first, so that none moves.
        const others = hunks.filter((hunk) => hunk !== one).reverse();
        const without = others.reduce<string | null>((text, hunk) => undoHunk(base, text, hunk), now);
        assert.equal(without, keepHunk(base, now, one));
      }),
    );
  });

  it("are found again after others were undone, and not confused with others", () => {
    const before = diffHunks("a\nb\nc\n", "A\nb\nC\n");
    const again = diffHunks("A\nb\nc\n", "A\nb\nC\n");
    assert.deepEqual(
      before.map((hunk) => again.some((one) => isSameHunk(one, hunk))),
      [false, true],
    );
    const other = diffHunks("A\nb\nx\n", "A\nb\nC\n");
    assert.equal(
      other.some((one) => before.some((hunk) => isSameHunk(one, hunk))),
      false,
    );
  });

  it("treat a completely changed text as one change, quickly", () => {
    const lines = (mark: string): string => Array.from({ length: 9_000 }, (_, index) => `${mark}${index}\n`).join("");
    const [base, now] = [lines("a"), lines("b")];
    const started = performance.now();
    const hunks = diffHunks(base, now);
    assert.equal(hunks.length, 1);
    assert.equal(keepHunk(base, now, first(hunks)), now);
    assert.ok(performance.now() - started < 3_000);
  });
});
