/** Which command of a plugin a text means, and what of it is being written. */
import assert from "node:assert/strict";
import type { PluginCommand } from "../../../protocol/plugin-methods.ts";
import { argumentAt, commandFor, takesOf } from "../../../tui/app/commands.ts";

const command = (name: string, ...takes: string[]): PluginCommand => ({
  name,
  title: name,
  description: "",
  arguments: takes.map((one) => ({ name: one.replace("?", ""), description: "", required: !one.endsWith("?") })),
});

const review = command("git:review", "branch", "tone?");
const all = [review, command("git:model"), command("git:log"), command("hg:log")];

describe("commands of plugins", () => {
  it("are meant by their whole name, and by the short one where nothing else has it", () => {
    assert.equal(commandFor(all, "git:review")?.name, "git:review");
    assert.equal(commandFor(all, "review")?.name, "git:review");
    assert.equal(commandFor(all, "log"), null);
    assert.equal(commandFor(all, "hg:log")?.name, "hg:log");
    assert.equal(commandFor(all, "model"), null, "ours wins");
    assert.equal(commandFor(all, "git:model")?.name, "git:model");
  });

  it("say what they take", () => assert.equal(takesOf(review), "BRANCH [TONE]"));

  for (const [text, argument, value, from] of [
    ["/review ", "branch", "", 8],
    ["/review ma", "branch", "ma", 8],
    ["/review main ", "tone", "", 13],
    ["/review main very k", "tone", "very k", 13],
    ["/review tone=ki", "tone", "ki", 13],
  ] as const)
    it(`has ${argument} being written in ${JSON.stringify(text)}`, () => {
      const at = argumentAt(review, text);
      assert.deepEqual(at && [at.argument, at.value, at.from], [argument, value, from]);
    });

  it("have nothing being written before the first blank, or where they take nothing", () => {
    assert.equal(argumentAt(review, "/review"), null);
    assert.equal(argumentAt(command("git:log"), "/log x"), null);
  });
});
