/** A whole piece of work, with nothing but the keyboard, in each of the key tables; and with the mouse. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eachAtATerminal, type Person } from "../../help/screen.ts";
import { answer } from "../../help/scripted-endpoint.ts";
import { calling } from "../../help/tutti.ts";

const OLD = "export const add = (a, b) => a - b;";
const NEW = "export const add = (a, b) => a + b;";

interface Hands {
  table: "default" | "vim" | "emacs";
  /** From writing to where a command can be found. */
  palette(person: Person): void;
  /** Answers the question that is shown with yes. */
  allow(person: Person): void;
  search(person: Person, text: string): Promise<void>;
  quit(person: Person): void | Promise<void>;
}

const hands: Hands[] = [
  {
    table: "default",
    palette: (person) => person.press("ctrl+p"),
    allow: (person) => person.press("1"),
    async search(person, text) {
      person.type(`/find ${text}`);
      await person.until(/› \/find/);
      person.press("enter");
    },
    quit: (person) => person.press("ctrl+d"),
  },
  {
    table: "vim",
    palette: (person) => person.press("ctrl+p"),
    allow: (person) => person.press("y"),
    async search(person, text) {
      person.press("escape");
      await person.until(/NORMAL/);
      person.press("/");
      await person.until(/Search in this session/);
      person.type(text);
      await person.until((rows) => rows.some((row) => row.includes(text)));
      person.press("enter");
    },
    async quit(person) {
      person.press("escape");
      await person.until(/NORMAL/);
      await person.settled();
      person.type(":");
      await person.until(/a command by its name/);
      person.type("q");
      person.press("enter");
    },
  },
  {
    table: "emacs",
    palette: (person) => person.press("alt+x"),
    allow: (person) => person.press("enter"),
    async search(person, text) {
      person.type(`/find ${text}`);
      await person.until(/› \/find/);
      person.press("enter");
    },
    quit: (person) => person.press("ctrl+x", "ctrl+c"),
  },
];

