/** A complete workflow with the keyboard in each key table, and with the mouse. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestTerminal, useTerminals } from "../../help/screen.ts";
import { answer } from "../../help/scripted-endpoint.ts";
import { callTools } from "../../help/tutti.ts";

const OLD = "export const add = (a, b) => a - b;";
const NEW = "export const add = (a, b) => a + b;";

interface KeySteps {
  table: "default" | "vim" | "emacs";
  /** From writing to where a command can be found. */
  palette(terminal: TestTerminal): void;
  /** Approves the request that is shown. */
  allow(terminal: TestTerminal): void;
  search(terminal: TestTerminal, text: string): Promise<void>;
  quit(terminal: TestTerminal): void | Promise<void>;
}

const tables: KeySteps[] = [
  {
    table: "default",
    palette: (terminal) => terminal.press("ctrl+p"),
    allow: (terminal) => terminal.press("1"),
    async search(terminal, text) {
      terminal.type(`/find ${text}`);
      await terminal.waitFor(/› \/find/);
      terminal.press("enter");
    },
    quit: (terminal) => terminal.press("ctrl+d"),
  },
  {
    table: "vim",
    palette: (terminal) => terminal.press("ctrl+p"),
    allow: (terminal) => terminal.press("y"),
    async search(terminal, text) {
      terminal.press("escape");
      await terminal.waitFor(/NORMAL/);
      terminal.press("/");
      await terminal.waitFor(/Search this session/);
      terminal.type(text);
      await terminal.waitFor((rows) => rows.some((row) => row.includes(text)));
      terminal.press("enter");
    },
    async quit(terminal) {
      terminal.press("escape");
      await terminal.waitFor(/NORMAL/);
      await terminal.waitUntilSettled();
      terminal.type(":");
      await terminal.waitFor(/Command name, for example/);
      terminal.type("q");
      terminal.press("enter");
    },
  },
  {
    table: "emacs",
    palette: (terminal) => terminal.press("alt+x"),
    allow: (terminal) => terminal.press("enter"),
    async search(terminal, text) {
      terminal.type(`/find ${text}`);
      await terminal.waitFor(/› \/find/);
      terminal.press("enter");
    },
    quit: (terminal) => terminal.press("ctrl+x", "ctrl+c"),
  },
];

