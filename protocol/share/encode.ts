/** Bytes as text and as numbers, in the browser and in Node. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

export const encodeText = (text: string): Bytes => encoder.encode(text) as Bytes;
/** Throws a `TypeError` for bytes that are not UTF-8. */
export const decodeText = (bytes: Uint8Array): string => decoder.decode(bytes);

export const randomBytes = (count: number): Bytes => crypto.getRandomValues(new Uint8Array(count));

/** base64url without padding. */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += 8192)
    text += String.fromCharCode(...bytes.subarray(start, start + 8192));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Null if the text is not the only base64url of its bytes: two texts never stand for the same bytes. */
export function fromBase64(text: string): Bytes | null {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return null;
  const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  return toBase64(bytes) === text ? bytes : null;
}

export function concat(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

export const equalBytes = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((byte, index) => byte === other[index]);

/** 4 bytes, the highest first. */
export function encodeUint32(value: number): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** 8 bytes, the highest first. */
export function encodeUint64(value: number): Bytes {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
export const decodeUint32 = (bytes: Uint8Array, offset: number): number => viewOf(bytes).getUint32(offset);
export const decodeUint64 = (bytes: Uint8Array, offset: number): number => Number(viewOf(bytes).getBigUint64(offset));
