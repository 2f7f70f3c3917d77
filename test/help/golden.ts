/**
 * What a screen looked like once, kept in test/golden as a picture that is also text: `UPDATE_GOLDEN=1` draws it anew, and those that
 * the documents show are copied to docs/screens.
 */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { TestTerminal } from "./screen.ts";
import { svgOf } from "./svg.ts";

const root = join(import.meta.dirname, "../..");
const inDocs = new Set(["home-dark", "session-dark", "question-dark", "palette-dark", "themes-dark", "vim-dark"]);

const grounds = {
  dark: { background: "#1e1e2e", text: "#cdd6f4" },
  light: { background: "#eff1f5", text: "#4c4f69" },
};

export type Ground = keyof typeof grounds;

/** What differs from one run to the next keeps its width, and says nothing. */
const steady = (svg: string): string =>
  svg
    .replaceAll(/tutti-run-\w{6}/g, "tutti-run-000000")
    .replaceAll(/\d\.\ds/g, "0.0s")
    .replaceAll(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] \d+s/g, "⠋ 1s")
    .replaceAll(/[0-9a-z]{29}/g, (id) => (/\d/.test(id) ? "0".repeat(29) : id))
    .replaceAll(/0{29}[0-9a-f]+|[0-9a-f]{20,}/g, (hash) => "0".repeat(hash.length));

const text = (svg: string): string =>
  [...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</g)]
    .map(([, x, y, said]) => `${y} ${x} ${said}`)
    .join("\n");

/**
 * Written to docs/screens/NAME.svg where UPDATE_SCREENS is set, for screens that are not ours to draw: pictures for people, compared by
 * nobody.
 */
export function pictureOf({ emulator }: TestTerminal, name: string): void {
  if (!process.env.UPDATE_SCREENS) return;
  writeFileSync(join(root, "docs/screens", `${name}.svg`), svgOf(emulator, grounds.dark));
}

/** Compares what is shown now with the picture of this name, first as text. */
export function checkScreen(person: TestTerminal, name: string, ground: Ground = "dark"): void {
  const svg = steady(svgOf(person.emulator, grounds[ground]));
  // A picture that was drawn anew in another theme would agree with itself.
  const other = grounds[ground === "light" ? "dark" : "light"].background;
  assert.ok(!svg.includes(`fill="${other}"`), `${name} is drawn on another ground than ${ground}`);
  const paths = [join(root, "test/golden", `${name}.svg`)];
  if (inDocs.has(name)) paths.push(join(root, "docs/screens", `${name}.svg`));
  for (const path of paths) {
    if (process.env.UPDATE_GOLDEN) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, svg);
      continue;
    }
    const golden = readFileSync(path, "utf8");
    assert.equal(text(svg), text(golden), `${name}: the text differs from ${path}`);
    assert.equal(svg, golden, `${name}: colors or places differ from ${path}`);
  }
}
