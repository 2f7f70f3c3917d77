/**
 * A client that reconnects by itself and watches its session again. Events are folded into the view in batches, when the view is read.
 */
import { describeError, TuttiError } from "../protocol/errors.ts";
import type { Envelope } from "../protocol/events.ts";
import { isDelta } from "../protocol/facts.ts";
import type { Link, SessionWatcher } from "../protocol/link.ts";
import type { ParamsOf, RequestName, ResultOf } from "../protocol/methods.ts";
import type { ParticipantList } from "../protocol/participants.ts";
import { reduceAll, type SessionView } from "../protocol/view.ts";
import { describeDisconnect, isEnded, SERVER_STOPPED } from "./errors.ts";

export type Connection =
  | { state: "connecting" }
  | { state: "connected" }
  /** `reason` is a sentence. The client keeps trying to reconnect. */
  | { state: "lost"; reason: string }
  /** The server ended on request. The client reconnects if someone else starts it again, or after `resume`. */
  | { state: "stopped" }
  /** The link of a guest cannot be used any more. `reason` is a sentence. The client does not try again. */
  | { state: "ended"; reason: string };

export interface ClientEvents {
  connectionChanged(connection: Connection): void;
  /** Called for the first connection and after each reconnect. */
  connected(link: Link): void;
  /** `currentView` returns a new view from now on. */
  viewChanged(): void;
  /** Every event except deltas, in order. */
  eventReceived(envelope: Envelope, view: SessionView): void;
  participantsChanged(participants: ParticipantList): void;
  errorReported(text: string): void;
}

/** `mayStart`: a server may be started if none is running. */
export type Connect = (mayStart: boolean) => Promise<Link>;

export interface ReconnectingClient {
  call<K extends RequestName>(method: K, params: ParamsOf<K>): Promise<ResultOf<K>>;
  /** Watches this session instead of any other. Resolves when its view is available. */
  watch(session: string): Promise<void>;
  /** Loads parts before the first known one: one page, or all. Resolves with false if there were none. */
  fetchEarlier(scope: "page" | "all"): Promise<boolean>;
  /** Stops watching. */
  unwatch(): void;
  /** The view with all events received so far. */
  currentView(): SessionView | null;
  /** The user acts: a server that was stopped may be started again. */
  resume(): void;
  close(): Promise<void>;
}

/** The number of parts to load when opening a session, and per page when loading earlier ones. */
const PARTS = 300;
const PAGE = 1_000;

const RETRY_MS = [100, 300, 1_000, 2_000, 5_000];

