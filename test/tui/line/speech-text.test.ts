import assert from "node:assert/strict";
import fc from "fast-check";
import { feedText, flushRest, flushWords, initialSpeech } from "../../../tui/line/speech-text.ts";
import { seed } from "../../help/seed.ts";

function speak(...pieces: string[]): string {
  let state = initialSpeech;
  let text = "";
  for (const piece of pieces) {
    const next = feedText(state, piece);
    state = next.state;
    text += next.text;
  }
  return text + flushRest(state);
}

const cases: [name: string, markdown: string, speech: string][] = [
  ["prose unchanged", "It adds.  Twice.\n", "It adds.  Twice.\n"],
  ["headings announced", "# What I found\n## And #2 ##\n", "heading: What I found\nheading: And #2\n"],
  [
    "code blocks announced",
    "```js\nadd(**1**, [2](x));\n```\nAfter.\n",
    "code, js:\nadd(**1**, [2](x));\nend of code\nAfter.\n",
  ],
  ["nested fences", "````md\n```js\n```\n````\n", "code, md:\n```js\n```\nend of code\n"],
  ["an unclosed fence", "~~~\nx", "code:\nx\nend of code\n"],
  ["links with their targets", "See [the page](https://a.b/c) now.\n", "See the page (https://a.b/c) now.\n"],
  ["links that name their target", "[https://a.b](https://a.b)\n", "https://a.b\n"],
  ["images", "![a cat](cat.png)\n", "image: a cat (cat.png)\n"],
  ["no emphasis marks", "It is **very** __bad__, `**p` and a*b*c.\n", "It is very bad, `**p` and a*b*c.\n"],
  ["tables by row", "| a | b |\n| --- | ---: |\n| 1 | 2 |\n| 3 | |\nEnd\n", "a: 1; b: 2\na: 3; b: \nEnd\n"],
  ["text that only looks like a table", "| a | b |\nNo.\n", "| a | b |\nNo.\n"],
  ["no rules and empty lines", "One\n\n---\n\n***\nTwo\n====\n", "One\nTwo\n"],
  ["task lists", "- [x] Read. It\n- [ ] Fix it\n", "- done: Read. It\n- to do: Fix it\n"],
];

describe("speech text", () => {
  for (const [name, markdown, speech] of cases) it(`renders ${name}`, () => assert.equal(speak(markdown), speech));

  it("passes on whole sentences", () => {
    const first = feedText(initialSpeech, "The first one. The sec");
    assert.equal(first.text, "The first one.");
    const second = feedText(first.state, "ond one! And");
    assert.equal(second.text, " The second one!");
    assert.equal(flushRest(second.state), " And\n");
  });

  it("passes on words of a stalled line, but no partial link", () => {
    const { state: stalled, text } = feedText(initialSpeech, "See the [first pa");
    assert.equal(text, "");
    const words = flushWords(stalled);
    assert.equal(words.text, "See the");
    const rest = feedText(words.state, "ge](https://a.b). ");
    assert.equal(rest.text, " first page (https://a.b).");
  });

  it("does not end a sentence after a list number", () => assert.equal(feedText(initialSpeech, "1. Rea").text, ""));

  it("gives the same text for any chunking", () => {
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
    const markdown = fc.array(piece, { maxLength: 12 }).map((all) => all.join(""));
    fc.assert(
      fc.property(markdown, fc.array(fc.nat(200), { maxLength: 8 }), (whole, cuts) => {
        const at = [0, ...cuts.map((cut) => Math.min(cut, whole.length)).sort((a, b) => a - b), whole.length];
        const pieces = at.slice(1).map((end, index) => whole.slice(at[index], end));
        assert.equal(speak(...pieces), speak(whole));
      }),
      { seed, numRuns: 500 },
    );
  });

  it("handles pathological input in time", () => {
    for (const one of ["**a ", "[", "![x](", "`", "| ", "__", "a. [", "\\|"]) speak(one.repeat(50_000));
  }).timeout(20_000);
});
