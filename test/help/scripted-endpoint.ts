/**
 * An endpoint on 127.0.0.1 that sends scripted responses chunk by chunk and records its requests. The last script repeats.
 */
import {
  createServer,
  type IncomingHttpHeaders,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";

export interface Received {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** The body, parsed if it is JSON. */
  body: Record<string, unknown>;
  /** The number of its connection, counted from 1. */
  connection: number;
  /** Resolves when the connection of this request is closed. */
  closed: Promise<void>;
}

/** Written in order; promises are awaited. */
export type BodyPiece = string | Uint8Array | Promise<unknown>;

export interface Script {
  status?: number;
  headers?: Record<string, string>;
  body?: Iterable<BodyPiece> | AsyncIterable<BodyPiece>;
  /** `reset` breaks the connection after the body, `open` leaves it open; otherwise the response ends. */
  end?: "reset" | "open";
  /** Never responds. */
  silent?: boolean;
}

export interface ScriptedEndpoint {
  /** `http://127.0.0.1:PORT` */
  origin: string;
  baseUrl: string;
  port: number;
  received: Received[];
  /** Resolves with the request of this number (from 0) as soon as it was received. */
  request(number: number): Promise<Received>;
  close(): Promise<void>;
}

type Say = Script | ((received: Received) => Script);

async function write(response: ServerResponse, piece: unknown): Promise<void> {
  const part = await piece;
  if ((typeof part !== "string" && !(part instanceof Uint8Array)) || response.destroyed) return;
  if (response.write(part)) return;
  await new Promise<void>((resolve) => {
    const go = () => {
      response.off("drain", go);
      response.off("close", go);
      resolve();
    };
    response.on("drain", go);
    response.on("close", go);
  });
}

async function play(script: Script, response: ServerResponse): Promise<void> {
  if (script.silent === true) return;
  response.writeHead(script.status ?? 200, { "content-type": "text/event-stream", ...script.headers });
  response.flushHeaders();
  for await (const piece of script.body ?? []) {
    if (response.destroyed) return;
    await write(response, piece);
  }
  if (script.end === "reset") response.socket?.resetAndDestroy();
  else if (script.end !== "open") response.end();
}

export async function scriptedEndpoint(
  scripts: Say[],
  serve: (listener: RequestListener) => Server = (listener) => createServer(listener),
): Promise<ScriptedEndpoint> {
  const received: Received[] = [];
  const waiting = new Map<number, (received: Received) => void>();
  const connections = new WeakMap<Socket, number>();
  let sockets = 0;
  const server = serve((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      if (!connections.has(request.socket)) sockets += 1;
      const known = connections.get(request.socket) ?? sockets;
      connections.set(request.socket, known);
      const text = Buffer.concat(parts).toString("utf8");
      const one: Received = {
        method: request.method ?? "",
        path: request.url ?? "",
        headers: request.headers,
        body: text.startsWith("{") ? (JSON.parse(text) as Record<string, unknown>) : {},
        connection: known,
        closed: new Promise((resolve) => response.once("close", resolve)),
      };
      const say = scripts[Math.min(received.length, scripts.length - 1)];
      waiting.get(received.push(one) - 1)?.(one);
      void play((typeof say === "function" ? say(one) : say) ?? {}, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A test that fails before it closes its endpoint must not keep the whole run alive.
  server.unref();
  server.on("connection", (socket) => socket.unref());
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    baseUrl: `${origin}/v1`,
    port,
    received,
    request: (number) => {
      const already = received[number];
      return already === undefined ? new Promise((resolve) => waiting.set(number, resolve)) : Promise.resolve(already);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export const event = (value: unknown) => `data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`;

export const chunk = (delta: unknown, more: Record<string, unknown> = {}) =>
  event({
    id: "c1",
    object: "chat.completion.chunk",
    created: 1,
    model: "m",
    choices: [{ index: 0, delta, finish_reason: null, ...more }],
  });

export const finish = (reason = "stop") => chunk({}, { finish_reason: reason });
export const done = event("[DONE]");

/** A complete response with this text. */
export const answer = (text: string): Script => ({
  body: [chunk({ role: "assistant", content: text }), finish(), done],
});
