/** A continued session uses the settings of its last prompt, and the status bar shows those that the next prompt uses. */
import assert from "node:assert/strict";
import { openTestTerminal, useTerminals } from "../../help/screen.ts";
import { answer } from "../../help/scripted-endpoint.ts";

describe("a session that is continued", function () {
  this.timeout(60_000);
  const terminals = useTerminals();

  it("keeps the model and the mode, in the status bar and in the next turn", async () => {
    const home = terminals.home();
    const { baseUrl, received } = await terminals.serve([answer("First."), answer("Second."), answer("Third.")]);
    const provider = JSON.stringify({ baseUrl, models: { alpha: {}, beta: {} } });
    await home.run(["config", "set", "providers.near", provider]);
    await home.run(["config", "set", "model", "near/alpha"]);
    const first = await home.run(["run", "--model", "near/beta", "--mode", "plan", "Begin"]);
    assert.equal(first.code, 0, first.err);

    const terminal = openTestTerminal(home, ["--continue"], { columns: 100, rows: 30 });
    try {
      await terminal.waitFor(/First\./);
      await terminal.waitFor(/plan +near\/beta/);
      terminal.type("And then?");
      terminal.press("enter");
      await terminal.waitFor(/Second\./);
      assert.equal((received.at(-1)?.body as { model?: string } | undefined)?.model, "beta");
      assert.match(terminal.text().join("\n"), /plan +near\/beta/);
    } finally {
      await terminal.close();
    }
    await home.run(["stop"]);
    const third = await home.run(["run", "--continue", "--mode", "ask", "Go on"]);
    assert.equal(third.code, 0, third.err);
    const events = await home.events(await home.lastSession());
    const used = events.flatMap(({ event }) =>
      event.type === "turn.started" ? [[event.settings?.model, event.settings?.mode]] : [],
    );
    assert.deepEqual(used, [
      ["near/beta", "plan"],
      ["near/beta", "plan"],
      ["near/beta", "ask"],
    ]);
  });
});
