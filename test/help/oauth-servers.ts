/** A plugin server and an authorization server, over real HTTP on this machine. Both can send wrong data. */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface SeenRequest {
  method: string;
  url: URL;
  headers: IncomingMessage["headers"];
  body: string;
}

export interface TestSite {
  origin: string;
  seen: SeenRequest[];
  /** Resolves with the first matching request, including past ones. */
  when(fits: (seen: SeenRequest) => boolean): Promise<SeenRequest>;
  close(): Promise<void>;
}

type SiteResponse = { status?: number; headers?: Record<string, string>; json?: unknown };

async function startSite(answer: (seen: SeenRequest, origin: string) => SiteResponse): Promise<TestSite> {
  const seen: SeenRequest[] = [];
  const waiting = new Set<(one: SeenRequest) => void>();
  let origin = "";
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = "";
    for await (const piece of request) body += piece;
    const one = {
      method: request.method ?? "",
      url: new URL(request.url ?? "", origin),
      headers: request.headers,
      body,
    };
    seen.push(one);
    for (const tell of waiting) tell(one);
    const { status = 200, headers = {}, json } = answer(one, origin);
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(json === undefined ? "" : JSON.stringify(json));
  };
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    seen,
    when: (fits) =>
      new Promise((resolve) => {
        const tell = (one: SeenRequest): void => {
          if (!fits(one)) return;
          waiting.delete(tell);
          resolve(one);
        };
        waiting.add(tell);
        seen.forEach(tell);
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export interface ResourceOptions {
  /** The metadata URL in its 401 response; default: the correct one. */
  metadataAt?: string;
  /** Overrides for its metadata. */
  metadata?: object;
  /** The redirect target of a GET for its stream. */
  streamAt?: string;
  /** Requires no token. */
  open?: boolean;
}

/** An MCP server with one tool, which accepts the tokens that `issuer` issued for it. */
export const resourceServer = (
  issuer: Pick<AuthorizationServer, "origin" | "tokens">,
  options: ResourceOptions = {},
): Promise<TestSite> => {
  let sessions = 0;
  return startSite(({ method, url, headers, body }, origin) => {
    const resource = `${origin}/mcp`;
    if (url.pathname.startsWith("/.well-known/oauth-protected-resource"))
      return { json: { resource, authorization_servers: [issuer.origin], ...options.metadata } };
    if (url.pathname !== "/mcp") return { status: 404 };
    const token = headers.authorization?.replace("Bearer ", "") ?? "";
    if (!options.open && issuer.tokens.get(token) !== resource) {
      const where = options.metadataAt ?? `${origin}/.well-known/oauth-protected-resource/mcp`;
      return { status: 401, headers: { "www-authenticate": `Bearer resource_metadata="${where}"` } };
    }
    if (method === "GET" && options.streamAt) return { status: 307, headers: { location: options.streamAt } };
    if (method !== "POST") return { status: 405 };
    return mcp(JSON.parse(body), () => `session-${++sessions}`);
  });
};

function mcp(message: { id?: unknown; method: string }, session: () => string): SiteResponse {
  const { id, method } = message;
  if (id === undefined) return { status: 202 };
  const say = (result: unknown, headers: Record<string, string> = {}): SiteResponse => ({
    headers,
    json: { jsonrpc: "2.0", id, result },
  });
  if (method === "initialize") {
    const capabilities = { tools: {} };
    const serverInfo = { name: "resource", version: "1" };
    return say({ protocolVersion: "2025-11-25", capabilities, serverInfo }, { "mcp-session-id": session() });
  }
  if (method === "tools/list") return say({ tools: [{ name: "act", inputSchema: { type: "object" } }] });
  if (method === "tools/call") return say({ content: [{ type: "text", text: "acted" }] });
  return { json: { jsonrpc: "2.0", id, error: { code: -32601, message: "no such method" } } };
}

export interface IssuerOptions {
  /** Overrides for its metadata. */
  metadata?: object;
  /** Overrides for the parameters of its redirect; null omits one. */
  answer?: Record<string, string | null>;
  /** Serves its metadata at another path. */
  movedTo?: string;
}

export interface AuthorizationServer extends TestSite {
  /** The resource of each token. */
  tokens: Map<string, string>;
}

/** An authorization server that approves at once, and validates the requests of clients. */
export async function authorizationServer(options: IssuerOptions = {}): Promise<AuthorizationServer> {
  const tokens = new Map<string, string>();
  const asked = new Map<string, URLSearchParams>();
  const made = await startSite(({ url, body }, origin) => {
    if (url.pathname.startsWith("/.well-known/")) {
      if (options.movedTo) return { status: 302, headers: { location: options.movedTo } };
      const endpoints = {
        authorization_endpoint: `${origin}/authorize`,
        token_endpoint: `${origin}/token`,
        registration_endpoint: `${origin}/register`,
      };
      const response_types_supported = ["code"];
      const code_challenge_methods_supported = ["S256"];
      return {
        json: {
          issuer: origin,
          ...endpoints,
          response_types_supported,
          code_challenge_methods_supported,
          ...options.metadata,
        },
      };
    }
    const form = new URLSearchParams(body);
    switch (url.pathname) {
      case "/register":
        return { status: 201, json: { ...JSON.parse(body), client_id: "client" } };
      case "/authorize": {
        const code = `code-${asked.size}`;
        asked.set(code, url.searchParams);
        const back = new URL(url.searchParams.get("redirect_uri") ?? "");
        const values = { code, state: url.searchParams.get("state") ?? "", iss: origin, ...options.answer };
        for (const [name, value] of Object.entries(values)) if (value !== null) back.searchParams.set(name, value);
        return { status: 302, headers: { location: back.href } };
      }
      case "/token": {
        const before = asked.get(form.get("code") ?? "");
        asked.delete(form.get("code") ?? "");
        const challenge = createHash("sha256")
          .update(form.get("code_verifier") ?? "")
          .digest("base64url");
        const same = ["redirect_uri", "resource"].every((name) => form.get(name) === before?.get(name));
        if (before?.get("code_challenge") !== challenge || !same)
          return { status: 400, json: { error: "invalid_grant" } };
        const access_token = `token-${tokens.size}-${made.origin.split(":").at(-1)}`;
        tokens.set(access_token, before.get("resource") ?? "");
        return {
          json: { access_token, token_type: "Bearer", expires_in: 3600, refresh_token: `refresh-${access_token}` },
        };
      }
      default:
        return { status: 404 };
    }
  });
  return { ...made, tokens };
}
