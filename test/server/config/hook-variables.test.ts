/** Variables that settings files set for their hooks. */
import assert from "node:assert/strict";
import { expandHookVariables, resolveHookVariables } from "../../../server/config/hook-variables.ts";

describe("variables of hooks", () => {
  const env = { HOME: "/home/ada", EMPTY: "" };
  for (const [text, expected] of [
    [`\${HOME}/.claude`, "/home/ada/.claude"],
    ["$HOME/x:$HOME", "/home/ada/x:/home/ada"],
    [`\${MISSING:-there}/\${EMPTY:-full}`, "there/full"],
    [`$MISSING \${MISSING} $5 $$`, `$MISSING \${MISSING} $5 $$`],
    ["[$EMPTY]", "[]"],
    ["a $HOMEWARD b", "a $HOMEWARD b"],
  ] as const)
    it(`are filled in: ${text}`, () => {
      assert.equal(expandHookVariables(text, env), expected);
    });

  it("may use those before them, and never load code", () => {
    const variables = { PAI_DIR: `\${HOME}/.claude`, HOOKS: "$PAI_DIR/hooks", NODE_OPTIONS: "-r ./x", LD_PRELOAD: "x" };
    assert.deepEqual(resolveHookVariables(variables, env), {
      PAI_DIR: "/home/ada/.claude",
      HOOKS: "/home/ada/.claude/hooks",
    });
  });
});
