/** A WebSocket as a wire: one message a text frame. */
import type { WebSocket } from "ws";
import { MAX_BACKLOG } from "./transport.ts";
import type { Wire } from "./wire.ts";

const GOING_AWAY = 1001;
const NOT_TEXT = 1003;
const CLOSE_MS = 1000;

export function webSocketWire(socket: WebSocket): Wire {
  const closed = new Promise<void>((resolve) => {
    socket.once("close", () => resolve());
  });
  // ws closes by itself after an error, with the code that says which.
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
    listen({ message, broken }) {
      socket.on("message", (data: Buffer, isBinary: boolean) => {
        if (!isBinary) message(data);
        else {
          broken({ code: -32600, message: "Messages are text, not binary." });
          end(NOT_TEXT);
        }
      });
    },
    send(text, flushed) {
      const left = (): void => {
        flushed?.();
        for (const listener of listeners) listener();
      };
      if (socket.readyState === socket.OPEN) socket.send(text, left);
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
