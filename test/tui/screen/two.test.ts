/** Two terminals on one session, and what becomes of one when the other, or the server, is killed. */
import assert from "node:assert/strict";
import { eachAtATerminal, type Person } from "../../help/screen.ts";
import { answer, chunk } from "../../help/scripted-endpoint.ts";
import { calling } from "../../help/tutti.ts";

describe("two terminals on one session", function () {
  this.timeout(60_000);
  const desk = eachAtATerminal();
  const join = (...args: string[]): Promise<Person> => desk.ready(args);
  /** The conversation, without what is one's own: the prompt, the last line, messages at the edge. */
  const shown = (person: Person): string[] =>
    person
      .text()
      .slice(
        0,
        person.text().findIndex((row) => row.includes("▁▁▁▁")),
      )
      .map((row) => row.replace(/\s*▌ .*$/, (edge, at: number) => (at > 20 ? "" : edge)).trimEnd());
  const same = async (one: Person, other: Person): Promise<void> => {
    const equal = (): boolean => shown(one).join("\n") === shown(other).join("\n");
    await Promise.any([one.until(equal), other.until(equal)]);
    assert.deepEqual(shown(one), shown(other));
  };

  it("show the same at every moment, whoever does what", async () => {
    const gate = Promise.withResolvers<void>();
    await desk.serve([
      answer("First answer."),
      calling(["bash", { command: "touch made.txt" }]),
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
    await one.until(/› Begin/);
    one.press("enter");
    await one.until(/First answer\./);
    const two = await join("--session", await desk.home().lastSession());
    await two.until(/First answer\./);
    await one.until(/2 here/);
    await same(one, two);

    two.type("Go on");
    await two.until(/› Go on/);
    two.press("enter");
    await two.until(/1\. Yes/);
    await one.asked(/1\. Yes/);
    one.press("1");
    await two.until(/Half of it/);
    await one.until(/Half of it/);
    assert.ok(!/1\. Yes/.test(two.text().join("\n")), "the question is gone in the other one, too");
    one.type("Then rest");
    await one.until(/› Then rest/);
    one.press("enter");
    gate.resolve();
    await two.until(/Last\./);
    await one.until(/Last\./);
    await same(one, two);

    process.kill(two.pid, "SIGKILL");
    await one.until(/has left/);
    await one.until((rows) => !rows.join("\n").includes("2 here"));
    assert.match(one.text().join("\n"), /Last\./);
  });

  it("lose nothing when the server is killed, and say what happened", async () => {
    const gate = Promise.withResolvers<void>();
    await desk.serve([
      { body: [chunk({ content: "What was said before" }), gate.promise], end: "open" },
      answer("And on."),
    ]);
    const one = await join();
    one.type("Begin");
    await one.until(/› Begin/);
    one.press("enter");
    await one.until(/What was said before/);
    const two = await join("--session", await desk.home().lastSession());
    await two.until(/What was said before/);
    const pid = Number(/process (\d+)/.exec((await desk.home().run(["status"])).out)?.[1]);
    one.type("half written");
    await one.until(/half written/);
    process.kill(pid, "SIGKILL");
    for (const person of [one, two]) {
      await person.until(/server is gone/i);
      await person.until((rows) => !/no server|⠋|⠙|⠹|⠸|⠼|⠴|⠦|⠧|⠇|⠏/.test(rows.at(-1) ?? ""));
      assert.match(person.text().join("\n"), /What was said before/);
    }
    assert.match(one.text().join("\n"), /› half written/);
    await same(one, two);
    one.press("ctrl+u");
    one.type("Go on");
    await one.until(/› Go on/);
    one.press("enter");
    await one.until(/And on\./);
    await two.until(/And on\./);
    gate.resolve();
  });
});
