/** A terminal is left as it was found, however the program ends; it is quiet at rest, and fits whatever size it gets. */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eachAtATerminal, type Person, type Size } from "../../help/screen.ts";
import { chunk } from "../../help/scripted-endpoint.ts";

const modes = ["1049", "2004", "1004", "1000", "1002", "1006"] as const;

/** Which modes are still set at the end of these bytes, with the cursor where it is hidden. */
function left(raw: string): string[] {
  const last = (mode: string): string | undefined =>
    [...raw.matchAll(new RegExp(`\\x1b\\[\\?${mode}([hl])`, "g"))].at(-1)?.[1];
  return [...modes.filter((mode) => last(mode) === "h"), ...(last("25") === "l" ? ["cursor"] : [])];
}

describe("the manners of the terminal", function () {
  this.timeout(60_000);
  const desk = eachAtATerminal();
  const begin = async (size: Size = {}): Promise<Person> => {
    const person = await desk.ready([], size);
    await person.settled();
    return person;
  };

  for (const signal of ["SIGTERM", "SIGHUP", "SIGKILL"] as const) {
    it(`leave it as it was found after ${signal}`, async () => {
      const one = await begin();
      assert.deepEqual(left(one.raw()).includes("1049"), true);
      process.kill(one.pid, signal);
      await one.over;
      await one.until(() => left(one.raw()).length === 0);
    });
  }

  it("write nothing at rest", async () => {
    const one = await begin();
    const before = one.raw().length;
    // Nothing can be waited for where nothing should come.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    assert.equal(one.raw().length, before);
  });

  it("draw thirty pictures a second at most, however fast an answer comes", async () => {
    const text = async function* (): AsyncGenerator<string> {
      for (let count = 0; count < 400; count++) {
        yield chunk({ content: `word ${count} ` });
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      yield "data: [DONE]\n\n";
    };
    await desk.serve([{ body: text() }]);
    const one = await begin();
    one.type("Go");
    await one.until(/› Go/);
    const [from, at] = [one.raw().length, performance.now()];
    one.press("enter");
    await one.until(/word 399/);
    const seconds = (performance.now() - at) / 1000;
    const pictures = one.raw().slice(from).split("\x1b[?2026h").length - 1;
    assert.ok(pictures > 10 && pictures / seconds <= 31, `${pictures} in ${seconds} s`);
  });

  it("fit every size, also while it changes", async () => {
    await desk.serve([
      {
        body: [
          chunk({ content: "A line that is long enough to be broken in a narrow window. ".repeat(20) }),
          "data: [DONE]\n\n",
        ],
      },
    ]);
    const one = await begin();
    one.type("Go");
    await one.until(/› Go/);
    one.press("enter");
    await one.until(/narrow window/);
    for (const [columns, rows] of [
      [40, 12],
      [400, 120],
      [60, 20],
    ] as const) {
      one.resize(columns, rows);
      await one.until(
        (shown) => shown.length === rows && /›/.test(shown.slice(-3).join("\n")) && /ask/.test(shown.at(-1) ?? ""),
      );
      await one.settled();
      assert.equal(one.text().filter((row) => row.includes("▁▁▁")).length, 1, one.text().join("\n"));
      assert.match(one.text().join("\n"), /window/);
    }
  });

  it("take up a changed configuration, and a changed theme of one's own", async () => {
    const one = await begin();
    await desk.home().run(["config", "set", "theme", "dracula"]);
    await one.until(() => one.raw().includes("38;2;248;248;242"));
    const themes = join(desk.home().env.HOME ?? "", ".config/tutti/themes");
    await mkdir(themes, { recursive: true });
    await writeFile(join(themes, "mine.json"), '{"extends":"dracula","colors":{"text":"#123456"}}');
    await desk.home().run(["config", "set", "theme", "mine"]);
    await one.until(() => one.raw().includes("38;2;18;52;86"));
    await writeFile(join(themes, "mine.json"), '{"extends":"dracula","colors":{"text":"#654321"}}');
    await one.until(() => one.raw().includes("38;2;101;67;33"));
    await desk.home().run(["config", "set", "keys", "vim"]);
    await one.until(/INSERT/);
  });

  it("stop for the shell at Ctrl+Z, and draw everything when they go on", async () => {
    const one = await begin({ shell: true });
    one.press("ctrl+z");
    await one.until(/Stopped/);
    // The shell sets the mode of pastes for itself.
    assert.deepEqual(
      left(one.raw()).filter((mode) => mode !== "2004"),
      [],
    );
    one.type("fg\r");
    await one.until(/Ask anything/);
    assert.ok(left(one.raw()).includes("1049"));
    one.press("ctrl+d");
    await one.until(() => !left(one.raw()).includes("1049"));
  });
});