export function openReconnectingClient(connect: Connect, events: ClientEvents): ReconnectingClient {
  let link: Promise<Link>;
  let watched: string | null = null;
  const view = createWatchedView(events);
  let closing = false;
  let mayStart = true;
  /** The user has acted after the server announced that it stops, and before its connection has ended. */
  let hasActed = false;
  let endDelay: () => void = () => undefined;
  let current: Link | null = null;
  let watch: { link: Link; session: string; done: Promise<void> } | null = null;

  /** Watches only once per connection: a second watch would fold each event twice. */
  const follow = (to: Link, session: string): Promise<void> => {
    if (watch?.link !== to || watch.session !== session) watch = { link: to, session, done: startWatch(to, session) };
    return watch.done;
  };
  const startWatch = (to: Link, session: string): Promise<void> =>
    to.watch(
      session,
      view.watcher(() => watched === session),
      PARTS,
    );
  const open = async (attempt: number): Promise<Link> => {
    const openedLink = await connect(mayStart);
    if (closing) await openedLink.close();
    current = openedLink;
    mayStart = true;
    events.connectionChanged({ state: "connected" });
    void openedLink.closed.then((reason) => {
      current = null;
      if (closing) return;
      mayStart = hasActed || openedLink.isStopped?.() !== true;
      hasActed = false;
      events.connectionChanged(mayStart ? { state: "lost", reason: describeDisconnect(reason) } : { state: "stopped" });
      link = reconnect(0);
      // `reconnect` reports failures.
      link.catch(() => undefined);
    });
    if (watched !== null && attempt >= 0) await follow(openedLink, watched);
    events.connected(openedLink);
    return openedLink;
  };
  const reconnect = async (attempt: number): Promise<Link> => {
    try {
      return await open(attempt);
    } catch (error) {
      if (isEnded(error)) events.connectionChanged({ state: "ended", reason: describeError(error) });
      if (closing || isEnded(error)) throw error;
      if (mayStart) events.connectionChanged({ state: "lost", reason: describeError(error) });
      const wait = delay(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] ?? 0);
      endDelay = wait.end;
      await wait.ended;
      return reconnect(attempt + 1);
    }
  };
  link = reconnect(0);
  link.catch(() => undefined);

  return {
    async call(method, params) {
      if (!mayStart) throw new TuttiError("failed", `${SERVER_STOPPED} Send a prompt to start it again.`);
      return (await link).call(method, params);
    },
    async watch(session) {
      const before = watched;
      watched = session;
      view.clear();
      const to = await link;
      if (before !== null && watch?.link === to && watch.session === before) {
        watch = null;
        to.call("sessionUnwatch", { session: before }).catch(() => undefined);
      }
      await follow(to, session);
    },
    async fetchEarlier(scope) {
      const to = await link;
      let fetched = false;
      for (let now = view.current(); now && now.earlier > 0 && now.parts[0]; now = view.current()) {
        const { id } = now;
        const { parts, earlier } = await to.call("sessionParts", { session: id, before: now.parts[0].id, limit: PAGE });
        const later = view.current();
        // Another session may be watched by now, or a new view have arrived.
        if (later?.id !== id || later.parts[0]?.id !== now.parts[0].id) return fetched;
        view.replace({ ...later, parts: [...parts, ...later.parts], earlier });
        fetched = true;
        events.viewChanged();
        if (scope === "page") break;
      }
      return fetched;
    },
    unwatch() {
      const before = watched;
      watched = null;
      view.clear();
      watch = null;
      if (before !== null) link.then((to) => to.call("sessionUnwatch", { session: before })).catch(() => undefined);
    },
    currentView: view.current,
    resume() {
      hasActed = current?.isStopped?.() === true;
      if (mayStart) return;
      mayStart = true;
      endDelay();
    },
    async close() {
      closing = true;
      await current?.close();
    },
  };
}

/** The view of the watched session. Events are folded into it only when it is read, since many of them arrive between two reads. */
function createWatchedView(events: ClientEvents) {
  let view: SessionView | null = null;
  let pending: Envelope[] = [];

  const current = (): SessionView | null => {
    if (view && pending.length > 0) {
      const envelopes = pending;
      pending = [];
      view = reduceAll(view, envelopes);
    }
    return view;
  };
  const replace = (next: SessionView | null): void => {
    view = next;
    pending = [];
  };
  return {
    current,
    replace,
    clear: () => replace(null),
    /** `isWatched`: false for a session that was replaced by another one. */
    watcher: (isWatched: () => boolean): SessionWatcher => ({
      event(envelope) {
        if (!isWatched()) return;
        pending.push(envelope);
        events.viewChanged();
        if (isDelta(envelope.event)) return;
        const now = current();
        if (now) events.eventReceived(envelope, now);
      },
      snapshot(snapshot) {
        if (!isWatched()) return;
        replace(snapshot);
        events.viewChanged();
      },
      failed: ({ message }) => isWatched() && events.errorReported(message),
      participantsChanged: (participants) => isWatched() && events.participantsChanged(participants),
    }),
  };
}

/** Does not keep the process running. (A browser's timer has no `unref`.) */
function delay(ms: number): { ended: Promise<void>; end(): void } {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const timer: unknown = setTimeout(end, ms);
  if (typeof timer === "object" && timer !== null && "unref" in timer && typeof timer.unref === "function")
    timer.unref();
  return { ended, end };
}
