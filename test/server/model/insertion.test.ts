import assert from "node:assert/strict";
import { type Around, near, rawRequest } from "../../../server/model/fim.ts";
import { insertionOf } from "../../../server/model/insertion.ts";
import type { Target } from "../../../server/model/target.ts";

describe("what a model says at a cursor", () => {
  const cases: [what: string, said: string, around: Around, text: string][] = [
    ["is offered as it is", "a + b;", { before: "  return ", after: "\n}\n" }, "a + b;"],
    ["ends at a blank line", "one();\n  two();\n\nfunction next() {", { before: "  ", after: "" }, "one();\n  two();"],
    [
      "ends where a line stands further out",
      "one();\n  two();\n}\nmore();",
      { before: "  ", after: "\n" },
      "one();\n  two();",
    ],
    [
      "goes into a block that it opens",
      "if (a) {\n    b();\n  }",
      { before: "  ", after: "\n}" },
      "if (a) {\n    b();\n  }",
    ],
    [
      "is one line where something follows on it",
      "name, age\nmore",
      { before: "call(", after: "; // known\n" },
      "name, age",
    ],
    ["leaves what stands behind the cursor to it", "a, b);", { before: "call(", after: ");\n" }, "a, b"],
    ["keeps the closing marks that it opened", "bar(x)", { before: "foo(", after: ")\n" }, "bar(x)"],
    ["does not repeat the line that follows", "b();\n  c();", { before: "  a();\n  ", after: "\n  c();\n" }, "b();"],
    ["is nothing where it is blank", "  \n ", { before: "x", after: "" }, ""],
    ["has its own line ends", "a\r\n  b", { before: "  ", after: "" }, "a\n  b"],
    ["does not end in blanks", "a  \n", { before: "", after: "" }, "a"],
    [
      "is a dozen lines at most",
      Array.from({ length: 20 }, (_, at) => `l${at}`).join("\n"),
      { before: "", after: "" },
      Array.from({ length: 12 }, (_, at) => `l${at}`).join("\n"),
    ],
  ];
  for (const [what, said, around, text] of cases)
    it(what, () => assert.equal(insertionOf(said, around, false).text, text));

  it("comes without fences, and without the line that was begun, from one that was asked in words", () => {
    const around = { before: "  const total = ", after: "\n" };
    for (const said of [
      "```ts\na + b;\n```",
      "a + b;",
      "const total = a + b;",
      "```\nconst total = a + b;\n```\nThat adds.",
    ])
      assert.equal(insertionOf(said, around, true).text, "a + b;");
  });

  it("has its end as soon as more would not be offered", () => {
    const around = { before: "  ", after: "\n}" };
    assert.equal(insertionOf("one();\n  two", around, false).ended, false);
    assert.equal(insertionOf("one();\n  two();\n", around, false).ended, false);
    assert.equal(insertionOf("one();\n\n  t", around, false).ended, true);
    assert.equal(insertionOf("one();\n}", around, false).ended, true);
    assert.equal(insertionOf("x\n", { before: "f(", after: ")" }, false).ended, true);
  });
});

describe("how a model is asked for what stands at a cursor", () => {
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
  const around = { before: "B", after: "A" };
  const promptOf = (name: string): unknown => rawRequest(target(name), around)?.body.prompt;

  it("by the marks of its family, where one runs it oneself", () => {
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
    assert.equal(rawRequest(target("qwen2.5-coder", { local: false }), around), null);
    for (const name of ["qwen2.5-coder", "starcoder2", "codellama", "codestral", "deepseek-coder"])
      assert.ok(((rawRequest(target(name), around)?.body.stop ?? []) as string[]).length <= 4);
  });

  it("by the field of the endpoint, where it has one", () => {
    const fim = rawRequest(target("codestral-latest", { local: false, compat: { completions: "fim" } }), around);
    assert.equal(fim?.url, "https://api.example.com/v1/fim/completions");
    assert.deepEqual([fim?.body.prompt, fim?.body.suffix], ["B", "A"]);
    const beta = { completions: "suffix", completionsBase: "/beta" } as const;
    const deepseek = rawRequest(target("deepseek-chat", { local: false, compat: beta, query: { v: "1" } }), around);
    assert.equal(deepseek?.url, "https://api.example.com/beta/completions?v=1");
    assert.equal(rawRequest(target("qwen2.5-coder", { compat: { completions: "none" } }), around), null);
  });

  it("with what is near the cursor", () => {
    const { before, after } = near({ before: `x${"b".repeat(5_000)}`, after: `${"a".repeat(5_000)}x` });
    assert.deepEqual([before, after], ["b".repeat(4_000), "a".repeat(1_000)]);
  });
});
