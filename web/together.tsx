/** Other people in the session: who drives and types, raised hands, following, and comments. Nothing of it is shown to one who is alone. */
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { createPresenceReporter, type PresenceReporter } from "../client/presence-reporter.ts";
import { describeActivity, describeParticipant, describeTarget, describeWheel } from "../client/together-text.ts";
import type { Participant } from "../protocol/method.ts";
import type { Comment } from "../protocol/together.ts";
import type { SessionView } from "../protocol/view.ts";
import { type App, attempt } from "./app.ts";
import { sanitize } from "./parts.tsx";

/** Without effect where it fails: the next time says it again. */
export const createReporter = (app: App): PresenceReporter =>
  createPresenceReporter(
    () => app.state().view === null || app.state().participants.count < 2,
    (update) => {
      const session = app.state().view?.id;
      if (session !== undefined) app.server.call("presenceUpdate", { session, ...update }).catch(() => undefined);
    },
  );

/** The part that the followed participant looks at, empty for the end of the session; null if no one is followed. */
export function followedPart(app: App): string | null {
  const { following, participants } = app.state();
  const followed = participants.participants.find(({ id }) => id === following);
  return followed ? (followed.viewing ?? "") : null;
}

export function stopFollowing(app: App): void {
  if (app.state().following !== null) app.set({ following: null });
}

export function Together({ app, view }: { app: App; view: SessionView }): VNode | null {
  const { participants, self } = app.state();
  const { comments = [], wheel } = view;
  if (participants.count < 2 && comments.length === 0 && wheel?.mode !== "one") return null;
  const activity = describeActivity(participants, ({ id }) => id === self);
  const open = comments.filter(({ resolved }) => !resolved).length;
  return (
    <details class="together">
      <summary>
        {[
          `${participants.count} here`,
          describeWheel(wheel),
          open === 0 ? "" : `${open} open comment${open === 1 ? "" : "s"}`,
        ]
          .filter((text) => text !== "")
          .map(sanitize)
          .join(" · ")}
        <span class="activity" role="status">
          {activity === "" ? "" : ` · ${sanitize(activity)}`}
        </span>
      </summary>
      <People app={app} view={view} />
      <Comments app={app} view={view} />
    </details>
  );
}

function People({ app, view: { id: session, wheel } }: { app: App; view: SessionView }): VNode {
  const { participants, self, following } = app.state();
  const own = participants.participants.find(({ id }) => id === self);
  const gives = wheel?.mode === "one" && (own?.role === "owner" || wheel.driver?.id === self);
  const canDrive = ({ role }: Participant): boolean => role !== "viewer" && role !== "commenter";
  const raise = (hand: boolean): void => attempt(app, () => app.server.call("presenceUpdate", { session, hand }));
  return (
    <ul aria-label="People">
      {participants.participants.map((participant) => (
        <li key={participant.id}>
          <span class="grow">
            {sanitize(participant.name)}
            <span class="muted">
              {sanitize(
                ` ${[participant.id === self ? "you" : "", participant.role, describeParticipant(wheel, participant)].filter((text) => text !== "").join(", ")}`,
              )}
            </span>
          </span>
          {participant.id !== self && (
            <button
              type="button"
              aria-pressed={following === participant.id}
              onClick={() => app.set({ following: following === participant.id ? null : participant.id })}
            >
              Follow
            </button>
          )}
          {gives && participant.id !== self && canDrive(participant) && (
            <button
              type="button"
              onClick={() => attempt(app, () => app.server.call("wheelGive", { session, to: participant.id }))}
            >
              Give the wheel
            </button>
          )}
        </li>
      ))}
      <li>
        {wheel?.mode === "one" && own && canDrive(own) && (
          <button type="button" onClick={() => attempt(app, () => app.server.call("wheelTake", { session }))}>
            Take the wheel
          </button>
        )}
        <button type="button" aria-pressed={own?.hand === true} onClick={() => raise(own?.hand !== true)}>
          {own?.hand ? "Lower your hand" : "Raise your hand"}
        </button>
      </li>
    </ul>
  );
}

function Comments({ app, view }: { app: App; view: SessionView }): VNode {
  const { id: session, comments = [], cwd } = view;
  const [text, setText] = useState("");
  const part = view.parts.at(-1)?.id;
  const add = async (): Promise<void> => {
    await app.server.call("commentAdd", { session, target: part === undefined ? {} : { part }, text });
    setText("");
  };
  return (
    <>
      <ul aria-label="Comments">
        {comments.map((comment) => (
          <CommentRow key={comment.id} app={app} session={session} comment={comment} cwd={cwd} />
        ))}
      </ul>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() !== "") attempt(app, add);
        }}
      >
        <input
          class="grow"
          aria-label="Comment"
          placeholder="Comment; the agent does not see it"
          maxLength={2000}
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
        <button type="submit">Comment</button>
      </form>
    </>
  );
}

interface CommentProps {
  app: App;
  session: string;
  comment: Comment;
  cwd: string;
}

function CommentRow({ app, session, comment, cwd }: CommentProps): VNode {
  const { id, by, text, resolved } = comment;
  const where = describeTarget(comment, cwd);
  const run = (method: "commentResolve" | "commentDelete" | "commentSend"): void =>
    attempt(app, () => app.server.call(method, { session, comment: id }));
  return (
    <li class={resolved ? "done" : ""}>
      <span class="grow">
        <strong>{sanitize(by.name)}</strong>
        {where !== "" && <span class="muted">{` on ${sanitize(where)}`}</span>}
        {`: ${sanitize(text)}`}
        {resolved && <span class="muted"> (resolved)</span>}
      </span>
      {!resolved && (
        <button type="button" onClick={() => run("commentResolve")}>
          Resolve
        </button>
      )}
      <button type="button" onClick={() => run("commentSend")}>
        Send to the agent
      </button>
      <button type="button" aria-label="Delete the comment" onClick={() => run("commentDelete")}>
        ×
      </button>
    </li>
  );
}
