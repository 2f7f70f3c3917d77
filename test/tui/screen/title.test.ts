/** The window's title names the session that is shown, and a notice comes where nobody looks: printable text and nothing else. */
import assert from "node:assert/strict";
import { eachAtATerminal, type Person } from "../../help/screen.ts";
import { answer } from "../../help/scripted-endpoint.ts";
import { at, calling } from "../../help/tutti.ts";

const EVIL = "\x1b]0;owned\x07\x9d0;t\x9c\u202e\x1b\\";

const titles = (person: Person): string[] =>
  [...person.raw().matchAll(/\x1b\]2;([^\x1b]*)\x1b\\/g)].map(([, title = ""]) => title);

describe("what a terminal says outside of its window", function () {
  this.timeout(60_000);
  const desk = eachAtATerminal();

  it("is the title of the session that is shown, as soon as it is", async () => {
    const endpoint = await desk.serve([answer("First.")]);
    await desk.home().run(["run", ...at(endpoint), "Hello"]);
    const session = await desk.home().lastSession();
    await desk.home().run(["sessions", "rename", session, `Named ${EVIL}`]);
    const person = await desk.ready(["--session", session]);
    await person.until(
      () => titles(person).at(-1)?.startsWith("Tutti: Named \\x1b]0;owned\\x07\\x9d0;t\\x9c\\u{202e}") === true,
    );
    person.type("/new");
    await person.until(/› \/new/);
    person.press("enter");
    await person.until(() => titles(person).at(-1) === `Tutti: ${desk.home().work.slice(0, 60)}`);
  });

  it("is a notice where it waits for somebody who looks elsewhere", async () => {
    await desk.serve([calling(["bash", { command: `printf '${EVIL}' > made` }]), answer("Well.")]);
    const person = await desk.ready();
    person.type("Begin");
    await person.until(/› Begin/);
    person.type("\x1b[O");
    person.press("enter");
    await person.until(/1\. Yes/);
    await person.until(() => person.raw().includes("\x1b]777;"));
    const [, text = ""] =
      /\x07\x1b\]9;([^\x00-\x1f\x7f-\x9f]*)\x1b\\\x1b\]777;notify;Tutti;\1\x1b\\/.exec(person.raw()) ?? [];
    assert.match(text, /^Waits for you: .*printf/);
    assert.doesNotMatch(text, /\u202e/);
  });
});
