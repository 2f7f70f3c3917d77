import assert from "node:assert/strict";
import type { PluginCommand } from "../../../protocol/plugin-methods.ts";
import { findArgument, findCommand, formatArguments } from "../../../tui/app/plugin-commands.ts";

const command = (name: string, ...takes: string[]): PluginCommand => ({
  name,
  title: name,
  description: "",
  arguments: takes.map((one) => ({ name: one.replace("?", ""), description: "", required: !one.endsWith("?") })),
});

const review = command("git:review", "branch", "tone?");
const all = [review, command("git:model"), command("git:log"), command("hg:log")];

describe("plugin commands", () => {
  it("are found by full name, and by short name if it is unambiguous", () => {
    assert.equal(findCommand(all, "git:review")?.name, "git:review");
    assert.equal(findCommand(all, "review")?.name, "git:review");
    assert.equal(findCommand(all, "log"), null);
    assert.equal(findCommand(all, "hg:log")?.name, "hg:log");
    assert.equal(findCommand(all, "model"), null, "built-in commands win");
    assert.equal(findCommand(all, "git:model")?.name, "git:model");
  });

  it("format their arguments", () => assert.equal(formatArguments(review), "BRANCH [TONE]"));

  for (const [text, argument, value, from] of [
    ["/review ", "branch", "", 8],
    ["/review ma", "branch", "ma", 8],
    ["/review main ", "tone", "", 13],
    ["/review main very k", "tone", "very k", 13],
    ["/review tone=ki", "tone", "ki", 13],
  ] as const)
    it(`finds the argument ${argument} in ${JSON.stringify(text)}`, () => {
      const input = findArgument(review, text);
      assert.deepEqual(input && [input.argument, input.value, input.from], [argument, value, from]);
    });

  it("have no argument before the first space, or if they take none", () => {
    assert.equal(findArgument(review, "/review"), null);
    assert.equal(findArgument(command("git:log"), "/log x"), null);
  });
});
