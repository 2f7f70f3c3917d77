/** What a folder asks for is said in one line, shown literally, and granted only where somebody chooses so. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eachAtATerminal } from "../../help/screen.ts";

const HINT = /\/trust {2}shows what this folder's files ask for; it waits for your yes/;

describe("trust at the terminal", function () {
  this.timeout(60_000);
  const desk = eachAtATerminal();
  const project = (command: string): Promise<void> =>
    writeFile(
      join(desk.home().work, "tutti.jsonc"),
      JSON.stringify({ effort: "high", hooks: { Stop: [{ hooks: [{ type: "command", command }] }] } }),
    );
  const granted = async (): Promise<string[]> => {
    const { out } = await desk.home().run(["trust", "--format", "json"]);
    const { items } = JSON.parse(out) as { items: { key: string; granted: boolean }[] };
    return items.filter((item) => item.granted).map(({ key }) => key);
  };

  it("says that something waits, shows it, and takes Enter for no", async () => {
    await project("echo \u001b[31mhi");
    const one = await desk.ready([], { columns: 120, rows: 36 });
    await one.clickOn(HINT);
    await one.until(/What this folder asks for[\s\S]*No: nothing of it counts/);
    await one.until(/hooks\.Stop +echo \\x1b\[31mhi/);
    one.press("enter");
    await one.until((rows) => !rows.join("\n").includes("What this folder asks for"));
    await one.until(HINT);
    assert.deepEqual(await granted(), []);
  });

  it("grants what was chosen, and what is granted elsewhere is seen, too", async () => {
    await project("true");
    const one = await desk.ready([], { columns: 120, rows: 36 });
    await one.until(HINT);
    one.type("/trust\r");
    await one.until(/No: nothing of it counts/);
    one.press("down", "enter");
    await one.until(/Trusted: 1 of 2/);
    assert.deepEqual(await granted(), ["effort"]);
    await one.until(HINT);
    const { out } = await desk.home().run(["trust", "--format", "json"]);
    await desk.home().run(["trust", "grant", "--yes", (JSON.parse(out) as { digest: string }).digest]);
    await one.until((rows) => !HINT.test(rows.join("\n")));
  });
});
