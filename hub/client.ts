/** A client of the hub, over WebSocket. */
import type { WebSocket } from "ws";
import {
  decodeHubMessage,
  encodeHubMessage,
  type HubErrorCode,
  type ToGuest,
  type ToPublisher,
} from "../protocol/share/hub-messages.ts";

export interface HubClient {
  send(header: ToPublisher | ToGuest, body?: Uint8Array): void;
  /** Sends an encoded message, the same bytes to many clients. */
  sendEncoded(message: Uint8Array): void;
  /** Bytes that the client has not taken yet. */
  backlog(): number;
  /** Sends the error, then closes. */
  fail(code: HubErrorCode, message: string): void;
  pause(): void;
  resume(): void;
}

const NORMAL = 1000;
const CLOSE_MS = 1000;

export interface ClientEvents<T> {
  message(header: T, body: Uint8Array): void;
  closed(): void;
  flushed(): void;
}

/** The first message must arrive within `handshakeMs`. */
export function serveClient<T>(
  socket: WebSocket,
  parse: (header: unknown) => T | null,
  handshakeMs: number,
  open: (client: HubClient) => ClientEvents<T>,
): void {
  let isClosing = false;
  const close = (): void => {
    isClosing = true;
    socket.close(NORMAL);
    setTimeout(() => socket.terminate(), CLOSE_MS).unref();
  };
  const sendEncoded = (message: Uint8Array): void => {
    if (isClosing || socket.readyState !== socket.OPEN) return;
    socket.send(message, () => events.flushed());
  };
  const client: HubClient = {
    send: (header, body) => sendEncoded(encodeHubMessage(header, body)),
    sendEncoded,
    backlog: () => socket.bufferedAmount,
    fail(code, message) {
      client.send({ type: "error", code, message });
      close();
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  };
  const events = open(client);
  const timer = setTimeout(() => client.fail("invalid", "The first message did not arrive in time."), handshakeMs);
  socket.on("message", (data: Buffer, isBinary: boolean) => {
    clearTimeout(timer);
    if (isClosing) return;
    const decoded = isBinary ? decodeHubMessage(parse, data) : null;
    if (decoded) events.message(decoded.header, decoded.body);
    else client.fail("version", "This hub does not know this message. Update the older of both.");
  });
  // After an error, ws closes by itself with the matching code.
  socket.on("error", () => undefined);
  socket.once("close", () => {
    clearTimeout(timer);
    events.closed();
  });
}
