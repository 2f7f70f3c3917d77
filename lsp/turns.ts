/** What becomes of the prompts that this editor sent: each is followed to the end of its turn, also where it waits behind others. */
import type { Outcome } from "../protocol/events.ts";
import type { ResultOf, Settings } from "../protocol/methods.ts";
import type { SessionView } from "../protocol/view.ts";
import type { Sessions } from "./sessions.ts";

export type Ended = (view: SessionView, turn: string, outcome: Outcome) => unknown;

export interface Turns {
  prompt(
    session: string,
    text: string,
    more?: { settings?: Settings; ended?: Ended },
  ): Promise<{ session: string } & ResultOf<"turnPrompt">>;
}

/** `before` is waited for, so that a turn knows what the editor holds. */
export function followTurns(sessions: Sessions, before: () => Promise<void>): Turns {
  const byPrompt = new Map<string, Ended>();
  const byTurn = new Map<string, Ended>();
  sessions.onEvent(({ event }, view) => {
    if (event.type === "turn.started" && event.prompt !== undefined) {
      const ended = byPrompt.get(event.prompt);
      byPrompt.delete(event.prompt);
      if (ended) byTurn.set(event.turn, ended);
    }
    if (event.type === "turn.ended") {
      byTurn.get(event.turn)?.(view, event.turn, event.outcome);
      byTurn.delete(event.turn);
    }
  });
  return {
    async prompt(session, text, { settings, ended } = {}) {
      await before();
      const sent = await sessions.prompt(session, text, settings);
      if (!ended) return { session, ...sent };
      const view = sessions.view(session);
      // The end may have come before the answer.
      if (sent.turn === undefined) byPrompt.set(sent.prompt, ended);
      else if (view?.lastEnd?.turn === sent.turn) ended(view, sent.turn, view.lastEnd.outcome);
      else byTurn.set(sent.turn, ended);
      return { session, ...sent };
    },
  };
}
