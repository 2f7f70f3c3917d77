import assert from "node:assert/strict";
import fc from "fast-check";
import {
  ansiToRgb,
  contrastRatio,
  findNearestAnsi,
  findNearestIndex,
  formatHex,
  indexToRgb,
  luminance,
  mixColors,
  parseHex,
  type Rgb,
} from "../../client/color.ts";
import { ansiNames } from "../../client/theme.ts";
import { seededOptions } from "../help/seed.ts";

const channel = fc.integer({ min: 0, max: 255 });
const colors = (): fc.Arbitrary<Rgb> => fc.record({ r: channel, g: channel, b: channel }, { noNullPrototype: true });
const rgb = (hex: string): Rgb => parseHex(hex) as Rgb;
const black = rgb("#000000");
const white = rgb("#ffffff");

describe("color arithmetic", () => {
  it("parses #rrggbb, and nothing else", () => {
    assert.deepEqual(rgb("#FF8000"), { r: 255, g: 128, b: 0 });
    for (const text of ["", "#fff", "ff8000", "#ff800", "#ff80000", "#gg0000", "red"])
      assert.equal(parseHex(text), null);
    fc.assert(
      fc.property(colors(), (color) => assert.deepEqual(parseHex(formatHex(color)), color)),
      seededOptions(200),
    );
  });

  it("computes WCAG contrast ratios", () => {
    assert.equal(luminance(white), 1);
    assert.equal(contrastRatio(black, white), 21);
    assert.equal(contrastRatio(rgb("#777777"), white).toFixed(2), "4.48");
    assert.equal(contrastRatio(white, rgb("#0000ff")).toFixed(2), "8.59");
    fc.assert(
      fc.property(colors(), colors(), (one, other) => {
        assert.equal(contrastRatio(one, other), contrastRatio(other, one));
        assert.ok(contrastRatio(one, other) >= 1 && contrastRatio(one, other) <= 21);
      }),
      seededOptions(200),
    );
  });

  it("interpolates between two colors", () => {
    assert.deepEqual(mixColors(black, white, 0.5), { r: 128, g: 128, b: 128 });
    fc.assert(
      fc.property(colors(), colors(), (one, other) => {
        assert.deepEqual(mixColors(one, other, 0), one);
        assert.deepEqual(mixColors(one, other, 1), other);
      }),
      seededOptions(200),
    );
  });
});

describe("findNearestIndex", () => {
  it("returns the index of an exact match", () => {
    for (let index = 16; index < 256; index++) assert.equal(findNearestIndex(indexToRgb(index)), index);
  });

  it("matches the colors that terminals show", () => {
    assert.deepEqual(
      [16, 21, 196, 231, 232, 255].map((index) => formatHex(indexToRgb(index))),
      ["#000000", "#0000ff", "#ff0000", "#ffffff", "#080808", "#eeeeee"],
    );
    assert.equal(findNearestIndex(rgb("#fe0102")), 196);
    assert.equal(findNearestIndex(rgb("#1c1c1d")), 234);
  });
});

describe("findNearestAnsi", () => {
  it("returns the name of each xterm color", () => {
    for (const name of ansiNames) assert.equal(findNearestAnsi(ansiToRgb(name)), name);
  });

  it("keeps the hue of pale theme colors", () => {
    const known = {
      "#89b4fa": "brightBlue",
      "#f38ba8": "brightRed",
      "#ff5555": "brightRed",
      "#bd93f9": "brightMagenta",
      "#a3be8c": "green",
      "#ebcb8b": "yellow",
      "#94e2d5": "brightCyan",
      "#282a36": "black",
      "#cccccc": "white",
    };
    const found = Object.fromEntries(Object.keys(known).map((hex) => [hex, findNearestAnsi(rgb(hex))]));
    assert.deepEqual(found, known);
  });

  it("maps vivid colors to colors and greys to greys", () => {
    const greys = ["black", "brightBlack", "white", "brightWhite"];
    const vivid = colors().filter(({ r, g, b }) => Math.max(r, g, b) - Math.min(r, g, b) > 96);
    fc.assert(
      fc.property(vivid, (color) => assert.ok(!greys.includes(findNearestAnsi(color)), formatHex(color))),
      seededOptions(300),
    );
    fc.assert(
      fc.property(channel, (level) => assert.ok(greys.includes(findNearestAnsi({ r: level, g: level, b: level })))),
      seededOptions(100),
    );
  });

  it("returns only names from the list", () => {
    fc.assert(
      fc.property(colors(), fc.subarray([...ansiNames], { minLength: 1 }), (color, among) =>
        assert.ok(among.includes(findNearestAnsi(color, among))),
      ),
      seededOptions(200),
    );
  });
});
