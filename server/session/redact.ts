/** Removes keys from everything before it is written: those in use, and what is a key by its shape. Pure except for its set of keys. */
import type { SessionEvent } from "../../protocol/events.ts";
import { redactSecrets, SECRET_PLACEHOLDER, secretStartLength } from "../../protocol/secrets.ts";

/** Shorter secrets are removed only where they stand alone: inside of words they are ordinary text. */
const MIN_LENGTH_ANYWHERE = 8;
const MIN_LENGTH = 4;

export interface Redactor {
  /** Adds a text that must never be written. Ordinary short words are ignored, such as `local` or `none`. */
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
  const shortSecrets: string[] = [];
  const text = (plain: string): string => {
    let masked = plain;
    for (const secret of secrets) masked = masked.replaceAll(secret, SECRET_PLACEHOLDER);
    for (const secret of shortSecrets) masked = replaceAlone(masked, secret);
    return redactSecrets(masked);
  };
  return {
    addSecret(secret) {
      if (secret.length >= MIN_LENGTH_ANYWHERE) {
        secrets = [...new Set([...secrets, ...listEncodings(secret)])].sort((a, b) => b.length - a.length);
      } else if (isUnusual(secret) && !shortSecrets.includes(secret)) {
        shortSecrets.push(secret);
      }
    },
    event: (event) => mapTexts(event, text),
    text,
    holdBack(text) {
      let longest = secretStartLength(text);
      for (const secret of [...secrets, ...shortSecrets]) {
        for (let length = Math.min(secret.length, text.length); length > longest; length--) {
          // A whole secret is redacted, so only its start has to wait; a short one must first be seen to stand alone.
          if (length === secret.length && secret.length >= MIN_LENGTH_ANYWHERE) continue;
          if (text.endsWith(secret.slice(0, length))) longest = length;
        }
      }
      return longest;
    },
  };
}

/** The value with all its texts and keys mapped; the same object where nothing changes. */
function mapTexts<T>(value: T, map: (text: string) => string): T {
  if (typeof value === "string") return map(value) as T;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const mapped = value.map((entry) => mapTexts(entry, map));
    return mapped.some((entry, index) => entry !== value[index]) ? (mapped as T) : value;
  }
  const entries = Object.entries(value);
  const mapped = entries.map(([key, inner]): [string, unknown] => [map(key), mapTexts(inner, map)]);
  const same = mapped.every(([key, inner], index) => key === entries[index]?.[0] && inner === entries[index]?.[1]);
  return same ? value : (Object.fromEntries(mapped) as T);
}

const isWord = (character: string | undefined): boolean => character !== undefined && /[\w-]/.test(character);

const replaceAlone = (text: string, secret: string): string =>
  text.replaceAll(secret, (found, offset: number) =>
    isWord(text[offset - 1]) || isWord(text[offset + secret.length]) ? found : SECRET_PLACEHOLDER,
  );

/** Not an ordinary word, and not a small number. */
const isUnusual = (secret: string): boolean =>
  secret.length >= MIN_LENGTH && !/\s/.test(secret) && /[^A-Za-z]/.test(secret) && !/^\d{1,5}$/.test(secret);

const escapeJson = (text: string): string => JSON.stringify(text).slice(1, -1);
const escapeSlashes = (text: string): string => escapeJson(text).replaceAll("/", "\\/");

function listEncodings(secret: string): string[] {
  return [
    secret,
    escapeJson(secret),
    escapeJson(escapeJson(secret)),
    escapeSlashes(secret),
    encodeURIComponent(secret),
    encodeURI(secret),
    ...[0, 1, 2].map((offset) => encodeInside(secret, offset)),
  ];
}

/** The part of a base64 text that a secret determines when it starts after this many bytes, as in `user:password`. */
function encodeInside(secret: string, offset: number): string {
  const bytes = Buffer.from(secret);
  const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
  const end = (offset + bytes.length) % 3 === 0 ? encoded.length : Math.floor(((offset + bytes.length) * 8) / 6);
  return encoded.slice(Math.ceil((offset * 8) / 6), end);
}