describe("a whole piece of work in the terminal", function () {
  this.timeout(90_000);
  const desk = eachAtATerminal();

  const begin = async (keys: string): Promise<Person> => {
    writeFileSync(join(desk.home().work, "add.js"), `${OLD}\n`);
    await desk.serve([
      calling(["read", { path: "add.js" }]),
      calling(["edit", { path: "add.js", old: "a - b", new: "a + b" }]),
      answer("I mended **add**: it adds now."),
      answer("It is the second answer."),
    ]);
    await desk.home().run(["config", "set", "keys", keys]);
    return desk.ready([], { columns: 110, rows: 36 });
  };
  const mended = (): string => readFileSync(join(desk.home().work, "add.js"), "utf8").trim();

  for (const hand of hands) {
    it(`is done with the keys of ${hand.table}`, async () => {
      const one = await begin(hand.table);
      if (hand.table === "vim") await one.until(/INSERT/);
      one.type("Mend add.js");
      await one.until(/› Mend add\.js/);
      one.press("enter");
      await one.until(/1\. Yes[\s\S]*number or Enter answers/);
      assert.ok(one.text().some((row) => row.includes("add.js")));
      assert.equal(mended(), OLD);
      await one.asked(/1\. Yes/);
      hand.allow(one);
      await one.until(/I mended add: it adds now\./);
      assert.equal(mended(), NEW);
      assert.ok(
        one.text().some((row) => row.includes("a + b")),
        "the diff is shown",
      );

      await hand.search(one, "a + b");
      await one.settled();
      one.press("escape");
      // A key that comes at once would be the same key with Alt.
      await one.settled();
      if (hand.table === "vim") {
        await one.until(/NORMAL/);
        one.press("i");
        await one.until(/INSERT/);
      }
      await one.until(/Ask anything/);
      one.type("/rename The sum");
      await one.until(/› \/rename The sum/);
      one.press("enter");
      await one.until(() => one.raw().includes("Tutti: The sum"));
      assert.match(JSON.stringify(await sessions()), /The sum/);

      hand.palette(one);
      await one.until(/type to search/);
      one.type("fork");
      await one.until(/Fork this session/);
      one.press("enter");
      await one.until(/This is a copy now/);

      one.type("/rewind");
      one.press("enter");
      await one.until(/Go back to a prompt/);
      await one.until(/Mend add\.js/);
      one.press("enter");
      await one.until(/› Mend add\.js/);

      one.press("ctrl+c");
      await one.until(/Ask anything/);
      one.type("/sessions");
      one.press("enter");
      await one.until(/Sessions[\s\S]*The sum/);
      one.type("the sum");
      one.press("enter");
      await one.until(/I mended add/);

      one.type("/theme dracula");
      one.press("enter");
      await one.until(() => one.raw().includes("38;2;248;248;242"));
      await hand.quit(one);
      assert.equal(await one.over, 0);
      assert.equal((await sessions()).length, 3);
    });
  }

  it("is done with the mouse, but for the words", async () => {
    const one = await begin("default");
    /** Through the menu, as far down in it as it stands. */
    const pick = async (row: string): Promise<void> => {
      await one.clickOn("≡");
      await one.until(/Do .* esc/);
      const shown = (): boolean => one.text().some((text) => text.includes(row));
      for (let turns = 0; !shown() && turns < 20; turns++) {
        one.wheel(5, "type to search");
        await one.settled();
      }
      await one.clickOn(row);
    };

    one.type("Mend add.js");
    await one.clickOn("⏎ send");
    await one.asked(/1\. Yes/);
    await one.clickOn("1. Yes");
    await one.until(/I mended add: it adds now\./);
    assert.equal(mended(), NEW);
    await one.clickOn("→ ");
    await one.until(/a - b[\s\S]*a - b/);

    await pick("Search in this session");
    await one.until(/n and N go on/);
    one.type("a + b");
    await one.clickOn("enter ok");
    await one.until(/‹ \d of \d ›/);
    await one.clickOn("›");
    await one.clickOn("×");
    await one.until((rows) => !/‹ \d of \d ›/.test(rows.join("\n")));

    await pick("Rename this session");
    await one.until(/Enter keeps the new title/);
    await one.clickOn("×");
    await one.until((rows) => !rows.some((row) => row.includes(" × ")));
    one.type("The sum");
    await one.clickOn("enter ok");
    await one.until(() => one.raw().includes("Tutti: The sum"));
    assert.match(JSON.stringify(await sessions()), /The sum/);

    await pick("Fork this session here");
    await one.until(/This is a copy now/);
    await one.clickOn("This is a copy now");
    await one.until((rows) => !/This is a copy now/.test(rows.join("\n")));

    await pick("Timeline: go back to a prompt");
    await one.until(/Go back to a prompt .* esc/);
    await one.clickOn(/Mend add\.js(?=.*just now)/);
    await one.until(/› Mend add\.js/);

    await pick("Sessions: go on with another");
    await one.until(/Sessions .* esc[\s\S]*The sum/);
    await one.clickOn("ctrl+s pin");
    await one.until(/Pinned/);
    await one.clickOn("The sum");
    await one.until(/I mended add/);

    await one.clickOn(/ask(?= +env\/m)/);
    await one.until(/edit +env\/m/);
    await one.clickOn(/env\/m(?=.*tokens)/);
    await one.until(/Models .* esc/);
    await one.clickOn("esc");
    await one.clickOn("tokens");
    await one.until(/Usage of this session/);
    await one.clickOn("esc");

    await pick("Themes, with a live preview");
    await one.until(/Themes .* esc/);
    await one.clickOn("dracula");
    await one.until(() => one.raw().includes("38;2;248;248;242"));
    await pick("Quit");
    assert.equal(await one.over, 0);
    assert.equal((await sessions()).length, 3);
  });

  it("tells the model what was said instead of an answer", async () => {
    const one = await begin("default");
    one.type("Mend add.js");
    await one.until(/› Mend add\.js/);
    one.press("enter");
    await one.asked(/1\. Yes/);
    one.type("use another file");
    await one.until(/› use another file/);
    one.press("enter");
    await one.until(/I mended add/);
    assert.match(JSON.stringify(desk.endpoint().received[2]?.body), /use another file/);
    assert.equal(mended(), OLD);
  });

  const sessions = async (): Promise<unknown[]> =>
    JSON.parse((await desk.home().run(["sessions", "list", "--format", "json"])).out);
});
