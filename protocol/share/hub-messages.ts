/**
 * Messages between a hub and its clients: a binary WebSocket message holds the length of a JSON header (4 bytes, the highest first), the
 * header, and sealed bytes that the hub cannot read.
 */
import { z } from "zod";
import { type Bytes, concat, decodeText, decodeUint32, encodeText, encodeUint32 } from "./encode.ts";
import { hasShape, type Shapes } from "./shapes.ts";
import { SHARE_ID } from "./share-link.ts";

export const HUB_PROTOCOL = "tutti.hub.1";
const MAX_HEADER = 262_144;

const share = z.string().regex(SHARE_ID);
/** 128 bits in base64url. */
const id = z.string().regex(/^[A-Za-z0-9_-]{22}$/);
/** 256 bits in base64url. */
const hash = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);

const inviteEntry = z.object({
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
const publisherMessage = z.discriminatedUnion("type", [
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
export const parsePublisherMessage = (value: unknown): PublisherMessage | null =>
  publisherMessage.safeParse(value).data ?? null;

/** From a guest. */
const guestMessage = z.discriminatedUnion("type", [
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
export const parseGuestMessage = (value: unknown): GuestMessage | null => guestMessage.safeParse(value).data ?? null;

export type HubErrorCode =
  | "notFound"
  | "expired"
  | "revoked"
  | "ended"
  | "denied"
  | "fenced"
  | "quota"
  | "tooFast"
  | "full"
  | "storage"
  | "invalid"
  | "version"
  | "stopping";

export interface HubErrorMessage {
  type: "error";
  code: HubErrorCode;
  /** For a person. */
  message: string;
}

export type ToPublisher =
  /** The last epoch and frame that the hub has stored; 0 for a new share. */
  | { type: "publishing"; epoch: number; seq: number }
  | { type: "epochBegun"; epoch: number }
  /** The invite is on disk: guests with its link can join. */
  | { type: "invited"; invite: string }
  /** All frames up to this one are on disk. */
  | { type: "stored"; seq: number }
  /** The body is a sealed intent. */
  | { type: "intent"; guest: string; invite: string }
  | { type: "left"; guest: string }
  | { type: "ended" }
  | HubErrorMessage;

export type ToGuest =
  /** The key of an epoch for this guest's invite, in base64url: the first message, and again for each new epoch. */
  | { type: "key"; epoch: number; key: string }
  /** The body is a sealed frame. */
  | { type: "frame" }
  /** The body is a sealed message of the owner to this guest. */
  | { type: "direct" }
  /** Whether the owner's server is connected. */
  | { type: "owner"; online: boolean }
  | HubErrorMessage;

const error = { code: "string", message: "string" } as const;
const publisherShapes: Shapes = {
  publishing: { epoch: "number", seq: "number" },
  epochBegun: { epoch: "number" },
  invited: { invite: "string" },
  stored: { seq: "number" },
  intent: { guest: "string", invite: "string" },
  left: { guest: "string" },
  ended: {},
  error,
};
const guestShapes: Shapes = {
  key: { epoch: "number", key: "string" },
  frame: {},
  direct: {},
  owner: { online: "boolean" },
  error,
};

export const parseToPublisher = (value: unknown): ToPublisher | null =>
  hasShape(publisherShapes, value) ? (value as ToPublisher) : null;
export const parseToGuest = (value: unknown): ToGuest | null =>
  hasShape(guestShapes, value) ? (value as ToGuest) : null;

const EMPTY: Bytes = new Uint8Array();

export function encodeHubMessage(
  header: PublisherMessage | GuestMessage | ToPublisher | ToGuest,
  body: Uint8Array = EMPTY,
): Bytes {
  const text = encodeText(JSON.stringify(header));
  return concat(encodeUint32(text.length), text, body);
}

/** `parse`: the message that a header is, or null. */
export function decodeHubMessage<T>(
  parse: (header: unknown) => T | null,
  bytes: Uint8Array,
): { header: T; body: Uint8Array } | null {
  if (bytes.length < 4) return null;
  const length = decodeUint32(bytes, 0);
  if (length > MAX_HEADER || bytes.length < 4 + length) return null;
  try {
    const header = parse(JSON.parse(decodeText(bytes.subarray(4, 4 + length))));
    return header === null ? null : { header, body: bytes.subarray(4 + length) };
  } catch {
    return null;
  }
}
