import assert from "node:assert/strict";
import type { ActionName } from "../../../tui/actions.ts";
import { exCommand } from "../../../tui/keys/vim/ex.ts";

const slashes: Record<string, ActionName> = { new: "session.new", model: "models.open" };
const run = (line: string) => exCommand(line, (slash) => slashes[slash]);

describe("Vim's command line", () => {
  it("knows Vim's own commands, and slash commands by their names", () => {
    assert.deepEqual(run("q!"), { does: [{ action: "app.quit" }] });
    assert.deepEqual(run(":wq"), { does: [{ action: "prompt.submit" }, { action: "app.quit" }] });
    assert.deepEqual(run(":new"), { does: [{ action: "session.new" }] });
    assert.deepEqual(run("model  groq/small "), { does: [{ action: "models.open", argument: "groq/small" }] });
  });

  it("says what it does not know", () => {
    assert.deepEqual(run(":bogus x"), { problem: "There is no command :bogus." });
    assert.deepEqual(run(":"), { problem: "No command was given." });
  });
});
