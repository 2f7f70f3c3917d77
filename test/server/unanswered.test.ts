import assert from "node:assert/strict";
import { refuseUnanswered } from "../../server/unanswered.ts";

const no = { id: "no", label: "No" };
const yes = { id: "yes", label: "Yes" };

describe("questions that nobody is there to answer", () => {
  it("are refused after a while: with no, with words, or by ending the turn", async () => {
    let questions = [
      { id: "q1", digest: "d1", choices: [yes, no], freeText: false },
      { id: "q2", digest: "d2", choices: [yes], freeText: true },
      { id: "q3", digest: "d3", choices: [yes], freeText: false },
    ];
    const heard: string[] = [];
    let stop = (): void => undefined;
    await new Promise<void>((resolve) => {
      const drop = (id: string): void => {
        questions = questions.filter((question) => question.id !== id);
        if (questions.length === 0) resolve();
      };
      const session = {
        view: () => ({ questions }),
        async answer(id: string, digest: string, answer: string) {
          heard.push(`${id} ${digest} ${answer.split(" ")[0]}`);
          drop(id);
        },
        async cancel() {
          heard.push("cancelled");
          drop("q3");
        },
      };
      stop = refuseUnanswered(
        () => [session],
        () => false,
        20,
        (error) => assert.fail(String(error)),
      );
    });
    stop();
    assert.deepEqual(heard, ["q1 d1 no", "q2 d2 Nobody", "cancelled"]);
  });

  it("wait while somebody is there", async () => {
    let looks = 0;
    let asked = 0;
    let stop = (): void => undefined;
    await new Promise<void>((resolve) => {
      const there = (): boolean => {
        if (++looks === 10) resolve();
        return true;
      };
      const opened = () => {
        asked++;
        return [];
      };
      stop = refuseUnanswered(opened, there, 1, (error) => assert.fail(String(error)));
    });
    stop();
    assert.equal(asked, 0);
  });
});
