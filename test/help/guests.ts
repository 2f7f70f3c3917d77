/** Guests of a shared session, and how a test waits until all see the same. */
import { createHash } from "node:crypto";
import { joinSession } from "../../client/shared-session.ts";
import type { Link } from "../../protocol/link.ts";
import type { Participant } from "../../protocol/method.ts";
import { parseShareLink } from "../../protocol/share/share-link.ts";
import { reduce, type SessionView } from "../../protocol/view.ts";

export interface Follower {
  link: Link;
  session: string;
  view(): SessionView;
  participants(): readonly Participant[];
  /** Resolves when the view, or who is here, is as wanted. */
  until(isReady: (view: SessionView, participants: readonly Participant[]) => boolean): Promise<void>;
}

/** Watches a session through this link. */
export async function follow(link: Link, session: string): Promise<Follower> {
  let view: SessionView | null = null;
  let participants: readonly Participant[] = [];
  let changed: () => void = () => undefined;
  await link.watch(session, {
    event(envelope) {
      if (view) view = reduce(view, envelope);
      changed();
    },
    snapshot(next) {
      view = next;
      changed();
    },
    participantsChanged(next) {
      participants = next.participants;
      changed();
    },
  });
  const current = (): SessionView => {
    if (view === null) throw new Error("There is no view yet.");
    return view;
  };
  return {
    link,
    session,
    view: current,
    participants: () => participants,
    async until(isReady) {
      while (!isReady(current(), participants))
        await new Promise<void>((resolve) => {
          changed = resolve;
        });
    },
  };
}

export async function joinAs(name: string, link: string, answers = true): Promise<Follower> {
  const client = { client: { name: "test guest", version: "0" }, answers };
  const joined = await joinSession(parseShareLink(link), name, client);
  return follow(joined.link, joined.session);
}

export const hashView = (view: SessionView): string => createHash("sha256").update(JSON.stringify(view)).digest("hex");
