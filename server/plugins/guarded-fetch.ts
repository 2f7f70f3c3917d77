/**
 * What the host fetches on a plugin's word: over https, or over plain http on this machine alone; never inside a private network that the
 * person did not name; and a redirect is looked at like an address of its own.
 */
import { isLoopbackHost, isPrivateAddress, isPrivateHost } from "../model/address.ts";

type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

const HOPS = 5;
const TIMEOUT_MS = 30_000;

/** What says who we are to one server, and is nobody else's. */
const PRIVATE = ["authorization", "cookie", "mcp-session-id"];

/**
 * `server`: the address that the person named; what lies on the same host is theirs to have named. `own`: headers for that server alone.
 * A server that once named an address that is not gone to is not asked anything more: whatever comes next would only hide that.
 */
export function guardedFetch(server: URL, own: Readonly<Record<string, string>> = {}, inner: Fetch = fetch): Fetch {
  let refused: Error | null = null;
  const allow = async (url: URL): Promise<void> => {
    if (refused) throw refused;
    await check(url, server).catch((error: Error) => {
      refused = error;
      throw error;
    });
  };
  return async (url, init) => {
    let at = new URL(url);
    const given = new Headers(init?.headers);
    for (let hop = 0; hop <= HOPS; hop++) {
      await allow(at);
      const headers = new Headers(given);
      if (at.origin === server.origin) for (const [name, value] of Object.entries(own)) headers.set(name, value);
      const signal = init?.signal ?? AbortSignal.timeout(TIMEOUT_MS);
      const response = await inner(at, { ...init, headers, signal, redirect: "manual" });
      const location = response.headers.get("location");
      if (response.status < 300 || response.status >= 400 || location === null) return response;
      await response.body?.cancel();
      const next = new URL(location, at);
      // A body is for the one that it was meant for, and so is what stands in these headers.
      if (next.origin !== at.origin) {
        if ((init?.method ?? "GET") !== "GET")
          throw new Error(`${at.host} sends a request on to ${next.host}, which is not followed`);
        for (const name of PRIVATE) given.delete(name);
      }
      at = next;
    }
    throw new Error(`${at.host} redirects in a circle`);
  };
}

/** Rejects where this is no address to go to. */
export async function check(url: URL, server: URL): Promise<void> {
  if (url.hostname === server.hostname) {
    if (url.protocol === "https:" || (url.protocol === "http:" && server.protocol === "http:")) return;
    throw new Error(`${url.protocol}//${url.host} is not used, since ${server.host} was named with ${server.protocol}`);
  }
  const local = isLoopbackHost(url.hostname) && isLoopbackHost(server.hostname);
  if (local && /^https?:$/.test(url.protocol)) return;
  if (url.protocol !== "https:") throw new Error(`${url.protocol}//${url.host} is not used; only https is`);
  if (url.username !== "" || url.password !== "") throw new Error(`an address with a password in it is not used`);
  const near = isPrivateHost(url.hostname);
  const far =
    near === "no" ||
    (near === "ask" &&
      (await process.getBuiltinModule("node:dns").promises.lookup(url.hostname, { all: true })).every(
        ({ address }) => !isPrivateAddress(address),
      ));
  if (!far) throw new Error(`${url.host} is inside a private network and is not used, since nobody named it`);
}
