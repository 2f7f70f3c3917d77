import assert from "node:assert/strict";
import fc from "fast-check";
import { textOf } from "../../../tui/draw/style.ts";
import { textWidth } from "../../../tui/draw/width.ts";
import { nearestBoundary } from "../../../tui/edit/boundaries.ts";
import { extendSelection, openEditor, typeText } from "../../../tui/edit/editor.ts";
import { layoutPrompt } from "../../../tui/edit/layout.ts";
import { insertAttachment, insertPaste } from "../../../tui/edit/paste.ts";
import { seededOptions } from "../../help/seed.ts";

const letters = ["a", "b", " ", " ", "\n", "\t", "é", "e\u0301", "👨‍👩‍👧", "🇩🇪", "日", "\u200d", "\u200b", "long-word"];
const text = fc
  .array(fc.constantFrom(...letters), { maxLength: 40 })
  .map((all) => typeText(openEditor(), all.join("")));
const rowsOf = (written: string, columns: number): string[] =>
  layoutPrompt(openEditor({ text: written, chips: new Map() }), columns).rows.map(textOf);

describe("prompt layout", () => {
  it("wraps between words", () => {
    assert.deepEqual(rowsOf("one two three", 9), ["one two ", "three"]);
    assert.deepEqual(rowsOf("one two three", 8), ["one two ", "three"]);
    assert.deepEqual(rowsOf("abcdefghij", 6), ["abcde", "fghij"]);
    assert.deepEqual(rowsOf("one\n\ntwo", 20), ["one", "", "two"]);
    assert.deepEqual(rowsOf("日本語日本語", 8), ["日本語", "日本語"]);
    assert.deepEqual(rowsOf("", 10), [""]);
  });

  it("reserves a column for the cursor, and keeps rows within the columns", () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 4, max: 30 }), fc.nat(), (editor, columns, place) => {
        const cursor = nearestBoundary(editor.text, place % (editor.text.length + 1));
        const { rows, cursor: at } = layoutPrompt({ ...editor, cursor }, columns);
        for (const row of rows) assert.ok(textWidth(textOf(row)) <= columns, textOf(row));
        assert.ok(at.column < columns && at.row < rows.length);
      }),
      seededOptions(500),
    );
  });

  it("maps the drawn cursor back to its offset", () => {
    fc.assert(
      fc.property(
        text,
        fc.integer({ min: 4, max: 30 }),
        fc.nat(),
        fc.integer({ min: 1, max: 5 }),
        (editor, columns, place, rows) => {
          const cursor = nearestBoundary(editor.text, place % (editor.text.length + 1));
          const drawn = layoutPrompt({ ...editor, cursor }, columns, { rows });
          assert.equal(drawn.offsetAt(drawn.cursor.row, drawn.cursor.column), cursor);
        },
      ),
      seededOptions(1000),
    );
  });

  it("shows chips as labels", () => {
    const editor = insertAttachment(insertPaste(openEditor(), "1\n2\n3\n4\n5"), {
      name: "cat.png",
      mediaType: "image/png",
    });
    const [row = []] = layoutPrompt(editor, 60).rows;
    assert.deepEqual(row, [{ text: "[Pasted 5 lines][Image: cat.png]", style: { fg: "accent" } }]);
    assert.deepEqual(layoutPrompt(editor, 60).cursor, { row: 0, column: 32 });
    assert.equal(textOf(layoutPrompt(editor, 10).rows[0] ?? []), "[Pasted …");
  });

  it("marks the selection, including line ends", () => {
    const editor = extendSelection({ ...openEditor({ text: "ab\n\ncd", chips: new Map() }), cursor: 1 }, 5);
    assert.deepEqual(layoutPrompt(editor, 20).rows, [
      [
        { text: "a", style: {} },
        { text: "b ", style: { bg: "selection" } },
      ],
      [{ text: " ", style: { bg: "selection" } }],
      [
        { text: "c", style: { bg: "selection" } },
        { text: "d", style: {} },
      ],
    ]);
  });

  it("scrolls only as far as the cursor requires", () => {
    const editor = openEditor({ text: "1\n2\n3\n4\n5", chips: new Map() });
    const last = layoutPrompt(editor, 20, { rows: 2 });
    assert.deepEqual([last.rows.map(textOf), last.top, last.total, last.cursor.row], [["4", "5"], 3, 5, 1]);
    const up = layoutPrompt({ ...editor, cursor: 6 }, 20, { rows: 2, top: last.top });
    assert.deepEqual([up.top, up.cursor.row], [3, 0]);
    assert.equal(layoutPrompt({ ...editor, cursor: 0 }, 20, { rows: 2, top: last.top }).top, 0);
    assert.equal(up.offsetAt(1, 99), 9);
  });
});
