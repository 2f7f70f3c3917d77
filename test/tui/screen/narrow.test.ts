/** What a narrow screen shows in place of the sidebar, and what the toggles do on a wide one. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestTerminal, useTerminals } from "../../help/screen.ts";
import { answer, chunk } from "../../help/scripted-endpoint.ts";
import { callTools } from "../../help/tutti.ts";

describe("screens of different widths", function () {
  this.timeout(60_000);
  const terminals = useTerminals();
  const enter = async (terminal: TestTerminal, text: string): Promise<void> => {
    terminal.type(text);
    await terminal.waitFor((rows) => rows.some((row) => row.includes(`› ${text}`)));
    terminal.press("enter");
  };

  for (const columns of [60, 100])
    it(`show the plan and what steers at ${columns} columns`, async () => {
      const gate = Promise.withResolvers<void>();
      const items = [
        { text: "Read the code", state: "done" },
        { text: "Change it", state: "active" },
        { text: "Test it", state: "pending" },
      ];
      await terminals.serve([
        callTools(["plan", { items }]),
        { body: [chunk({ content: "Going on" }), gate.promise, chunk({ content: "." }), "data: [DONE]\n\n"] },
        answer("Steered."),
      ]);
      const terminal = await terminals.ready([], { columns, rows: 24 });
      await enter(terminal, "Go");
      await terminal.waitFor(/Going on/);
      await terminal.waitFor(/plan 1\/3: Change it/);
      terminal.type("Use tabs");
      await terminal.waitFor(/› Use tabs/);
      terminal.press("ctrl+enter");
      await terminal.waitFor(/1 steering at the next step/);
      assert.doesNotMatch(terminal.text().join("\n"), /queued/);
      gate.resolve();
      await terminal.waitFor(/Steered\./);
      await enter(terminal, "/todos");
      await terminal.waitFor(/Plan .*esc[\s\S]*✓ Read the code[\s\S]*● Change it[\s\S]*○ Test it/);
    });

  it("switch the diff with the first /diff on a wide screen", async () => {
    writeFileSync(join(terminals.home().work, "a.js"), "export const a = 1;\n");
    await terminals.serve([
      callTools(["read", { path: "a.js" }]),
      callTools(["edit", { path: "a.js", old: "= 1", new: "= 2" }]),
      answer("Changed."),
    ]);
    const terminal = await terminals.ready(["--mode", "edit"], { columns: 200, rows: 30 });
    await enter(terminal, "Go");
    await terminal.waitFor(/Changed\./);
    const isSplit = (): boolean => terminal.text().some((row) => /a = 1;.*a = 2;/.test(row));
    await terminal.waitFor(isSplit);
    await enter(terminal, "/diff");
    await terminal.waitFor(() => !isSplit());
    await enter(terminal, "/diff");
    await terminal.waitFor(isSplit);
  });

  it("give a fork a title of its own", async () => {
    await terminals.serve([answer("Hello.")]);
    const terminal = await terminals.ready();
    await enter(terminal, "Greet me");
    await terminal.waitFor(/Hello\./);
    await enter(terminal, "/fork");
    await terminal.waitFor(/Forked the session/);
    await enter(terminal, "/sessions");
    await terminal.waitFor(/Greet me \(fork\)/);
    await terminal.waitFor(/Greet me (?!\(fork)/);
  });
});
