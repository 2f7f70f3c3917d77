/**
 * A transport as the reader and writer of vscode-jsonrpc. Invalid messages are answered here. At most 256 requests run at a time, and
 * a client that does not read its responses is not read from.
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
import { checkMessage, invalidRequest, type RpcFault } from "./message-check.ts";
import { encodeMessage } from "./shared-results.ts";
import type { Transport } from "./transport.ts";

const MAX_IN_FLIGHT = 256;
export const MAX_BACKLOG = 1024 * 1024;

export function createJsonRpcStreams(transport: Transport): { reader: MessageReader; writer: MessageWriter } {
  /** Ids of requests whose response was not sent yet; true once a cancellation was passed on. */
  const inFlight = new Map<string | number, boolean>();
  const waiting: Uint8Array[] = [];
  let deliver: DataCallback = () => undefined;

  const refuse = (id: string | number | null, { code, message }: RpcFault): void =>
    transport.send(JSON.stringify({ jsonrpc: "2.0", id, error: { code, message } }), drain);
  const full = (): boolean => inFlight.size >= MAX_IN_FLIGHT || transport.backlog() > MAX_BACKLOG;

  const handle = (bytes: Uint8Array): void => {
    const checked = checkMessage(bytes);
    if (!checked.ok) {
      refuse(checked.id, checked.fault);
      return;
    }
    const { message } = checked;
    if (Message.isRequest(message)) {
      const { id } = message;
      if (id === null) refuse(null, invalidRequest('"id" must be a string or a number.'));
      else if (inFlight.has(id)) refuse(id, invalidRequest("A request with this id is running already."));
      else {
        inFlight.set(id, false);
        deliver(message);
      }
    } else if (Message.isNotification(message) && message.method === "$/cancelRequest") {
      const id = (message.params as { id?: unknown } | undefined)?.id;
      if ((typeof id !== "string" && typeof id !== "number") || inFlight.get(id) !== false) return;
      inFlight.set(id, true);
      deliver(message);
    }
    // Other notifications, and responses to requests that were never sent, are ignored.
  };
  let draining = false;
  function drain(): void {
    if (draining) return;
    draining = true;
    while (waiting.length > 0 && !full()) handle(waiting.shift() as Uint8Array);
    draining = false;
    if (waiting.length === 0 && !full()) transport.resume();
  }

  const listen = (callback: DataCallback): void => {
    deliver = callback;
    // The backlog may consist of events, which no response follows.
    transport.onFlushed(drain);
    transport.listen({
      message(bytes) {
        if (waiting.length === 0 && !full()) handle(bytes);
        else waiting.push(bytes);
        if (full()) transport.pause();
      },
      protocolError: (fault) => refuse(null, fault),
    });
  };
  const write = (message: Message): Promise<void> => {
    const id = Message.isResponse(message) ? message.id : null;
    return new Promise((resolve) => {
      transport.send(encodeMessage(message), () => {
        if (id !== null) inFlight.delete(id);
        drain();
        resolve();
      });
    });
  };
  return { reader: new Reader(transport, listen), writer: new Writer(transport, write) };
}

class Reader extends AbstractMessageReader {
  private readonly transport: Transport;
  private readonly start: (callback: DataCallback) => void;
  constructor(transport: Transport, start: (callback: DataCallback) => void) {
    super();
    this.transport = transport;
    this.start = start;
  }
  override listen(callback: DataCallback): Disposable {
    this.start(callback);
    void this.transport.closed.then(() => this.fireClose());
    return { dispose: () => this.transport.close() };
  }
}

class Writer extends AbstractMessageWriter implements MessageWriter {
  private readonly transport: Transport;
  readonly write: (message: Message) => Promise<void>;
  constructor(transport: Transport, write: (message: Message) => Promise<void>) {
    super();
    this.transport = transport;
    this.write = write;
  }
  end(): void {
    this.transport.close();
  }
}
