/** Lists of rules, as other programs write them in one text. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { splitRules } from "../../protocol/split-rules.ts";

describe("a list of rules", () => {
  for (const [text, parts] of [
    ["Bash(echo (x))", ["Bash(echo (x))"]],
    ["Read, Bash(git log:*) Edit", ["Read", "Bash(git log:*)", "Edit"]],
    ["Bash(f(a, g(b)), c),Read", ["Bash(f(a, g(b)), c)", "Read"]],
    ["Edit(src/(a|b)/**) Bash(x)", ["Edit(src/(a|b)/**)", "Bash(x)"]],
    ["a) b", ["a)", "b"]],
    ["  ,, ", []],
    ["Bash(git log, Read", ["Bash(git log, Read"]],
  ] as const)
    it(`is split outside of parentheses: ${text}`, () => assert.deepEqual(splitRules(text), parts));

  it("has the parts that were joined", () => {
    const { inner } = fc.letrec<{ inner: string }>((tie) => ({
      inner: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom("", "a b", "x, y", "git log:*"),
        fc.tuple(tie("inner"), tie("inner")).map(([one, other]) => `${one}(${other})`),
      ),
    }));
    const part = fc
      .tuple(fc.constantFrom("Bash", "Read", "mcp__a__b"), inner)
      .map(([name, text]) => `${name}(${text})`);
    const separator = fc.constantFrom(" ", ",", ", ", "\n");
    fc.assert(
      fc.property(fc.array(part), separator, (parts, by) => assert.deepEqual(splitRules(parts.join(by)), parts)),
    );
  });
});
