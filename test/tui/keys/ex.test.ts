import assert from "node:assert/strict";
import type { ActionName } from "../../../tui/actions.ts";
import { parseExCommand } from "../../../tui/keys/vim/ex.ts";

const slashes: Record<string, ActionName> = { new: "session.new", model: "models.open" };
const run = (line: string) => parseExCommand(line, (slash) => slashes[slash]);

describe("Vim command line", () => {
  it("parses Vim commands and slash commands", () => {
    assert.deepEqual(run("q!"), { commands: [{ action: "app.quit" }] });
    assert.deepEqual(run(":wq"), { commands: [{ action: "prompt.submit" }, { action: "app.quit" }] });
    assert.deepEqual(run(":new"), { commands: [{ action: "session.new" }] });
    assert.deepEqual(run("model  groq/small "), { commands: [{ action: "models.open", argument: "groq/small" }] });
  });

  it("reports unknown commands", () => {
    assert.deepEqual(run(":bogus x"), { problem: "Unknown command :bogus." });
    assert.deepEqual(run(":"), { problem: "No command given." });
  });
});
