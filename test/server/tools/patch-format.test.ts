import assert from "node:assert/strict";
import fc from "fast-check";
import { applyHunks } from "../../../server/tools/apply-hunks.ts";
import { type Hunk, parsePatch } from "../../../server/tools/patch-format.ts";

const wrap = (...lines: string[]) => ["*** Begin Patch", ...lines, "*** End Patch"].join("\n");
const parseOperations = (text: string) => {
  const parsed = parsePatch(text);
  return parsed.ok ? parsed.operations : assert.fail(parsed.problem);
};
const parseProblem = (text: string) => {
  const parsed = parsePatch(text);
  return parsed.ok ? assert.fail("was understood") : parsed.problem;
};
const apply = (text: string, ...lines: string[]) => {
  const [operation] = parseOperations(wrap("*** Update File: f", ...lines));
  assert.ok(operation?.kind === "update");
  return applyHunks(text, operation.hunks);
};
const applyText = (text: string, ...lines: string[]) => {
  const done = apply(text, ...lines);
  return done.ok ? done.text : assert.fail(done.problem);
};

describe("parsePatch", () => {
  it("parses files to add, delete, change and move", () => {
    const found = parseOperations(
      wrap(
        "*** Add File: a b.txt",
        "+one",
        "+",
        "*** Delete File: c",
        "*** Update File: d",
        "*** Move to: e",
        "@@ fn",
        " x",
        "-y",
        "+z",
      ),
    );
    assert.deepEqual(found, [
      { kind: "add", path: "a b.txt", lines: ["one", ""] },
      { kind: "delete", path: "c" },
      {
        kind: "update",
        path: "d",
        moveTo: "e",
        hunks: [
          {
            anchors: ["fn"],
            range: null,
            atEnd: false,
            lines: [
              { kind: "keep", text: "x" },
              { kind: "remove", text: "y" },
              { kind: "add", text: "z" },
            ],
          },
        ],
      },
    ]);
  });

  it("finds the envelope inside other text and with CRLF", () =>
    assert.equal(
      parseOperations(`here:\n\`\`\`\n${wrap("*** Delete File: c")}\n\`\`\``.replaceAll("\n", "\r\n")).length,
      1,
    ));

  const wrong: [string, string, RegExp][] = [
    ["no start", "*** End Patch", /must start with/],
    ["no end", "*** Begin Patch\n*** Delete File: a", /must end with/],
    ["nothing in it", wrap(), /changes no file/],
    ["a line without a sign", wrap("*** Add File: a", "one"), /Line 3: each line of a new file/],
    ["an unknown header", wrap("*** Rename File: a"), /Line 2: .*was expected/],
    ["a change without a change", wrap("*** Update File: a", "@@", " same"), /nothing is changed/],
    ["a bad sign", wrap("*** Update File: a", "@@", "*x"), /Line 4: a line of a change/],
    ["one file twice", wrap("*** Delete File: a", "*** Add File: a", "+x"), /occurs twice/],
    ["text after a delete", wrap("*** Delete File: a", "-x"), /nothing may follow/],
  ];
  for (const [name, text, expected] of wrong) it(`reports ${name}`, () => assert.match(parseProblem(text), expected));

  it("never throws, whatever the text", () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.constantFrom(
              "*** Begin Patch",
              "*** End Patch",
              "*** Update File: a",
              "*** Add File: b",
              "@@",
              "@@ x",
              "*** End of File",
              "",
              " x",
              "+y",
              "-z",
            ),
            fc.string({ maxLength: 10 }),
          ),
          { maxLength: 14 },
        ),
        (lines) => {
          const parsed = parsePatch(lines.join("\n"));
          assert.ok(parsed.ok ? parsed.operations.length > 0 : parsed.problem.endsWith("."));
        },
      ),
    ));
});

