/** Lines that a page dials to the server: each message is carried as it is, and a line that ends says so. */
import type { Socket } from "node:net";
import { type Message, SocketMessageReader, SocketMessageWriter } from "vscode-jsonrpc/node";
import type { ToHost, ToPage } from "../client/frame.ts";
import { type LocalServer, reachLocal } from "../client/local.ts";
import { sentence } from "../client/words.ts";

export interface Relay {
  /** True where the message belonged to a line. */
  take(message: ToHost): boolean;
  close(): void;
}

export function openRelay(local: () => Promise<LocalServer>, tell: (message: ToPage) => void): Relay {
  const lines = new Map<number, { socket: Socket; write(message: Message): void }>();
  const dial = async (line: number): Promise<void> => {
    try {
      const socket = await reachLocal(await local());
      const writer = new SocketMessageWriter(socket);
      lines.set(line, { socket, write: (message) => void writer.write(message).catch(() => undefined) });
      new SocketMessageReader(socket).listen((message) => tell({ type: "message", line, message }));
      socket.on("error", () => socket.destroy());
      socket.once("close", () => {
        if (lines.delete(line)) tell({ type: "hung", line, why: "the connection ended" });
      });
      tell({ type: "dialled", line });
    } catch (error) {
      tell({ type: "hung", line, why: sentence(error) });
    }
  };
  return {
    take(message) {
      if (message.type === "dial") void dial(message.line);
      else if (message.type === "message") lines.get(message.line)?.write(message.message as Message);
      else if (message.type === "hang") lines.get(message.line)?.socket.end();
      else return false;
      return true;
    },
    close() {
      for (const [line, { socket }] of [...lines]) {
        lines.delete(line);
        socket.destroy();
      }
    },
  };
}
