import assert from "node:assert/strict";
import { formatPatch, structuredPatch } from "diff";
import fc from "fast-check";
import { computeDiffStats } from "../../../client/text/diff.ts";
import { type Line, textOf } from "../../../tui/draw/style.ts";
import { lineWidth } from "../../../tui/draw/wrap.ts";
import { renderDiff } from "../../../tui/text/diff.ts";
import { loadHighlighter } from "../../../tui/text/highlight.ts";
import { seededOptions } from "../../help/seed.ts";

const small = `--- a/src/x.ts
+++ b/src/x.ts
@@ -1,3 +1,4 @@
 const a = 1;
-const b = 2;
+const b = 3;
+const c = 4;
 done();
@@ -20 +21 @@ function late()
-old
+entirely new words
`;

const two = `diff --git a/one b/one
index 123..456 100644
--- a/one
+++ b/one
@@ -1 +1 @@
--- dashes
+++ pluses
\\ No newline at end of file
diff --git a/two.png b/two.png
Binary files a/two.png and b/two.png differ
--- /dev/null
+++ b/three
@@ -0,0 +1 @@
+x
`;

const unified = (text: string, columns = 40): string[] =>
  renderDiff(text, { columns, style: "unified" }).map((row) => textOf(row).trimEnd());

const texts = (lines: readonly Line[], bg: string): string[] =>
  lines.flat().flatMap(({ text, style }) => (style.bg === bg ? [text] : []));

describe("diff", () => {
  it("renders unified", () => {
    assert.deepEqual(unified(small), [
      "src/x.ts +3 −2",
      " 1  1   const a = 1;",
      " 2    - const b = 2;",
      "    2 + const b = 3;",
      "    3 + const c = 4;",
      " 3  4   done();",
      "… function late()",
      "20    - old",
      "   21 + entirely new words",
    ]);
  });

  it("renders side by side", () => {
    const rows = renderDiff(small, { columns: 120, style: "split" }).map((row) =>
      textOf(row).replace(/ +│/, " │").trimEnd(),
    );
    assert.deepEqual(rows, [
      "src/x.ts +3 −2",
      " 1   const a = 1; │ 1   const a = 1;",
      " 2 - const b = 2; │ 2 + const b = 3;",
      " │ 3 + const c = 4;",
      " 3   done(); │ 4   done();",
      "… function late()",
      "20 - old │21 + entirely new words",
    ]);
  });

  it("falls back to unified on narrow screens", () => {
    const split = renderDiff(small, { columns: 119, style: "split" });
    assert.deepEqual(split, renderDiff(small, { columns: 119, style: "unified" }));
  });

  it("renders several files and binary changes", () => {
    assert.deepEqual(unified(two), [
      "one +1 −1",
      "1   - -- dashes",
      "  1 + ++ pluses",
      "\\ No newline at end of file",
      "",
      "two.png +0 −0",
      "Binary files a/two.png and b/two.png",
      "differ",
      "",
      "three +1 −0",
      "  1 + x",
    ]);
    assert.deepEqual(computeDiffStats(two), [
      { path: "one", added: 1, removed: 1 },
      { path: "two.png", added: 0, removed: 0 },
      { path: "three", added: 1, removed: 0 },
    ]);
  });

  it("shows text that is not a diff", () => {
    const text = "--- big\n+++ big\n(too large to compare: 9 lines before, 8 after)";
    assert.deepEqual(unified(text, 60), ["big +0 −0", "(too large to compare: 9 lines before, 8 after)"]);
  });

  it("marks changed words in similar lines", () => {
    const lines = renderDiff(small, { columns: 40, style: "unified" });
    assert.deepEqual(texts(lines, "diffRemovedWord"), ["2"]);
    assert.deepEqual(texts(lines, "diffAddedWord"), ["3"]);
  });

  it("highlights each side as in its file", async () => {
    const highlight = await loadHighlighter();
    const lines = renderDiff(small, { columns: 40, style: "unified", highlight });
    const keyword = lines[2]?.find(({ text }) => text === "const");
    assert.deepEqual(keyword?.style, { fg: "syntaxKeyword", bg: "diffRemovedBackground" });
  });

  it("repeats the sign on continuation rows", () => {
    const text = `--- a\n+++ a\n@@ -0,0 +1 @@\n+${"x".repeat(30)}\n`;
    assert.deepEqual(unified(text, 26), ["a +1 −0", `  1 + ${"x".repeat(20)}`, `    + ${"x".repeat(10)}`]);
  });

  const word = fc.constantFrom(
    "a",
    "b",
    "let x = 1;",
    "\tif (x) {",
    "漢字",
    "\x1b[31m",
    "\u202e",
    "-- x",
    "++ y",
    "\\",
  );
  const lines = fc.array(
    fc.array(word, { maxLength: 6 }).map((words) => words.join(" ")),
    { maxLength: 25 },
  );
  const patchOf = (before: string[], after: string[]) =>
    structuredPatch("a.ts", "a.ts", before.join("\n"), after.join("\n"), undefined, undefined, { context: 2 });

  it("counts added and removed lines", () =>
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const patch = patchOf(before, after);
        const starting = (sign: string) =>
          patch.hunks.flatMap((hunk) => hunk.lines).filter((line) => line.startsWith(sign)).length;
        const expected = { path: "a.ts", added: starting("+"), removed: starting("-") };
        assert.deepEqual(computeDiffStats(formatPatch(patch)), [expected]);
      }),
      seededOptions(200),
    ));

  it("is never wider than the columns, and contains no control characters", () => {
    const width = fc.oneof(fc.integer({ min: 10, max: 60 }), fc.integer({ min: 120, max: 140 }));
    const any = fc.oneof(
      fc.tuple(lines, lines).map(([before, after]) => formatPatch(patchOf(before, after))),
      fc
        .array(
          fc.constantFrom("--- a", "+++ b", "@@ -1,3 +1,2 @@", "+x", "-y", " z", "\\ x", "diff --git a/x b/x", "\x9b"),
        )
        .map((all) => all.join("\n")),
    );
    fc.assert(
      fc.property(any, width, fc.constantFrom("unified" as const, "split" as const), (text, columns, style) => {
        for (const row of renderDiff(text, { columns, style })) {
          assert.ok(lineWidth(row) <= columns);
          for (const { text } of row) assert.doesNotMatch(text, /[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
        }
      }),
      seededOptions(200),
    );
  });

  it("handles large changes in time", () => {
    const body = Array.from({ length: 5_000 }, (_, index) => `-let a${index} = ${index};\n+let b${index} = ${index};`);
    const text = `--- a.ts\n+++ a.ts\n@@ -1,5000 +1,5000 @@\n${body.join("\n")}`;
    assert.equal(renderDiff(text, { columns: 140, style: "split" }).length, 5_001);
  }).timeout(3_000);
});
