/** A complete workflow in tmux, which interprets terminal output by itself: what it shows is what a user sees. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import stringWidth from "string-width";
import { answer, type ScriptedEndpoint, scriptedEndpoint } from "../../help/scripted-endpoint.ts";
import { openPane, type Pane, tmuxInstalled } from "../../help/tmux.ts";
import { callTools, type Home, useHomes } from "../../help/tutti.ts";

/** Steps that differ between the key tables. */
const steps: { table: string; palette: string; allow: string; quit(pane: Pane): Promise<void> | void }[] = [
  { table: "default", palette: "C-p", allow: "y", quit: (pane) => pane.press("C-d") },
  {
    table: "vim",
    palette: "C-p",
    allow: "y",
    async quit(pane) {
      pane.press("Escape");
      await pane.until(/NORMAL/);
      pane.type(":");
      await pane.until(/Command name, for example/);
      pane.type("q");
      pane.press("Enter");
    },
  },
  {
    table: "emacs",
    palette: "M-x",
    allow: "Enter",
    quit(pane) {
      pane.press("C-x");
      pane.press("C-c");
    },
  },
];

function workflows(this: Mocha.Suite): void {
  this.timeout(60_000);
  let home: Home;
  let pane: Pane;
  let endpoint: ScriptedEndpoint;
  useHomes(
    (fresh) => {
      home = fresh;
    },
    async () => {
      await pane.close();
      await home.stop();
      await endpoint.close();
    },
  );

  for (const { table, palette, allow, quit } of steps)
    it(`work with the ${table} keys, and restore the pane`, () => work(table, palette, allow, quit));

  async function work(
    table: string,
    palette: string,
    allow: string,
    quit: (pane: Pane) => Promise<void> | void,
  ): Promise<void> {
    await home.run(["config", "set", "keys", table]);
    writeFileSync(join(home.work, "add.js"), "export const add = (a, b) => a - b;\n");
    endpoint = await scriptedEndpoint([
      callTools(["read", { path: "add.js" }]),
      callTools(["edit", { path: "add.js", old: "a - b", new: "a + b" }]),
      answer("I fixed **add**: it adds now.\n\n| sum | 和 |\n|---|---|\n| 3 | x |\n| 三 | x |"),
    ]);
    pane = openPane(home, ["--model", "env/m"], { TUTTI_BASE_URL: endpoint.baseUrl });
    const give = async (text: string): Promise<void> => {
      pane.type(text);
      await pane.until((rows) => rows.some((row) => row.includes(`› ${text}`)));
      pane.press("Enter");
    };
    await pane.until((rows) => /Ask anything/.test(rows.join("\n")) && !/connecting/.test(rows.join("\n")));
    assert.equal(pane.flag("alternate_on"), "1");

    await give("Fix add.js");
    // The key hints appear when the question accepts answers.
    await pane.until(/1\. Approve[\s\S]*number or Enter to answer/);
    pane.press(allow);
    await pane.until(/I fixed add: it adds now\.[\s\S]*└/);
    assert.equal(readFileSync(join(home.work, "add.js"), "utf8"), "export const add = (a, b) => a + b;\n");
    const cells = pane.rows().flatMap((row) => /^.*│(?= x +│)/.exec(row) ?? []);
    assert.deepEqual(
      cells.map((cell) => stringWidth(cell)),
      [cells[0]?.length, cells[0]?.length],
      pane.rows().join("\n"),
    );

    await give("/rename The sum");
    await pane.until(() => pane.flag("pane_title") === "Tutti: The sum");
    pane.press(palette);
    await pane.until(/type to search/);
    pane.type("fork");
    await pane.until(/Fork this session/);
    pane.press("Enter");
    await pane.until(/Forked the session/);
    await give("/rewind");
    await pane.until(/Rewind to a prompt[\s\S]*Fix add\.js/);
    pane.press("Enter");
    await pane.until((rows) => rows.some((row) => row.includes("› Fix add.js")));
    pane.press("C-c");
    await pane.until(/Ask anything/);
    await give("/theme dracula");
    await pane.until(/Ask anything/);
    await quit(pane);
    await pane.until((rows) => !/Ask anything/.test(rows.join("\n")));
    await pane.until(() => pane.flag("alternate_on") === "0");
    assert.deepEqual([pane.flag("cursor_flag"), pane.flag("mouse_any_flag")], ["1", "0"]);
    const listed = JSON.parse((await home.run(["sessions", "list", "--format", "json"])).out) as unknown[];
    assert.equal(listed.length, 3);
  }
}

if (tmuxInstalled) describe("workflows in tmux", workflows);
