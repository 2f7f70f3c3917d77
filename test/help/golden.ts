/**
 * Golden files of screens in test/golden, as SVG that can be compared as text. `UPDATE_GOLDEN=1` updates them, and copies those that
 * the documentation shows to docs/screens.
 */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { TestTerminal } from "./screen.ts";
import { renderSvg } from "./svg.ts";

const root = join(import.meta.dirname, "../..");
const inDocs = new Set(["home-dark", "session-dark", "question-dark", "palette-dark", "themes-dark", "vim-dark"]);

const grounds = {
  dark: { background: "#1e1e2e", text: "#cdd6f4" },
  light: { background: "#eff1f5", text: "#4c4f69" },
};

export type Background = keyof typeof grounds;

/** Replaces text that differs between runs with text of the same width. */
const normalize = (svg: string): string =>
  svg
    .replaceAll(/tutti-run-\w{6}/g, "tutti-run-000000")
    .replaceAll(/\d{4}-\d\d-\d\d/g, "2026-01-01")
    .replaceAll(/\d\.\ds/g, "0.0s")
    .replaceAll(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] \d+s/g, "⠋ 1s")
    .replaceAll(/[0-9a-z]{29}/g, (id) => (/\d/.test(id) ? "0".repeat(29) : id))
    .replaceAll(/0{29}[0-9a-f]+|[0-9a-f]{20,}/g, (hash) => "0".repeat(hash.length));

const text = (svg: string): string =>
  [...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</g)]
    .map(([, x, y, content]) => `${y} ${x} ${content}`)
    .join("\n");

/**
 * Writes docs/screens/NAME.svg if UPDATE_SCREENS is set, for screens of other programs. These are not compared.
 */
export function saveScreenshot({ emulator }: TestTerminal, name: string): void {
  if (!process.env.UPDATE_SCREENS) return;
  writeFileSync(join(root, "docs/screens", `${name}.svg`), renderSvg(emulator, grounds.dark));
}

/** Compares the current screen with the golden file of this name, first as text. */
export function checkScreen(person: TestTerminal, name: string, ground: Background = "dark"): void {
  const svg = normalize(renderSvg(person.emulator, grounds[ground]));
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
