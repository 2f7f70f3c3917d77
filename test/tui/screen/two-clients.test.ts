/** Two terminals on one session, and what happens when one of them or the server is killed. */
import assert from "node:assert/strict";
import { type TestTerminal, useTerminals } from "../../help/screen.ts";
import { answer, chunk } from "../../help/scripted-endpoint.ts";
import { callTools } from "../../help/tutti.ts";

describe("two terminals on one session", function () {
  this.timeout(60_000);
  const terminals = useTerminals();
  const join = (...args: string[]): Promise<TestTerminal> => terminals.ready(args);
  /** The conversation, without what is one's own: the prompt, the last line, messages at the edge. */
  const shown = (terminal: TestTerminal): string[] =>
    terminal
      .text()
      .slice(
        0,
        terminal.text().findIndex((row) => row.includes("▁▁▁▁")),
      )
      .map((row) => row.replace(/\s*▌ .*$/, (edge, at: number) => (at > 20 ? "" : edge)).trimEnd());
  const same = async (one: TestTerminal, other: TestTerminal): Promise<void> => {
    const equal = (): boolean => shown(one).join("\n") === shown(other).join("\n");
    await Promise.any([one.waitFor(equal), other.waitFor(equal)]);
    assert.deepEqual(shown(one), shown(other));
  };

  it("show the same at all times", async () => {
    const gate = Promise.withResolvers<void>();
    await terminals.serve([
      answer("First answer."),
      callTools(["bash", { command: "touch made.txt" }]),
      {
        body: [
          chunk({ content: "Half of it" }),
          gate.promise,
          chunk({ content: ", and the rest." }),
          "data: [DONE]\n\n",
        ],
      },
      answer("Last."),
    ]);
    const one = await join();
    one.type("Begin");
    await one.waitFor(/› Begin/);
    one.press("enter");
    await one.waitFor(/First answer\./);
    const two = await join("--session", await terminals.home().lastSession());
    await two.waitFor(/First answer\./);
    await one.waitFor(/2 connected/);
    await same(one, two);

    two.type("Go on");
    await two.waitFor(/› Go on/);
    two.press("enter");
    await two.waitFor(/1\. Approve/);
    await one.waitUntilAnswerable(/1\. Approve/);
    one.press("1");
    await two.waitFor(/Half of it/);
    await one.waitFor(/Half of it/);
    assert.ok(!/1\. Approve/.test(two.text().join("\n")), "the question is gone in the other one, too");
    one.type("Then rest");
    await one.waitFor(/› Then rest/);
    one.press("enter");
    gate.resolve();
    await two.waitFor(/Last\./);
    await one.waitFor(/Last\./);
    await same(one, two);

    process.kill(two.pid, "SIGKILL");
    await one.waitFor(/\S+ left\./);
    await one.waitFor((rows) => !rows.join("\n").includes("2 connected"));
    assert.match(one.text().join("\n"), /Last\./);
  });

  it("recover when the server is killed, and report it", async () => {
    const gate = Promise.withResolvers<void>();
    await terminals.serve([
      { body: [chunk({ content: "Text from before" }), gate.promise], end: "open" },
      answer("And on."),
    ]);
    const one = await join();
    one.type("Begin");
    await one.waitFor(/› Begin/);
    one.press("enter");
    await one.waitFor(/Text from before/);
    const two = await join("--session", await terminals.home().lastSession());
    await two.waitFor(/Text from before/);
    const pid = Number(/process (\d+)/.exec((await terminals.home().run(["status"])).out)?.[1]);
    one.type("half written");
    await one.waitFor(/half written/);
    process.kill(pid, "SIGKILL");
    for (const terminal of [one, two]) {
      await terminal.waitFor(/lost the connection to the server/i);
      await terminal.waitFor((rows) => !/disconnected|⠋|⠙|⠹|⠸|⠼|⠴|⠦|⠧|⠇|⠏/.test(rows.at(-1) ?? ""));
      assert.match(terminal.text().join("\n"), /Text from before/);
    }
    assert.match(one.text().join("\n"), /› half written/);
    await same(one, two);
    one.press("ctrl+u");
    one.type("Go on");
    await one.waitFor(/› Go on/);
    one.press("enter");
    await one.waitFor(/And on\./);
    await two.waitFor(/And on\./);
    gate.resolve();
  });
});
