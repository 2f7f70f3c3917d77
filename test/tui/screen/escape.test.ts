/** Escape: an idle one keeps the prompt, and one during a turn stops it and lets the queue wait. */
import assert from "node:assert/strict";
import { type TestTerminal, useTerminals } from "../../help/screen.ts";
import { answer, chunk } from "../../help/scripted-endpoint.ts";

describe("the focus and the queue", function () {
  this.timeout(60_000);
  const terminals = useTerminals();
  const enter = async (terminal: TestTerminal, text: string): Promise<void> => {
    terminal.type(text);
    await terminal.waitFor((rows) => rows.some((row) => row.includes(`› ${text}`)));
    terminal.press("enter");
  };
  const begin = async (table: string): Promise<TestTerminal> => {
    await terminals.home().run(["config", "set", "keys", table]);
    return terminals.ready();
  };

  for (const table of ["default", "emacs"])
    it(`keep the prompt after Escape with the ${table} keys`, async () => {
      await terminals.serve([answer("A response to copy.")]);
      const terminal = await begin(table);
      await enter(terminal, "Hi");
      await terminal.waitFor(/A response to copy\./);
      terminal.press("escape");
      await terminal.waitUntilSettled();
      terminal.type("yes, hello you");
      await terminal.waitFor(/› yes, hello you/);
      assert.ok(!terminal.raw().includes("\x1b]52;"), "nothing was copied");
    });

  for (const table of ["default", "emacs", "vim"])
    it(`move to the conversation with a key of its own, and back with a letter, with the ${table} keys`, async () => {
      await terminals.serve([answer("A response to copy.")]);
      const terminal = await begin(table);
      await enter(terminal, "Hi");
      await terminal.waitFor(/A response to copy\./);
      terminal.press("f6");
      await terminal.waitFor(/Reading the conversation · type, or (?:Esc|Ctrl\+G), to return to the prompt/);
      terminal.type("yonder");
      await terminal.waitFor(/› yonder/);
      assert.ok(!terminal.raw().includes("\x1b]52;"), "nothing was copied");
    });

  it("let the queue wait when the turn is stopped, also for others and after a restart, until it is sent", async () => {
    const gate = Promise.withResolvers<void>();
    const endpoint = await terminals.serve([
      { body: [chunk({ content: "Working on it" }), gate.promise], end: "open" },
      answer("In between."),
      answer("The second."),
      answer("The third."),
    ]);
    const terminal = await begin("default");
    await enter(terminal, "First");
    await terminal.waitFor(/Working on it/);
    await enter(terminal, "Second");
    await terminal.waitFor(/1 queued/);
    await enter(terminal, "Third");
    await terminal.waitFor(/2 queued/);
    terminal.press("escape");
    await terminal.waitFor(/2 waiting\s+⏎ send them/);
    gate.resolve();
    assert.equal(endpoint.received.length, 1);
    // A new prompt runs at once, and the queue still waits.
    await enter(terminal, "Something else");
    await terminal.waitFor(/In between\.[\s\S]*2 waiting/);
    assert.match(JSON.stringify(endpoint.received[1]?.body), /Something else/);
    await terminals.home().run(["stop"]);
    await terminal.waitFor(/server stopped/);
    terminal.press("enter");
    await terminal.waitFor(/Reconnected/);
    await terminal.waitFor(/2 waiting/);
    assert.equal(endpoint.received.length, 2);
    terminal.press("enter");
    await terminal.waitFor(/The second\.[\s\S]*The third\./);
    await terminal.waitFor((rows) => !/waiting|queued/.test(rows.join("\n")));
  });
});
