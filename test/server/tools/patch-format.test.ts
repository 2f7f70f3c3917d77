import assert from "node:assert/strict";
import fc from "fast-check";
import { applyHunks, type Hunk, parsePatch } from "../../../server/tools/patch-format.ts";

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
            anchor: "fn",
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

  it("converts any text to any other, and back", () => {
    const lines = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,3}$/), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(lines, lines, fc.constantFrom("\n", "\r\n"), (old, next, end) => {
        const text = (all: string[]) => all.map((line) => line + end).join("");
        const hunk = (from: string[], to: string[]): Hunk => ({
          anchor: null,
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
