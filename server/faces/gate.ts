/** Who may speak to the TCP listener at all: the host it was called by, the page it came from, the token. Pure. */
import { SUBPROTOCOL, TOKEN_PREFIX } from "../../client/websocket.ts";

export interface Asked {
  method: string;
  url: string;
  /** Names and values in turn, as they came. */
  rawHeaders: readonly string[];
  upgrade: boolean;
}

export interface GateRules {
  /** `host:port`, in lower case. */
  hosts: ReadonlySet<string>;
  origins: ReadonlySet<string>;
  isToken(given: string): boolean;
}

export type Verdict = { status: 200 } | { status: 400 | 401 | 403 | 404 | 405 | 421; why: string };

/** In this order: nothing is said about what is there before the caller has shown that it may know. */
export function judge({ method, url, rawHeaders, upgrade }: Asked, { hosts, origins, isToken }: GateRules): Verdict {
  const all = (name: string): string[] =>
    rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name);
  const [host, ...moreHosts] = all("host");
  if (host === undefined || moreHosts.length > 0 || !hosts.has(host.toLowerCase()))
    return { status: 421, why: "This server is not called by that name; --allow-host lets one in." };
  const origin = all("origin");
  if (origin.length > 1 || origin.some((one) => !origins.has(one)))
    return { status: 403, why: "Web pages of this origin may not connect; --allow-origin lets one in." };
  if (method === "OPTIONS" || all("access-control-request-private-network").length > 0)
    return { status: 403, why: "There is nothing here for pages of other origins." };
  if (url.includes("?")) return { status: 400, why: "Addresses here have no query; the token goes into a header." };
  const token = tokenOf(all("authorization"), all("sec-websocket-protocol"), upgrade);
  if (token === null || !isToken(token)) return { status: 401, why: "The token is missing or wrong." };
  if (method !== "GET") return { status: 405, why: "Only GET is answered here." };
  if (upgrade ? url !== "/" : url !== "/healthz") return { status: 404, why: "There is nothing at this address." };
  return { status: 200 };
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

/** On every answer, so that no page can be built around, or learn anything from, what is said here. */
export const securityHeaders: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};
