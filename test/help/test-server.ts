/** A real server with a socket in a folder of its own, and raw connections to it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer } from "../../server/main.ts";
import { createConnections } from "../../server/rpc/connections.ts";
import type { RpcCore } from "../../server/rpc/core.ts";
import type { Server } from "../../server/server.ts";
import { createLazyShares } from "../../server/share/lazy-shares.ts";
import { createLazyWebPages } from "../../server/transport/lazy-web-pages.ts";
import { listenOnLocalSocket } from "../../server/transport/local-socket.ts";
import { createStreamTransport, type Transport } from "../../server/transport/transport.ts";

export interface TestServer {
  folder: string;
  path: string;
  server: Server;
  reports: unknown[];
  /** Writes the user's configuration and reloads it. */
  configure(config: object): Promise<void>;
  take(transport: Transport): unknown;
  /** Ends it, and starts another one in the same folder. */
  restart(): Promise<TestServer>;
  close(): Promise<void>;
}

/** Uses `home` if given, and leaves it in place unless `isOwn`; otherwise a temporary folder. */
export async function startTestServer(
  headerMs?: number,
  home?: string,
  isOwn = home === undefined,
): Promise<TestServer> {
  const folder = home ?? mkdtempSync(join(tmpdir(), "tutti-served-"));
  const hub = createConnections("you");
  const env = { HOME: folder, PATH: process.env.PATH, TUTTI_DATA_DIR: join(folder, "data") };
  const server = await startServer({ cwd: folder, version: "test", env, project: false, canAnswer: hub.canAnswer });
  const reports: unknown[] = [];
  const report = (error: unknown) => reports.push(error);
  const shares = createLazyShares({
    dataDir: env.TUTTI_DATA_DIR,
    ownerName: "you",
    server,
    connections: hub,
    core: () => core,
    report,
  });
  const webPages = createLazyWebPages({
    dataDir: env.TUTTI_DATA_DIR,
    accept: (transport) => hub.accept(transport, core),
    report,
  });
  const core: RpcCore = hub.createCore(server, {
    version: "test",
    shareHandlers: shares.handlers,
    webHandlers: webPages.handlers,
    stop: () => undefined,
    report,
  });
  shares.resume();
  await webPages.resume();
  const path = join(folder, "run", "s.sock");
  const socket = await listenOnLocalSocket(path, (stream) =>
    hub.accept(createStreamTransport(stream, stream, headerMs), core),
  );
  const end = async (): Promise<void> => {
    const closed = socket.close();
    await shares.close();
    await webPages.close();
    await hub.closeAll();
    await closed;
    await server.close();
  };
  return {
    folder,
    path,
    server,
    reports,
    async configure(config) {
      mkdirSync(join(folder, ".config", "tutti"), { recursive: true });
      writeFileSync(join(folder, ".config", "tutti", "tutti.jsonc"), JSON.stringify(config));
      await server.reload();
    },
    take: (transport) => hub.accept(transport, core, "remote"),
    async restart() {
      await end();
      return startTestServer(headerMs, folder, isOwn);
    },
    async close() {
      await end();
      if (isOwn) rmSync(folder, { recursive: true, force: true });
    },
  };
}

type Json = Record<string, unknown>;

export interface RawConnection {
  socket: Socket;
  send(bytes: string | Uint8Array): void;
  request(id: number | string, method: string, params?: unknown): void;
  /** The next matching message; others are dropped. */
  next(fits?: (message: Json) => boolean): Promise<Json>;
  /** Every message until the other side closes. */
  rest(): Promise<Json[]>;
}

export const frameMessage = (text: string): string => `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
export const initializeParams = { protocol: 1, client: { name: "test", version: "0" } };

export async function connectRaw(path: string, initialize = true): Promise<RawConnection> {
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", () => resolve());
    socket.once("error", reject);
  });
  socket.on("error", () => socket.destroy());
  const messages: Json[] = [];
  let wake = (): void => undefined;
  let ended = false;
  let bytes = Buffer.alloc(0);
  socket.on("data", (piece) => {
    bytes = Buffer.concat([bytes, piece]);
    for (;;) {
      const end = bytes.indexOf("\r\n\r\n");
      const length = Number(/Content-Length: (\d+)/.exec(bytes.toString("latin1", 0, Math.max(end, 0)))?.[1]);
      if (end < 0 || bytes.length < end + 4 + length) break;
      messages.push(JSON.parse(bytes.toString("utf8", end + 4, end + 4 + length)) as Json);
      bytes = bytes.subarray(end + 4 + length);
    }
    wake();
  });
  socket.on("close", () => {
    ended = true;
    wake();
  });
  const changed = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });
  const one: RawConnection = {
    socket,
    send: (text) => void socket.write(text),
    request: (id, method, params) =>
      void socket.write(frameMessage(JSON.stringify({ jsonrpc: "2.0", id, method, params }))),
    async next(fits = () => true) {
      for (;;) {
        const message = messages.shift();
        if (message && fits(message)) return message;
        if (!message && ended) throw new Error("The connection was closed.");
        if (!message) await changed();
      }
    },
    async rest() {
      while (!ended) await changed();
      return messages.splice(0);
    },
  };
  if (initialize) {
    one.request("hello", "initialize", initializeParams);
    await one.next(({ id }) => id === "hello");
  }
  return one;
}

export const errorOf = (message: Json): { code: number; message: string; data?: Json } =>
  message.error as { code: number; message: string; data?: Json };
