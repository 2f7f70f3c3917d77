/** Passes everything between a hub and its clients on, and keeps all of it: what someone on the hub's machine or its network sees. */
import { once } from "node:events";
import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import { HUB_PROTOCOL } from "../../protocol/share/hub-messages.ts";

export interface Wiretap {
  url: string;
  /** Every message, unmasked, and every request line with its headers. */
  seen(): Buffer;
  close(): Promise<void>;
}

export async function openWiretap(hub: string): Promise<Wiretap> {
  const seen: Buffer[] = [];
  const keep = (data: WebSocket.RawData | string): void => void seen.push(Buffer.from(data as Buffer));
  const noteRequest = ({ method, url, rawHeaders }: IncomingMessage): void =>
    keep(`${method} ${url}\n${rawHeaders.join("\n")}\n`);
  const server = createServer((incoming, response) => {
    noteRequest(incoming);
    const onward = request(
      `${hub}${incoming.url}`,
      { method: incoming.method, headers: incoming.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    incoming.pipe(onward);
  });
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => HUB_PROTOCOL });
  server.on("upgrade", (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
    noteRequest(incoming);
    const onward = new WebSocket(`${hub.replace(/^http/, "ws")}${incoming.url}`, HUB_PROTOCOL);
    onward.once("error", () => socket.destroy());
    onward.once("open", () =>
      sockets.handleUpgrade(incoming, socket, head, (client) => {
        for (const [from, to] of [
          [client, onward],
          [onward, client],
        ] as const) {
          from.on("message", (data, isBinary) => {
            keep(data);
            to.send(data, { binary: isBinary });
          });
          from.on("close", () => to.close());
          from.on("error", () => to.terminate());
        }
      }),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: () => Buffer.concat(seen),
    async close() {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
