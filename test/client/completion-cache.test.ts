import assert from "node:assert/strict";
import fc from "fast-check";
import { findRemainder, repeatsAccepted } from "../../client/completion-cache.ts";

describe("the completion cache", () => {
  const offer = { before: "  return ", after: "\n}", text: "a + b;" };

  it("returns the remainder while the user types along a completion", () => {
    assert.equal(findRemainder([offer], "  return ", "\n}"), "a + b;");
    assert.equal(findRemainder([offer], "  return a +", "\n}"), " b;");
  });

  it("returns null if the text differs, is complete, or is followed by something else", () => {
    assert.equal(findRemainder([offer], "  return x", "\n}"), null);
    assert.equal(findRemainder([offer], "  return a + b;", "\n}"), null);
    assert.equal(findRemainder([offer], "  return a", ");\n}"), null);
    assert.equal(findRemainder([], "  return ", "\n}"), null);
  });

  it("does not match elsewhere in the file if it began at its start", () => {
    for (const before of ["", "x", "if ("]) {
      const first = { before, after: "", text: "import a;" };
      assert.equal(findRemainder([first], before, ""), "import a;");
      assert.equal(findRemainder([first], `${before}imp`, ""), "ort a;");
      assert.equal(findRemainder([first], `const one = 1;\n${before}`, ""), null);
    }
  });

  it("knows the text that was just accepted, unless it only closes something", () => {
    const long = `${"line();\n".repeat(40)}  return `;
    for (const [before, text, repeated] of [
      ["  return ", "a + b;", true],
      [long, "a + b;", true],
      ["call(true", ", false", true],
      ["run() {\n", "  one();\n  two();", true],
      ["<p><b>a", "</b>", false],
      ["f([g([", "]))", false],
      ["if a\n  if b\n", "  end\nend", false],
    ] as const) {
      const accepted = [{ before, after: "\n", text }];
      assert.equal(repeatsAccepted(accepted, before + text, "\n", text), repeated, text);
      assert.equal(repeatsAccepted(accepted, before, "\n", text), false);
      assert.equal(repeatsAccepted(accepted, before + text, "\n", `${text}more`), false);
      assert.equal(repeatsAccepted(accepted, `other ${text}`, "\n", text), false);
    }
  });

  it("prefers the newest match", () => {
    assert.equal(findRemainder([offer, { ...offer, text: "a - b;" }], "  return a ", "\n}"), "- b;");
  });

  it("completes the typed text, however much text is before it", () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1 }), fc.nat(), fc.nat({ max: 300 }), (before, text, at, cut) => {
        const typed = text.slice(0, at % text.length);
        const shown = (before + typed).slice(Math.min(cut, Math.max(0, before.length - 200)));
        const rest = findRemainder([{ before, after: "", text }], shown, "");
        assert.ok(rest !== null && (before + typed + rest).startsWith(before) && text.endsWith(rest));
      }),
    );
  });
});
