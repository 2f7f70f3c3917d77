/** Variables that settings files set for their hooks. */
import assert from "node:assert/strict";
import { expandHookVariables, resolveHookVariables } from "../../../server/config/hook-variables.ts";
import { createEnvironmentSource } from "../../../server/plugins/run-command-hooks.ts";

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

  it("do not give keys of the environment to commands of the agent", async () => {
    const env = { HOME: "/home/ada", ACME_API_KEY: "acme-1234567890abcdef" };
    const variables = { KEY: "x", SHOWN: "$ACME_API_KEY", ALSO: "$ACME_API_KEY-none", PAI: "$HOME/.claude" };
    const hook = { source: "s", event: "Stop", matcher: null, command: "true", timeoutMs: 1, env: variables };
    const source = createEnvironmentSource([hook], env);
    const answer = await source?.call("shell.env", {}, {} as never, new AbortController().signal);
    assert.ok(!JSON.stringify(answer).includes("acme-"));
    assert.match(JSON.stringify(answer), /"PAI":"\/home\/ada\/.claude"/);
  });
});
