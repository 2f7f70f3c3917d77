/** Announces everything that happens once and in order: in the followed session, to the connection, and to the participants. */
import { SERVER_STOPPED } from "../../client/errors.ts";
import { describePresenceChange } from "../../client/presence-text.ts";
import type { ClientEvents, Connection } from "../../client/reconnecting-client.ts";
import { describeTogether } from "../../client/together-text.ts";
import { errors, exitCode } from "../../protocol/errors.ts";
import type { ParticipantList } from "../../protocol/participants.ts";
import type { TurnEnd } from "../../protocol/parts.ts";
import { formatAnswer } from "../../protocol/questions.ts";
import type { SessionView } from "../../protocol/view.ts";
import { type AnnouncerState, announceChanges, announceSession } from "./announcements.ts";
import { toOneLine } from "./messages.ts";
import type { Announcement, Speaker, Writer } from "./writer.ts";

export interface Announcer {
  /** For the connection to the server. */
  events: ClientEvents;
  /** Announces everything up to this view. */
  announce(view: SessionView | null): void;
  /** Follows this session from now on, or none. */
  follow(view: SessionView | null): void;
  /** The user has typed this text, so it is not announced when it comes back. */
  addTyped(text: string): void;
  /** The user has answered this question here, so the answer is not announced. */
  markAnswered(question: string): void;
  /** The answer was rejected, so the question is still open. */
  unmarkAnswered(question: string): void;
  isAnswered(question: string): boolean;
  /** The question that was announced last, if it is still open. */
  openQuestion(): string | null;
}

export interface AnnouncerCallbacks {
  /** There is something to announce. */
  changed(): void;
  /** A question was asked or is no longer open. */
  questionChanged(): void;
  turnStarted(): void;
  turnEnded(exitCode: number): void;
}

export function createAnnouncer(writer: Writer, callbacks: AnnouncerCallbacks): Announcer {
  let state: AnnouncerState | null = null;
  const pending: Announcement[] = [];
  const answered = new Set<string>();
  let connection: Connection["state"] = "connecting";
  let participants: ParticipantList | null = null;

  const announceLater = (speaker: Speaker, text: string): void => {
    pending.push({ speaker, text });
    callbacks.changed();
  };
  return {
    events: {
      connectionChanged(current) {
        // Only the first of many attempts is announced.
        if (current.state === "lost" && connection === "connected")
          announceLater("notice", `${current.reason} Reconnecting.`);
        if (current.state === "ended") announceLater("notice", current.reason);
        if (current.state === "stopped" && connection !== "stopped")
          announceLater("notice", `${SERVER_STOPPED} Your next line starts it again.`);
        if (current.state === "connected" && (connection === "lost" || connection === "stopped"))
          announceLater("notice", "Reconnected.");
        connection = current.state;
        participants = null;
      },
      connected: () => undefined,
      viewChanged: callbacks.changed,
      eventReceived({ by, event }) {
        if (event.type === "question.answered" && !answered.has(event.question))
          announceLater("question", `${toOneLine(by.name)} answered: ${toOneLine(formatAnswer(event.answer))}`);
        const text = describeTogether(event, by);
        if (text !== null) announceLater("notice", toOneLine(text));
        if (event.type === "question.expired") announceLater("question", `The question was closed: ${event.reason}.`);
      },
      participantsChanged(current) {
        const changes = participants ? describePresenceChange(participants, current, toOneLine) : [];
        for (const text of changes) announceLater("notice", text);
        participants = current;
      },
      errorReported: (text) => announceLater("error", text),
    },
    announce(view) {
      writer.write(pending.splice(0));
      if (!view || !state) return;
      const before = state;
      const { state: next, announcements } = announceChanges(before, view, Date.now());
      state = next;
      writer.write(announcements);
      if (next.question !== before.question) callbacks.questionChanged();
      if (next.ended !== before.ended && view.lastEnd) callbacks.turnEnded(exitCodeOf(view.lastEnd));
      if (next.turn !== null && next.turn !== before.turn) callbacks.turnStarted();
    },
    follow(view) {
      const session = view && announceSession(view, Date.now());
      state = session?.state ?? null;
      writer.write(session?.announcements ?? []);
    },
    addTyped(text) {
      if (state) state = { ...state, typed: [...state.typed, text] };
    },
    markAnswered: (question) => void answered.add(question),
    unmarkAnswered: (question) => void answered.delete(question),
    isAnswered: (question) => answered.has(question),
    openQuestion: () => state?.question ?? null,
  };
}

const exitCodes: Record<TurnEnd["outcome"], number> = {
  done: 0,
  failed: errors.failed.exit,
  limit: errors.limit.exit,
  cancelled: errors.interrupted.exit,
  interrupted: errors.interrupted.exit,
};

/** The exit code of a process whose last turn ended like this; the same as for `tutti run`. */
const exitCodeOf = ({ outcome, failure }: TurnEnd): number => (failure ? exitCode(failure.code) : exitCodes[outcome]);
