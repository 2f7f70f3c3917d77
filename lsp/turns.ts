/** Follows the prompts of this editor to the end of their turns, also while they are queued. */
import type { Attachment, Outcome, Settings } from "../protocol/events.ts";
import type { ResultOf } from "../protocol/methods.ts";
import type { SessionView } from "../protocol/view.ts";
import type { FolderSessions } from "./sessions.ts";

export type TurnEndListener = (view: SessionView, turn: string, outcome: Outcome) => unknown;

export interface Turns {
  prompt(
    session: string,
    text: string,
    more?: { settings?: Settings; attachments?: Attachment[]; ended?: TurnEndListener },
  ): Promise<{ session: string } & ResultOf<"turnPrompt">>;
}

/** Awaits `beforePrompt` first, so that the server knows the editor's open documents. */
export function trackTurns(sessions: FolderSessions, beforePrompt: () => Promise<void>): Turns {
  const byPrompt = new Map<string, TurnEndListener>();
  const byTurn = new Map<string, TurnEndListener>();
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
    async prompt(session, text, { settings, attachments, ended } = {}) {
      await beforePrompt();
      const sent = await sessions.prompt(session, text, settings, attachments);
      if (!ended) return { session, ...sent };
      const view = sessions.view(session);
      // The turn may have ended before the response arrived.
      if (sent.turn === undefined) byPrompt.set(sent.prompt, ended);
      else if (view?.lastEnd?.turn === sent.turn) ended(view, sent.turn, view.lastEnd.outcome);
      else byTurn.set(sent.turn, ended);
      return { session, ...sent };
    },
  };
}
