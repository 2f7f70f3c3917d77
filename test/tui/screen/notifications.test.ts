/** The window title and desktop notifications contain only printable text. */
import assert from "node:assert/strict";
import { type TestTerminal, useTerminals } from "../../help/screen.ts";
import { answer } from "../../help/scripted-endpoint.ts";
import { callTools, endpointFlags } from "../../help/tutti.ts";

const EVIL = "\x1b]0;owned\x07\x9d0;t\x9c\u202e\x1b\\";

const titles = (terminal: TestTerminal): string[] =>
  [...terminal.raw().matchAll(/\x1b\]2;([^\x1b]*)\x1b\\/g)].map(([, title = ""]) => title);

describe("window title and notifications", function () {
  this.timeout(60_000);
  const terminals = useTerminals();

  it("show the title of the current session", async () => {
    const endpoint = await terminals.serve([answer("First.")]);
    await terminals.home().run(["run", ...endpointFlags(endpoint), "Hello"]);
    const session = await terminals.home().lastSession();
    await terminals.home().run(["sessions", "rename", session, `Named ${EVIL}`]);
    const terminal = await terminals.ready(["--session", session]);
    await terminal.waitFor(
      () => titles(terminal).at(-1)?.startsWith("Tutti: Named \\x1b]0;owned\\x07\\x9d0;t\\x9c\\u{202e}") === true,
    );
    terminal.type("/new");
    await terminal.waitFor(/› \/new/);
    terminal.press("enter");
    await terminal.waitFor(() => titles(terminal).at(-1) === `Tutti: ${terminals.home().work.slice(0, 60)}`);
  });

  it("notify a user who looks elsewhere", async () => {
    await terminals.serve([callTools(["bash", { command: `printf '${EVIL}' > made` }]), answer("Well.")]);
    const terminal = await terminals.ready();
    terminal.type("Begin");
    await terminal.waitFor(/› Begin/);
    terminal.type("\x1b[O");
    terminal.press("enter");
    await terminal.waitFor(/1\. Approve/);
    await terminal.waitFor(() => terminal.raw().includes("\x1b]777;"));
    const [, text = ""] =
      /\x07\x1b\]9;([^\x00-\x1f\x7f-\x9f]*)\x1b\\\x1b\]777;notify;Tutti;\1\x1b\\/.exec(terminal.raw()) ?? [];
    assert.match(text, /^Approval needed: .*printf/);
    assert.doesNotMatch(text, /\u202e/);
  });
});
