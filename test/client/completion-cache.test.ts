import assert from "node:assert/strict";
import fc from "fast-check";
import { findRemainder } from "../../client/completion-cache.ts";

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
