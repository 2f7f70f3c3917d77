import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { contrastRatio, indexToRgb, parseHex } from "../../../client/color.ts";
import { ansiNames, type ColorName, colorNames, type Theme } from "../../../client/theme.ts";
import { createPalette, type Paint, type Palette } from "../../../tui/theme/palette.ts";

const folder = join(import.meta.dirname, "../../../client/themes");
const themes = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as Theme);
const names = Object.keys(colorNames) as ColorName[];
const one = (name: string): Theme => themes.find((theme) => theme.name === name) as Theme;

const fields: readonly ColorName[] = ["background", "panel", "overlay", "selection", "codeBackground"];
const diffs = names.filter((name) => /^diff.+(Background|Word)$/.test(name));
const onFields: readonly [ColorName, ColorName][] = [
  ["onAccent", "accent"],
  ["onMatch", "match"],
];
/** What stands on fields that are not its own. */
const written = names.filter((name) => ![...fields, ...diffs, "match", "onAccent", "onMatch"].includes(name));

/** Where both are left to the terminal, it has chosen them apart. */
const same = (front: Paint, back: Paint): boolean =>
  front.kind === "16" && back.kind === "16" && front.index === back.index;

function melted(palette: Palette): string[] {
  const pairs = [
    ...written.flatMap((front) => [...fields, ...diffs].map((back) => [front, back] as const)),
    ...onFields,
  ];
  return pairs.filter(([front, back]) => same(palette[front], palette[back])).map((pair) => pair.join(" on "));
}

describe("palette", () => {
  it("is exact in true color", () => {
    const palette = createPalette(one("dracula"), "truecolor");
    assert.deepEqual(palette.background, { kind: "rgb", r: 0x28, g: 0x2a, b: 0x36 });
    assert.deepEqual(Object.keys(palette), names);
  });

  it("has no colors without color support", () => {
    for (const theme of themes)
      for (const paint of Object.values(createPalette(theme, "none"))) assert.deepEqual(paint, { kind: "default" });
  });

  it("uses fixed indexes in 256 colors, with readable text", () => {
    for (const theme of themes.filter(({ name }) => name !== "system")) {
      const palette = createPalette(theme, "256");
      const shown = (name: ColorName) => {
        const paint = palette[name];
        assert.ok(paint.kind === "256" && paint.index >= 16 && paint.index < 256, `${theme.name} ${name}`);
        return indexToRgb(paint.index);
      };
      for (const field of [...fields, ...diffs])
        assert.ok(contrastRatio(shown("text"), shown(field)) >= 4.5, `${theme.name}: text on ${field}`);
      for (const [front, back] of onFields)
        assert.ok(contrastRatio(shown(front), shown(back)) >= 4.5, `${theme.name}: ${front}`);
    }
  });

  for (const theme of themes)
    it(`keeps colors distinguishable in 16 colors: ${theme.name}`, () => {
      assert.deepEqual(melted(createPalette(theme, "16")), []);
    });

  it("shows the selected row in 16 colors, and keeps the terminal's text and background", () => {
    for (const theme of themes.filter(({ name }) => name !== "system")) {
      const { selection, text, background } = createPalette(theme, "16");
      assert.equal(selection.kind, "16");
      assert.deepEqual([text.kind, background.kind], ["default", "default"]);
    }
  });

  it("uses green, yellow and red for success, warning and error in 16 colors", () => {
    const hue = (paint: Paint): string => (paint.kind === "16" ? (ansiNames[paint.index] ?? "") : "");
    for (const theme of themes) {
      const { success, warning, error, diffAdded, diffRemoved } = createPalette(theme, "16");
      for (const paint of [success, diffAdded]) assert.match(hue(paint), /green$/i, theme.name);
      for (const paint of [error, diffRemoved]) assert.match(hue(paint), /red$/i, theme.name);
      assert.match(hue(warning), /yellow$/i, theme.name);
    }
  });

  it("uses the terminal's own colors for `system` at any depth", () => {
    for (const depth of ["truecolor", "256", "16"] as const) {
      const palette = createPalette(one("system"), depth);
      assert.deepEqual(palette.error, { kind: "16", index: 1 });
      assert.deepEqual(palette.selection, { kind: "default" });
    }
    assert.equal(parseHex(one("system").colors.accent), null);
  });
});
