/** A click does what could be read where it was made, and nothing else: the wheel, the edges, and what comes and goes. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { eachAtATerminal, type Person } from "../../help/screen.ts";
import { answer, chunk } from "../../help/scripted-endpoint.ts";
import { calling } from "../../help/tutti.ts";

const has = (person: Person, what: RegExp): boolean => what.test(person.text().join("\n"));

describe("the mouse in the terminal", function () {
  this.timeout(60_000);
  const desk = eachAtATerminal();

  const say = async (one: Person, text: string, how: string): Promise<void> => {
    one.type(text);
    await one.clickOn(how);
    await one.until((rows) => !rows.some((row) => row.includes(`› ${text}`)));
  };

  for (const size of [{}, { columns: 60, rows: 20 }, { env: { NO_COLOR: "1" } }]) {
    it(`opens from home what it names there: ${JSON.stringify(size)}`, async () => {
      const one = await desk.ready([], size);
      for (const [tip, title] of [
        ["everything there is to do", /Do .* esc/],
        ["sessions", /Sessions .* esc/],
        ["models", /Models .* esc/],
        ["≡", /Do .* esc/],
        ["env/m", /Models .* esc/],
      ] as const) {
        await one.clickOn(tip);
        await one.until(title);
        await one.clickOn(/esc(?= *$| )/);
        await one.until(/Ask anything/);
        await one.until((rows) => !title.test(rows.join("\n")));
      }
    });
  }

  it("queues, shows what waits, drops it, and stops the turn", async () => {
    await desk.serve([{ body: [chunk({ content: "I am half" })], end: "open" }]);
    const one = await desk.ready();
    await say(one, "Begin", "⏎ send");
    await one.until(/I am half/);
    await say(one, "and then rest", "⏎ queue");
    await one.clickOn("1 queued");
    await one.until(/Queued prompts .* esc/);
    await one.clickOn(/1 and then rest/);
    await one.until(/Edit a queued prompt/);
    await one.clickOn("esc cancel");
    await one.clickOn("1 queued");
    await one.until(/Queued prompts .* esc/);
    await one.clickOn("ctrl+d drop");
    await one.until(/Nothing waits/);
    await one.clickOn("esc");
    await one.until((rows) => !/1 queued/.test(rows.join("\n")));
    await one.clickOn("■ stop");
    await one.until(/cancelled/);
    assert.ok(!has(one, /■ stop/));
  });

  it("takes no row that came under the pointer just now", async () => {
    const one = await desk.ready();
    await one.clickOn("models");
    await one.until(/Models .* esc/);
    // At once, where a row came just now.
    const y = one.text().findIndex((row) => row.includes("type to search")) + 4;
    one.click(20, y);
    await one.settled();
    assert.ok(has(one, /Models .* esc/));
  });

  it("scrolls what lies under it: the list, or the preview beside it", async () => {
    const one = await desk.ready([], { columns: 120, rows: 24 });
    const long = Array.from({ length: 60 }, (_, row) => `row ${row}`).join("\n");
    for (const text of ["A short one", long]) {
      one.paste(text);
      await one.until(/Pasted|A short one/);
      await one.clickOn("≡");
      await one.until(/Do .* esc/);
      await one.clickOn("Put the prompt aside");
      await one.until(/\/stashes has it/);
    }
    await one.clickOn("≡");
    await one.until(/Do .* esc/);
    await one.clickOn("Prompts put aside");
    await one.until(/│ row 3 /);
    one.wheel(10, "│ row 3");
    await one.until((rows) => !/│ row 3 /.test(rows.join("\n")) && /│ row 3[0-9]/.test(rows.join("\n")));
    one.wheel(1, "type to search");
    await one.until(/│ A short one/);
    await one.clickOn("ctrl+d drop");
    await one.until((rows) => !rows.some((row) => row.includes("A short one")));
  });

  it("puts the cursor where it points in a prompt that is longer than its room", async () => {
    const one = await desk.ready();
    for (let row = 10; row < 26; row++) {
      one.type(`line ${row}`);
      if (row < 25) one.press("ctrl+j");
    }
    await one.until(/line 25/);
    assert.ok(!has(one, /line 10/));
    await one.clickOn("line 18");
    one.type("!");
    await one.until(/lin!e 18|li!ne 18|line! 18|line !18/);
  });

  it("goes from the sidebar to what stands there", async () => {
    writeFileSync(join(desk.home().work, "add.js"), "export const add = (a, b) => a - b;\n");
    await desk.serve([
      calling(["read", { path: "add.js" }], ["edit", { path: "add.js", old: "a - b", new: "a + b" }]),
      answer(Array.from({ length: 60 }, (_, row) => `${row + 1}. Well`).join("\n")),
    ]);
    const one = await desk.ready([], { columns: 140, rows: 30 });
    await say(one, "Mend it", "⏎ send");
    await one.asked(/1\. Yes/);
    await one.clickOn("1. Yes");
    await one.until(/60\. Well/);
    await one.clickOn(/add\.js +\+1 −1 *$/);
    await one.until(/- export const add[\s\S]*more below/);
    await one.clickOn("more below");
    await one.until(/60\. Well/);
    await one.clickOn(/Usage *$/);
    await one.until(/Usage of this session/);
    assert.ok(!has(one, /enter choose/));
    await one.clickOn("esc");
    await one.clickOn(/Mend it *$/);
    await one.until(/Rename this session/);
    await one.clickOn("esc cancel");
    await one.until((rows) => !/Rename this session/.test(rows.join("\n")));
    one.type("/the");
    await one.clickOn("/theme");
    await one.until(/› \/theme/);
    await one.clickOn("⏎ send");
    await one.until(/Themes .* esc/);
  });

  it("answers with no, after which nothing is red", async () => {
    await desk.serve([calling(["bash", { command: "rm -r node_modules" }]), answer("Nothing was changed.")]);
    const one = await desk.ready();
    await say(one, "Begin", "⏎ send");
    await one.asked(/3\. No/);
    assert.equal(one.text().filter((row) => row.startsWith("┃") && /^┃ +rm -r node_modules/.test(row)).length, 1);
    assert.ok(!has(one, /bash: rm -r/));
    await one.clickOn("3. No");
    await one.until(/Nothing was changed/);
    await one.until(/refused +[\d.]+k? tokens/);
    await one.settled();
    assert.ok(!has(one, /▌ .*refused by/));
    assert.ok(!has(one, /failed/));
  });
});
