/** Markdown as blocks and back: what comes out says the same, and going round again changes nothing. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { parseMarkdown, type Span } from "../../mcp-plugins/markdown/blocks.ts";
import { toMarkdown } from "../../mcp-plugins/markdown/write.ts";

const round = (markdown: string): string => toMarkdown(parseMarkdown(markdown));

describe("Markdown of the plugins", () => {
  it("comes back as it was", () => {
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
      round(page),
      page.replace(
        "[a **link**](https://example.com/a)",
        "[a](https://example.com/a) [**link**](https://example.com/a)",
      ),
    );
  });

  it("keeps blanks outside of marks, and reads what people write for characters", () => {
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

  it("loses no word, however blocks are put together", () => {
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
        const written = round(`${pieces.join(" ")} omega`);
        const wanted = [...pieces.filter((one) => /^[a-z]{4,}$/.test(one)), "omega"];
        assert.deepEqual(written.match(/[a-z]{4,}/g), wanted, written);
      }),
    );
  });
});
