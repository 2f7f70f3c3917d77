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
}

export type Verdict = { status: 200 } | { status: 400 | 401 | 403 | 404 | 405 | 421; reason: string };

/** The order matters: a caller learns nothing about the server before it has shown that it may. */
export function checkRequest(
  { method, url, rawHeaders, upgrade }: UpgradeRequest,
  { hosts, origins, isToken }: AccessRules,
): Verdict {
  const all = (name: string): string[] =>
    rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name);
  const [host, ...moreHosts] = all("host");
  if (host === undefined || moreHosts.length > 0 || !hosts.has(host.toLowerCase()))
    return { status: 421, reason: "This host name is not allowed; allow it with --allow-host." };
  const origin = all("origin");
  if (origin.length > 1 || origin.some((one) => !origins.has(one)))
    return { status: 403, reason: "Web pages of this origin may not connect; allow it with --allow-origin." };
  if (method === "OPTIONS" || all("access-control-request-private-network").length > 0)
    return { status: 403, reason: "Cross-origin requests are not supported." };
  if (url.includes("?")) return { status: 400, reason: "Queries are not supported; send the token in a header." };
  const token = tokenOf(all("authorization"), all("sec-websocket-protocol"), upgrade);
  if (token === null || !isToken(token)) return { status: 401, reason: "The token is missing or wrong." };
  if (method !== "GET") return { status: 405, reason: "Only GET is supported." };
  if (upgrade ? url !== "/" : url !== "/healthz") return { status: 404, reason: "Not found." };
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

/** Sent with every response, so that no web page can embed or read it. */
export const securityHeaders: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};
