/** A text that is kept as lines is the text that it would be as a string, whatever is typed where. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { TextDocument } from "vscode-languageserver-textdocument";
import { openText } from "../../lsp/text.ts";
import { changesBetween } from "../../lsp/texts.ts";

const piece = fc
  .array(fc.constantFrom("a", "bc", "ä", "😀", "\n", "\r\n", "\r", ""), { maxLength: 8 })
  .map((all) => all.join(""));

describe("a text as lines", () => {
  it("is what another implementation makes of the same changes", () => {
    const place = fc.record({ line: fc.nat(8), character: fc.nat(8) });
    const change = fc.record({ one: place, other: place, text: piece });
    fc.assert(
      fc.property(piece, fc.array(change, { maxLength: 8 }), (begin, changes) => {
        let plain = TextDocument.create("file:///x", "x", 1, begin);
        const text = openText(begin);
        for (const { one, other, text: by } of changes) {
          const [start, end] = [one, other]
            .map((at) => plain.offsetAt(at))
            .sort((a, b) => a - b)
            .map((offset) => plain.positionAt(offset)) as [typeof one, typeof one];
          text.change({ start, end }, by);
          plain = TextDocument.update(plain, [{ range: { start, end }, text: by }], 2);
          assert.equal(text.all(), plain.getText());
          assert.equal(text.count(), plain.lineCount);
          assert.equal(text.length(), text.all().length);
        }
        for (let offset = 0; offset <= text.all().length; offset++)
          assert.deepEqual(text.placeAt(offset), plain.positionAt(offset));
      }),
    );
  });

  it("becomes another by few changes that leave characters and ends of lines whole", () => {
    fc.assert(
      fc.property(piece, piece, (before, after) => {
        let rest = before;
        for (const { start, end, text } of changesBetween(before, after).reverse())
          rest = rest.slice(0, start) + text + rest.slice(end);
        assert.equal(rest, after);
      }),
    );
  });
});
