/** A connection to a hub, for the owner's server and for guests: the same in Node and in a browser. */
import { describeError, TuttiError } from "../protocol/errors.ts";
import {
  decodeHubMessage,
  encodeHubMessage,
  type GuestMessage,
  HUB_PROTOCOL,
  type HubErrorCode,
  type PublisherMessage,
  parseToGuest,
  parseToPublisher,
  type ToGuest,
  type ToPublisher,
} from "../protocol/share/hub-messages.ts";

export interface HubConnection<Sent> {
  send(header: Sent, body?: Uint8Array): void;
  /** Bytes that were not sent yet. */
  backlog(): number;
  close(): void;
}

export interface HubEvents<Received> {
  /** Messages arrive here one after the other: the next one waits for the promise. */
  message(header: Received, body: Uint8Array): Promise<void> | void;
  /** Called once. `error`: what the hub reported, or null. */
  closed(error: HubError | null): void;
}

export interface HubError {
  code: HubErrorCode;
  message: string;
}

/** `hub`: its origin. Rejects if there is no hub at this address. */
export const openPublisherConnection = (
  hub: string,
  events: HubEvents<ToPublisher>,
): Promise<HubConnection<PublisherMessage>> => openConnection(`${hub}/publish`, parseToPublisher, events);

/** `hub`: its origin. Rejects if there is no hub at this address. */
export const openGuestConnection = (hub: string, events: HubEvents<ToGuest>): Promise<HubConnection<GuestMessage>> =>
  openConnection(`${hub}/join`, parseToGuest, events);

async function openConnection<Received extends ToPublisher | ToGuest, Sent extends PublisherMessage | GuestMessage>(
  url: string,
  parse: (header: unknown) => Received | null,
  events: HubEvents<Received>,
): Promise<HubConnection<Sent>> {
  const socket = new WebSocket(url.replace(/^http/, "ws"), HUB_PROTOCOL);
  socket.binaryType = "arraybuffer";
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve(), { once: true });
    socket.addEventListener("error", () => reject(notReachable(new URL(url).origin)), { once: true });
  });
  let error: HubError | null = null;
  let work: Promise<void> = Promise.resolve();
  socket.addEventListener("message", ({ data }) => {
    const decoded = data instanceof ArrayBuffer ? decodeHubMessage(parse, new Uint8Array(data)) : null;
    // A newer hub may send more: what is not known is left out.
    if (decoded === null) return;
    const { header, body } = decoded;
    if (header.type === "error") {
      error = { code: header.code, message: header.message };
      return;
    }
    work = work
      .then(() => events.message(header, body))
      .catch((failure: unknown) => {
        error ??= { code: "invalid", message: describeError(failure) };
        socket.close();
      });
  });
  socket.addEventListener("close", () => void work.then(() => events.closed(error)));
  return {
    send(header, body) {
      if (socket.readyState === socket.OPEN) socket.send(encodeHubMessage(header, body));
    },
    backlog: () => socket.bufferedAmount,
    close: () => socket.close(),
  };
}

const notReachable = (hub: string): TuttiError =>
  new TuttiError(
    "failed",
    `There is no hub at ${hub}, or it cannot be reached from here. Check the address, and that the hub runs (${hub}/healthz).`,
  );
