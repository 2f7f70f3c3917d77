/** Notifies a user who is looking elsewhere: the agent needs an answer, a long turn has ended, participants joined or left. */

import { describePresenceChange } from "../../client/presence-text.ts";
import { describeTogether } from "../../client/together-text.ts";
import type { Envelope } from "../../protocol/events.ts";
import type { ParticipantList } from "../../protocol/participants.ts";
import { printable } from "../../protocol/printable.ts";
import { formatAnswer, isDenial } from "../../protocol/questions.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { App } from "./app.ts";
import { updateFollowing } from "./following.ts";
import type { State } from "./state.ts";
import { lowerHand } from "./together.ts";

export interface Notifier {
  onEvent(envelope: Envelope, view: SessionView): void;
  /** Call after each frame, with its state: sets the window title. */
  afterDraw(state: State): void;
  updateParticipants(participants: ParticipantList): void;
  /** The terminal has gained or lost the keyboard focus. */
  setFocused(focused: boolean): void;
  /** Turns the bell and desktop notifications on or off. */
  setEnabled(enabled: boolean): void;
}

const LONG_TURN_MS = 10_000;
const MAX_TITLE = 60;

const oneLine = (text: string): string => printable(text).replaceAll("\t", " ").slice(0, 200);

export function createNotifier(app: App): Notifier {
  /** Assumed until the terminal reports otherwise. */
  let isFocused = true;
  let isEnabled = true;
  let turnStartedAt = 0;
  /** The last approval request. */
  let approval = "";
  /** The user denied it, in this turn. */
  let denied = false;
  let knownParticipants: ParticipantList | null = null;
  let lastTitle = "";

  const notify = (text: string): void => {
    if (isFocused || !isEnabled) return;
    app.screen.ringBell();
    app.screen.notify(oneLine(text));
  };
  return {
    onEvent({ at, by, event }, view) {
      switch (event.type) {
        case "question.asked":
          notify(`${event.kind === "approval" ? "Approval needed" : "Question"}: ${event.title}`);
          if (event.kind === "approval") approval = event.question;
          break;
        case "question.answered": {
          const answer = formatAnswer(event.answer);
          if (event.question === approval) denied = by.kind === "person" && isDenial(event.answer);
          if (by.kind === "person" && app.state().participants.count > 1)
            app.toast("info", `${oneLine(by.name)} answered: ${oneLine(answer)}`);
          break;
        }
        case "turn.started":
          turnStartedAt = at;
          denied = false;
          break;
        case "turn.ended": {
          // The user denied the call, so they know this already.
          const isExpected = event.failure?.code === "refused" && denied;
          const failed = event.outcome === "failed" && !isExpected;
          if (at - turnStartedAt >= LONG_TURN_MS || failed)
            notify(`${isExpected ? "denied" : event.outcome}: ${view.title}`);
          if (event.failure && !isExpected) app.toast(failed ? "error" : "warning", oneLine(event.failure.message));
          break;
        }
        case "wheel.moved":
          lowerHand(app, event.driver?.id);
          app.toast("info", oneLine(describeTogether(event, by) ?? ""));
          break;
        default: {
          const text = describeTogether(event, by);
          if (text !== null) app.toast("info", oneLine(text));
        }
      }
    },
    afterDraw(state) {
      const title = formatTitle(state);
      if (title !== lastTitle) app.screen.setTitle(title);
      lastTitle = title;
    },
    updateParticipants(participants) {
      const changes = knownParticipants ? describePresenceChange(knownParticipants, participants, oneLine) : [];
      for (const text of changes) app.toast("info", text);
      knownParticipants = participants;
      app.set({ participants });
      updateFollowing(app);
    },
    setFocused(focused) {
      isFocused = focused;
    },
    setEnabled(enabled) {
      isEnabled = enabled;
    },
  };
}

function formatTitle({ view, cwd }: State): string {
  const icon = view === null ? "" : view.questions.length > 0 ? "? " : view.activity.state === "running" ? "● " : "";
  return `${icon}Tutti: ${oneLine(view?.title || view?.cwd || cwd).slice(0, MAX_TITLE)}`;
}
