/**
 * The way to the server, kept up: where it goes, another one is made, and the session that was watched is watched again. Events that
 * come between two pictures are folded in together.
 */

import type { Envelope } from "../protocol/events.ts";
import type { Participant } from "../protocol/method.ts";
import type { ParamsOf, RequestName, ResultOf } from "../protocol/methods.ts";
import { reduceAll, type SessionView } from "../protocol/view.ts";
import type { Link } from "./link.ts";
import { goneBecause } from "./words.ts";

export type Connection =
  | { state: "connecting" }
  | { state: "connected" }
  /** `why` is a sentence; a new connection is tried meanwhile. */
  | { state: "lost"; why: string };

export interface Hears {
  connection(connection: Connection): void;
  /** Each time there is a server to talk to, the first one and those after it. */
  connected(link: Link): void;
  /** There is something to fold: `take` gives the view with it. */
  changed(): void;
  /** What another participant or the server did, in order, for what is said once. */
  happened(envelope: Envelope, view: SessionView): void;
  present(participants: readonly Participant[]): void;
  problem(text: string): void;
}

export interface Server {
  call<K extends RequestName>(method: K, params: ParamsOf<K>): Promise<ResultOf<K>>;
  /** Shows this session from now on, and no other. Resolves when its view is there. */
  watch(session: string): Promise<void>;
  /** Fetches parts from before those that are known: one page, or all there are. False where there are none. */
  older(how: "page" | "all"): Promise<boolean>;
  /** Watches none. */
  leave(): void;
  /** The view with all that has come. */
  take(): SessionView | null;
  close(): Promise<void>;
}

/** Parts that a session is opened with, and that are fetched at once when one goes back. */
const PARTS = 300;
const PAGE = 1_000;

const RETRY_MS = [100, 300, 1_000, 2_000, 5_000];

export function openServer(connect: () => Promise<Link>, hears: Hears): Server {
  let link: Promise<Link>;
  let watched: string | null = null;
  let view: SessionView | null = null;
  let come: Envelope[] = [];
  let closing = false;
  let current: Link | null = null;
  let following: { to: Link; session: string; done: Promise<void> } | null = null;

  const fold = (): SessionView | null => {
    if (view && come.length > 0) {
      const events = come;
      come = [];
      view = reduceAll(view, events);
    }
    return view;
  };
  /** Once on each connection: what came twice would be folded in twice. */
  const follow = (to: Link, session: string): Promise<void> => {
    if (following?.to !== to || following.session !== session) following = { to, session, done: begin(to, session) };
    return following.done;
  };
  const begin = async (to: Link, session: string): Promise<void> => {
    const isShown = (): boolean => watched === session;
    await to.watch(
      session,
      {
        event(envelope) {
          if (!isShown()) return;
          come.push(envelope);
          hears.changed();
          const said = envelope.event.type;
          if (said !== "text.delta" && said !== "reasoning.delta" && said !== "call.output") {
            const now = fold();
            if (now) hears.happened(envelope, now);
          }
        },
        snapshot(whole) {
          if (!isShown()) return;
          view = whole;
          come = [];
          hears.changed();
        },
        lost: ({ message }) => isShown() && hears.problem(message),
        present: (participants) => isShown() && hears.present(participants),
      },
      PARTS,
    );
  };
  const open = async (attempt: number): Promise<Link> => {
    const made = await connect();
    if (closing) await made.close();
    current = made;
    hears.connection({ state: "connected" });
    void made.closed.then((why) => {
      current = null;
      if (closing) return;
      hears.connection({ state: "lost", why: goneBecause(why) });
      link = again(0);
      // Told by `again` when it fails.
      link.catch(() => undefined);
    });
    if (watched !== null && attempt >= 0) await follow(made, watched);
    hears.connected(made);
    return made;
  };
  const again = async (attempt: number): Promise<Link> => {
    try {
      return await open(attempt);
    } catch (error) {
      if (closing) throw error;
      hears.connection({ state: "lost", why: error instanceof Error ? error.message : String(error) });
      await pause(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] ?? 0);
      return again(attempt + 1);
    }
  };
  link = again(0);
  link.catch(() => undefined);

  return {
    async call(method, params) {
      return (await link).call(method, params);
    },
    async watch(session) {
      const before = watched;
      watched = session;
      view = null;
      come = [];
      const to = await link;
      if (before !== null && following?.to === to && following.session === before) {
        following = null;
        to.call("sessionUnwatch", { session: before }).catch(() => undefined);
      }
      await follow(to, session);
    },
    async older(how) {
      const to = await link;
      let fetched = false;
      for (let now = fold(); now && now.earlier > 0 && now.parts[0]; now = fold()) {
        const { id } = now;
        const { parts, earlier } = await to.call("sessionParts", { session: id, before: now.parts[0].id, limit: PAGE });
        const later = fold();
        // Another session may be shown by now, or a fresh view have come.
        if (later?.id !== id || later.parts[0]?.id !== now.parts[0].id) return fetched;
        view = { ...later, parts: [...parts, ...later.parts], earlier };
        fetched = true;
        hears.changed();
        if (how === "page") break;
      }
      return fetched;
    },
    leave() {
      const before = watched;
      watched = null;
      view = null;
      come = [];
      following = null;
      if (before !== null) link.then((to) => to.call("sessionUnwatch", { session: before })).catch(() => undefined);
    },
    take: fold,
    async close() {
      closing = true;
      await current?.close();
    },
  };
}

/** Holds no process up; in a browser there is none. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer: unknown = setTimeout(resolve, ms);
    if (typeof timer === "object" && timer !== null && "unref" in timer && typeof timer.unref === "function")
      timer.unref();
  });
}
