import assert from "node:assert/strict";
import fc from "fast-check";
import { hear, hearEnd, hearWords, silence } from "../../../tui/line/aloud.ts";
import { seed } from "../../help/seed.ts";

function heard(...pieces: string[]): string {
  let state = silence;
  let said = "";
  for (const piece of pieces) {
    const next = hear(state, piece);
    state = next.heard;
    said += next.said;
  }
  return said + hearEnd(state);
}

const cases: [name: string, markdown: string, aloud: string][] = [
  ["prose as it is", "It adds.  Twice.\n", "It adds.  Twice.\n"],
  ["headings by name", "# What I found\n## And #2 ##\n", "heading: What I found\nheading: And #2\n"],
  [
    "fences as words",
    "```js\nadd(**1**, [2](x));\n```\nAfter.\n",
    "code, js:\nadd(**1**, [2](x));\nend of code\nAfter.\n",
  ],
  ["fences in fences", "````md\n```js\n```\n````\n", "code, md:\n```js\n```\nend of code\n"],
  ["a fence that never ends", "~~~\nx", "code:\nx\nend of code\n"],
  ["links with their targets", "See [the page](https://a.b/c) now.\n", "See the page (https://a.b/c) now.\n"],
  ["links that name their target", "[https://a.b](https://a.b)\n", "https://a.b\n"],
  ["images", "![a cat](cat.png)\n", "image: a cat (cat.png)\n"],
  ["no signs of weight", "It is **very** __bad__, `**p` and a*b*c.\n", "It is very bad, `**p` and a*b*c.\n"],
  ["tables by row", "| a | b |\n| --- | ---: |\n| 1 | 2 |\n| 3 | |\nEnd\n", "a: 1; b: 2\na: 3; b: \nEnd\n"],
  ["what only looks like a table", "| a | b |\nNo.\n", "| a | b |\nNo.\n"],
  ["no rules and no empty lines", "One\n\n---\n\n***\nTwo\n====\n", "One\nTwo\n"],
  ["what is done, and what is to do", "- [x] Read. It\n- [ ] Mend it\n", "- done: Read. It\n- to do: Mend it\n"],
];

describe("Markdown that is read aloud", () => {
  for (const [name, markdown, aloud] of cases) it(`has ${name}`, () => assert.equal(heard(markdown), aloud));

  it("comes in whole sentences", () => {
    const first = hear(silence, "The first one. The sec");
    assert.equal(first.said, "The first one.");
    const second = hear(first.heard, "ond one! And");
    assert.equal(second.said, " The second one!");
    assert.equal(hearEnd(second.heard), " And\n");
  });

  it("comes in words when it stalls, and never with half a link", () => {
    const { heard: stalled, said } = hear(silence, "See the [first pa");
    assert.equal(said, "");
    const words = hearWords(stalled);
    assert.equal(words.said, "See the");
    const rest = hear(words.heard, "ge](https://a.b). ");
    assert.equal(rest.said, " first page (https://a.b).");
  });

  it("does not take the number of a list for a sentence", () => assert.equal(hear(silence, "1. Rea").said, ""));

  it("says the same however it was cut", () => {
    const piece = fc.constantFrom(
      "A sentence. ",
      "Is it? ",
      "日本語です。",
      "**bold. x** ",
      "[one. two](https://a.b/c.d) ",
      "`co. de` ",
      "\n",
      "\n\n",
      "\n- [ ] an item. ",
      "\n1. ",
      "\n# Head. ing\n",
      "\n| a. b | c |\n| --- | --- |\n| 1. x | 2 |\n",
      "\n```ts\nx. y | z\n```\n",
      "\n---\n",
      "😀. ",
    );
    const text = fc.array(piece, { maxLength: 12 }).map((all) => all.join(""));
    fc.assert(
      fc.property(text, fc.array(fc.nat(200), { maxLength: 8 }), (whole, cuts) => {
        const at = [0, ...cuts.map((cut) => Math.min(cut, whole.length)).sort((a, b) => a - b), whole.length];
        const pieces = at.slice(1).map((end, index) => whole.slice(at[index], end));
        assert.equal(heard(...pieces), heard(whole));
      }),
      { seed, numRuns: 500 },
    );
  });

  it("is not slow for what is made to be slow", () => {
    for (const one of ["**a ", "[", "![x](", "`", "| ", "__", "a. [", "\\|"]) heard(one.repeat(50_000));
  }).timeout(20_000);
});
