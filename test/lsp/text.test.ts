/** The text buffer behaves like a string for any sequence of edits. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { TextDocument } from "vscode-languageserver-textdocument";
import { createTextBuffer } from "../../lsp/text-buffer.ts";
import { diffTexts } from "../../lsp/text-edits.ts";

const piece = fc
  .array(fc.constantFrom("a", "bc", "ä", "😀", "\n", "\r\n", "\r", ""), { maxLength: 8 })
  .map((all) => all.join(""));

describe("the text buffer", () => {
  it("matches another implementation for the same changes", () => {
    const position = fc.record({ line: fc.nat(8), character: fc.nat(8) });
    const change = fc.record({ one: position, other: position, text: piece });
    fc.assert(
      fc.property(piece, fc.array(change, { maxLength: 8 }), (begin, changes) => {
        let plain = TextDocument.create("file:///x", "x", 1, begin);
        const text = createTextBuffer(begin);
        for (const { one, other, text: by } of changes) {
          const [start, end] = [one, other]
            .map((at) => plain.offsetAt(at))
            .sort((a, b) => a - b)
            .map((offset) => plain.positionAt(offset)) as [typeof one, typeof one];
          text.change({ start, end }, by);
          plain = TextDocument.update(plain, [{ range: { start, end }, text: by }], 2);
          assert.equal(text.text(), plain.getText());
          assert.equal(text.lineCount(), plain.lineCount);
          assert.equal(text.length(), text.text().length);
        }
        for (let offset = 0; offset <= text.text().length; offset++)
          assert.deepEqual(text.positionAt(offset), plain.positionAt(offset));
      }),
    );
  });

  it("is changed to another text by few edits that split no character or line end", () => {
    fc.assert(
      fc.property(piece, piece, (before, after) => {
        let rest = before;
        for (const { start, end, text } of diffTexts(before, after).reverse())
          rest = rest.slice(0, start) + text + rest.slice(end);
        assert.equal(rest, after);
      }),
    );
  });
});
