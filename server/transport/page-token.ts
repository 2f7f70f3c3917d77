/**
 * How a browser signs in: a ticket from the link, which works once, and the token that the page gets for it. The token is a message
 * authentication code of its expiry. It needs no storage, works after the server restarts, and ends when the token file changes.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Token } from "./token.ts";

export const TICKET_MS = 60_000;
export const PAGE_TOKEN_MS = 24 * 60 * 60_000;

const BODY_BYTES = 24;
const PURPOSE = Buffer.from("tutti page token 1\0");

/** Expiry, random bytes, and the code over both. */
export function createPageToken(token: Pick<Token, "authenticate">, expiresAt: number): string {
  const body = randomBytes(BODY_BYTES);
  body.writeUIntBE(expiresAt, 0, 6);
  return Buffer.concat([body, token.authenticate(Buffer.concat([PURPOSE, body]))]).toString("base64url");
}

export function isPageToken(token: Pick<Token, "authenticate">, candidate: string, now: number): boolean {
  const bytes = Buffer.from(candidate, "base64url");
  // Base64 has several spellings of the same bytes; only one is a token.
  if (bytes.length !== BODY_BYTES + 32 || bytes.toString("base64url") !== candidate) return false;
  const body = bytes.subarray(0, BODY_BYTES);
  const code = token.authenticate(Buffer.concat([PURPOSE, body]));
  return timingSafeEqual(code, bytes.subarray(BODY_BYTES)) && body.readUIntBE(0, 6) > now;
}

export interface Tickets {
  issue(): { ticket: string; expiresAt: number };
  /** True once for each ticket, until it expires. */
  redeem(ticket: string): boolean;
  /** Resolves with true once this open ticket was redeemed, otherwise with false when it has expired. */
  redeemed(ticket: string): Promise<boolean>;
}

export function createTickets(now: () => number): Tickets {
  /** Hashes of tickets, with their expiry: what is compared does not depend on what was sent. */
  const open = new Map<string, number>();
  const waiting = new Map<string, PromiseWithResolvers<boolean>>();
  const hash = (ticket: string): string => createHash("sha256").update(ticket).digest("base64");
  const dropExpired = (): void => {
    for (const [key, expiresAt] of open) if (expiresAt <= now()) open.delete(key);
  };
  return {
    issue() {
      dropExpired();
      const ticket = randomBytes(32).toString("base64url");
      const expiresAt = now() + TICKET_MS;
      open.set(hash(ticket), expiresAt);
      return { ticket, expiresAt };
    },
    redeem(ticket) {
      dropExpired();
      const key = hash(ticket);
      if (!open.delete(key)) return false;
      waiting.get(key)?.resolve(true);
      return true;
    },
    async redeemed(ticket) {
      dropExpired();
      const key = hash(ticket);
      const expiresAt = open.get(key);
      if (expiresAt === undefined) return false;
      const wait = waiting.get(key) ?? Promise.withResolvers<boolean>();
      waiting.set(key, wait);
      const timer = setTimeout(() => wait.resolve(false), expiresAt - now());
      timer.unref();
      const isRedeemed = await wait.promise;
      clearTimeout(timer);
      waiting.delete(key);
      return isRedeemed;
    },
  };
}
