import assert from "node:assert/strict";
import { buildFimRequest, type CursorContext, truncateContext } from "../../../server/completion/fim.ts";
import { parseInsertion } from "../../../server/completion/insertion.ts";
import type { Target } from "../../../server/model/target.ts";

describe("parsing an insertion", () => {
  const cases: [title: string, response: string, context: CursorContext, text: string][] = [
    ["returns a plain insertion unchanged", "a + b;", { before: "  return ", after: "\n}\n" }, "a + b;"],
    ["ends at a blank line", "one();\n  two();\n\nfunction next() {", { before: "  ", after: "" }, "one();\n  two();"],
    [
      "ends before a line that is indented less",
      "one();\n  two();\n}\nmore();",
      { before: "  ", after: "\n" },
      "one();\n  two();",
    ],
    [
      "continues into a block that it opens",
      "if (a) {\n    b();\n  }",
      { before: "  ", after: "\n}" },
      "if (a) {\n    b();\n  }",
    ],
    [
      "is one line if text follows on the line",
      "name, age\nmore",
      { before: "call(", after: "; // known\n" },
      "name, age",
    ],
    ["drops closers that follow the cursor", "a, b);", { before: "call(", after: ");\n" }, "a, b"],
    ["keeps closers that it opened", "bar(x)", { before: "foo(", after: ")\n" }, "bar(x)"],
    ["does not repeat the next line", "b();\n  c();", { before: "  a();\n  ", after: "\n  c();\n" }, "b();"],
    ["is empty if it is blank", "  \n ", { before: "x", after: "" }, ""],
    ["normalizes line ends", "a\r\n  b", { before: "  ", after: "" }, "a\n  b"],
    ["drops trailing whitespace", "a  \n", { before: "", after: "" }, "a"],
    [
      "has at most twelve lines",
      Array.from({ length: 20 }, (_, at) => `l${at}`).join("\n"),
      { before: "", after: "" },
      Array.from({ length: 12 }, (_, at) => `l${at}`).join("\n"),
    ],
  ];
  for (const [title, response, context, text] of cases)
    it(title, () => assert.equal(parseInsertion(response, context, false).text, text));

  it("removes fences and the repeated line start of a chat response", () => {
    const context = { before: "  const total = ", after: "\n" };
    for (const response of [
      "```ts\na + b;\n```",
      "a + b;",
      "const total = a + b;",
      "```\nconst total = a + b;\n```\nThat adds.",
    ])
      assert.equal(parseInsertion(response, context, true).text, "a + b;");
  });

  it("ends as soon as more text would be dropped", () => {
    const context = { before: "  ", after: "\n}" };
    assert.equal(parseInsertion("one();\n  two", context, false).ended, false);
    assert.equal(parseInsertion("one();\n  two();\n", context, false).ended, false);
    assert.equal(parseInsertion("one();\n\n  t", context, false).ended, true);
    assert.equal(parseInsertion("one();\n}", context, false).ended, true);
    assert.equal(parseInsertion("x\n", { before: "f(", after: ")" }, false).ended, true);
  });
});

describe("building a completion request", () => {
  const target = (requestId: string, more: Partial<Target> = {}): Target => ({
    provider: "p",
    model: requestId,
    requestId,
    baseUrl: "https://api.example.com/v1",
    keyHeader: "Authorization",
    headers: {},
    query: {},
    compat: {},
    limits: { context: null, output: null },
    price: null,
    tools: true,
    vision: false,
    reasoning: false,
    local: true,
    keyNames: [],
    ...more,
  });
  const context = { before: "B", after: "A" };
  const promptOf = (name: string): unknown => buildFimRequest(target(name), context)?.body.prompt;

  it("uses the markers of the model family for a local model", () => {
    for (const [name, prompt] of [
      ["qwen2.5-coder:7b", "<|fim_prefix|>B<|fim_suffix|>A<|fim_middle|>"],
      ["Qwen/Qwen3-Coder-30B-A3B-Instruct", "<|fim_prefix|>B<|fim_suffix|>A<|fim_middle|>"],
      ["deepseek-coder-v2:16b", "<｜fim▁begin｜>B<｜fim▁hole｜>A<｜fim▁end｜>"],
      ["starcoder2:3b", "<fim_prefix>B<fim_suffix>A<fim_middle>"],
      ["codellama:7b-code", "<PRE> B <SUF>A <MID>"],
      ["codestral:22b", "[SUFFIX]A[PREFIX]B"],
    ])
      assert.equal(promptOf(name ?? ""), prompt);
    assert.equal(promptOf("llama3.3"), undefined);
    assert.equal(buildFimRequest(target("qwen2.5-coder", { local: false }), context), null);
    for (const name of ["qwen2.5-coder", "starcoder2", "codellama", "codestral", "deepseek-coder"])
      assert.ok(((buildFimRequest(target(name), context)?.body.stop ?? []) as string[]).length <= 4);
  });

  it("uses the endpoint's fill-in-the-middle field", () => {
    const fim = buildFimRequest(target("codestral-latest", { local: false, compat: { completions: "fim" } }), context);
    assert.equal(fim?.url, "https://api.example.com/v1/fim/completions");
    assert.deepEqual([fim?.body.prompt, fim?.body.suffix], ["B", "A"]);
    const beta = { completions: "suffix", completionsBase: "/beta" } as const;
    const deepseek = buildFimRequest(
      target("deepseek-chat", { local: false, compat: beta, query: { v: "1" } }),
      context,
    );
    assert.equal(deepseek?.url, "https://api.example.com/beta/completions?v=1");
    assert.equal(buildFimRequest(target("qwen2.5-coder", { compat: { completions: "none" } }), context), null);
  });

  it("truncates the text around the cursor", () => {
    const { before, after } = truncateContext({ before: `x${"b".repeat(5_000)}`, after: `${"a".repeat(5_000)}x` });
    assert.deepEqual([before, after], ["b".repeat(4_000), "a".repeat(1_000)]);
  });
});
