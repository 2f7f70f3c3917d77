/** Removes known keys from everything before it is written. Pure except for its set of keys. */
import type { SessionEvent } from "../../protocol/events.ts";

const MIN_SECRET_LENGTH = 8;

export interface Redactor {
  /** Adds a text that must never be written. Short texts are ignored, since they would match ordinary words. */
  addSecret(secret: string): void;
  /** Returns the same object if it contains no secret. */
  event(event: SessionEvent): SessionEvent;
  text(text: string): string;
  /** How many characters at the end of the text may be the start of a secret. */
  holdBack(text: string): number;
}

export function createRedactor(): Redactor {
  /** Each secret with its encodings in JSON, URLs and base64; the longest first, as one may be a prefix of another. */
  let secrets: string[] = [];
  const text = (plain: string): string => {
    let masked = plain;
    for (const secret of secrets) masked = masked.replaceAll(secret, "[redacted key]");
    return masked;
  };
  const redactDeep = (value: unknown): unknown => {
    if (typeof value === "string") return text(value);
    if (Array.isArray(value)) return value.map(redactDeep);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [text(key), redactDeep(inner)]));
  };
  return {
    addSecret(secret) {
      if (secret.length < MIN_SECRET_LENGTH || secrets.includes(secret)) return;
      secrets = [...new Set([...secrets, ...listEncodings(secret)])].sort((a, b) => b.length - a.length);
    },
    event(event) {
      if (secrets.length === 0) return event;
      const plain = JSON.stringify(event);
      return secrets.some((secret) => plain.includes(secret)) ? (redactDeep(event) as SessionEvent) : event;
    },
    text,
    holdBack(text) {
      let longest = 0;
      for (const secret of secrets) {
        for (let length = Math.min(secret.length - 1, text.length); length > longest; length--) {
          if (text.endsWith(secret.slice(0, length))) longest = length;
        }
      }
      return longest;
    },
  };
}

const escapeJson = (text: string): string => JSON.stringify(text).slice(1, -1);

function listEncodings(secret: string): string[] {
  const base64 = Buffer.from(secret).toString("base64").replace(/=+$/, "");
  return [secret, escapeJson(secret), escapeJson(escapeJson(secret)), encodeURIComponent(secret), base64];
}
