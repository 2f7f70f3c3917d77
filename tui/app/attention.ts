/** Telling a person who looks elsewhere: that the agent waits for them, that a long turn is over, who came and went. */
import type { Envelope } from "../../protocol/events.ts";
import type { Participant } from "../../protocol/method.ts";
import { printable } from "../../protocol/printable.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { App } from "./app.ts";
import type { State } from "./state.ts";

export interface Attention {
  happened(envelope: Envelope, view: SessionView): void;
  /** This is drawn now: the window's title says the same. */
  shown(state: State): void;
  present(participants: readonly Participant[]): void;
  /** The terminal has the keyboard, or lost it. */
  focused(focused: boolean): void;
  notifies(notifies: boolean): void;
}

const LONG_MS = 10_000;
const MOST_TITLE = 60;
const allows: ReadonlySet<string> = new Set(["yes", "always"]);

const oneLine = (text: string): string => printable(text).replaceAll("\t", " ").slice(0, 200);

export function createAttention(app: App): Attention {
  /** Until the terminal says otherwise, somebody looks. */
  let looks = true;
  let notifies = true;
  let startedAt = 0;
  /** The last question that asked for one. */
  let permission = "";
  /** A person said no to it, in this turn. */
  let refused = false;
  let before: readonly Participant[] | null = null;
  let titled = "";

  const tell = (text: string): void => {
    if (looks || !notifies) return;
    app.screen.bell();
    app.screen.notify(oneLine(text));
  };
  return {
    happened({ at, by, event }, view) {
      switch (event.type) {
        case "question.asked":
          tell(`Waits for you: ${event.title}`);
          if (event.kind === "permission") permission = event.question;
          break;
        case "question.answered":
          if (event.question === permission) refused = by.kind === "person" && !allows.has(event.answer);
          if (by.kind === "person" && app.state().participants.length > 1)
            app.toast("info", `${oneLine(by.name)} answered: ${oneLine(event.answer)}`);
          break;
        case "turn.started":
          startedAt = at;
          refused = false;
          break;
        case "turn.ended": {
          // Who said no knows that something was refused.
          const calm = event.failure?.code === "refused" && refused;
          const failed = event.outcome === "failed" && !calm;
          if (at - startedAt >= LONG_MS || failed) tell(`${calm ? "refused" : event.outcome}: ${view.title}`);
          if (event.failure && !calm) app.toast(failed ? "error" : "warning", oneLine(event.failure.message));
          break;
        }
      }
    },
    shown(state) {
      const title = titleOf(state);
      if (title !== titled) app.screen.title(title);
      titled = title;
    },
    present(participants) {
      const names = (all: readonly Participant[], than: readonly Participant[]): string[] =>
        all
          .filter(({ id }) => !than.some((one) => one.id === id))
          .map(({ name, client }) => oneLine(`${name} (${client})`));
      for (const name of before === null ? [] : names(participants, before)) app.toast("info", `${name} is here now.`);
      for (const name of names(before ?? [], participants)) app.toast("info", `${name} has left.`);
      before = participants;
      app.set({ participants });
    },
    focused(focused) {
      looks = focused;
    },
    notifies(now) {
      notifies = now;
    },
  };
}

function titleOf({ view, cwd }: State): string {
  const sign = view === null ? "" : view.questions.length > 0 ? "? " : view.activity.state === "running" ? "● " : "";
  return `${sign}Tutti: ${oneLine(view?.title || view?.cwd || cwd).slice(0, MOST_TITLE)}`;
}
