/** How a screen reaches a server, wherever it is: in this process, behind a socket, far away. */
import type { DocumentWanted } from "../protocol/document-methods.ts";
import type { Envelope, Failure } from "../protocol/events.ts";
import type { Participant } from "../protocol/method.ts";
import type { ParamsOf, RequestName, ResultOf } from "../protocol/methods.ts";
import type { SessionView } from "../protocol/view.ts";

export interface Link {
  /** What the server found wrong with the configuration, for people: `file:line:column: what`. */
  problems: readonly { level: "warning" | "error"; text: string }[];
  /** Rejects with a `TuttiError` where the server refuses. `given` gives it up: the server is told, and rejects it. */
  call<K extends RequestName>(method: K, params: ParamsOf<K>, given?: AbortSignal): Promise<ResultOf<K>>;
  /**
   * First the view as a `snapshot`, then every event after it; a later snapshot replaces what was missed. With `parts` the views of a
   * server elsewhere hold only the last so many; `session/parts` has the others.
   */
  watch(session: string, watcher: Watcher, parts?: number): Promise<void>;
  /** Told each time the server took up a changed configuration; not there where none is taken up while it runs. */
  configured?(listener: () => void): void;
  /** Told of each file whose text is wanted of this client, which held it by `documents/hold`; never in one process. */
  wanted?(listener: (wanted: DocumentWanted) => void): void;
  /** Resolves when the link is gone, with the reason where there is one. */
  closed: Promise<string | null>;
  close(): Promise<void>;
}

export interface Watcher {
  event(envelope: Envelope): void;
  snapshot(view: SessionView): void;
  /** A turn has stopped without an end that could be written. */
  lost?(why: Failure): void;
  /** Who watches this session, oneself too: after the first view, and whenever somebody came or went. Never in one process. */
  present?(participants: readonly Participant[]): void;
}
