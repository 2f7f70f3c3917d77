/** Markdown to blocks and back: the result means the same, and a second round trip changes nothing. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { parseMarkdown, type Span } from "../../mcp-plugins/markdown/blocks.ts";
import { toMarkdown } from "../../mcp-plugins/markdown/write.ts";

const roundTrip = (markdown: string): string => toMarkdown(parseMarkdown(markdown));

describe("the Markdown converter of the plugins", () => {
  it("round-trips", () => {
    const page = `# Title

Some **bold**, *italic*, ~~gone~~, \`code\` and [a **link**](https://example.com/a).
The next line.

- one
  - deep

    apart
  - deeper
- [ ] open
- [x] done

3. three
4. four

\`\`\`\`md
\`\`\`js
a = 1;
\`\`\`
\`\`\`\`

> said
>
> - in a list

| a | b |
| --- | --- |
| 1 | 2 |

---`;
    assert.equal(
      roundTrip(page),
      page.replace(
        "[a **link**](https://example.com/a)",
        "[a](https://example.com/a) [**link**](https://example.com/a)",
      ),
    );
  });

  it("keeps spaces outside of marks, and decodes entities", () => {
    const spans: Span[] = [
      { text: " padded ", bold: true },
      { text: "  " },
      { text: "x", italic: true, link: "https://e.x/" },
    ];
    assert.equal(toMarkdown([{ type: "paragraph", spans }]), " **padded**   [*x*](https://e.x/)");
    assert.deepEqual(parseMarkdown("a &amp; b &lt;c&gt; \\*d <i>e"), [
      {
        type: "paragraph",
        spans: [{ text: "a & b <c> " }, { text: "*" }, { text: "d " }, { text: "<i>" }, { text: "e" }],
      },
    ]);
  });

  it("loses no word, however blocks are nested", () => {
    const piece = fc.constantFrom(
      "1.",
      ">",
      "-",
      "`",
      "**",
      "\n",
      "\n\n",
      "    ",
      "\n```\n",
      "#",
      "|",
      "\n|-|-|\n",
      "- [x]",
      "~~",
      "\\",
    );
    const word = fc.constantFrom("alpha", "beta", "gamma");
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, word), { maxLength: 14 }), (pieces) => {
        const written = roundTrip(`${pieces.join(" ")} omega`);
        const wanted = [...pieces.filter((one) => /^[a-z]{4,}$/.test(one)), "omega"];
        assert.deepEqual(written.match(/[a-z]{4,}/g), wanted, written);
      }),
    );
  });
});
