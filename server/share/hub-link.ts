/** Connects an owner's server to a hub, and again when the connection was lost, except after an error that would come again. */
import { type HubConnection, type HubError, openPublisherConnection } from "../../client/hub-connection.ts";
import { describeError } from "../../protocol/errors.ts";
import type { PublisherMessage, ToPublisher } from "../../protocol/share/hub-messages.ts";
import type { ShareRecord } from "./share-record.ts";

export interface HubLinkState {
  state: "connecting" | "connected" | "failed";
  /** A sentence; empty while connected. */
  problem: string;
}

const RETRY_MS = [200, 500, 1_000, 2_000, 5_000, 10_000];
/** Errors that would come again. */
const permanent: ReadonlySet<string> = new Set(["denied", "ended", "fenced", "quota", "invalid", "version"]);

export interface HubLink {
  state(): HubLinkState;
  /** Does nothing while there is no connection. */
  send(header: PublisherMessage, body?: Uint8Array): void;
  backlog(): number;
  /** The hub has accepted this publisher. */
  succeeded(): void;
  /** Gives up. */
  fail(problem: string): void;
  close(): void;
}

interface HubLinkEvents {
  receive(header: ToPublisher, body: Uint8Array): Promise<void>;
  /** `isFinal`: it does not connect again. */
  lost(error: HubError | null, isFinal: boolean): void;
  stateChanged(): void;
}

export function keepConnected({ hub, share, token }: ShareRecord, events: HubLinkEvents): HubLink {
  let state: HubLinkState = { state: "connecting", problem: "" };
  let connection: HubConnection<PublisherMessage> | null = null;
  let retry: NodeJS.Timeout | undefined;
  let attempts = 0;
  let isClosed = false;
  const setState = (next: HubLinkState): void => {
    state = next;
    events.stateChanged();
  };
  const disconnected = (error: HubError | null): void => {
    connection = null;
    if (isClosed) return;
    const isFinal = state.state === "failed" || (error !== null && permanent.has(error.code));
    if (isFinal && error) setState({ state: "failed", problem: error.message });
    events.lost(error, isFinal);
    if (!isFinal) tryAgain(error?.message ?? "The connection to the hub was lost.");
  };
  const tryAgain = (problem: string): void => {
    setState({ state: "connecting", problem });
    const wait = RETRY_MS[Math.min(attempts, RETRY_MS.length - 1)] ?? 0;
    attempts += 1;
    retry = setTimeout(connect, wait).unref();
  };
  const connect = async (): Promise<void> => {
    try {
      const opened = await openPublisherConnection(hub, { message: events.receive, closed: disconnected });
      if (isClosed) return opened.close();
      connection = opened;
      opened.send({ type: "publish", share, token });
    } catch (error) {
      if (!isClosed) tryAgain(describeError(error));
    }
  };
  void connect();
  return {
    state: () => state,
    send: (header, body) => connection?.send(header, body),
    backlog: () => connection?.backlog() ?? 0,
    succeeded() {
      attempts = 0;
      setState({ state: "connected", problem: "" });
    },
    fail(problem) {
      setState({ state: "failed", problem });
      connection?.close();
    },
    close() {
      isClosed = true;
      clearTimeout(retry);
      connection?.close();
    },
  };
}
