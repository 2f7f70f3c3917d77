/** A fake vendor server on 127.0.0.1: serves routes, records requests, and rejects what the vendor would reject. */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  method: string;
  /** Without what follows the question mark. */
  path: string;
  query: Record<string, string>;
  headers: IncomingHttpHeaders;
  /** Parsed where it was sent as JSON. */
  body: unknown;
  /** What stood in the places of the route that are named. */
  params: Record<string, string>;
}

export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  /** Sent as JSON; a string as it is. */
  body?: unknown;
}

/** `"silent"` never responds. */
export type Route = (received: Received) => Reply | "silent";

export interface VendorServer {
  url: string;
  received: Received[];
  /** What came to this path with this method, the last first. */
  last(method: string, path: string): Received | undefined;
  /** Answers the next requests instead of the routes. */
  next: (Reply | "silent")[];
  /** Resolves when the next request waits that is never answered, and then when its client has gone away. */
  waiting(): Promise<{ gone: Promise<unknown> }>;
  close(): Promise<void>;
}

interface Rules {
  /** By method and path, such as `GET /repos/:owner/:repo`. */
  routes: Record<string, Route>;
  /** Looks at each request first; what it returns is the answer. */
  door(received: Received): Reply | null;
  missing: Reply;
}

export async function vendorServer({ routes, door, missing }: Rules): Promise<VendorServer> {
  const table = Object.entries(routes).map(([name, route]) => {
    const [method = "", path = ""] = name.split(" ");
    return { method, pattern: new RegExp(`^${path.replace(/:(\w+)/g, "(?<$1>[^/]+)")}$`), route };
  });
  const received: Received[] = [];
  const next: VendorServer["next"] = [];
  const silent: { gone: Promise<unknown> }[] = [];
  let onRequest: (() => void) | null = null;
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const text = Buffer.concat(pieces).toString();
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://vendor");
    const isJson = request.headers["content-type"]?.startsWith("application/json") === true;
    const one: Received = {
      method: request.method ?? "",
      path: pathname,
      query: Object.fromEntries(searchParams),
      headers: request.headers,
      body: isJson && text !== "" ? (JSON.parse(text) as unknown) : text || undefined,
      params: {},
    };
    received.push(one);
    const found = table.find(({ method, pattern }) => method === one.method && pattern.test(pathname));
    if (found) one.params = { ...found.pattern.exec(pathname)?.groups };
    const wrongType: Reply | null = text !== "" && !isJson ? { status: 415, body: { message: "Send JSON." } } : null;
    const reply = next.shift() ?? door(one) ?? wrongType ?? found?.route(one) ?? missing;
    if (reply === "silent") {
      silent.push({ gone: once(response, "close") });
      onRequest?.();
      return;
    }
    const { status = 200, headers = {}, body } = reply;
    const type = typeof body === "string" ? {} : { "content-type": "application/json" };
    response.writeHead(status, { ...type, ...headers });
    response.end(typeof body === "string" || body === undefined ? body : JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    next,
    last: (method, path) => received.findLast((one) => one.method === method && one.path === path),
    async waiting() {
      while (silent.length === 0)
        await new Promise<void>((done) => {
          onRequest = done;
        });
      return silent.shift()!;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** Keys of `body` that are not known. */
export const unknownKeys = (body: unknown, known: readonly string[]): string[] =>
  Object.keys((body ?? {}) as object).filter((name) => !known.includes(name));
