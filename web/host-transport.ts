/** A JSON-RPC transport to the server through the host: the page itself cannot open connections. */
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageReader,
  type MessageWriter,
} from "vscode-jsonrpc/browser";
import type { MessageToHost, MessageToPage } from "../client/webview-messages.ts";
import { TuttiError } from "../protocol/errors.ts";

/** The environment that embeds the page, such as an editor. */
export interface Host {
  post(message: MessageToHost): void;
  /** Returns a function that removes the listener. */
  onMessage(listener: (message: MessageToPage) => void): () => void;
}

let connections = 0;

export async function openHostTransport(
  host: Host,
  mayStart: boolean,
): Promise<{ reader: MessageReader; writer: MessageWriter }> {
  const connection = ++connections;
  await new Promise<void>((resolve, reject) => {
    const stop = host.onMessage((message) => {
      if (!("connection" in message) || message.connection !== connection) return;
      stop();
      if (message.type === "connected") resolve();
      else reject(new TuttiError("failed", message.type === "disconnected" ? message.reason : "Connection rejected."));
    });
    host.post({ type: "connect", connection, mayStart });
  });
  class Reader extends AbstractMessageReader {
    override listen(callback: DataCallback): Disposable {
      const stop = host.onMessage((message) => {
        if (!("connection" in message) || message.connection !== connection) return;
        if (message.type === "message") callback(message.message as Message);
        else if (message.type === "disconnected") this.fireClose();
      });
      return { dispose: stop };
    }
  }
  class Writer extends AbstractMessageWriter implements MessageWriter {
    async write(message: Message): Promise<void> {
      host.post({ type: "message", connection, message });
    }
    end(): void {
      host.post({ type: "disconnect", connection });
    }
  }
  return { reader: new Reader(), writer: new Writer() };
}
