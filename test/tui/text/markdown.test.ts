import assert from "node:assert/strict";
import fc from "fast-check";
import { type Line, textOf } from "../../../tui/draw/style.ts";
import { lineWidth } from "../../../tui/draw/wrap.ts";
import { loadHighlighter } from "../../../tui/text/highlight.ts";
import { createMarkdownRenderer, renderMarkdown } from "../../../tui/text/markdown.ts";
import { seededOptions } from "../../help/seed.ts";

const shown = (text: string, columns = 30): string =>
  renderMarkdown(text, { columns })
    .map((row) => textOf(row).trimEnd())
    .join("\n");

const cases: [string, string, string][] = [
  ["headings", "# One\n\n## Two\n#### Four", `One\n${"─".repeat(30)}\n\nTwo\n\n#### Four`],
  ["emphasis", "a *b* **c** ~~d~~ `e`", "a b c d e"],
  ["line ends in a paragraph", "one\ntwo  \nthree", "one\ntwo\nthree"],
  ["a link tells its target", "see [docs](https://a.b/c)", "see docs (https://a.b/c)"],
  ["an address tells itself", "see https://a.b/c.", "see https://a.b/c."],
  ["a link by reference", "see [docs]\n\n[docs]: https://a.b", "see docs (https://a.b)"],
  ["an image is not loaded", "![a cat](https://x.y/cat.png)", "[image: a cat]\n(https://x.y/cat.png)"],
  ["lists", "- a\n  - b\n- c\n\n9. x\n10. y", "• a\n  • b\n• c\n\n 9. x\n10. y"],
  ["tasks", "- [x] done\n- [ ] open", "☑ done\n☐ open"],
  ["long items hang", `- ${"word ".repeat(8)}`, "• word word word word word\n  word word word"],
  ["loose lists", "1. a\n\n   b\n2. c", "1. a\n\n   b\n\n2. c"],
  ["quotes", "> a\n>\n> > b", "│ a\n│\n│ │ b"],
  ["a rule", "a\n\n---\n\nb", `a\n\n${"─".repeat(30)}\n\nb`],
  ["HTML is text", "<b>a</b>\n\n<div>\nb\n</div>", "<b>a</b>\n\n<div>\nb\n</div>"],
  ["a break in HTML breaks", "a<br>b", "a\nb"],
  ["footnotes and math are text", "a[^1] $x_1$\n\n[^1]: note", "a[^1] $x_1$\n\n[^1]: note"],
  ["entities", "&lt;a&gt; &#8594; &nope; &#27;", "<a> → &nope; \\x1b"],
  ["entities behind an escape", "\\&lt;&#27;", "&lt;\\x1b"],
  ["code with its language", "```ts\nlet a = 1;\n```", `${" ".repeat(27)}ts\n let a = 1;`],
  ["long code goes on", `\`\`\`\n${"x".repeat(40)}\n\`\`\``, ` ${"x".repeat(28)}\n ↪ ${"x".repeat(12)}`],
  [
    "a table",
    "| a | b |\n|:--|--:|\n| 1 | **2** 漢字 |\n| x | y |",
    ["┌───┬────────┐", "│ a │      b │", "├───┼────────┤", "│ 1 │ 2 漢字 │", "│ x │      y │", "└───┴────────┘"].join(
      "\n",
    ),
  ],
  [
    "a table that has to shrink",
    "| name | what |\n|--|--|\n| a | one two three four five six |\n| b | x<br>y |",
    [
      "┌──────┬─────────────────────┐",
      "│ name │ what                │",
      "├──────┼─────────────────────┤",
      "│ a    │ one two three four  │",
      "│      │ five six            │",
      "├──────┼─────────────────────┤",
      "│ b    │ x                   │",
      "│      │ y                   │",
      "└──────┴─────────────────────┘",
    ].join("\n"),
  ],
  [
    "a table without room",
    "| first | second | c | d | e |\n|-|-|-|-|-|\n| aaaaa | bbbbb | ccccc | ddddd | eeeee |",
    "first: aaaaa\nsecond: bbbbb\nc: ccccc\nd: ddddd\ne: eeeee",
  ],
];

const styleOf = (text: string, piece: string) =>
  renderMarkdown(text, { columns: 60 })
    .flat()
    .find((span) => span.text === piece)?.style;

/** What a model may write, good and bad, in pieces that meet each other in any order. */
const pieces = [
  "word ",
  "**bold** ",
  "**half",
  "*",
  "`code`",
  "`",
  "\n",
  "\n\n",
  "\n- ",
  "\n  - ",
  "\n1. ",
  "\n- [x] ",
  "\n> ",
  "\n# ",
  "\n```ts\nlet a = 1;\n",
  "\n```\n",
  "\n~~~\n",
  "    ",
  "\n| a | b |\n|---|---|\n| 1 | 2 |",
  "| x ",
  "\n---\n",
  "\n===\n",
  "[text](http://a.b)",
  "[text](",
  "[ref]",
  "\n\n[ref]: http://a.b\n",
  "\n[ref]: http://c.d\n'title\n",
  "\n[^1]: note\n",
  "<b>",
  "\n<div>\n",
  "\n<!-- ",
  "-->",
  "<pre>",
  "漢字",
  "👩‍👩‍👧‍👦",
  "e\u0301",
  "שלום",
  "\t",
  "\r\n",
  "\r",
  "\u001b]52;c;aGk=\u0007",
  "\u009b2J",
  "\u202e",
  "\u001b[31m",
  "&lt;&#27;",
  "\\",
];
const anyMarkdown = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((all) => all.join(""));

