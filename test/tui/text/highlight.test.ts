import assert from "node:assert/strict";
import fc from "fast-check";
import { languageOf } from "../../../client/text/languages.ts";
import { textOf } from "../../../tui/draw/style.ts";
import { type Highlight, loadHighlighter } from "../../../tui/text/highlight.ts";
import { seededOptions } from "../../help/seed.ts";

const samples: [string, string, string, string][] = [
  ["tsx", "const a = <b/>;", "const", "syntaxKeyword"],
  ["jsonl", '{"a": 1}', "1", "syntaxNumber"],
  ["py", "def go(): pass", "go", "syntaxFunction"],
  ["go", "func main() {}", "func", "syntaxKeyword"],
  ["rust", "// note", "// note", "syntaxComment"],
  ["sh", 'echo "hi"', '"hi"', "syntaxString"],
  ["html", "<p>x</p>", "p", "syntaxTag"],
  ["toml", "a = 1", "a", "syntaxProperty"],
  ["diff", "+new", "+new", "diffAdded"],
];

const paths: [string, string][] = [
  ["src/app.tsx", "typescript"],
  ["C:\\work\\Main.JAVA", "java"],
  ["deploy/Dockerfile", "dockerfile"],
  ["Makefile", "makefile"],
  ["Cargo.toml", "ini"],
  ["README", ""],
  ["a.constructor", ""],
  [".ts", "typescript"],
  ["", ""],
];

describe("highlighting", () => {
  let highlight: Highlight;
  before(async () => {
    highlight = await loadHighlighter();
  });

  for (const [language, code, text, fg] of samples) {
    it(`knows ${language}`, () => {
      const piece = highlight(code, language)[0]?.find((span) => span.text === text);
      assert.equal(piece?.style.fg, fg);
    });
  }

  it("continues over line ends", () => {
    const lines = highlight("/* a\n\nb */ let", "ts");
    assert.deepEqual(lines[2]?.[0], { text: "b */", style: { fg: "syntaxComment" } });
    assert.deepEqual(lines.map(textOf), ["/* a", "", "b */ let"]);
  });

  it("leaves unknown languages and long code plain", () => {
    const isPlain = (code: string, language: string) =>
      highlight(code, language).every((line) => line.every(({ style }) => style.fg === undefined));
    assert.ok(isPlain("let a", "klingon"));
    assert.ok(isPlain("let a", ""));
    assert.ok(isPlain("let a\n".repeat(2_001), "ts"));
    assert.ok(isPlain(`let ${"a".repeat(2_001)}`, "ts"));
  });

  it("preserves all characters", () =>
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom("<", ">", "&", "&lt;", '"', "'", "`", "${", "}", "\n", "a", " ", "//", "/*", "é"),
        }),
        fc.constantFrom("ts", "html", "md", "py", "bash", "css", "php", "yaml"),
        (code, language) => assert.equal(highlight(code, language).map(textOf).join("\n"), code),
      ),
      seededOptions(500),
    ));

  it("knows a language for every file that it names", () => {
    for (const [path, language] of paths) assert.equal(languageOf(path), language, path);
  });
});
