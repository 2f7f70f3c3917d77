/** Slash commands that users of other agents type: each runs its counterpart, or says what to use. */
import assert from "node:assert/strict";
import { explainUnknownCommand, resolveAlias, slashAliases } from "../../client/slash-names.ts";
import { slashes } from "../../tui/actions.ts";

const names = [...slashes.keys()];

describe("names of slash commands", () => {
  it("are those of commands that exist, and no name has two meanings", () => {
    for (const [alias, name] of Object.entries(slashAliases)) {
      assert.ok(slashes.has(name), `/${alias} means /${name}`);
      assert.ok(!slashes.has(alias), alias);
    }
  });

  it("include those of other agents", () => {
    const expected = {
      clear: "new",
      resume: "sessions",
      cost: "usage",
      mcp: "plugins",
      exit: "quit",
      Models: "model",
      compress: "compact",
      undo: "rewind",
    };
    for (const [alias, name] of Object.entries(expected)) assert.equal(resolveAlias(alias, names), name);
    assert.equal(resolveAlias("cost", ["new"]), null);
    assert.equal(resolveAlias("constructor", names), null);
  });

  it("say what to use where there is no counterpart", () => {
    for (const name of ["init", "login", "config", "export", "status", "doctor", "vim", "memory"])
      assert.match(explainUnknownCommand(name, names), new RegExp(`^Tutti has no command /${name}\\. .{10,}`));
  });

  it("say which name is nearest, without running it", () => {
    assert.match(explainUnknownCommand("renmae", names), /Unknown command \/renmae\. Did you mean \/rename\?/);
    assert.match(explainUnknownCommand("sess", names), /Did you mean \/sessions\?/);
    assert.match(explainUnknownCommand("zzzzzzzz", names), /^Unknown command \/zzzzzzzz\. \/help lists all commands/);
    assert.doesNotMatch(explainUnknownCommand("zzzzzzzz", ["new"]), /help/);
  });
});
