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

/** Names of the subprotocols: ours, and the one whose rest is the token, as browsers can send no header. */
export const SUBPROTOCOL = "tutti.1";
export const TOKEN_PREFIX = "tutti.token.";

/** Rejects where the server does not take the connection; a browser's WebSocket does not learn why. */
export async function openWebSocket(
  url: string,
  token: string,
): Promise<{ reader: MessageReader; writer: MessageWriter }> {
  const socket = new WebSocket(url, [SUBPROTOCOL, `${TOKEN_PREFIX}${token}`]);
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve(), { once: true });
    socket.addEventListener("error", () => reject(notTaken(url)), { once: true });
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

const notTaken = (url: string): TuttiError =>
  new TuttiError(
    "failed",
    `The server at ${url} did not take the connection; see that it runs, that the token file is the one it wrote, and that it lets this host name in.`,
  );
