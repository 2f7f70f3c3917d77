/** Handlers of the methods of several people in one session. Each decision is made on the current view, as the event is written. */
import { TuttiError } from "../../protocol/errors.ts";
import type { Participant } from "../../protocol/method.ts";
import type { AllHandlers, Handlers, TogetherMethod } from "../../protocol/methods.ts";
import type { Session } from "../session/session.ts";
import { addComment, deleteComment, findComment, resolveComment, toPrompt } from "./comments.ts";
import { give, take, toDriver } from "./wheel.ts";

export interface TogetherDeps {
  open(session: string): Promise<Session>;
  /** With their wheel guarded. */
  handlers: Pick<Handlers, "turnPrompt" | "turnSteer">;
  participants(session: string): readonly Participant[];
}

/** `presence/update` concerns a connection, which handles it. */
export type TogetherHandlers = Pick<AllHandlers, Exclude<TogetherMethod, "presenceUpdate">>;

export function createTogetherHandlers({ open, handlers, participants }: TogetherDeps): TogetherHandlers {
  return {
    async wheelMode({ session, mode }, caller) {
      const driver = mode === "one" ? toDriver(caller) : null;
      await (await open(session)).decide(
        ({ wheel }) => ((wheel?.mode ?? "everyone") === mode ? null : { type: "wheel.moved", mode, driver }),
        caller.author,
      );
      return {};
    },
    async wheelTake({ session }, caller) {
      await (await open(session)).decide((view) => take(view, caller), caller.author);
      return {};
    },
    async wheelGive({ session, to }, caller) {
      const participant = to === null ? null : participants(session).find(({ id }) => id === to);
      if (participant === undefined) throw new TuttiError("notFound", "This participant has left.");
      await (await open(session)).decide((view) => give(view, caller, participant), caller.author);
      return {};
    },
    async commentAdd({ session, target = {}, text }, { author }) {
      let comment = "";
      const add = (view: Parameters<typeof addComment>[0]) => {
        const event = addComment(view, target, text);
        comment = event.comment;
        return event;
      };
      await (await open(session)).decide(add, author);
      return { comment };
    },
    async commentResolve({ session, comment, resolved = true }, caller) {
      await (await open(session)).decide((view) => resolveComment(view, caller, comment, resolved), caller.author);
      return {};
    },
    async commentDelete({ session, comment }, caller) {
      await (await open(session)).decide((view) => deleteComment(view, caller, comment), caller.author);
      return {};
    },
    async commentSend({ session, comment }, caller, signal) {
      const opened = await open(session);
      const view = opened.view();
      const text = toPrompt(view, findComment(view, comment));
      const { activity } = view;
      if (activity.state === "running")
        await handlers.turnSteer({ session, turn: activity.turn, text }, caller, signal);
      else await handlers.turnPrompt({ session, text }, caller, signal);
      await opened.decide((now) => resolveComment(now, caller, comment, true), caller.author);
      return {};
    },
  };
}
