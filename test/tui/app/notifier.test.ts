/** The end of a turn that the user expects, since they denied the call, is not reported as a failure. */
import assert from "node:assert/strict";
import type { Answer, SessionEvent } from "../../../protocol/events.ts";
import { emptyView } from "../../../protocol/view.ts";
import type { App } from "../../../tui/app/app.ts";
import { createInitialState } from "../../../tui/app/initial-state.ts";
import { createNotifier } from "../../../tui/app/notifier.ts";

/** The toasts after a turn that was refused once a person had answered its approval request. */
function toastsAfter(answer: Answer): string[] {
  const options = { cwd: "/w", version: "1", settings: {}, screenMode: "screen" } as const;
  const state = createInitialState(options, { columns: 80, rows: 24 });
  const toasts: string[] = [];
  const toast = (_: unknown, text: string): void => void toasts.push(text);
  const notifier = createNotifier({ state: () => state, toast } as unknown as App);
  const by = { kind: "person", id: "ada", name: "ada" } as const;
  const choices = [{ id: "no", label: "Deny" }];
  const asked = { kind: "approval", title: "bash: x", detail: "x", choices, freeText: true, digest: "d" } as const;
  const events: SessionEvent[] = [
    { type: "turn.started", turn: "t", text: "Go", attachments: [], agent: "tutti" },
    { type: "question.asked", question: "q", ...asked },
    { type: "question.answered", question: "q", answer },
    { type: "turn.ended", turn: "t", outcome: "failed", failure: { code: "refused", message: "It was refused." } },
  ];
  for (const [index, event] of events.entries()) notifier.onEvent({ seq: index + 1, at: 1, by, event }, emptyView);
  return toasts;
}

describe("the notifier", () => {
  for (const answer of [
    { choice: "no" },
    { text: "no" },
    { text: "always ask first" },
    { text: "session names differ" },
  ])
    it(`does not report a refusal after ${JSON.stringify(answer)}`, () => assert.deepEqual(toastsAfter(answer), []));

  for (const answer of [{ choice: "yes" }, { choice: "always", rule: "bash(no)" }])
    it(`reports a refusal after ${JSON.stringify(answer)}`, () =>
      assert.deepEqual(toastsAfter(answer), ["It was refused."]));
});
