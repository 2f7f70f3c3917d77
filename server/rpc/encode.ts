/**
 * Messages for many connections are encoded once, to bytes that all of them share. Encodings are kept for a second only: whoever is not
 * behind needs them at once, while a session keeps its events as long as it is open.
 */
import type { Envelope } from "../../protocol/events.ts";
import { notifications } from "../../protocol/methods.ts";
import type { SessionView } from "../../protocol/view.ts";
import { lastParts } from "../../protocol/window.ts";
import { shareResult } from "../transport/shared-results.ts";

export interface EncodedView {
  /** The result of `session/watch`, with a shared encoding. */
  result: { view: SessionView };
  /** A `session/snapshot`. */
  snapshot(): Uint8Array;
}

const KEEP_MS = 1000;
/** Clients ask for different numbers of parts. */
const MAX_WINDOWS = 4;

export const encodeNotification = (method: string, params: unknown): Uint8Array =>
  Buffer.from(JSON.stringify({ jsonrpc: "2.0", method, params }));

export function once<T extends object>(make: () => T): () => T {
  let made: T | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

/** Returns what was made for this key within the last second, or makes it. */
function keepBriefly<K extends object, V>(): (key: K, make: () => V) => V {
  const kept = new Map<K, V>();
  return (key, make) => {
    const known = kept.get(key);
    if (known !== undefined) return known;
    if (kept.size === 0) setTimeout(() => kept.clear(), KEEP_MS).unref();
    const made = make();
    kept.set(key, made);
    return made;
  };
}

const events = keepBriefly<Envelope, Uint8Array>();
const views = keepBriefly<SessionView, Map<number | undefined, EncodedView>>();

export const encodeEvent = (session: string, envelope: Envelope): Uint8Array =>
  events(envelope, () => encodeNotification(notifications.sessionEvent.type.method, { session, envelope }));

/** `parts`: only so many of the last ones. */
export function encodeView(session: string, whole: SessionView, parts: number | undefined): EncodedView {
  const windows = views(whole, () => new Map());
  const known = windows.get(parts);
  if (known) return known;
  const view = parts === undefined ? whole : lastParts(whole, parts);
  const encoded: EncodedView = {
    result: shareResult({ view }),
    snapshot: once(() => encodeNotification(notifications.sessionSnapshot.type.method, { session, view })),
  };
  if (windows.size >= MAX_WINDOWS) windows.clear();
  windows.set(parts, encoded);
  return encoded;
}
