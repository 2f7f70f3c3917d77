/**
 * A fetch for URLs that plugin servers name: only https, or http on this machine; never in a private network that the user did not
 * name; redirects are checked like any other URL.
 */
import { isLoopbackHost, isPrivateAddress, isPrivateHost } from "../model/private-address.ts";

type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

const MAX_REDIRECTS = 5;
const TIMEOUT_MS = 30_000;

/** Headers that identify the user to one server and must not reach another. */
const PRIVATE_HEADERS = ["authorization", "cookie", "mcp-session-id"];

/**
 * `server`: the URL that the user configured; other URLs on its host are trusted, too. `serverHeaders` are sent to that server only.
 * After one refused URL, all further requests fail, since they would only hide the cause.
 */
export function createGuardedFetch(
  server: URL,
  serverHeaders: Readonly<Record<string, string>> = {},
  inner: Fetch = fetch,
): Fetch {
  let refused: Error | null = null;
  const allow = async (url: URL): Promise<void> => {
    if (refused) throw refused;
    await checkUrl(url, server).catch((error: Error) => {
      refused = error;
      throw error;
    });
  };
  return async (url, init) => {
    let current = new URL(url);
    const baseHeaders = new Headers(init?.headers);
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      await allow(current);
      const headers = new Headers(baseHeaders);
      if (current.origin === server.origin)
        for (const [name, value] of Object.entries(serverHeaders)) headers.set(name, value);
      const signal = init?.signal ?? AbortSignal.timeout(TIMEOUT_MS);
      const response = await inner(current, { ...init, headers, signal, redirect: "manual" });
      const location = response.headers.get("location");
      if (response.status < 300 || response.status >= 400 || location === null) return response;
      await response.body?.cancel();
      const next = new URL(location, current);
      // A body and these headers must not be forwarded to another origin.
      if (next.origin !== current.origin) {
        if ((init?.method ?? "GET") !== "GET")
          throw new Error(`${current.host} redirects a request with a body to ${next.host}, which is not followed`);
        for (const name of PRIVATE_HEADERS) baseHeaders.delete(name);
      }
      current = next;
    }
    throw new Error(`${current.host} redirects too often`);
  };
}

/** Rejects if the URL must not be fetched. */
export async function checkUrl(url: URL, server: URL): Promise<void> {
  if (url.hostname === server.hostname) {
    if (url.protocol === "https:" || (url.protocol === "http:" && server.protocol === "http:")) return;
    throw new Error(
      `${url.protocol}//${url.host} is not used, since ${server.host} was configured with ${server.protocol}`,
    );
  }
  const isLocal = isLoopbackHost(url.hostname) && isLoopbackHost(server.hostname);
  if (isLocal && /^https?:$/.test(url.protocol)) return;
  if (url.protocol !== "https:") throw new Error(`${url.protocol}//${url.host} is not used; only https is allowed`);
  if (url.username !== "" || url.password !== "") throw new Error(`a URL with a password is not used`);
  const privacy = isPrivateHost(url.hostname);
  const isPublic =
    privacy === "no" ||
    (privacy === "ask" &&
      (await process.getBuiltinModule("node:dns").promises.lookup(url.hostname, { all: true })).every(
        ({ address }) => !isPrivateAddress(address),
      ));
  if (!isPublic)
    throw new Error(`${url.host} is inside a private network that you did not configure, so it is not used`);
}
