/** A connection to the server through a line that the host of this page dials: the page itself can reach nothing. */
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageReader,
  type MessageWriter,
} from "vscode-jsonrpc/browser";
import type { ToHost, ToPage } from "../client/frame.ts";
import { TuttiError } from "../protocol/errors.ts";

/** The way to whatever the page stands in. */
export interface Host {
  tell(message: ToHost): void;
  /** Returns how to stop listening. */
  hear(listener: (message: ToPage) => void): () => void;
}

let lines = 0;

export async function dial(host: Host): Promise<{ reader: MessageReader; writer: MessageWriter }> {
  const line = ++lines;
  await new Promise<void>((resolve, reject) => {
    const stop = host.hear((message) => {
      if (!("line" in message) || message.line !== line) return;
      stop();
      if (message.type === "dialled") resolve();
      else reject(new TuttiError("failed", message.type === "hung" ? message.why : "The line is not free."));
    });
    host.tell({ type: "dial", line });
  });
  class Reader extends AbstractMessageReader {
    override listen(callback: DataCallback): Disposable {
      const stop = host.hear((message) => {
        if (!("line" in message) || message.line !== line) return;
        if (message.type === "message") callback(message.message as Message);
        else if (message.type === "hung") this.fireClose();
      });
      return { dispose: stop };
    }
  }
  class Writer extends AbstractMessageWriter implements MessageWriter {
    async write(message: Message): Promise<void> {
      host.tell({ type: "message", line, message });
    }
    end(): void {
      host.tell({ type: "hang", line });
    }
  }
  return { reader: new Reader(), writer: new Writer() };
}
