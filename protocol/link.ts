/** How a client reaches a server, wherever the server is: in this process, on this machine, or elsewhere. */
import type { DocumentRequest } from "./document-methods.ts";
import type { Envelope, Failure } from "./events.ts";
import type { ParamsOf, RequestName, ResultOf } from "./methods.ts";
import type { ParticipantList } from "./participants.ts";
import type { SessionView } from "./view.ts";

export interface Link {
  /** What the server found wrong with the configuration: `file:line:column: message`. */
  problems: readonly { level: "warning" | "error"; text: string }[];
  /** The id of this client in lists of participants; absent in one process, and from older servers. */
  participant?: string;
  /** Rejects with a `TuttiError` where the server refuses. Aborting the signal cancels the request on the server, which rejects it. */
  call<K extends RequestName>(method: K, params: ParamsOf<K>, signal?: AbortSignal): Promise<ResultOf<K>>;
  /**
   * First the view as a `snapshot`, then every event after it; a later snapshot replaces what was missed. With `parts` the views of a
   * remote server hold only the last so many parts; `session/parts` reads the others.
   */
  watch(session: string, watcher: SessionWatcher, parts?: number): Promise<void>;
  /** Calls the listener each time the server applies a changed configuration; absent where it never does while it runs. */
  onConfigChanged?(listener: () => void): void;
  /** Calls the listener for each file that this client claimed by `document/claim` and the server needs; absent in one process. */
  onDocumentRequest?(listener: (request: DocumentRequest) => void): void;
  /** Resolves when the link has closed, with the reason where there is one. */
  closed: Promise<string | null>;
  /** True once the server has announced that it ends on request: it must not be started again until the user acts. */
  isStopped?(): boolean;
  close(): Promise<void>;
}

export interface SessionWatcher {
  event(envelope: Envelope): void;
  snapshot(view: SessionView): void;
  /** A turn has stopped without an end that could be written. */
  failed?(failure: Failure): void;
  /** Who watches this session, this client included: after the first view, and after each change. Never in one process. */
  participantsChanged?(participants: ParticipantList): void;
}
