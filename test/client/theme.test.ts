/** Every shipped theme is complete and readable. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { contrastRatio, parseHex } from "../../client/color.ts";
import { type ColorName, colorNames, isColorValue, type Theme } from "../../client/theme.ts";

const folder = join(import.meta.dirname, "../../client/themes");
const files = readdirSync(folder).sort();
const themes = files.map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as Theme);
const names = Object.keys(colorNames) as ColorName[];

const fields = ["background", "panel", "overlay"] as const;
const codeFields = ["background", "codeBackground"] as const;
const syntax = names.filter((name) => name.startsWith("syntax"));
const modes = names.filter((name) => name.startsWith("mode"));

/** Text and background pairs with their minimum contrast. */
const pairs: readonly { text: readonly ColorName[]; on: readonly ColorName[]; least: number }[] = [
  { text: ["text"], on: [...fields, "selection", "codeBackground"], least: 4.5 },
  {
    text: ["text"],
    on: ["diffAddedBackground", "diffRemovedBackground", "diffAddedWord", "diffRemovedWord"],
    least: 4.5,
  },
  { text: ["onAccent"], on: ["accent"], least: 4.5 },
  { text: ["onMatch"], on: ["match"], least: 4.5 },
  { text: ["muted"], on: [...fields, "selection"], least: 3 },
  { text: ["diffAdded"], on: ["diffAddedBackground", "diffAddedWord"], least: 3 },
  { text: ["diffRemoved"], on: ["diffRemovedBackground", "diffRemovedWord"], least: 3 },
  { text: [...syntax, "link", "heading", "code"], on: codeFields, least: 3 },
  {
    text: [
      "accent",
      "secondary",
      "success",
      "warning",
      "error",
      "info",
      "user",
      "agent",
      "tool",
      "reasoning",
      ...modes,
    ],
    on: fields,
    least: 3,
  },
  { text: ["quote", "listMark", "diffHunk", "borderActive"], on: fields, least: 3 },
  { text: ["faint"], on: ["background"], least: 1.5 },
];

/** The minimum contrast in high contrast themes. */
const HIGH = 7;

function findUnreadable(theme: Theme): string[] {
  const high = theme.name.startsWith("high-contrast-");
  return pairs.flatMap(({ text, on, least }) =>
    text.flatMap((front) =>
      on.flatMap((back) => {
        const [one, other] = [parseHex(theme.colors[front]), parseHex(theme.colors[back])];
        if (!one || !other) return [`${theme.name}: ${front} or ${back} is not #rrggbb`];
        const found = contrastRatio(one, other);
        return found >= (high ? HIGH : least) ? [] : [`${theme.name}: ${front} on ${back} is ${found.toFixed(2)}`];
      }),
    ),
  );
}

describe("shipped themes", () => {
  it("include many dark and light ones", () => {
    assert.ok(themes.length >= 26);
    assert.ok(themes.filter(({ kind }) => kind === "light").length >= 8);
    assert.equal(new Set(themes.map(({ title }) => title)).size, themes.length);
  });

  for (const [index, theme] of themes.entries()) {
    describe(theme.name, () => {
      it("has every field and no other", () => {
        assert.equal(`${theme.name}.json`, files[index]);
        assert.deepEqual(Object.keys(theme), ["name", "title", "kind", "source", "colors"]);
        assert.match(theme.kind, /^(dark|light)$/);
        assert.match(theme.source ?? "", /, (MIT|Apache-2\.0)$/);
        assert.deepEqual(Object.keys(theme.colors), names);
        assert.deepEqual(
          Object.entries(theme.colors).filter(([, value]) => !isColorValue(value)),
          [],
        );
      });

      if (theme.name === "system")
        it("uses only the terminal's colors", () => {
          assert.deepEqual(
            Object.values(theme.colors).filter((value) => value.startsWith("#")),
            [],
          );
        });
      else
        it("has sufficient contrast", () => {
          assert.deepEqual(findUnreadable(theme), []);
        });
    });
  }
});

describe("docs/themes.md", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/themes.md"), "utf8");
  const rowsBelow = (heading: string): string[] =>
    (page.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "").split("\n").filter((line) => line.startsWith("| `"));

  it("lists every theme", () => {
    const rows = themes.map(({ name, kind, source }) => `| \`${name}\` | ${kind} | ${source} |`);
    assert.deepEqual(rowsBelow("Built-in themes"), rows);
  });

  it("describes each color name", () => {
    const rows = Object.entries(colorNames).map(([name, purpose]) => `| \`${name}\` | ${purpose} |`);
    assert.deepEqual(rowsBelow("Color names"), rows);
    assert.ok(page.includes(`each of ${names.length} names`));
  });
});
