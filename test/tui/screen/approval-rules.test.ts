/** What an approval saves, and what the transcript shows of it afterwards. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type TestTerminal, useTerminals } from "../../help/screen.ts";
import { answer } from "../../help/scripted-endpoint.ts";
import { callTools } from "../../help/tutti.ts";

describe("an approval", function () {
  this.timeout(60_000);
  const terminals = useTerminals();
  const savedRules = async (): Promise<string> => (await terminals.home().run(["permission", "list"])).out;
  const begin = async (table = "default"): Promise<TestTerminal> => {
    await terminals.home().run(["config", "set", "keys", table]);
    const terminal = await terminals.ready();
    terminal.type("Go");
    await terminal.waitFor(/› Go/);
    terminal.press("enter");
    return terminal;
  };

  for (const table of ["default", "emacs", "vim"])
    it(`saves the rule as edited with the ${table} keys`, async () => {
      await terminals.serve([callTools(["bash", { command: "mkdir -p made/deep" }]), answer("Made.")]);
      const terminal = await begin(table);
      await terminal.waitUntilAnswerable(/1\. Approve/);
      const edit = async (text: string): Promise<void> => {
        terminal.press("ctrl+e");
        await terminal.waitFor(/Rule to save/);
        for (let length = 0; length < "bash(mkdir -p made/deep)".length; length++) terminal.press("backspace");
        terminal.type(text);
        await terminal.waitFor((rows) => rows.some((row) => row.includes(text)));
        terminal.press("enter");
      };
      await edit("bash(mkdir:*)");
      await terminal.waitFor(/too broad to save/);
      await terminal.waitFor(/Rule to save[\s\S]*bash\(mkdir:\*\)/);
      assert.doesNotMatch(await savedRules(), /mkdir/);
      terminal.press("escape");
      await terminal.waitFor((rows) => !/Rule to save/.test(rows.join("\n")));
      assert.ok(!existsSync(join(terminals.home().work, "made")));
      await edit("bash(mkdir -p:*)".replace("-p:*", "-p made/other"));
      await terminal.waitFor(/Made\./);
      await terminal.waitFor(/↳ always allowed by ada: bash\(mkdir -p made\/other\)/);
      assert.match(await savedRules(), /bash\(mkdir -p made\/other\)/);
      assert.ok(existsSync(join(terminals.home().work, "made", "deep")));
    });

  it("can allow all edits of the session, which saves no rule", async () => {
    const write = (name: string) => callTools(["write", { path: name, content: "text\n" }]);
    await terminals.serve([write("a.txt"), write("b/c.txt"), write("../outside.txt"), answer("All written.")]);
    const terminal = await begin();
    await terminal.waitUntilAnswerable(/2\. Always allow edit\(a\.txt\)[\s\S]*3\. Allow all edits this session/);
    terminal.press("3");
    // The second edit needs no approval; the third one is outside of the folder.
    await terminal.waitUntilAnswerable(/outside\.txt/);
    assert.ok(existsSync(join(terminals.home().work, "b", "c.txt")));
    assert.doesNotMatch(terminal.text().join("\n"), /Allow all edits/);
    await terminal.waitFor(/↳ all edits allowed for this session by ada/);
    assert.doesNotMatch(await savedRules(), /edit/);
    terminal.type("leave that");
    await terminal.waitFor(/› leave that/);
    terminal.press("enter");
    await terminal.waitFor(/All written\./);
    await terminal.waitFor(/↳ denied by ada: leave that/);
    const shown = await terminals.home().run(["sessions", "show", await terminals.home().lastSession()]);
    assert.match(shown.out, /all edits allowed for this session by ada[\s\S]*denied by ada: leave that/);
  });

  it("shows a question once, and its answer afterwards", async () => {
    const question =
      "Which of the two databases should the service use from now on, considering that one is already paid for?";
    await terminals.serve([callTools(["ask", { question, choices: ["Postgres", "SQLite"] }]), answer("Then so.")]);
    const terminal = await begin();
    await terminal.waitUntilAnswerable(/1\. Postgres/);
    const text = (): string =>
      terminal
        .text()
        .join("")
        .replaceAll(/[┃\s]+/g, " ");
    assert.equal(text().split("Which of the two databases").length, 2);
    assert.match(text(), /already paid for\?/);
    terminal.press("2");
    await terminal.waitFor(/Then so\./);
    await terminal.waitFor(/↳ answered by ada: SQLite/);
    assert.match(text(), /already paid for\?/);
  });
});
