/** A program whose terminal is closed ends and starts no server; a server that was stopped is started again only by the user. */
import assert from "node:assert/strict";
import { bin } from "../../help/build.ts";
import { type TestTerminal, useTerminals } from "../../help/screen.ts";
import { answer } from "../../help/scripted-endpoint.ts";

const modes: [flag: string, ready: RegExp][] = [
  ["", /Ask anything/],
  ["--inline", /Ask anything/],
  ["--line", /Type a prompt/],
];

describe("a closed terminal", function () {
  this.timeout(60_000);
  const terminals = useTerminals();
  const status = async (): Promise<number | null> => (await terminals.home().run(["status"])).code;
  const stopServer = async (): Promise<void> => {
    const stopped = await terminals.home().run(["stop"]);
    assert.equal(stopped.code, 0, stopped.err);
  };

  for (const [flag, ready] of modes) {
    it(`ends the program (${flag || "full screen"})`, async () => {
      const one = terminals.open(flag ? [flag] : []);
      await one.waitFor(ready);
      one.hangUp();
      assert.equal(await one.exited, 129);
    });

    it(`ends the program even if it ignores SIGHUP (${flag || "full screen"})`, async () => {
      const command = `trap '' HUP; exec "${process.execPath}" "${bin}" ${flag}`;
      const one = terminals.openProgram(["/bin/sh", "-c", command]);
      await one.waitFor(ready);
      one.hangUp();
      assert.ok([0, 129].includes(await one.exited));
      await stopServer();
      assert.notEqual(await status(), 0);
    });

    it(`ends the program after SIGTERM (${flag || "full screen"})`, async () => {
      const one = terminals.open(flag ? [flag] : []);
      await one.waitFor(ready);
      process.kill(one.pid, "SIGTERM");
      assert.equal(await one.exited, 143);
    });
  }

  const readyToSend = async (one: TestTerminal): Promise<void> => {
    one.type("Go on");
    await one.waitFor(/› Go on/);
  };

  it("leaves a stopped server stopped until the user sends a prompt", async () => {
    await terminals.serve([answer("Here again.")]);
    const one = await terminals.ready();
    await readyToSend(one);
    await stopServer();
    await one.waitFor(/The server was stopped/);
    await one.waitFor(/server stopped/);
    // What the program does by itself must not start it: it is asked for files here, and tries to reconnect.
    one.type(" @a");
    assert.notEqual(await status(), 0);
    await one.waitFor(/› Go on @a/);
    one.press("enter");
    await one.waitFor(/Here again\./);
    assert.equal(await status(), 0);
  });

  it("leaves a stopped server stopped in line mode until a line is entered", async () => {
    await terminals.serve([answer("Here again.")]);
    const one = terminals.open(["--line"]);
    await one.waitFor(/Type a prompt/);
    await stopServer();
    await one.waitFor(/The server was stopped\. Your next line starts it again/);
    assert.notEqual(await status(), 0);
    one.type("Go on\r");
    await one.waitFor(/Here again\./);
  });

  it("reconnects to a stopped server that someone else starts again", async () => {
    const one = await terminals.ready();
    await stopServer();
    await one.waitFor(/server stopped/);
    const two = await terminals.ready();
    await two.waitFor(/Ask anything/);
    await one.waitFor(/Reconnected/);
  });
});
