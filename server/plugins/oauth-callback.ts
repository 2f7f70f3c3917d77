/** Receives the OAuth authorization response: a redirect URI on this machine, for a few minutes. */

export interface CallbackServer {
  url: string;
  /** The authorization code for this state, once. Rejects if it was refused, came from another issuer, or timed out. */
  waitForCode(state: string, expected: () => ExpectedIssuer): Promise<string>;
  close(): void;
}

/** The issuer that must respond, if known, and whether it always sends `iss`. */
export interface ExpectedIssuer {
  issuer?: string | undefined;
  requiresIssuer?: boolean;
}

const LOGIN_TIMEOUT_MS = 10 * 60_000;

const renderPage = (text: string): string =>
  `<!doctype html><meta charset="utf-8"><title>Tutti</title><p>${text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)}</p>`;

export async function listenForCallback(): Promise<CallbackServer> {
  const pending = new Map<
    string,
    { settle(code: string): void; fail(error: Error): void; expected(): ExpectedIssuer }
  >();
  const server = process.getBuiltinModule("node:http").createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const respond = (status: number, text: string): void => {
      response.writeHead(status, {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": "default-src 'none'",
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
      });
      response.end(renderPage(text));
    };
    if (url.pathname !== "/callback") return respond(404, "Not found.");
    const login = pending.get(url.searchParams.get("state") ?? "");
    if (!login) return respond(400, "This response belongs to no pending login, or was used before.");
    pending.delete(url.searchParams.get("state") ?? "");
    const error = url.searchParams.get("error");
    const code = url.searchParams.get("code");
    const issuer = url.searchParams.get("iss");
    const expected = login.expected();
    if (error !== null) {
      const reason = `${error} ${url.searchParams.get("error_description") ?? ""}`.trim();
      login.fail(new Error(`it was refused: ${reason}`));
      return respond(400, `The login was refused: ${reason}`);
    }
    const problem = checkIssuer(issuer, expected);
    if (problem !== null) {
      login.fail(new Error(problem));
      return respond(400, "This response came from another issuer than expected.");
    }
    if (code === null) {
      login.fail(new Error("the authorization response has no code"));
      return respond(400, "This response has no code.");
    }
    login.settle(code);
    respond(200, "You are logged in. You can close this page.");
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  server.unref();
  return {
    url: `http://127.0.0.1:${port}/callback`,
    waitForCode(state, expected) {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const timer = setTimeout(() => {
        pending.delete(state);
        reject(new Error("no login within ten minutes"));
      }, LOGIN_TIMEOUT_MS);
      timer.unref();
      pending.set(state, { settle: resolve, fail: reject, expected });
      // A pending login keeps the process alive.
      server.ref();
      return promise.finally(() => {
        clearTimeout(timer);
        server.unref();
      });
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function checkIssuer(received: string | null, { issuer, requiresIssuer = false }: ExpectedIssuer): string | null {
  if (issuer === undefined) return null;
  if (received === null) return requiresIssuer ? `the response does not say that it came from ${issuer}` : null;
  return isSameIssuer(received, issuer) ? null : `the response came from ${received}, not from ${issuer}`;
}

export const isSameIssuer = (a: string, b: string): boolean => a.replace(/\/$/, "") === b.replace(/\/$/, "");
