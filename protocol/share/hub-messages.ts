/**
 * Messages between a hub and its clients: a binary WebSocket message holds the length of a JSON header (4 bytes, the highest first), the
 * header, and sealed bytes that the hub cannot read.
 */
import { z } from "zod";
import { type Bytes, concat, decodeText, decodeUint32, encodeText, encodeUint32 } from "./encode.ts";
import { SHARE_ID } from "./share-link.ts";

export const HUB_PROTOCOL = "tutti.hub.1";
const MAX_HEADER = 262_144;

const share = z.string().regex(SHARE_ID);
/** 128 bits in base64url. */
const id = z.string().regex(/^[A-Za-z0-9_-]{22}$/);
/** 256 bits in base64url. */
const hash = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);

export const inviteEntry = z.object({
  invite: id,
  /** SHA-256 of the token that guests with this link present. */
  tokenHash: hash,
  /** Milliseconds from now: the hub's clock decides, so that a wrong clock elsewhere does not matter. */
  expiresIn: count,
  /** The epoch's key, sealed for this invite, in base64url. */
  key: z.string().max(1024),
});
export type InviteEntry = z.infer<typeof inviteEntry>;

/** From the owner's server. */
export const publisherMessage = z.discriminatedUnion("type", [
  /** The first message. `token`: 256 bits; the first publisher of a share sets it. */
  z.object({ type: z.literal("publish"), share, token: hash }),
  /** Begins an epoch, which ends all others: it must be the next one. Guests of invites that it does not list are disconnected. */
  z.object({ type: z.literal("epoch"), epoch: count, invites: z.array(inviteEntry).max(1000) }),
  z.object({ type: z.literal("invite"), invite: inviteEntry }),
  /** The body is a sealed frame. */
  z.object({ type: z.literal("frame"), epoch: count, seq: count, snapshot: z.boolean() }),
  /** The body is a sealed message to one guest. */
  z.object({ type: z.literal("direct"), guest: id }),
  z.object({ type: z.literal("disconnect"), guest: id }),
  /** Deletes everything. */
  z.object({ type: z.literal("end") }),
]);
export type PublisherMessage = z.infer<typeof publisherMessage>;

/** From a guest. */
export const guestMessage = z.discriminatedUnion("type", [
  /** The first message. `after`: the last frame that the guest has. */
  z.object({
    type: z.literal("join"),
    share,
    invite: id,
    token: hash,
    guest: id,
    after: z.object({ epoch: count, seq: count }).optional(),
  }),
  /** The body is a sealed intent. */
  z.object({ type: z.literal("intent") }),
]);
export type GuestMessage = z.infer<typeof guestMessage>;

export const hubErrorCodes = [
  "notFound",
  "expired",
  "revoked",
  "ended",
  "denied",
  "fenced",
  "quota",
  "tooFast",
  "full",
  "storage",
  "invalid",
  "version",
  "stopping",
] as const;
export type HubErrorCode = (typeof hubErrorCodes)[number];

const error = z.object({ type: z.literal("error"), code: z.enum(hubErrorCodes), message: z.string() });

export const toPublisher = z.discriminatedUnion("type", [
  /** The last epoch and frame that the hub has stored; 0 for a new share. */
  z.object({ type: z.literal("publishing"), epoch: count, seq: count }),
  z.object({ type: z.literal("epochBegun"), epoch: count }),
  /** The invite is on disk: guests with its link can join. */
  z.object({ type: z.literal("invited"), invite: id }),
  /** All frames up to this one are on disk. */
  z.object({ type: z.literal("stored"), seq: count }),
  /** The body is a sealed intent. */
  z.object({ type: z.literal("intent"), guest: id, invite: id }),
  z.object({ type: z.literal("left"), guest: id }),
  z.object({ type: z.literal("ended") }),
  error,
]);
export type ToPublisher = z.infer<typeof toPublisher>;

export const toGuest = z.discriminatedUnion("type", [
  /** The key of an epoch for this guest's invite, in base64url: the first message, and again for each new epoch. */
  z.object({ type: z.literal("key"), epoch: count, key: z.string() }),
  z.object({ type: z.literal("frame") }),
  z.object({ type: z.literal("direct") }),
  /** Whether the owner's server is connected. */
  z.object({ type: z.literal("owner"), online: z.boolean() }),
  error,
]);
export type ToGuest = z.infer<typeof toGuest>;

const EMPTY: Bytes = new Uint8Array();

export function encodeHubMessage(
  header: PublisherMessage | GuestMessage | ToPublisher | ToGuest,
  body: Uint8Array = EMPTY,
): Bytes {
  const text = encodeText(JSON.stringify(header));
  return concat(encodeUint32(text.length), text, body);
}

/** Null for a message that is not of this schema. */
export function decodeHubMessage<T>(schema: z.ZodType<T>, bytes: Uint8Array): { header: T; body: Uint8Array } | null {
  if (bytes.length < 4) return null;
  const length = decodeUint32(bytes, 0);
  if (length > MAX_HEADER || bytes.length < 4 + length) return null;
  try {
    const parsed = schema.safeParse(JSON.parse(decodeText(bytes.subarray(4, 4 + length))));
    return parsed.success ? { header: parsed.data, body: bytes.subarray(4 + length) } : null;
  } catch {
    return null;
  }
}
