import assert from "node:assert/strict";
import fc from "fast-check";
import { restOf } from "../../client/offered.ts";

describe("a completion that was offered", () => {
  const offer = { before: "  return ", after: "\n}", text: "a + b;" };

  it("gives its rest to whoever types on along it", () => {
    assert.equal(restOf([offer], "  return ", "\n}"), "a + b;");
    assert.equal(restOf([offer], "  return a +", "\n}"), " b;");
  });

  it("gives nothing where something else was typed, all of it was, or something else follows", () => {
    assert.equal(restOf([offer], "  return x", "\n}"), null);
    assert.equal(restOf([offer], "  return a + b;", "\n}"), null);
    assert.equal(restOf([offer], "  return a", ");\n}"), null);
    assert.equal(restOf([], "  return ", "\n}"), null);
  });

  it("is the newest that fits", () => {
    assert.equal(restOf([offer, { ...offer, text: "a - b;" }], "  return a ", "\n}"), "- b;");
  });

  it("makes with what was typed the whole, however far the text before it has moved on", () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1 }), fc.nat(), fc.nat({ max: 300 }), (before, text, at, cut) => {
        const typed = text.slice(0, at % text.length);
        const shown = (before + typed).slice(Math.min(cut, Math.max(0, before.length - 200)));
        const rest = restOf([{ before, after: "", text }], shown, "");
        assert.ok(rest !== null && (before + typed + rest).startsWith(before) && text.endsWith(rest));
      }),
    );
  });
});
