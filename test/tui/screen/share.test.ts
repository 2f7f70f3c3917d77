/** The owner of a session and a guest, each in a terminal, with a hub between them. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { bin } from "../../help/build.ts";
import { type TestTerminal, useTerminals } from "../../help/screen.ts";
import { answer } from "../../help/scripted-endpoint.ts";
import { callTools, type Running } from "../../help/tutti.ts";

describe("/share", function () {
  this.timeout(60_000);
  const terminals = useTerminals();
  let hub: Running;
  const startHub = async (): Promise<string> => {
    const home = terminals.home();
    hub = home.start(["hub", "--listen", "127.0.0.1:0", "--store", join(home.root, "hub")]);
    let err = "";
    return new Promise((resolve) => {
      hub.child.stderr?.on("data", (piece) => {
        err += piece;
        const address = /listening at (http:\S+?);/.exec(err)?.[1];
        if (address) resolve(address);
      });
    });
  };
  afterEach(async () => {
    hub.child.kill("SIGTERM");
    await hub.outcome;
  });
  const choose = async (terminal: TestTerminal, text: string): Promise<void> => {
    terminal.type("/share");
    await terminal.waitFor(/› \/share/);
    terminal.press("enter");
    await terminal.waitFor(/Create a link for a viewer/);
    terminal.type(text);
    await terminal.waitFor((rows) => rows.some((row) => row.includes(`› ${text}`)));
    terminal.press("enter");
  };

  /** The messages at the right edge, whose lines are broken. */
  const messages = (rows: string[]): string => rows.map((row) => row.split("▌").at(-1)?.trim()).join(" ");

  it("creates a link in the terminal, and shows who can approve calls here", async () => {
    const home = terminals.home();
    await terminals.serve([
      answer("Welcome."),
      callTools(["bash", { command: "touch made.txt" }]),
      answer("It is made."),
    ]);
    await home.run(["config", "set", "share.hub", await startHub()]);
    const owner = await terminals.ready();
    owner.type("Begin");
    await owner.waitFor(/› Begin/);
    owner.press("enter");
    await owner.waitFor(/Welcome\./);

    await choose(owner, "for a viewer");
    await owner.waitFor(/A link for a viewer/);
    await owner.waitFor(/[▀▄█]{7}/);
    owner.press("escape");
    const shared = await home.run(["share", "--role", "approver", "--yes"]);
    assert.equal(shared.code, 0, shared.err);
    await choose(owner, "Count approvals");
    await owner.waitFor(/can now allow calls/);

    const guest = terminals.openProgram([process.execPath, bin, "join", "--name", "Bo", shared.out.trim()]);
    await guest.waitFor(/Welcome\./);
    await owner.waitFor(/Bo can approve/);
    guest.type("Make a file");
    await guest.waitFor(/› Make a file/);
    guest.press("enter");
    await guest.waitUntilAnswerable(/1\. Approve/);
    guest.press("1");
    await guest.waitFor(/It is made\./);
    await owner.waitFor(/It is made\./);
    assert.ok(existsSync(join(home.work, "made.txt")));

    await choose(owner, "Stop sharing");
    await owner.waitFor(/not shared any more/);
    await guest.waitFor((rows) => /The owner has ended\s+this share\. Reconn/.test(messages(rows)));
  });
});
