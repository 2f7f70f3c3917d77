import assert from "node:assert/strict";
import stringWidth from "string-width";
import { splitGraphemes, textWidth } from "../../../tui/draw/width.ts";

describe("the width of a text", () => {
  const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
  const segment = (text: string) => Array.from(segmenter.segment(text), (one) => one.segment);

  it("is the same for characters that are measured quickly", () => {
    for (let code = 0x20; code < 0x3000; code += 1) {
      const text = `a${String.fromCharCode(code)}b`;
      const graphemes = segment(text);
      const width = graphemes.reduce((sum, grapheme) => sum + Math.min(2, stringWidth(grapheme)), 0);
      assert.deepEqual([textWidth(text), splitGraphemes(text)], [width, graphemes], code.toString(16));
    }
  });
});