describe("a workflow in the terminal", function () {
  this.timeout(90_000);
  const terminals = useTerminals();

  const begin = async (keys: string): Promise<TestTerminal> => {
    writeFileSync(join(terminals.home().work, "add.js"), `${OLD}\n`);
    await terminals.serve([
      callTools(["read", { path: "add.js" }]),
      callTools(["edit", { path: "add.js", old: "a - b", new: "a + b" }]),
      answer("I fixed **add**: it adds now."),
      answer("It is the second answer."),
    ]);
    await terminals.home().run(["config", "set", "keys", keys]);
    return terminals.ready([], { columns: 110, rows: 36 });
  };
  const readResult = (): string => readFileSync(join(terminals.home().work, "add.js"), "utf8").trim();

  for (const keys of tables) {
    it(`works with the ${keys.table} keys`, async () => {
      const one = await begin(keys.table);
      if (keys.table === "vim") await one.waitFor(/INSERT/);
      one.type("Fix add.js");
      await one.waitFor(/› Fix add\.js/);
      one.press("enter");
      await one.waitFor(/1\. Approve[\s\S]*number or Enter to answer/);
      assert.ok(one.text().some((row) => row.includes("add.js")));
      assert.equal(readResult(), OLD);
      await one.waitUntilAnswerable(/1\. Approve/);
      keys.allow(one);
      await one.waitFor(/I fixed add: it adds now\./);
      assert.equal(readResult(), NEW);
      assert.ok(
        one.text().some((row) => row.includes("a + b")),
        "the diff is shown",
      );

      await keys.search(one, "a + b");
      await one.waitUntilSettled();
      one.press("escape");
      // A key that comes at once would be the same key with Alt.
      await one.waitUntilSettled();
      if (keys.table === "vim") {
        await one.waitFor(/NORMAL/);
        one.press("i");
        await one.waitFor(/INSERT/);
      }
      await one.waitFor(/Ask anything/);
      one.type("/rename The sum");
      await one.waitFor(/› \/rename The sum/);
      one.press("enter");
      await one.waitFor(() => one.raw().includes("Tutti: The sum"));
      assert.match(JSON.stringify(await sessions()), /The sum/);

      keys.palette(one);
      await one.waitFor(/type to search/);
      one.type("fork");
      await one.waitFor(/Fork this session/);
      one.press("enter");
      await one.waitFor(/Forked the session/);

      one.type("/rewind");
      one.press("enter");
      await one.waitFor(/Rewind to a prompt/);
      await one.waitFor(/Fix add\.js/);
      one.press("enter");
      await one.waitFor(/› Fix add\.js/);

      one.press("ctrl+c");
      await one.waitFor(/Ask anything/);
      one.type("/sessions");
      one.press("enter");
      await one.waitFor(/Sessions[\s\S]*The sum/);
      one.type("the sum");
      // The newest first: two copies, and the original.
      await one.waitFor(/The sum \(fork 2\)[\s\S]*The sum \(fork\)[\s\S]*The sum /);
      one.press("down");
      one.press("down");
      await one.waitFor(/I fixed \*\*add\*\*/);
      one.press("enter");
      await one.waitFor(/I fixed add/);

      one.type("/theme dracula");
      one.press("enter");
      await one.waitFor(() => one.raw().includes("38;2;248;248;242"));
      await keys.quit(one);
      assert.equal(await one.exited, 0);
      assert.equal((await sessions()).length, 3);
    });
  }

  it("works with the mouse", async () => {
    const one = await begin("default");
    /** Through the menu, as far down in it as it stands. */
    const pick = async (row: string): Promise<void> => {
      await one.clickOn("≡");
      await one.waitFor(/Commands .* esc/);
      const shown = (): boolean => one.text().some((text) => text.includes(row));
      for (let turns = 0; !shown() && turns < 20; turns++) {
        one.wheel(5, "type to search");
        await one.waitUntilSettled();
      }
      await one.clickOn(row);
    };

    one.type("Fix add.js");
    await one.clickOn("⏎ send");
    await one.waitUntilAnswerable(/1\. Approve/);
    await one.clickOn("1. Approve");
    await one.waitFor(/I fixed add: it adds now\./);
    assert.equal(readResult(), NEW);
    await one.clickOn("→ ");
    await one.waitFor(/a - b[\s\S]*a - b/);

    await pick("Search this session");
    await one.waitFor(/for the next and previous match/);
    one.type("a + b");
    await one.clickOn("enter ok");
    await one.waitFor(/‹ \d of \d ›/);
    await one.clickOn("›");
    await one.clickOn("×");
    await one.waitFor((rows) => !/‹ \d of \d ›/.test(rows.join("\n")));

    await pick("Rename this session");
    await one.waitFor(/New title/);
    await one.clickOn("×");
    await one.waitFor((rows) => !rows.some((row) => row.includes(" × ")));
    one.type("The sum");
    await one.clickOn("enter ok");
    await one.waitFor(() => one.raw().includes("Tutti: The sum"));
    assert.match(JSON.stringify(await sessions()), /The sum/);

    await pick("Fork this session");
    await one.waitFor(/Forked the session/);
    await one.clickOn("Forked the session");
    await one.waitFor((rows) => !/Forked the session/.test(rows.join("\n")));

    await pick("Rewind to an earlier prompt");
    await one.waitFor(/Rewind to a prompt .* esc/);
    await one.clickOn(/Fix add\.js(?=.*just now)/);
    await one.waitFor(/› Fix add\.js/);

    await pick("Switch to another session");
    await one.waitFor(/Sessions .* esc[\s\S]*The sum/);
    await one.clickOn("ctrl+s pin");
    await one.waitFor(/Pinned/);
    await one.clickOn(/The sum(?! \(fork)/);
    await one.waitFor(/I fixed add/);

    await one.clickOn(/ask(?= +env\/m)/);
    await one.waitFor(/edit +env\/m/);
    await one.clickOn(/env\/m(?=.*tokens)/);
    await one.waitFor(/Models .* esc/);
    await one.clickOn("esc");
    await one.clickOn("tokens");
    await one.waitFor(/By model, last 30 days/);
    await one.clickOn("esc");

    await pick("Choose a theme");
    await one.waitFor(/Themes .* esc/);
    await one.clickOn("dracula");
    await one.waitFor(() => one.raw().includes("38;2;248;248;242"));
    await pick("Quit");
    assert.equal(await one.exited, 0);
    assert.equal((await sessions()).length, 3);
  });

  it("sends a reply to an approval request to the model", async () => {
    const one = await begin("default");
    one.type("Fix add.js");
    await one.waitFor(/› Fix add\.js/);
    one.press("enter");
    await one.waitUntilAnswerable(/1\. Approve/);
    one.type("use another file");
    await one.waitFor(/› use another file/);
    one.press("enter");
    await one.waitFor(/I fixed add/);
    assert.match(JSON.stringify(terminals.endpoint().received[2]?.body), /use another file/);
    assert.equal(readResult(), OLD);
  });

  const sessions = async (): Promise<unknown[]> =>
    JSON.parse((await terminals.home().run(["sessions", "list", "--format", "json"])).out);
});
