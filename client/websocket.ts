/** A connection over WebSocket, one message a frame: the same in Node and in a browser. */
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageReader,
  type MessageWriter,
} from "vscode-jsonrpc";
import { TuttiError } from "../protocol/errors.ts";

/** Subprotocol names: Tutti's own, and the prefix of the one that carries the token, because browsers cannot send headers. */
export const SUBPROTOCOL = "tutti.1";
export const TOKEN_PREFIX = "tutti.token.";

/** Rejects if the server rejects the connection. A WebSocket client does not learn the reason. */
export async function openWebSocket(
  url: string,
  token: string,
): Promise<{ reader: MessageReader; writer: MessageWriter }> {
  const socket = new WebSocket(url, [SUBPROTOCOL, `${TOKEN_PREFIX}${token}`]);
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve(), { once: true });
    socket.addEventListener("error", () => reject(connectionRejected(url)), { once: true });
  });
  class Reader extends AbstractMessageReader {
    override listen(callback: DataCallback): Disposable {
      socket.addEventListener("message", ({ data }) => {
        try {
          callback(JSON.parse(String(data)) as Message);
        } catch (error) {
          this.fireError(error);
        }
      });
      socket.addEventListener("close", () => this.fireClose());
      return { dispose: () => socket.close() };
    }
  }
  class Writer extends AbstractMessageWriter implements MessageWriter {
    async write(message: Message): Promise<void> {
      socket.send(JSON.stringify(message));
    }
    end(): void {
      socket.close();
    }
  }
  return { reader: new Reader(), writer: new Writer() };
}

const connectionRejected = (url: string): TuttiError =>
  new TuttiError(
    "failed",
    `The server at ${url} rejected the connection. Check that it is running, that the token file is the one it wrote, and that it allows this host name.`,
  );
