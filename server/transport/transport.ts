/** Carries whole messages as bytes, in both directions. Here: over streams (sockets, standard input and output). */
import type { Readable, Writable } from "node:stream";
import { frame, frameHeader, readFrames } from "./framing.ts";
import { invalidRequest, type RpcFault } from "./message-check.ts";

export interface Transport {
  /** Called once. `broken`: the other side does not speak the protocol; the wire closes itself after the fault was sent. */
  listen(handlers: { message(bytes: Uint8Array): void; protocolError(fault: RpcFault): void }): void;
  /**
   * Bytes are UTF-8; they can be shared with other transports, so they must not change any more. `flushed` is called when they have left
   * this process, or the transport is closed.
   */
  send(message: string | Uint8Array, flushed?: () => void): void;
  /** Calls the listener whenever bytes have left. */
  onFlushed(listener: () => void): void;
  /** Bytes that wait to be sent. */
  backlog(): number;
  pause(): void;
  resume(): void;
  /** Closes after everything was sent. */
  close(): void;
  closed: Promise<void>;
}

const HEADER_MS = 10_000;
const CLOSE_MS = 1000;

/** `output` may be the same stream as `input`. */
export function createStreamTransport(input: Readable, output: Writable, headerMs = HEADER_MS): Transport {
  let timer: NodeJS.Timeout | undefined;
  let done = false;
  /** Limits the time of an incomplete header; while this side does not read, the time does not run. */
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
      // An error is followed by "close"; without a listener, it would end the process.
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
    listen({ message, protocolError }) {
      let failed = false;
      const fail = (fault: RpcFault): void => {
        if (failed) return;
        failed = true;
        clearTimeout(timer);
        protocolError(fault);
        close();
      };
      const frames = readFrames(message, fail);
      input.on("data", (piece: Uint8Array) => {
        if (failed) return;
        frames.take(piece);
        watchHeader();
      });
      watchHeader = () => {
        if (!failed && frames.inHeader() && !input.isPaused()) {
          const late = (): void => fail(invalidRequest("The header of a message was not completed in time."));
          timer ??= setTimeout(late, headerMs);
          return;
        }
        clearTimeout(timer);
        timer = undefined;
      };
    },
    send(message, flushed) {
      if (done || output.writableEnded) {
        flushed?.();
        return;
      }
      const sent = (): void => {
        flushed?.();
        for (const listener of listeners) listener();
      };
      if (typeof message === "string") output.write(frame(message), sent);
      else {
        output.cork();
        output.write(frameHeader(message.length));
        output.write(message, sent);
        output.uncork();
      }
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
