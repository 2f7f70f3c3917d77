/**
 * What travels through a hub, sealed. The stream has frames from the owner: encrypted by the epoch's key, numbered without gaps, chained by
 * hashes and signed, so that a guest notices a frame that was changed, left out, moved or repeated. Intents go from one guest to the owner,
 * direct messages back; each has a counter, and intents a signature.
 */
import { TuttiError } from "../errors.ts";
import {
  type Bytes,
  concat,
  decodeUint32,
  decodeUint64,
  encodeText,
  encodeUint32,
  encodeUint64,
  equalBytes,
} from "./encode.ts";
import { deriveEpochKey, type SigningKey, sha256, sign, verify } from "./invite-keys.ts";

const VERSION = 1;
const SNAPSHOT = 1;
const TAIL = 2;
const HASH = 32;
const SIGNATURE = 64;
/** Version, epoch, number, kind, hash of the frame before. */
const HEADER = 1 + 4 + 8 + 1 + HASH;

/** Where a stream is: the number and the hash of its last frame. */
export interface StreamPosition {
  epoch: number;
  seq: number;
  hash: Bytes;
}

export const streamStart: StreamPosition = { epoch: 0, seq: 0, hash: new Uint8Array(HASH) };

export interface SealedFrame {
  position: StreamPosition;
  bytes: Bytes;
}

export interface StreamSealer {
  /** Seals the next frame. Calls must not overlap: each frame contains the hash of the one before. */
  seal(content: Bytes, isSnapshot: boolean): Promise<SealedFrame>;
}

/** `start`: the last frame of the epoch before. Each epoch has a new random key: numbers are never used twice with one key. */
export async function openStreamSealer(
  share: string,
  epoch: number,
  epochKey: Bytes,
  owner: SigningKey,
  start: StreamPosition,
): Promise<StreamSealer> {
  const key = await deriveEpochKey(epochKey, "stream", share);
  let last = start;
  return {
    async seal(content, isSnapshot) {
      const seq = last.seq + 1;
      const kind = new Uint8Array([isSnapshot ? SNAPSHOT : TAIL]);
      const header = concat(new Uint8Array([VERSION]), encodeUint32(epoch), encodeUint64(seq), kind, last.hash);
      const sealed = concat(header, await encrypt(key, seq, concat(encodeText(share), header), content));
      const hash = await sha256(sealed);
      last = { epoch, seq, hash };
      return { position: last, bytes: concat(await sign(owner, hash), sealed) };
    },
  };
}

export interface OpenedFrame {
  position: StreamPosition;
  isSnapshot: boolean;
  content: Bytes;
}

/** Thrown for a frame that does not continue the stream: it must not be applied. */
export const notIntact = (reason: string): TuttiError =>
  new TuttiError(
    "failed",
    `The stream of this shared session is not intact: ${reason}. Nothing of it is shown. Join again; if this repeats, do not trust this hub.`,
  );

/** Opens the frames of one epoch. `owner`: the owner's public key, checked against the link. */
export async function openStreamReader(share: string, epoch: number, epochKey: Bytes, owner: CryptoKey) {
  const key = await deriveEpochKey(epochKey, "stream", share);
  /** `last`: the frame before, or null for a guest that has none. Throws `notIntact`. */
  return async function openFrame(bytes: Uint8Array, last: StreamPosition | null): Promise<OpenedFrame> {
    if (bytes.length < SIGNATURE + HEADER) throw notIntact("a frame is too short");
    const signature = bytes.slice(0, SIGNATURE);
    const sealed = bytes.slice(SIGNATURE);
    const header = sealed.slice(0, HEADER);
    const seq = decodeUint64(header, 5);
    const isSnapshot = header[13] === SNAPSHOT;
    if (header[0] !== VERSION) throw notIntact("a frame has an unknown version");
    if (decodeUint32(header, 1) !== epoch) throw notIntact("a frame is of another epoch");
    const hash = await sha256(sealed);
    if (!(await verify(owner, signature, hash))) throw notIntact("a frame is not signed by the owner");
    const continues = last !== null && seq === last.seq + 1 && equalBytes(header.slice(14), last.hash);
    const replaces = isSnapshot && (last === null || seq > last.seq + 1 || (epoch > last.epoch && seq > last.seq));
    if (!continues && !replaces) throw notIntact("a frame is missing, moved or repeated");
    const content = await decrypt(key, seq, concat(encodeText(share), header), sealed.slice(HEADER));
    if (content === null) throw notIntact("a frame was changed");
    return { position: { epoch, seq, hash }, isSnapshot, content };
  };
}

/** Seals messages of one guest, or of the owner to one guest. `signing`: for intents. */
export interface MessageSealer {
  seal(content: Bytes, signing?: SigningKey): Promise<Bytes>;
}

export interface MessageOpener {
  /** Null if the message is not authentic, or not newer than the last one. `verifying`: the guest's key, for intents. */
  open(bytes: Uint8Array, verifying?: CryptoKey): Promise<Bytes | null>;
}

export interface MessageChannel {
  share: string;
  epoch: number;
  epochKey: Bytes;
  purpose: "intent" | "direct";
  /** The guest that sends, or that gets the message. */
  guest: string;
}

const contextOf = ({ share, epoch, purpose, guest }: MessageChannel): Bytes =>
  encodeText(JSON.stringify([share, epoch, purpose, guest]));

export async function openMessageSealer(channel: MessageChannel): Promise<MessageSealer> {
  const key = await deriveEpochKey(channel.epochKey, channel.purpose, channel.guest);
  const context = contextOf(channel);
  let counter = 0;
  return {
    async seal(content, signing) {
      const number = ++counter;
      const header = encodeUint64(number);
      const sealed = concat(header, await encrypt(key, number, concat(context, header), content));
      return signing ? concat(await sign(signing, await sha256(concat(context, sealed))), sealed) : sealed;
    },
  };
}

export async function openMessageOpener(channel: MessageChannel): Promise<MessageOpener> {
  const key = await deriveEpochKey(channel.epochKey, channel.purpose, channel.guest);
  const context = contextOf(channel);
  let last = 0;
  return {
    async open(bytes, verifying) {
      const sealed = bytes.slice(verifying ? SIGNATURE : 0);
      if (sealed.length < 8) return null;
      const number = decodeUint64(sealed, 0);
      if (number <= last) return null;
      if (verifying && !(await verify(verifying, bytes.slice(0, SIGNATURE), await sha256(concat(context, sealed)))))
        return null;
      const content = await decrypt(key, number, concat(context, sealed.slice(0, 8)), sealed.slice(8));
      // Another message may have been opened while this one was decrypted.
      if (content === null || number <= last) return null;
      last = number;
      return content;
    },
  };
}

const nonceOf = (counter: number): Bytes => concat(new Uint8Array(4), encodeUint64(counter));

async function encrypt(key: CryptoKey, counter: number, additionalData: Bytes, content: Bytes): Promise<Bytes> {
  const algorithm = { name: "AES-GCM", iv: nonceOf(counter), additionalData };
  return new Uint8Array(await crypto.subtle.encrypt(algorithm, key, content));
}

async function decrypt(key: CryptoKey, counter: number, additionalData: Bytes, sealed: Bytes): Promise<Bytes | null> {
  try {
    const algorithm = { name: "AES-GCM", iv: nonceOf(counter), additionalData };
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, sealed));
  } catch {
    return null;
  }
}
