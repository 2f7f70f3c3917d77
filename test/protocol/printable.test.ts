import assert from "node:assert/strict";
import fc from "fast-check";
import { printable } from "../../protocol/printable.ts";

const cases: [string, string, string][] = [
  ["plain text and tabs", "a\tb é 漢字 🎉", "a\tb é 漢字 🎉"],
  ["a title sequence", "\x1b]0;owned\x07", "\\x1b]0;owned\\x07"],
  ["a clipboard sequence", "\x1b]52;c;aGk=\x07", "\\x1b]52;c;aGk=\\x07"],
  ["colours, which go", "\x1b[31mred\x1b[0m", "red"],
  ["one-byte sequence starts", "\x9b2J\x9d", "\\x9b2J\\x9d"],
  ["a carriage return", "safe\revil", "safe\\x0devil"],
  ["direction overrides", "a\u202eb\u2066c", "a\\u{202e}b\\u{2066}c"],
  ["zero width", "pass\u200bword\ufeff\u2060", "pass\\u{200b}word\\u{feff}\\u{2060}"],
  ["tag characters", "hi\u{e0041}\u{e007f}", "hi\\u{e0041}\\u{e007f}"],
  ["selectors beyond the first", "❤\ufe0f\ufe0f\u{e0100}", "❤\ufe0f\\u{fe0f}\\u{e0100}"],
  ["joiners inside an emoji", "👩\u200d💻", "👩\u200d💻"],
  ["joiners in Latin text", "ab\u200dcd", "ab\\u{200d}cd"],
  ["joiners in Persian", "می\u200cخواهم", "می\u200cخواهم"],
  ["half a surrogate pair", "\ud800x", "\\u{d800}x"],
];

describe("printable", () => {
  for (const [name, text, expected] of cases) it(name, () => assert.equal(printable(text), expected));

  it("keeps line ends only where asked", () => {
    assert.equal(printable("a\nb"), "a\\x0ab");
    assert.equal(printable("a\nb", { keepNewlines: true }), "a\nb");
  });

  it("never lets through what a terminal acts on, whatever the text", () =>
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const shown = printable(text, { keepNewlines: true });
        assert.doesNotMatch(shown, /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b]/);
        assert.equal(printable(shown, { keepNewlines: true }), shown);
      }),
    ));
});
