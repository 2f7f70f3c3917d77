/** What sealed frames and messages contain. Readers skip types that they do not know: the other side may be newer. */
import type { Envelope } from "../events.ts";
import type { ParticipantList } from "../participants.ts";
import type { SessionView } from "../view.ts";
import { type Bytes, decodeText, encodeText } from "./encode.ts";
import { hasShape, type Shapes } from "./shapes.ts";

/** A frame of the stream, for all guests. The owner has signed it. */
export type FrameContent =
  /** The whole view. Events continue from `view.seq + 1`. */
  | ({ type: "snapshot"; view: SessionView } & Participants)
  | { type: "events"; envelopes: Envelope[] }
  | ({ type: "participants" } & Participants);

/** `count` is absent from older servers, which list everyone. */
type Participants = Pick<ParticipantList, "participants"> & Partial<ParticipantList>;

/** From a guest to the owner. */
export type IntentContent =
  /**
   * The first message, signed by the key of the invite. `key`: the guest's own public key, which signs all others, in base64url. `nonce`:
   * random; the answer repeats it, which shows that the owner is there now.
   */
  | { type: "join"; key: string; nonce: string; name: string }
  /** A JSON-RPC message. */
  | { type: "rpc"; text: string };

/** From the owner to one guest. */
export type DirectContent =
  /** `seq`: the last frame of the stream when the owner answered. A hub that holds later frames back is noticed. */
  { type: "welcome"; nonce: string; session: string; seq: number } | { type: "rpc"; text: string };

const frameShapes: Shapes = {
  snapshot: { view: "object", participants: "array" },
  events: { envelopes: "array" },
  participants: { participants: "array" },
};
const intentShapes: Shapes = { join: { key: "string", nonce: "string", name: "string" }, rpc: { text: "string" } };
const directShapes: Shapes = {
  welcome: { nonce: "string", session: "string", seq: "number" },
  rpc: { text: "string" },
};

export const encodeContent = (content: FrameContent | IntentContent | DirectContent): Bytes =>
  encodeText(JSON.stringify(content));

/** All three: null for content of another shape. */
export const decodeFrame = (bytes: Uint8Array): FrameContent | null => decode(frameShapes, bytes);
export const decodeIntent = (bytes: Uint8Array): IntentContent | null => decode(intentShapes, bytes);
export const decodeDirect = (bytes: Uint8Array): DirectContent | null => decode(directShapes, bytes);

function decode<T>(shapes: Shapes, bytes: Uint8Array): T | null {
  try {
    const value: unknown = JSON.parse(decodeText(bytes));
    return hasShape(shapes, value) ? (value as T) : null;
  } catch {
    return null;
  }
}
