/** Decides whether a request to the TCP listener is allowed, by its host, origin and token. Pure. */
import { SUBPROTOCOL, TOKEN_PREFIX } from "../../client/websocket.ts";

export interface UpgradeRequest {
  method: string;
  url: string;
  /** Names and values alternating, as received. */
  rawHeaders: readonly string[];
  upgrade: boolean;
}

export interface AccessRules {
  /** `host:port`, in lower case. */
  hosts: ReadonlySet<string>;
  origins: ReadonlySet<string>;
  isToken(token: string): boolean;
  /** Present if this listener serves the web page. */
  page?: {
    /** The scheme of its origin. The host of the origin must be the one that the request names. */
    scheme: "http" | "https";
    /** True for a file of the page. These hold no data, and need no token. */
    isFile(path: string): boolean;
  };
}

/** Where the page exchanges its ticket for a token. */
export const TICKET_PATH = "/ticket";

export type Verdict =
  | { status: 200; serve: "health" | "connection" | "file" }
  /** The ticket is not checked yet. */
  | { status: 200; serve: "ticket"; ticket: string }
  | { status: 400 | 401 | 403 | 404 | 405 | 421; reason: string };

/** The order matters: a caller learns nothing about the server before it has shown that it may. */
export function checkRequest(
  { method, url, rawHeaders, upgrade }: UpgradeRequest,
  { hosts, origins, isToken, page }: AccessRules,
): Verdict {
  const all = (name: string): string[] =>
    rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name);
  const [host, ...moreHosts] = all("host");
  if (host === undefined || moreHosts.length > 0 || !hosts.has(host.toLowerCase()))
    return { status: 421, reason: "This host name is not allowed; allow it with --allow-host." };
  const origin = all("origin");
  const own = page ? `${page.scheme}://${host.toLowerCase()}` : null;
  if (origin.length > 1 || origin.some((one) => one !== own && !origins.has(one)))
    return { status: 403, reason: "Web pages of this origin may not connect; allow it with --allow-origin." };
  if (method === "OPTIONS" || all("access-control-request-private-network").length > 0)
    return { status: 403, reason: "Cross-origin requests are not supported." };
  if (url.includes("?")) return { status: 400, reason: "Queries are not supported; send the token in a header." };
  if (!upgrade && method === "GET" && page?.isFile(url)) return { status: 200, serve: "file" };
  const token = tokenOf(all("authorization"), all("sec-websocket-protocol"), upgrade);
  if (page && !upgrade && method === "POST" && url === TICKET_PATH) {
    // Browsers send the origin with every POST, so that only the page itself can use a ticket.
    if (origin[0] !== own) return { status: 403, reason: "Only the web page can exchange a ticket." };
    return token === null
      ? { status: 401, reason: "The ticket is missing." }
      : { status: 200, serve: "ticket", ticket: token };
  }
  if (token === null || !isToken(token)) return { status: 401, reason: "The token is missing or wrong." };
  if (method !== "GET") return { status: 405, reason: "Only GET is supported." };
  if (upgrade ? url !== "/" : url !== "/healthz") return { status: 404, reason: "Not found." };
  return { status: 200, serve: upgrade ? "connection" : "health" };
}

function tokenOf(authorization: string[], protocols: string[], upgrade: boolean): string | null {
  const [header] = authorization;
  if (authorization.length > 1) return null;
  if (header !== undefined) return /^Bearer ([A-Za-z0-9_-]+)$/i.exec(header)?.[1] ?? null;
  if (!upgrade) return null;
  const offered = protocols.flatMap((one) => one.split(",")).map((one) => one.trim());
  if (!offered.includes(SUBPROTOCOL)) return null;
  return offered.find((one) => one.startsWith(TOKEN_PREFIX))?.slice(TOKEN_PREFIX.length) ?? null;
}

const policy = (more: string): string =>
  `default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; ${more}frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;

/** Sent with every response, so that no web page can embed or read it. */
export const securityHeaders: Readonly<Record<string, string>> = {
  "content-security-policy": policy(""),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

/** Sent with the files of the page, which has styles, a manifest and a service worker of its own. */
export const pageHeaders: Readonly<Record<string, string>> = {
  ...securityHeaders,
  "content-security-policy": policy("style-src 'self'; manifest-src 'self'; worker-src 'self'; "),
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
};
