/** Opens connections to the server for the web page and relays their messages unchanged. Reports when a connection ends. */

import type { Socket } from "node:net";
import { type Message, SocketMessageReader, SocketMessageWriter } from "vscode-jsonrpc/node";
import { dialLocal, type LocalServer } from "../client/local.ts";
import type { MessageToHost, MessageToPage } from "../client/webview-messages.ts";
import { describeError } from "../protocol/errors.ts";

export interface ConnectionRelay {
  /** Returns true if the message was about a connection. */
  handle(message: MessageToHost): boolean;
  close(): void;
}

export function openRelay(
  local: (mayStart: boolean) => Promise<LocalServer>,
  post: (message: MessageToPage) => void,
): ConnectionRelay {
  const sockets = new Map<number, { socket: Socket; write(message: Message): void }>();
  /** Connections that the page wants; it may give one up while it is still being made. */
  const requested = new Set<number>();
  const connect = async (connection: number, mayStart: boolean): Promise<void> => {
    requested.add(connection);
    try {
      const socket = await dialLocal(await local(mayStart));
      if (!requested.has(connection)) {
        socket.destroy();
        return;
      }
      const writer = new SocketMessageWriter(socket);
      sockets.set(connection, { socket, write: (message) => void writer.write(message).catch(() => undefined) });
      new SocketMessageReader(socket).listen((message) => post({ type: "message", connection, message }));
      socket.on("error", () => socket.destroy());
      socket.once("close", () => {
        if (sockets.delete(connection)) post({ type: "disconnected", connection, reason: "the connection ended" });
      });
      post({ type: "connected", connection });
    } catch (error) {
      post({ type: "disconnected", connection, reason: describeError(error) });
    }
  };
  return {
    handle(message) {
      if (message.type === "connect") void connect(message.connection, message.mayStart);
      else if (message.type === "message") sockets.get(message.connection)?.write(message.message as Message);
      else if (message.type === "disconnect") {
        requested.delete(message.connection);
        sockets.get(message.connection)?.socket.end();
      } else return false;
      return true;
    },
    close() {
      requested.clear();
      for (const [connection, { socket }] of [...sockets]) {
        sockets.delete(connection);
        socket.destroy();
      }
    },
  };
}
