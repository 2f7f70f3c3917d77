/** Known keys, found exactly and wherever they stand, before anything is written. Pure but for the set that it is handed. */
import type { SessionEvent } from "../../protocol/events.ts";

const MIN_SECRET_LENGTH = 8;

export interface Redactor {
  /** A text that must never be written. Short ones are not taken: they would blank ordinary words. */
  addSecret(secret: string): void;
  /** The event itself where it holds no secret. */
  event(event: SessionEvent): SessionEvent;
  text(text: string): string;
  /** How many characters at the end of the text may be the beginning of a secret. */
  holdBack(text: string): number;
}

export function createRedactor(): Redactor {
  /** Each known text, also as it stands in JSON, in an address and in base64; the longest first, as one may begin with another. */
  let secrets: string[] = [];
  const text = (clear: string): string => {
    let masked = clear;
    for (const secret of secrets) masked = masked.replaceAll(secret, "[redacted key]");
    return masked;
  };
  const deep = (value: unknown): unknown => {
    if (typeof value === "string") return text(value);
    if (Array.isArray(value)) return value.map(deep);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [text(key), deep(inner)]));
  };
  return {
    addSecret(secret) {
      if (secret.length < MIN_SECRET_LENGTH || secrets.includes(secret)) return;
      secrets = [...new Set([...secrets, ...encodings(secret)])].sort((one, other) => other.length - one.length);
    },
    event(event) {
      if (secrets.length === 0) return event;
      const plain = JSON.stringify(event);
      return secrets.some((secret) => plain.includes(secret)) ? (deep(event) as SessionEvent) : event;
    },
    text,
    holdBack(clear) {
      let most = 0;
      for (const secret of secrets) {
        for (let length = Math.min(secret.length - 1, clear.length); length > most; length--) {
          if (clear.endsWith(secret.slice(0, length))) most = length;
        }
      }
      return most;
    },
  };
}

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

function encodings(secret: string): string[] {
  const base64 = Buffer.from(secret).toString("base64").replace(/=+$/, "");
  return [secret, inJson(secret), inJson(inJson(secret)), encodeURIComponent(secret), base64];
}
