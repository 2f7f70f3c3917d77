/** Opens connections for the web page, which cannot open any, and relays their messages unchanged. Reports when a connection ends. */
import type { Message, MessageReader, MessageWriter } from "vscode-jsonrpc";
import { SocketMessageReader, SocketMessageWriter } from "vscode-jsonrpc/node";
import { dialLocal, type LocalServer } from "../client/local.ts";
import type { MessageToHost, MessageToPage } from "../client/webview-messages.ts";
import { describeError } from "../protocol/errors.ts";

export interface ConnectionRelay {
  /** Returns true if the message was about a connection. */
  handle(message: MessageToHost): boolean;
  close(): void;
}

/** `mayStart`: a server may be started if none is running. */
export type Dial = (mayStart: boolean) => Promise<{ reader: MessageReader; writer: MessageWriter }>;

/** Connects to the local server. */
export const createLocalDial =
  (local: (mayStart: boolean) => Promise<LocalServer>): Dial =>
  async (mayStart) => {
    const socket = await dialLocal(await local(mayStart));
    socket.on("error", () => socket.destroy());
    return { reader: new SocketMessageReader(socket), writer: new SocketMessageWriter(socket) };
  };

export function openRelay(dial: Dial, post: (message: MessageToPage) => void): ConnectionRelay {
  const writers = new Map<number, MessageWriter>();
  /** Connections that the page wants; it may give one up while it is still being made. */
  const requested = new Set<number>();
  const connect = async (connection: number, mayStart: boolean): Promise<void> => {
    requested.add(connection);
    try {
      const { reader, writer } = await dial(mayStart);
      if (!requested.has(connection)) return writer.end();
      writers.set(connection, writer);
      let reason = "the connection ended";
      reader.onError((error) => {
        reason = describeError(error);
      });
      reader.onClose(() => {
        if (writers.delete(connection)) post({ type: "disconnected", connection, reason });
      });
      post({ type: "connected", connection });
      reader.listen((message) => post({ type: "message", connection, message }));
    } catch (error) {
      post({ type: "disconnected", connection, reason: describeError(error) });
    }
  };
  return {
    handle(message) {
      if (message.type === "connect") void connect(message.connection, message.mayStart);
      else if (message.type === "message")
        writers
          .get(message.connection)
          ?.write(message.message as Message)
          .catch(() => undefined);
      else if (message.type === "disconnect") {
        requested.delete(message.connection);
        writers.get(message.connection)?.end();
      } else return false;
      return true;
    },
    close() {
      requested.clear();
      for (const [connection, writer] of [...writers]) {
        writers.delete(connection);
        writer.end();
      }
    },
  };
}
