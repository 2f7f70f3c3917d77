/** Trust in a folder's configuration: the hint, the dialog, and what it grants. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { useTerminals } from "../../help/screen.ts";

const HINT = /\/trust {2}review this folder's configuration and trust it/;

describe("trust at the terminal", function () {
  this.timeout(60_000);
  const terminals = useTerminals();
  const project = (command: string): Promise<void> =>
    writeFile(
      join(terminals.home().work, "tutti.jsonc"),
      JSON.stringify({ effort: "high", hooks: { Stop: [{ hooks: [{ type: "command", command }] }] } }),
    );
  const granted = async (): Promise<string[]> => {
    const { out } = await terminals.home().run(["trust", "--format", "json"]);
    const { items } = JSON.parse(out) as { items: { key: string; granted: boolean }[] };
    return items.filter((item) => item.granted).map(({ key }) => key);
  };

  it("shows a hint and the requests, and grants nothing by default", async () => {
    await project("echo \u001b[31mhi");
    const one = await terminals.ready([], { columns: 120, rows: 36 });
    await one.clickOn(HINT);
    await one.waitFor(/Trust this folder's configuration[\s\S]*Trust nothing/);
    await one.waitFor(/hooks\.Stop +echo \\x1b\[31mhi/);
    one.press("enter");
    await one.waitFor((rows) => !rows.join("\n").includes("Trust this folder's configuration"));
    await one.waitFor(HINT);
    assert.deepEqual(await granted(), []);
  });

  it("grants the choice, and notices what is granted elsewhere", async () => {
    await project("true");
    const one = await terminals.ready([], { columns: 120, rows: 36 });
    await one.waitFor(HINT);
    one.type("/trust\r");
    await one.waitFor(/Trust nothing/);
    one.press("down", "enter");
    await one.waitFor(/Trusted 1 of 2/);
    assert.deepEqual(await granted(), ["effort"]);
    await one.waitFor(HINT);
    const { out } = await terminals.home().run(["trust", "--format", "json"]);
    await terminals.home().run(["trust", "grant", "--yes", (JSON.parse(out) as { digest: string }).digest]);
    await one.waitFor((rows) => !HINT.test(rows.join("\n")));
  });
});
