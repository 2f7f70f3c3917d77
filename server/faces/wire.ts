/** Where whole messages come in and go out as bytes, whatever carries them; and the streams (sockets, stdio) as one such wire. */
import type { Readable, Writable } from "node:stream";
import { frame, readFrames } from "./framing.ts";
import { invalidRequest, type RpcFault } from "./message.ts";

export interface Wire {
  /** Called once. `broken`: the other side does not speak the protocol; the wire closes itself after the fault was sent. */
  listen(take: { message(bytes: Uint8Array): void; broken(fault: RpcFault): void }): void;
  /** `flushed` is called when the bytes have left this process, or the wire is closed. */
  send(text: string, flushed?: () => void): void;
  /** Called whenever something has left. */
  onFlushed(listener: () => void): void;
  /** Bytes that wait to leave. */
  backlog(): number;
  pause(): void;
  resume(): void;
  /** Ends after what was sent. */
  close(): void;
  closed: Promise<void>;
}

const HEADER_MS = 10_000;
const CLOSE_MS = 1000;

/** `output` may be the same stream as `input`. */
export function streamWire(input: Readable, output: Writable, headerMs = HEADER_MS): Wire {
  let timer: NodeJS.Timeout | undefined;
  let done = false;
  /** Gives a header that has begun its time to end; while this side does not read, that time stands still. */
  let watchHeader = (): void => undefined;
  const listeners: (() => void)[] = [];
  const closed = new Promise<void>((resolve) => {
    const end = (): void => {
      done = true;
      clearTimeout(timer);
      resolve();
    };
    for (const stream of new Set([input, output])) {
      stream.once("close", end);
      // An error is followed by "close"; without a listener it would end the process.
      stream.on("error", end);
    }
    input.once("end", () => {
      if (input !== (output as unknown)) end();
    });
  });
  const close = (): void => {
    if (done) return;
    output.end();
    input.resume();
    const force = setTimeout(() => {
      input.destroy();
      output.destroy();
    }, CLOSE_MS);
    void closed.then(() => clearTimeout(force));
  };
  return {
    listen({ message, broken }) {
      let dead = false;
      const fail = (fault: RpcFault): void => {
        if (dead) return;
        dead = true;
        clearTimeout(timer);
        broken(fault);
        close();
      };
      const frames = readFrames(message, fail);
      input.on("data", (piece: Uint8Array) => {
        if (dead) return;
        frames.take(piece);
        watchHeader();
      });
      watchHeader = () => {
        if (!dead && frames.inHeader() && !input.isPaused()) {
          const late = (): void => fail(invalidRequest("The header of a message did not come to its end."));
          timer ??= setTimeout(late, headerMs);
          return;
        }
        clearTimeout(timer);
        timer = undefined;
      };
    },
    send(text, flushed) {
      if (done || output.writableEnded) flushed?.();
      else
        output.write(frame(text), () => {
          flushed?.();
          for (const listener of listeners) listener();
        });
    },
    onFlushed: (listener) => void listeners.push(listener),
    backlog: () => output.writableLength,
    pause() {
      input.pause();
      watchHeader();
    },
    resume() {
      input.resume();
      watchHeader();
    },
    close,
    closed,
  };
}
