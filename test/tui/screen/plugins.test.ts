/** Plugins in the terminal: commands, themes, widgets, hooks, and their approval. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { checkScreen } from "../../help/golden.ts";
import { addPlugin, python, repository } from "../../help/plugins.ts";
import { type TestTerminal, useTerminals } from "../../help/screen.ts";
import { answer } from "../../help/scripted-endpoint.ts";
import { callTools } from "../../help/tutti.ts";

const example = { command: [python, join(repository, "mcp-plugins/examples/python/plugin.py")] };

const board = { command: [python, join(import.meta.dirname, "board-plugin.py")] };
const dist = join(repository, "dist");

/** The background of its theme: #1b1622. */
const DUSK = /48;2;27;22;34/;

describe("plugins in the terminal", function () {
  this.timeout(90_000);
  const terminals = useTerminals();

  const write = async (one: TestTerminal, text: string): Promise<void> => {
    one.type(text);
    await one.waitFor((rows) => rows.some((row) => row.includes(`› ${text}`)));
  };

  it("completes and expands their slash commands", async () => {
    await addPlugin(terminals.home(), "example", example);
    await terminals.serve([answer("Nothing is in the way.")]);
    const one = await terminals.ready();
    await write(one, "/stand");
    await one.waitFor(/\/example:standup {2}\[FOCUS\] · Summarizes what was done, what is next/);
    one.press("tab");
    await one.waitFor(/› \/example:standup/);
    one.type("the parser");
    one.press("enter");
    await one.waitFor(/Nothing is in the way\./);
    const sent = JSON.stringify(terminals.endpoint().received[0]?.body);
    assert.match(sent, /Read the last commits and summarize in three lines.*Focus on the parser\./);
    assert.ok(one.text().some((row) => row.includes("Read the last commits")));
    one.press("up");
    await one.waitFor(/› \/example:standup the parser/);
  });

  it("restores a prompt that cannot be sent, and reports why", async () => {
    await addPlugin(terminals.home(), "example", example);
    const one = await terminals.ready();
    await write(one, "/example:stand up");
    one.press("enter");
    await one.waitFor(/Unknown command \/example:stand\./);
    assert.ok(one.text().some((row) => row.includes("› /example:stand up")));
  });

  it("uses their themes, also at the next start", async () => {
    await addPlugin(terminals.home(), "example", example);
    const one = await terminals.ready();
    await write(one, "/theme");
    one.press("enter");
    await one.waitFor(/Themes/);
    one.type("dusk");
    await one.waitFor(/example\/dusk {2}Dusk/);
    await one.waitFor(() => DUSK.test(one.raw()));
    one.press("enter");
    await one.waitFor(
      (rows) => rows.some((row) => row.includes("Ask anything")) && !rows.some((row) => / esc\b/.test(row)),
    );
    one.press("ctrl+d");
    await one.exited;
    const other = await terminals.ready();
    await other.waitFor(() => DUSK.test(other.raw()));
    assert.ok(!other.text().some((row) => row.includes("not found")));
  });

  it("reloads a theme that a plugin has changed", async () => {
    await addPlugin(terminals.home(), "board", board);
    await terminals.home().run(["config", "set", "theme", "board/dusk"]);
    const one = await terminals.ready();
    await one.waitFor(() => DUSK.test(one.raw()));
    one.press("ctrl+p");
    await one.waitFor(/type to search/);
    one.type("board");
    await one.clickOn(/Board {2}board/);
    await one.waitFor(/ Board .*esc[\s\S]*Keys: none/);
    one.press("r");
    await one.waitFor(() => /48;2;17;34;51/.test(one.raw()));
    await one.waitFor(/ Board .*esc[\s\S]*Keys: r/);
  });

  it("shows their widgets in the status bar if there is room", async () => {
    await addPlugin(terminals.home(), "example", example);
    await terminals.serve([answer("It is late.")]);
    const one = await terminals.ready();
    await one.waitFor(/ \d\d:\d\d *$/);
    await write(one, "What time is it?");
    one.press("enter");
    await one.waitFor(/It is late\.[\s\S]* \d\d:\d\d *$/);
    one.resize(24, 20);
    await one.waitFor((rows) => rows.length === 20 && !/\d\d:\d\d/.test(rows.at(-1) ?? ""));
  });

  it("writes nothing while their widgets are unchanged", async () => {
    await addPlugin(terminals.home(), "example", example);
    const one = await terminals.ready();
    await one.waitFor(/ \d\d:\d\d *$/);
    await one.waitUntilSettled();
    const before = one.raw().length;
    // A key that changes nothing.
    one.press("right");
    await one.waitUntilSettled();
    assert.ok(one.raw().length - before < 40, JSON.stringify(one.raw().slice(before)));
  });

  it("shows their widgets in the sidebar", async () => {
    await addPlugin(terminals.home(), "clock", {
      command: [process.execPath, join(dist, "plugins/clock-and-cost.cjs")],
    });
    await terminals.serve([answer("Done.")]);
    const one = await terminals.ready([], { columns: 130, rows: 36 });
    await write(one, "Begin");
    one.press("enter");
    await one.waitFor(/Done\.[\s\S]*Usage {2}clock *\n.* Time +0:\d\d *\n.* env\/m +no price *\n.* 1× in /);
  });

  it("shows why a plugin denied a command", async () => {
    await addPlugin(terminals.home(), "example", example);
    await terminals.serve([callTools(["bash", { command: "rm -rf build" }]), answer("Then I leave it.")]);
    const one = await terminals.ready();
    await write(one, "Delete build");
    one.press("enter");
    await one.waitFor(
      /rm -rf build[\s\S]*rm -rf is not allowed here\. Name the files to delete\.[\s\S]*Then I leave it\./,
    );
  });

  it("requires approval to start a plugin, and to enable what it provides", async () => {
    const { work, run } = terminals.home();
    const marker = join(work, "started");
    const script = `touch ${marker}; exec ${example.command.join(" ")}`;
    await run(["config", "set", "plugins.example", JSON.stringify({ command: ["/bin/sh", "-c", script] })]);
    const one = await terminals.ready([], { columns: 100, rows: 36 });
    await write(one, "/plugins");
    one.press("enter");
    await one.waitFor(/example .* not approved[\s\S]*program +\/bin\/sh[\s\S]*argument +touch/);
    await one.clickOn("ctrl+s");
    await one.waitFor(/Start example\?[\s\S]*exec [\s\S]*identity/);
    one.press("enter");
    await one.waitFor(/ Plugins[\s\S]*not approved/);
    assert.ok(!existsSync(marker));

    one.press("ctrl+s");
    await one.waitFor(/Start example\?[\s\S]*identity/);
    assert.ok(!existsSync(marker));
    await one.clickOn("Yes, start it");
    await one.waitFor(/Enable example and its tools\?[\s\S]*example__roll[\s\S]*hook tool\.before for bash/);
    assert.ok(existsSync(marker));
    assert.ok(!/\d\d:\d\d/.test(one.text().at(-1) ?? ""));
    await one.clickOn("Yes, enable it");
    await one.waitFor(/ Plugins[\s\S]*running/);
    await one.waitUntilSettled();
    one.press("escape");
    await one.waitFor((rows) => !rows.some((row) => / esc\b/.test(row)) && /\d\d:\d\d/.test(rows.at(-1) ?? ""));

    await write(one, "/plugins");
    one.press("enter");
    await one.waitFor(/ Plugins[\s\S]*example__roll/);
    one.press("ctrl+d");
    await one.waitFor(/not approved/);
    one.press("escape");
    await one.waitFor((rows) => !rows.some((row) => / esc\b/.test(row)) && !/\d\d:\d\d/.test(rows.at(-1) ?? ""));
  });

  it("completes arguments of their commands, and attaches their resources", async () => {
    await addPlugin(terminals.home(), "board", board);
    await terminals.serve([answer("Noted."), answer("It will be red.")]);
    const one = await terminals.ready();
    await write(one, "/standup p");
    await one.waitFor(/ parser {2}focus *\n.* printer {2}focus/);
    one.press("down", "tab");
    await one.waitFor(/› \/standup printer/);
    one.press("enter");
    await one.waitFor(/Focus on printer[\s\S]*Noted\./);
    await write(one, "Do @wall");
    await one.waitFor(/ Notes on the wall {2}board · board:\/\/wall/);
    one.press("tab");
    await one.waitFor(/› Do \[File: Notes on the wall\]/);
    one.press("enter");
    await one.waitFor(/It will be red\./);
    assert.match(JSON.stringify(terminals.endpoint().received[1]?.body), /Paint the fence red\./);
  });

  it("opens their widgets in a dialog that receives the keys until Escape", async () => {
    await addPlugin(terminals.home(), "board", board);
    const one = await terminals.ready(["--theme", "catppuccin-mocha"]);
    await one.waitFor(/Keys: none[\s\S]*Keys: none *$/);
    one.press("ctrl+p");
    await one.waitFor(/type to search/);
    one.type("board");
    await one.clickOn(/Board {2}board/);
    await one.waitFor(/ Board .*esc[\s\S]*Keys: none/);
    one.press("up", "a");
    await one.waitFor(/ Board .*esc[\s\S]*Keys: up a/);
    one.press("escape");
    await one.waitFor((rows) => !rows.some((row) => / esc\b/.test(row)));
    assert.ok(!/escape/.test(one.text().join()));
  });

  for (const [name, size] of Object.entries({
    dark: { columns: 150, rows: 36 },
    "60x20": { columns: 60, rows: 20 },
  }))
    it(`match the golden screens: ${name}`, async () => {
      const { run } = terminals.home();
      await addPlugin(terminals.home(), "board", board);
      await terminals.serve([answer("The fence is red.")]);
      // Invisible characters in the command are escaped.
      await run([
        "config",
        "set",
        "plugins.fence",
        JSON.stringify({ command: ["./fence", "--color", "der\u202e"], env: ["FENCE_KEY"] }),
      ]);
      const one = await terminals.ready(["--theme", "catppuccin-mocha"], size);
      await one.waitFor(/Keys: none *$/);
      await one.waitUntilSettled();
      checkScreen(one, `widgets-home-${name}`);
      await write(one, "Paint it");
      one.press("enter");
      await one.waitFor(/The fence is red[\s\S]*Keys: none *$/);
      await one.waitUntilSettled();
      checkScreen(one, `widgets-${name}`);
      await write(one, "/plugins");
      one.press("enter");
      await one.waitFor(/type to search/);
      one.type("fence");
      await one.waitFor(/› fence[\s\S]*der\\u\{202e\}[\s\S]*FENCE_KEY/);
      await one.waitUntilSettled();
      checkScreen(one, `plugins-${name}`);
      one.press("ctrl+s");
      await one.waitFor(/Start fence\?[\s\S]*program/);
      await one.waitUntilSettled();
      checkScreen(one, `plugins-start-${name}`);
    });
});
