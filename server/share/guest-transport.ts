/** The JSON-RPC connection of a guest: its messages are sealed and go through the hub. */
import { describeError } from "../../protocol/errors.ts";
import type { Transport } from "../transport/transport.ts";

export interface GuestTransport extends Transport {
  /** A message of the guest has arrived. */
  receive(text: string): void;
  /** The guest has left. */
  ended(): void;
}

export interface GuestTransportDeps {
  /** Seals and sends. */
  send(text: string): Promise<void>;
  backlog(): number;
  close(): void;
  report(problem: string): void;
}

export function createGuestTransport({ send, backlog, close, report }: GuestTransportDeps): GuestTransport {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const listeners: (() => void)[] = [];
  let sending: Promise<void> = Promise.resolve();
  let receive: (text: string) => void = () => undefined;
  return {
    listen({ message }) {
      receive = (text) => message(Buffer.from(text));
    },
    send(message, flushed) {
      const text = typeof message === "string" ? message : Buffer.from(message).toString();
      sending = sending
        .then(() => send(text))
        .catch((error) => report(`a response to a guest could not be sealed: ${describeError(error)}`))
        .then(() => {
          flushed?.();
          for (const listener of listeners) listener();
        });
    },
    onFlushed: (listener) => void listeners.push(listener),
    backlog,
    // The hub limits how much a guest sends.
    pause: () => undefined,
    resume: () => undefined,
    close,
    closed,
    receive: (text) => receive(text),
    ended: resolve,
  };
}
