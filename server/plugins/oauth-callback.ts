/** Where the browser comes back to with the answer of an authorization server: one address of this machine, for a few minutes. */

export interface Callback {
  url: string;
  /** The code that answers this state; once. Rejects where it was refused, came from somebody else, or nobody came. */
  code(state: string, expected: () => Expected): Promise<string>;
  close(): void;
}

/** Who has to answer, where that is known, and whether they always say so. */
export interface Expected {
  issuer?: string | undefined;
  named?: boolean;
}

const PATIENCE_MS = 10 * 60_000;

const page = (text: string): string =>
  `<!doctype html><meta charset="utf-8"><title>Tutti</title><p>${text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)}</p>`;

export async function listenForCallback(): Promise<Callback> {
  const waiting = new Map<string, { settle(code: string): void; fail(error: Error): void; expected(): Expected }>();
  const server = process.getBuiltinModule("node:http").createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const say = (status: number, text: string): void => {
      response.writeHead(status, {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": "default-src 'none'",
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
      });
      response.end(page(text));
    };
    if (url.pathname !== "/callback") return say(404, "There is nothing here.");
    const one = waiting.get(url.searchParams.get("state") ?? "");
    if (!one) return say(400, "This answer belongs to nothing that was asked, or was given before.");
    waiting.delete(url.searchParams.get("state") ?? "");
    const error = url.searchParams.get("error");
    const code = url.searchParams.get("code");
    const issuer = url.searchParams.get("iss");
    const expected = one.expected();
    if (error !== null) {
      const why = `${error} ${url.searchParams.get("error_description") ?? ""}`.trim();
      one.fail(new Error(`it was refused: ${why}`));
      return say(400, `It was refused: ${why}`);
    }
    const wrong = wrongIssuer(issuer, expected);
    if (wrong !== null) {
      one.fail(new Error(wrong));
      return say(400, "This answer came from somebody else than was asked.");
    }
    if (code === null) {
      one.fail(new Error("the answer held no code"));
      return say(400, "This answer holds no code.");
    }
    one.settle(code);
    say(200, "You are logged in. This page can be closed.");
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  server.unref();
  return {
    url: `http://127.0.0.1:${port}/callback`,
    code(state, expected) {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const timer = setTimeout(() => {
        waiting.delete(state);
        reject(new Error("nobody logged in within ten minutes"));
      }, PATIENCE_MS);
      timer.unref();
      waiting.set(state, { settle: resolve, fail: reject, expected });
      // While somebody is awaited, the process is.
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

function wrongIssuer(given: string | null, { issuer, named = false }: Expected): string | null {
  if (issuer === undefined) return null;
  if (given === null) return named ? `the answer does not say that it came from ${issuer}` : null;
  return sameIssuer(given, issuer) ? null : `the answer came from ${given}, and not from ${issuer}`;
}

export const sameIssuer = (one: string, other: string): boolean => one.replace(/\/$/, "") === other.replace(/\/$/, "");
