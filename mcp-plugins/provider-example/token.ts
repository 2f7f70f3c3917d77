/** Gets a token with client credentials (RFC 6749, section 4.4). Errors never contain the response, because it may contain a key. */
import { z } from "zod";
import type { Token } from "../sdk/plugin.ts";

export interface Credentials {
  url: string | undefined;
  id: string | undefined;
  secret: string | undefined;
  scope: string | undefined;
}

const TIMEOUT_MS = 10_000;
/** A token is replaced this long before it expires, so that none expires during a request. */
const EXPIRY_MARGIN_MS = 30_000;

const tokenResponse = z.object({
  access_token: z.string().min(1),
  /** Seconds. */
  expires_in: z.number().positive().optional(),
});

export async function fetchToken({ url, id, secret, scope }: Credentials, signal: AbortSignal): Promise<Token> {
  if (!url || !id || !secret)
    throw new Error(
      "PROVIDER_EXAMPLE_TOKEN_URL, PROVIDER_EXAMPLE_CLIENT_ID and PROVIDER_EXAMPLE_CLIENT_SECRET must be set",
    );
  if (!isSecure(new URL(url))) throw new Error("the token endpoint must use https");
  const requestedAt = Date.now();
  const response = await fetch(url, {
    method: "POST",
    // A redirect would send the secret elsewhere.
    redirect: "error",
    headers: {
      accept: "application/json",
      authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString("base64")}`,
    },
    body: new URLSearchParams({ grant_type: "client_credentials", ...(scope && { scope }) }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  if (!response.ok) throw new Error(`the token endpoint responded with status ${response.status}`);
  const body = tokenResponse.safeParse(await response.json().catch(() => null));
  if (!body.success) throw new Error("the response of the token endpoint has no token");
  const { access_token: token, expires_in: seconds } = body.data;
  if (seconds === undefined) return { token };
  const lifetime = seconds * 1000;
  return { token, expiresAt: requestedAt + lifetime - Math.min(EXPIRY_MARGIN_MS, lifetime / 2) };
}

const isSecure = ({ protocol, hostname }: URL): boolean =>
  protocol === "https:" || (protocol === "http:" && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname));