describe("applyHunks", () => {
  it("preserves line ends, and a missing last one", () => {
    assert.equal(applyText("a\r\nb\r\nc", "@@", " a", "-b", "+B"), "a\r\nB\r\nc");
    assert.equal(applyText("a\nb", "@@", "-b", "+B"), "a\nB");
    assert.equal(applyText("a\nb", "@@", " b", "+c"), "a\nb\nc");
  });

  it("leaves context lines as they are in the file", () =>
    assert.equal(applyText("  a \nb\n", "@@", " a", "-b", "+c"), "  a \nc\n"));

  it("finds hunks after their anchor line, and at the end", () => {
    const text = "one() {\n  x\n}\ntwo() {\n  x\n}\n";
    assert.equal(applyText(text, "@@ two() {", "-  x", "+  y"), "one() {\n  x\n}\ntwo() {\n  y\n}\n");
    assert.equal(applyText("x\ny\nx\n", "@@", "-x", "+z", "*** End of File"), "x\ny\nz\n");
    assert.equal(applyText("x\n", "@@", "+y"), "x\ny\n");
  });

  it("applies hunks in order", () =>
    assert.equal(applyText("a\nb\na\nb\n", "@@", "-a", "+1", "@@", "-a", "+2"), "1\nb\n2\nb\n"));

  it("shows the lines that were not found", () => {
    const done = apply("a\n", "@@", " q", "-r", "+s");
    assert.ok(!done.ok && /Change 1 was not found:\nq\nr/.test(done.problem));
  });

  const CLASSES = [
    "class A:",
    "  def f(self):",
    "    return 1",
    "",
    "class B:",
    "  def f(self):",
    "    return 1",
    "",
  ].join("\n");
  const FUNCTIONS = "function foo() {\n  x();\n}\nfunction f() {\n  x();\n}\n";
  const places: { name: string; text: string; patch: string[]; changed: number | RegExp }[] = [
    {
      name: "a class, then its method",
      text: CLASSES,
      patch: ["@@ class B:", "@@   def f(self):", "-    return 1", "+    return 2"],
      changed: 7,
    },
    { name: "a class alone", text: CLASSES, patch: ["@@ class A:", "-    return 1", "+    return 2"], changed: 3 },
    {
      name: "a class and a method of another one",
      text: `${CLASSES}class C:\n  def g(self):\n    return 1\n`,
      patch: ["@@ class A:", "@@ def g", "-    return 1", "+    return 2"],
      changed: /not found below "class A:", "def g"/,
    },
    {
      name: "a class that does not contain the lines",
      text: CLASSES.replace("return 1", "return 0"),
      patch: ["@@ class A:", "-    return 1", "+    return 2"],
      changed: /not found below/,
    },
    {
      name: "a method that two classes have",
      text: CLASSES,
      patch: ["@@ def f(self):", "-    return 1", "+    return 2"],
      changed: /fits 2 places, at lines 3, 7/,
    },
    {
      name: "no place, with lines that occur twice",
      text: CLASSES,
      patch: ["@@", "-    return 1", "+    return 2"],
      changed: /fits 2 places/,
    },
    {
      name: "lines that show the class",
      text: CLASSES,
      patch: ["@@", " class B:", "   def f(self):", "-    return 1", "+    return 2"],
      changed: 7,
    },
    {
      name: "a class that is not there",
      text: CLASSES,
      patch: ["@@ class Z:", "-    return 1", "+    return 2"],
      changed: /not found below "class Z:"/,
    },
    {
      name: "a function whose name begins another name",
      text: FUNCTIONS,
      patch: ["@@ function f", "-  x();", "+  y();"],
      changed: 5,
    },
    {
      name: "a block that was closed before the lines",
      text: "a {\n  y();\n}\nb {\n  x();\n}\nc {\n  x();\n}\n",
      patch: ["@@ a {", "-  x();", "+  z();"],
      changed: /not found below/,
    },
    {
      name: "a style class whose name begins another one",
      text: ".btn-primary {\n  a: 1;\n}\n.btn {\n  a: 1;\n}\n",
      patch: ["@@ .btn", "-  a: 1;", "+  a: 2;"],
      changed: 5,
    },
    {
      name: "a name that ends another one",
      text: "my_f() {\n  x\n}\nf() {\n  x\n}\n",
      patch: ["@@ f()", "-  x", "+  y"],
      changed: 5,
    },
    {
      name: "only the beginning of a name",
      text: "foobar:\n  x\n",
      patch: ["@@ foo", "-  x", "+  y"],
      changed: /not found below "foo"/,
    },
    { name: "a heading", text: "## One\ntext\n## Two\ntext\n", patch: ["@@ ## Two", "-text", "+new"], changed: 4 },
    {
      name: "a heading without the line",
      text: "## One\n## Two\ntext\n",
      patch: ["@@ ## One", "-text", "+new"],
      changed: /not found below/,
    },
    { name: "a line number", text: "x\ny\nx\ny\nx\n", patch: ["@@ -3,2 +3,2 @@", "-x", "+z", " y"], changed: 3 },
    {
      name: "a line number and a heading",
      text: CLASSES,
      patch: ["@@ -7 +7 @@ class B:", "-    return 1", "+    return 2"],
      changed: 7,
    },
    {
      name: "a wrong line number, with lines that occur once",
      text: "a\nb\nc\n",
      patch: ["@@ -9,1 +9,1 @@", "-b", "+z"],
      changed: 2,
    },
    {
      name: "a wrong line number, with lines that occur twice",
      text: "x\ny\nx\n",
      patch: ["@@ -2,1 +2,1 @@", "-x", "+z"],
      changed: /fits 2 places/,
    },
    {
      name: "the end, with lines that are not there",
      text: "x\ny\n",
      patch: ["@@", "-x", "+z", "*** End of File"],
      changed: /not found/,
    },
    {
      name: "plain characters for typographic ones",
      text: "one\nit\u2019s \u201cso\u201d \u2013 a\u00a0b\u2026\n",
      patch: ["@@", `-it's "so" - a b...`, "+z"],
      changed: 2,
    },
    {
      name: "a composed letter for two code points",
      text: "one\ncafe\u0301\u202fx\n",
      patch: ["@@", "-caf\u00e9 x", "+z"],
      changed: 2,
    },
    { name: "a line exactly, beside a look-alike", text: "a\u2013b\na-b\n", patch: ["@@", "-a-b", "+z"], changed: 2 },
    {
      name: "look-alikes that occur twice",
      text: "a\u2013b\nx\na\u2014b\n",
      patch: ["@@", "-a-b", "+z"],
      changed: /fits 2 places/,
    },
  ];
  for (const { name, text, patch, changed } of places)
    it(`changes the named place or nothing: ${name}`, () => {
      const done = apply(text, ...patch);
      if (changed instanceof RegExp) return assert.match(done.ok ? done.text : done.problem, changed);
      assert.ok(done.ok, done.ok ? "" : done.problem);
      const [before, after] = [text.split("\n"), done.text.split("\n")];
      assert.deepEqual(
        before.flatMap((line, index) => (line === after[index] ? [] : [index + 1])),
        [changed],
      );
    });

  it("inserts where the header says, and refuses a number without context", () => {
    assert.equal(applyText("a\nb\n", "@@ -1,0 +2,1 @@", "+x"), "a\nx\nb\n");
    assert.equal(applyText("a\nb\n", "@@ -0,0 +1,1 @@", "+x"), "x\na\nb\n");
    for (const header of ["@@ -1,2 +1,3 @@", "@@ -5,0 +6,1 @@"]) assert.equal(apply("a\nb\n", header, "+x").ok, false);
  });

  it("numbers lines by the original file, and takes lines for the end before lines above them", () => {
    const text = "x\n".repeat(6);
    assert.equal(
      applyText(text, "@@ -1,1 +1,3 @@", "-x", "+a", "+b", "+c", "@@ -5,1 +7,1 @@", "-x", "+z"),
      "a\nb\nc\nx\nx\nx\nz\nx\n",
    );
    assert.equal(applyText("a\nb\n", "@@", "+end", "@@", " a", "-b", "+B"), "a\nB\nend\n");
  });

  it("changes the line that was meant, or none, among lines that look alike", () => {
    const word = fc.constantFrom<string>("x", "x ", " x", "\u2018x\u2019", "'x'", "y");
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 7 }),
        fc.nat(),
        fc.nat(2),
        fc.nat(2),
        (lines, seed, above, below) => {
          const at = seed % lines.length;
          const context = (from: number, to: number) => lines.slice(Math.max(0, from), to).map((line) => ` ${line}`);
          const done = apply(
            `${lines.join("\n")}\n`,
            "@@",
            ...context(at - above, at),
            `-${lines[at]}`,
            "+NEW",
            ...context(at + 1, at + 1 + below),
          );
          if (done.ok) assert.equal(done.text, `${lines.with(at, "NEW").join("\n")}\n`);
          else assert.match(done.problem, /fits \d+ places/);
        },
      ),
    );
  });

  it("converts any text to any other, and back", () => {
    const lines = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,3}$/), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(lines, lines, fc.constantFrom("\n", "\r\n"), (old, next, end) => {
        const text = (all: string[]) => all.map((line) => line + end).join("");
        const hunk = (from: string[], to: string[]): Hunk => ({
          anchors: [],
          range: null,
          atEnd: false,
          lines: [
            ...from.map((line) => ({ kind: "remove", text: line }) as const),
            ...to.map((line) => ({ kind: "add", text: line }) as const),
          ],
        });
        assert.deepEqual(applyHunks(text(old), [hunk(old, next)]), { ok: true, text: text(next) });
        assert.deepEqual(applyHunks(text(next), [hunk(next, old)]), { ok: true, text: text(old) });
      }),
    );
  });
});
