import assert from "node:assert/strict";
import type { Answer } from "../../../protocol/events.ts";
import { formatAnswer } from "../../../protocol/questions.ts";
import { refuseUnanswered } from "../../../server/turn/question-timeout.ts";

const no = { id: "no", label: "No" };
const yes = { id: "yes", label: "Yes" };

describe("refuseUnanswered", () => {
  it("refuses after the timeout: with no, with text, or by cancelling the turn", async () => {
    let questions = [
      { id: "q1", digest: "d1", choices: [yes, no], freeText: false },
      { id: "q2", digest: "d2", choices: [yes], freeText: true },
      { id: "q3", digest: "d3", choices: [yes], freeText: false },
    ];
    const outcomes: string[] = [];
    let stop = (): void => undefined;
    await new Promise<void>((resolve) => {
      const removeQuestion = (id: string): void => {
        questions = questions.filter((question) => question.id !== id);
        if (questions.length === 0) resolve();
      };
      const session = {
        view: () => ({ questions }),
        async answer(id: string, digest: string, answer: Answer) {
          outcomes.push(`${id} ${digest} ${formatAnswer(answer).split(" ")[0]}`);
          removeQuestion(id);
        },
        async cancel() {
          outcomes.push("cancelled");
          removeQuestion("q3");
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
    assert.deepEqual(outcomes, ["q1 d1 no", "q2 d2 No", "cancelled"]);
  });

  it("waits while a user can answer", async () => {
    let checks = 0;
    let listings = 0;
    let stop = (): void => undefined;
    await new Promise<void>((resolve) => {
      const canAnswer = (): boolean => {
        if (++checks === 10) resolve();
        return true;
      };
      const listSessions = () => {
        listings++;
        return [];
      };
      stop = refuseUnanswered(listSessions, canAnswer, 1, (error) => assert.fail(String(error)));
    });
    stop();
    assert.equal(listings, 0);
  });
});
