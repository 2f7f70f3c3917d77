import assert from "node:assert/strict";
import fc from "fast-check";
import {
  contrast,
  hexOf,
  indexedRgb,
  luminance,
  mix,
  nearestAnsi,
  nearestIndex,
  parseHex,
  type Rgb,
  rgbOfAnsi,
} from "../../client/color.ts";
import { ansiNames } from "../../client/theme.ts";
import { law } from "../help/seed.ts";

const channel = fc.integer({ min: 0, max: 255 });
const colors = (): fc.Arbitrary<Rgb> => fc.record({ r: channel, g: channel, b: channel }, { noNullPrototype: true });
const rgb = (hex: string): Rgb => parseHex(hex) as Rgb;
const black = rgb("#000000");
const white = rgb("#ffffff");

describe("arithmetic with colors", () => {
  it("reads six digits of hex, and nothing else", () => {
    assert.deepEqual(rgb("#FF8000"), { r: 255, g: 128, b: 0 });
    for (const text of ["", "#fff", "ff8000", "#ff800", "#ff80000", "#gg0000", "red"])
      assert.equal(parseHex(text), null);
    fc.assert(
      fc.property(colors(), (color) => assert.deepEqual(parseHex(hexOf(color)), color)),
      law(200),
    );
  });

  it("has the contrasts that WCAG gives", () => {
    assert.equal(luminance(white), 1);
    assert.equal(contrast(black, white), 21);
    assert.equal(contrast(rgb("#777777"), white).toFixed(2), "4.48");
    assert.equal(contrast(white, rgb("#0000ff")).toFixed(2), "8.59");
    fc.assert(
      fc.property(colors(), colors(), (one, other) => {
        assert.equal(contrast(one, other), contrast(other, one));
        assert.ok(contrast(one, other) >= 1 && contrast(one, other) <= 21);
      }),
      law(200),
    );
  });

  it("mixes from all of one to all of the other", () => {
    assert.deepEqual(mix(black, white, 0.5), { r: 128, g: 128, b: 128 });
    fc.assert(
      fc.property(colors(), colors(), (one, other) => {
        assert.deepEqual(mix(one, other, 0), one);
        assert.deepEqual(mix(one, other, 1), other);
      }),
      law(200),
    );
  });
});

describe("the nearest of 256 colors", () => {
  it("is the color itself, where there is it", () => {
    for (let index = 16; index < 256; index++) assert.equal(nearestIndex(indexedRgb(index)), index);
  });

  it("is what terminals show for that index", () => {
    assert.deepEqual(
      [16, 21, 196, 231, 232, 255].map((index) => hexOf(indexedRgb(index))),
      ["#000000", "#0000ff", "#ff0000", "#ffffff", "#080808", "#eeeeee"],
    );
    assert.equal(nearestIndex(rgb("#fe0102")), 196);
    assert.equal(nearestIndex(rgb("#1c1c1d")), 234);
  });
});

describe("the nearest of the sixteen names", () => {
  it("is the name itself for the colors of xterm", () => {
    for (const name of ansiNames) assert.equal(nearestAnsi(rgbOfAnsi(name)), name);
  });

  it("keeps the hue of the pale colors that themes have", () => {
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
    const found = Object.fromEntries(Object.keys(known).map((hex) => [hex, nearestAnsi(rgb(hex))]));
    assert.deepEqual(found, known);
  });

  it("is never a grey for a vivid color, and never a color for a grey", () => {
    const greys = ["black", "brightBlack", "white", "brightWhite"];
    const vivid = colors().filter(({ r, g, b }) => Math.max(r, g, b) - Math.min(r, g, b) > 96);
    fc.assert(
      fc.property(vivid, (color) => assert.ok(!greys.includes(nearestAnsi(color)), hexOf(color))),
      law(300),
    );
    fc.assert(
      fc.property(channel, (level) => assert.ok(greys.includes(nearestAnsi({ r: level, g: level, b: level })))),
      law(100),
    );
  });

  it("is one of those that are offered", () => {
    fc.assert(
      fc.property(colors(), fc.subarray([...ansiNames], { minLength: 1 }), (color, among) =>
        assert.ok(among.includes(nearestAnsi(color, among))),
      ),
      law(200),
    );
  });
});
