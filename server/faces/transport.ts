/**
 * A wire as the reader and writer that vscode-jsonrpc wants. What is not a message is answered here; no more than 256 requests are
 * under way, and nobody who does not read his answers is read from.
 */
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  type DataCallback,
  type Disposable,
  Message,
  type MessageReader,
  type MessageWriter,
} from "vscode-jsonrpc";
import { checkMessage, invalidRequest, type RpcFault } from "./message.ts";
import type { Wire } from "./wire.ts";

const MAX_IN_FLIGHT = 256;
export const MAX_BACKLOG = 1024 * 1024;

export function transportOf(wire: Wire): { reader: MessageReader; writer: MessageWriter } {
  /** Ids of requests whose answer has not left yet; true once a cancellation was handed on. */
  const inFlight = new Map<string | number, boolean>();
  const waiting: Uint8Array[] = [];
  let take: DataCallback = () => undefined;

  const refuse = (id: string | number | null, { code, message }: RpcFault): void =>
    wire.send(JSON.stringify({ jsonrpc: "2.0", id, error: { code, message } }), drain);
  const full = (): boolean => inFlight.size >= MAX_IN_FLIGHT || wire.backlog() > MAX_BACKLOG;

  const one = (bytes: Uint8Array): void => {
    const checked = checkMessage(bytes);
    if (!checked.ok) {
      refuse(checked.id, checked.fault);
      return;
    }
    const { message } = checked;
    if (Message.isRequest(message)) {
      const { id } = message;
      if (id === null) refuse(null, invalidRequest('"id" must be a string or a number.'));
      else if (inFlight.has(id)) refuse(id, invalidRequest("A request with this id is under way already."));
      else {
        inFlight.set(id, false);
        take(message);
      }
    } else if (Message.isNotification(message) && message.method === "$/cancelRequest") {
      const id = (message.params as { id?: unknown } | undefined)?.id;
      if ((typeof id !== "string" && typeof id !== "number") || inFlight.get(id) !== false) return;
      inFlight.set(id, true);
      take(message);
    }
    // Other notifications, and answers to what was never asked, mean nothing to a server.
  };
  let draining = false;
  function drain(): void {
    if (draining) return;
    draining = true;
    while (waiting.length > 0 && !full()) one(waiting.shift() as Uint8Array);
    draining = false;
    if (waiting.length === 0 && !full()) wire.resume();
  }

  class Reader extends AbstractMessageReader {
    override listen(callback: DataCallback): Disposable {
      take = callback;
      // What fills the wire may be events, and no answer follows them.
      wire.onFlushed(drain);
      wire.listen({
        message(bytes) {
          if (waiting.length === 0 && !full()) one(bytes);
          else waiting.push(bytes);
          if (full()) wire.pause();
        },
        broken: (fault) => refuse(null, fault),
      });
      void wire.closed.then(() => this.fireClose());
      return { dispose: () => wire.close() };
    }
  }
  class Writer extends AbstractMessageWriter implements MessageWriter {
    write(message: Message): Promise<void> {
      const id = Message.isResponse(message) ? message.id : null;
      return new Promise((resolve) => {
        wire.send(JSON.stringify(message), () => {
          if (id !== null) inFlight.delete(id);
          drain();
          resolve();
        });
      });
    }
    end(): void {
      wire.close();
    }
  }
  return { reader: new Reader(), writer: new Writer() };
}