const control = /[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;

function drawable(lines: readonly Line[], columns: number): void {
  for (const row of lines) {
    assert.ok(lineWidth(row) <= columns, `wider than ${columns}: ${textOf(row)}`);
    for (const { text } of row) assert.doesNotMatch(text, control);
  }
}

describe("markdown", () => {
  for (const [name, text, expected] of cases) it(name, () => assert.equal(shown(text), expected));

  it("links only expected schemes, and warns about misleading link text", () => {
    assert.deepEqual(styleOf("[a](https://x.y)", "a"), { fg: "link", underline: true, link: "https://x.y" });
    assert.deepEqual(styleOf("[a](javascript:alert)", "a"), { fg: "link", underline: true });
    assert.equal(styleOf("[https://bank.com](https://evil.com)", "https://bank.com")?.fg, "warning");
    assert.equal(styleOf("[bank.com](https://evil.com/bank.com)", "bank.com")?.fg, "warning");
    assert.equal(styleOf("[bank.com](https://www.bank.com/start)", "bank.com")?.fg, "link");
    assert.equal(styleOf("[main.rs](https://x.com/main.rs)", "main.rs")?.fg, "link");
  });

  it("highlights code with a highlighter", async () => {
    const highlight = await loadHighlighter();
    const lines = renderMarkdown("```ts\nconst a = 1;\n```", { columns: 20, highlight });
    assert.deepEqual(lines[1]?.[1], { text: "const", style: { fg: "syntaxKeyword", bg: "codeBackground" } });
  });

  it("completes partial Markdown", () => {
    const half = (text: string) =>
      renderMarkdown(text, { columns: 30, open: true })
        .map((row) => textOf(row).trimEnd())
        .join("\n");
    assert.equal(half("a **bo"), "a bo");
    assert.equal(half("a **bo*"), "a bo");
    assert.equal(half("a **"), "a");
    assert.equal(half("a `co"), "a co");
    assert.equal(half("a [text](http://a"), "a text");
    assert.equal(half("a\n-"), "a");
    assert.equal(half("a\n\n``"), "a");
    assert.equal(half("```\nlet"), " let");
    assert.equal(half("| a | b"), ["┌───┬───┐", "│ a │ b │", "└───┴───┘"].join("\n"));
    assert.equal(half("snake_case and 2 * 3"), "snake_case and 2 * 3");
  });

  it("is never wider than the columns, and contains no control characters", () =>
    fc.assert(
      fc.property(anyMarkdown, fc.integer({ min: 10, max: 60 }), fc.boolean(), (text, columns, open) => {
        drawable(renderMarkdown(text, { columns, open }), columns);
      }),
      seededOptions(400),
    ));

  it("renders the same for any chunking", async () => {
    const highlight = await loadHighlighter();
    fc.assert(
      fc.property(
        anyMarkdown,
        fc.array(fc.nat({ max: 300 }), { maxLength: 20 }),
        fc.boolean(),
        (text, cuts, colored) => {
          const options = { columns: 30, highlight: colored ? highlight : undefined };
          const render = createMarkdownRenderer();
          for (const cut of cuts.sort((a, b) => a - b)) {
            const so = text.slice(0, cut);
            assert.deepEqual(render(so, options), renderMarkdown(so, options));
            render(so, { ...options, open: true });
          }
          assert.deepEqual(render(text, options), renderMarkdown(text, options));
        },
      ),
      seededOptions(400),
    );
  });

  const hostile: [string, string][] = [
    ["quotes in quotes", ">".repeat(10_000)],
    ["lists in lists", "- ".repeat(10_000)],
    ["lists by indent", Array.from({ length: 2_000 }, (_, depth) => `${" ".repeat(2 * depth)}- x`).join("\n")],
    ["brackets", "[".repeat(20_000)],
    ["brackets, not too many", "[".repeat(7_900)],
    ["images", "![".repeat(3_900)],
    ["emphasis that never ends", "*a **b ".repeat(1_100)],
    ["emphasis in emphasis", `${"*a ".repeat(1_900)}${" b*".repeat(500)}`],
    ["blanks", `a${" ".repeat(100_000)}b`],
    ["empty lines", `a${"\n".repeat(100_000)}b`],
    ["bars", "|".repeat(50_000)],
    ["dashes", "- - -\n".repeat(5_000)],
    ["markup that never ends", "<a ".repeat(2_600)],
    ["ticks", Array.from({ length: 120 }, (_, length) => "`".repeat(length)).join("a")],
    ["entities", "&lt;".repeat(50_000)],
    ["a line of a megabyte", "a".repeat(1_000_000)],
    ["words of a megabyte", "*a* ".repeat(250_000)],
    ["a table of many rows", `| a | b |\n|---|---|\n${"| 1 | 2 |\n".repeat(10_000)}`],
    ["a table of many columns", `${"|a".repeat(2_000)}|\n${"|-".repeat(2_000)}|\n${"|b".repeat(2_000)}|`],
    ["many definitions", Array.from({ length: 1_000 }, (_, index) => `[a${index}]: http://x.y/${index}`).join("\n")],
  ];
  for (const [name, text] of hostile) {
    it(`handles ${name} in time`, () => drawable(renderMarkdown(text, { columns: 80, open: true }), 80)).timeout(3_000);
  }
});
