/** What sealed frames and messages contain. Readers skip types that they do not know: the other side may be newer. */
import { z } from "zod";
import type { Envelope } from "../events.ts";
import { participant, viewSchema } from "../method.ts";
import { type Bytes, decodeText, encodeText } from "./encode.ts";

/** The owner has signed it; only its order matters here. A reader skips types of events that it does not know. */
const envelope = z.custom<Envelope>((value) => typeof (value as Envelope | null)?.seq === "number");

/** A frame of the stream, for all guests. */
export const frameContent = z.discriminatedUnion("type", [
  /** The whole view. Events continue from `view.seq + 1`. */
  z.object({ type: z.literal("snapshot"), view: viewSchema, participants: z.array(participant) }),
  z.object({ type: z.literal("events"), envelopes: z.array(envelope) }),
  z.object({ type: z.literal("participants"), participants: z.array(participant) }),
]);
export type FrameContent = z.infer<typeof frameContent>;

/** From a guest to the owner. */
export const intentContent = z.discriminatedUnion("type", [
  /** The first message, signed by the key of the invite. `key`: the guest's own public key, which signs all others; in base64url. */
  z.object({
    type: z.literal("join"),
    key: z.string().max(64),
    /** Random: the answer repeats it, which shows that the owner is there now. */
    nonce: z.string().max(64),
    name: z.string().max(200),
  }),
  /** A JSON-RPC message. */
  z.object({ type: z.literal("rpc"), text: z.string() }),
]);
export type IntentContent = z.infer<typeof intentContent>;

/** From the owner to one guest. */
export const directContent = z.discriminatedUnion("type", [
  /** `seq`: the last frame of the stream when the owner answered. A hub that holds later frames back is noticed. */
  z.object({ type: z.literal("welcome"), nonce: z.string(), session: z.string(), seq: z.number() }),
  z.object({ type: z.literal("rpc"), text: z.string() }),
]);
export type DirectContent = z.infer<typeof directContent>;

export const encodeContent = (content: FrameContent | IntentContent | DirectContent): Bytes =>
  encodeText(JSON.stringify(content));

/** Null for content that is not of this schema. */
export function decodeContent<T>(schema: z.ZodType<T>, bytes: Uint8Array): T | null {
  try {
    const parsed = schema.safeParse(JSON.parse(decodeText(bytes)));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
