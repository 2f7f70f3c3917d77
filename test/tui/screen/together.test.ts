/** An owner and a guest, each in a terminal: the wheel, a raised hand, typing, comments, and following. */
import { join } from "node:path";
import { bin } from "../../help/build.ts";
import { type TestTerminal, useTerminals } from "../../help/screen.ts";
import { answer } from "../../help/scripted-endpoint.ts";
import type { Running } from "../../help/tutti.ts";

describe("two people in two terminals", function () {
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
  const send = async (terminal: TestTerminal, text: string): Promise<void> => {
    terminal.type(text);
    await terminal.waitFor((rows) => rows.some((row) => row.includes(`› ${text}`)));
    terminal.press("enter");
  };
  const choose = async (terminal: TestTerminal, command: string, text: string): Promise<void> => {
    await send(terminal, command);
    await terminal.waitFor((rows) => rows.some((row) => row.includes(text)));
    terminal.type(text);
    await terminal.waitFor((rows) => rows.some((row) => row.includes(`› ${text}`)));
  };
  /** Broken lines of messages at the right edge, as one line. */
  const messages = (rows: string[]): string => rows.map((row) => row.split("▌").at(-1)?.trim()).join(" ");

  it("hand the wheel over, comment, and look at the same place", async () => {
    const home = terminals.home();
    const lines = Array.from({ length: 80 }, (_, index) => `${index + 1}. line ${index + 1} of it`).join("\n");
    await terminals.serve([answer(lines), answer("Then this.")]);
    await home.run(["config", "set", "share.hub", await startHub()]);
    const owner = await terminals.ready();
    await send(owner, "Begin");
    await owner.waitFor(/line 80 of it/);
    const { out } = await home.run(["share", "--role", "driver", "--yes"]);
    const guest = terminals.openProgram([process.execPath, bin, "join", "--name", "Bo", out.trim()]);
    await guest.waitFor(/line 80 of it/);
    await owner.waitFor(/2 connected/);

    await choose(owner, "/share", "One driver");
    owner.press("enter");
    await guest.waitFor(/drives/);
    guest.type("May I?");
    await owner.waitFor(/Bo types/);
    guest.press("enter");
    await guest.waitFor((rows) => /drives this session now\. Raise/.test(messages(rows)));
    for (const _ of "May I?") guest.press("backspace");
    await send(guest, "/wheel");
    await owner.waitFor(/✋ Bo/);

    await choose(owner, "/people", "Bo");
    owner.press("ctrl+g");
    await guest.waitFor(/Bo drives/);
    owner.press("escape");
    await owner.waitFor(/Bo drives/);
    await send(guest, "/comment Is this right?");
    for (const terminal of [owner, guest]) await terminal.waitFor(/┃ Bo: Is this right\?/);
    await choose(guest, "/comments", "Is this");
    guest.press("ctrl+s");
    await owner.waitFor(/Then this\./);
    guest.press("escape");
    await owner.waitFor((rows) => !rows.some((row) => row.includes("┃ Bo: Is this right?")));

    await choose(owner, "/people", "Bo");
    owner.press("enter");
    guest.press("ctrl+x");
    guest.press("home");
    await owner.waitFor(/1\. line 1 of it/);
    guest.press("ctrl+x");
    guest.press("end");
    await owner.waitFor(/Then this\./);
  });
});
