/** Gets a token by client credentials (RFC 6749, section 4.4). What an endpoint answers with is never put into an error: it may be a key. */
import { z } from "zod";
import type { Token } from "../sdk/plugin.ts";

export interface Credentials {
  url: string | undefined;
  id: string | undefined;
  secret: string | undefined;
  scope: string | undefined;
}

const LONGEST_MS = 10_000;
/** A token is given up this long before it ends, so that none ends on its way. */
const EARLY_MS = 30_000;

const answered = z.object({
  access_token: z.string().min(1),
  /** Seconds. */
  expires_in: z.number().positive().optional(),
});

export async function fetchToken({ url, id, secret, scope }: Credentials, signal: AbortSignal): Promise<Token> {
  if (!url || !id || !secret)
    throw new Error(
      "PROVIDER_EXAMPLE_TOKEN_URL, PROVIDER_EXAMPLE_CLIENT_ID and PROVIDER_EXAMPLE_CLIENT_SECRET must be set",
    );
  if (!isPrivate(new URL(url))) throw new Error("the token endpoint must be reached by https");
  const asked = Date.now();
  const response = await fetch(url, {
    method: "POST",
    // A redirect would carry the secret elsewhere.
    redirect: "error",
    headers: {
      accept: "application/json",
      authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString("base64")}`,
    },
    body: new URLSearchParams({ grant_type: "client_credentials", ...(scope && { scope }) }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]),
  });
  if (!response.ok) throw new Error(`the token endpoint answered ${response.status}`);
  const body = answered.safeParse(await response.json().catch(() => null));
  if (!body.success) throw new Error("the token endpoint answered without a token");
  const { access_token: token, expires_in: seconds } = body.data;
  if (seconds === undefined) return { token };
  const lasts = seconds * 1000;
  return { token, expiresAt: asked + lasts - Math.min(EARLY_MS, lasts / 2) };
}

const isPrivate = ({ protocol, hostname }: URL): boolean =>
  protocol === "https:" || (protocol === "http:" && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname));
