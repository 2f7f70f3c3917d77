/** Mouse clicks, the wheel, and clicks on things that appear or disappear. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestTerminal, useTerminals } from "../../help/screen.ts";
import { answer, chunk } from "../../help/scripted-endpoint.ts";
import { callTools } from "../../help/tutti.ts";

const has = (terminal: TestTerminal, what: RegExp): boolean => what.test(terminal.text().join("\n"));

describe("the mouse in the terminal", function () {
  this.timeout(60_000);
  const terminals = useTerminals();

  const say = async (one: TestTerminal, text: string, how: string): Promise<void> => {
    one.type(text);
    await one.clickOn(how);
    await one.waitFor((rows) => !rows.some((row) => row.includes(`› ${text}`)));
  };

  for (const size of [{}, { columns: 60, rows: 20 }, { env: { NO_COLOR: "1" } }]) {
    it(`opens the links of the home screen: ${JSON.stringify(size)}`, async () => {
      const one = await terminals.ready([], size);
      for (const [tip, title] of [
        ["commands", /Commands .* esc/],
        ["sessions", /Sessions .* esc/],
        ["models", /Models .* esc/],
        ["≡", /Commands .* esc/],
        ["env/m", /Models .* esc/],
      ] as const) {
        await one.clickOn(tip);
        await one.waitFor(title);
        await one.clickOn(/esc(?= *$| )/);
        await one.waitFor(/Ask anything/);
        await one.waitFor((rows) => !title.test(rows.join("\n")));
      }
    });
  }

  it("queues a prompt, edits and drops it, and stops the turn", async () => {
    await terminals.serve([{ body: [chunk({ content: "I am half" })], end: "open" }]);
    const one = await terminals.ready();
    await say(one, "Begin", "⏎ send");
    await one.waitFor(/I am half/);
    await say(one, "and then rest", "⏎ queue");
    await one.clickOn("1 queued");
    await one.waitFor(/Queued prompts .* esc/);
    await one.clickOn(/1 and then rest/);
    await one.waitFor(/Edit a queued prompt/);
    await one.clickOn("esc cancel");
    await one.clickOn("1 queued");
    await one.waitFor(/Queued prompts .* esc/);
    await one.clickOn("ctrl+d drop");
    await one.waitFor(/No queued prompts/);
    await one.clickOn("esc");
    await one.waitFor((rows) => !/1 queued/.test(rows.join("\n")));
    await one.clickOn("■ stop");
    await one.waitFor(/cancelled/);
    assert.ok(!has(one, /■ stop/));
  });

  it("ignores a click on a row that has just appeared", async () => {
    const one = await terminals.ready();
    await one.clickOn("models");
    await one.waitFor(/Models .* esc/);
    // Immediately, on a row that has just appeared.
    const y = one.text().findIndex((row) => row.includes("type to search")) + 4;
    one.click(20, y);
    await one.waitUntilSettled();
    assert.ok(has(one, /Models .* esc/));
  });

  it("scrolls the list or the preview under the pointer", async () => {
    const one = await terminals.ready([], { columns: 120, rows: 24 });
    const long = Array.from({ length: 60 }, (_, row) => `row ${row}`).join("\n");
    for (const text of ["A short one", long]) {
      one.paste(text);
      await one.waitFor(/Pasted|A short one/);
      await one.clickOn("≡");
      await one.waitFor(/Commands .* esc/);
      await one.clickOn("Stash the prompt");
      await one.waitFor(/Open it with \/stashes/);
    }
    await one.clickOn("≡");
    await one.waitFor(/Commands .* esc/);
    await one.clickOn("Open stashed prompts");
    await one.waitFor(/│ row 3 /);
    one.wheel(10, "│ row 3");
    await one.waitFor((rows) => !/│ row 3 /.test(rows.join("\n")) && /│ row 3[0-9]/.test(rows.join("\n")));
    one.wheel(1, "type to search");
    await one.waitFor(/│ A short one/);
    await one.clickOn("ctrl+d drop");
    await one.waitFor((rows) => !rows.some((row) => row.includes("A short one")));
  });

  it("moves the cursor in a prompt that is scrolled", async () => {
    const one = await terminals.ready();
    for (let row = 10; row < 26; row++) {
      one.type(`line ${row}`);
      if (row < 25) one.press("ctrl+j");
    }
    await one.waitFor(/line 25/);
    assert.ok(!has(one, /line 10/));
    await one.clickOn("line 18");
    one.type("!");
    await one.waitFor(/lin!e 18|li!ne 18|line! 18|line !18/);
  });

  it("opens the entries of the sidebar", async () => {
    writeFileSync(join(terminals.home().work, "add.js"), "export const add = (a, b) => a - b;\n");
    await terminals.serve([
      callTools(["read", { path: "add.js" }], ["edit", { path: "add.js", old: "a - b", new: "a + b" }]),
      answer(Array.from({ length: 60 }, (_, row) => `${row + 1}. Well`).join("\n")),
    ]);
    const one = await terminals.ready([], { columns: 140, rows: 30 });
    await say(one, "Fix it", "⏎ send");
    await one.waitUntilAnswerable(/1\. Approve/);
    await one.clickOn("1. Approve");
    await one.waitFor(/60\. Well/);
    await one.clickOn(/add\.js +\+1 −1 *$/);
    await one.waitFor(/- export const add[\s\S]*more below/);
    await one.clickOn("more below");
    await one.waitFor(/60\. Well/);
    await one.clickOn(/Usage *$/);
    await one.waitFor(/By model, last 30 days/);
    assert.ok(!has(one, /enter choose/));
    await one.clickOn("esc");
    await one.clickOn(/Fix it *$/);
    await one.waitFor(/Rename this session/);
    await one.clickOn("esc cancel");
    await one.waitFor((rows) => !/Rename this session/.test(rows.join("\n")));
    one.type("/the");
    await one.clickOn("/theme");
    await one.waitFor(/› \/theme/);
    await one.clickOn("⏎ send");
    await one.waitFor(/Themes .* esc/);
  });

  it("denies a request without showing an error", async () => {
    await terminals.serve([callTools(["bash", { command: "rm -r node_modules" }]), answer("Nothing was changed.")]);
    const one = await terminals.ready();
    await say(one, "Begin", "⏎ send");
    await one.waitUntilAnswerable(/3\. Deny/);
    assert.equal(one.text().filter((row) => row.startsWith("┃") && /^┃ +rm -r node_modules/.test(row)).length, 1);
    assert.ok(!has(one, /bash: rm -r/));
    await one.clickOn("3. Deny");
    await one.waitFor(/Nothing was changed/);
    await one.waitFor(/denied +[\d.]+k? tokens/);
    await one.waitUntilSettled();
    assert.ok(!has(one, /▌ .*refused by/));
    assert.ok(!has(one, /failed/));
  });
});
