/** How a screen reaches a server, wherever it is: in this process, behind a socket, far away. */
import type { Envelope, Failure } from "../protocol/events.ts";
import type { ParamsOf, RequestName, ResultOf } from "../protocol/methods.ts";
import type { SessionView } from "../protocol/view.ts";

export interface Link {
  /** What the server found wrong with the configuration, for people: `file:line:column: what`. */
  problems: readonly { level: "warning" | "error"; text: string }[];
  /** Rejects with a `TuttiError` where the server refuses. */
  call<K extends RequestName>(method: K, params: ParamsOf<K>): Promise<ResultOf<K>>;
  /** First the view as a `snapshot`, then every event after it; a later snapshot replaces what was missed. */
  watch(session: string, watcher: Watcher): Promise<void>;
  /** Resolves when the link is gone, with the reason where there is one. */
  closed: Promise<string | null>;
  close(): Promise<void>;
}

export interface Watcher {
  event(envelope: Envelope): void;
  snapshot(view: SessionView): void;
  /** A turn has stopped without an end that could be written. */
  lost?(why: Failure): void;
}
