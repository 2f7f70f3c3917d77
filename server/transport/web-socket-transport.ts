/** A WebSocket as a transport: one message in each text frame. */
import type { WebSocket } from "ws";
import { MAX_BACKLOG } from "./json-rpc-streams.ts";
import type { Transport } from "./transport.ts";

const GOING_AWAY = 1001;
const NOT_TEXT = 1003;
const CLOSE_MS = 1000;
const AS_TEXT = { binary: false };

export function createWebSocketTransport(socket: WebSocket): Transport {
  const closed = new Promise<void>((resolve) => {
    socket.once("close", () => resolve());
  });
  // After an error, ws closes by itself with the matching code.
  socket.on("error", () => undefined);
  socket.on("ping", (data: Buffer) => {
    if (socket.bufferedAmount < MAX_BACKLOG) socket.pong(data);
  });
  const end = (code: number): void => {
    socket.close(code);
    const force = setTimeout(() => socket.terminate(), CLOSE_MS);
    void closed.then(() => clearTimeout(force));
  };
  const listeners: (() => void)[] = [];
  return {
    listen({ message, protocolError }) {
      socket.on("message", (data: Buffer, isBinary: boolean) => {
        if (!isBinary) message(data);
        else {
          protocolError({ code: -32600, message: "Messages must be text, not binary." });
          end(NOT_TEXT);
        }
      });
    },
    send(message, flushed) {
      const sent = (): void => {
        flushed?.();
        for (const listener of listeners) listener();
      };
      if (socket.readyState === socket.OPEN) socket.send(message, AS_TEXT, sent);
      else flushed?.();
    },
    onFlushed: (listener) => void listeners.push(listener),
    backlog: () => socket.bufferedAmount,
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close: () => end(GOING_AWAY),
    closed,
  };
}
