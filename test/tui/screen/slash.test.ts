/** A slash command runs by its name only: what the menu happens to list first is never run in its place. */
import assert from "node:assert/strict";
import { type TestTerminal, useTerminals } from "../../help/screen.ts";
import { answer } from "../../help/scripted-endpoint.ts";

describe("slash commands", function () {
  this.timeout(60_000);
  const terminals = useTerminals();
  const enter = async (terminal: TestTerminal, text: string): Promise<void> => {
    terminal.type(text);
    await terminal.waitFor((rows) => rows.some((row) => row.includes(`› ${text}`)));
    terminal.press("enter");
  };

  for (const table of ["default", "emacs", "vim"])
    it(`run by their name or an alias with the ${table} keys`, async () => {
      await terminals.home().run(["config", "set", "keys", table]);
      const endpoint = await terminals.serve([answer("Hello.")]);
      const terminal = await terminals.ready();
      const explained: [typed: string, message: RegExp][] = [
        // Each of these is found in the description of some command.
        ["/archiv", /Unknown command \/archiv\. Did you mean \/archive\?/],
        ["/stop", /Unknown command \/stop/],
        ["/show", /Unknown command \/show/],
      ];
      for (const [typed, message] of explained) {
        await enter(terminal, typed);
        await terminal.waitFor(message);
        assert.match(terminal.text().join("\n"), new RegExp(`› ${typed}`));
        terminal.press("ctrl+c");
        await terminal.waitFor(/Ask anything/);
      }
      await enter(terminal, "Hi");
      await terminal.waitFor(/Hello\./);
      await enter(terminal, "/cost");
      await terminal.waitFor(/By model, last 30 days/);
      terminal.press("escape");
      await terminal.waitFor((rows) => !/By model, last 30 days/.test(rows.join("\n")));
      await enter(terminal, "/clear");
      await terminal.waitFor((rows) => !/Hello\./.test(rows.join("\n")));
      assert.equal(endpoint.received.length, 1);
      // A row that the user selects runs.
      terminal.type("/usa");
      await terminal.waitFor(/\/usage/);
      terminal.press("down", "up", "enter");
      await terminal.waitFor(/By model, last 30 days/);
      terminal.press("escape");
      await terminal.waitFor((rows) => !/By model, last 30 days/.test(rows.join("\n")));
      await enter(terminal, "/exit");
      assert.equal(await terminal.exited, 0);
    });
});
