/** The key of an epoch, sealed by the owner for one invite. */
import type { GuestRole } from "../share-methods.ts";
import { type Bytes, concat, decodeText, encodeText, fromBase64, randomBytes, toBase64 } from "./encode.ts";

/** What a guest learns when it opens the key: the rest of its membership comes with the owner's frames. */
export interface EpochAccess {
  epochKey: Bytes;
  /** The owner's public key. Its fingerprint must be that of the link. */
  owner: Bytes;
  role: GuestRole;
}

const NONCE = 12;

const contextOf = (share: string, epoch: number, invite: string): Bytes =>
  encodeText(JSON.stringify(["key", share, epoch, invite]));

export async function wrapEpochKey(
  wrapping: CryptoKey,
  { share, epoch, invite }: { share: string; epoch: number; invite: string },
  { epochKey, owner, role }: EpochAccess,
): Promise<Bytes> {
  const iv = randomBytes(NONCE);
  const content = encodeText(JSON.stringify({ key: toBase64(epochKey), owner: toBase64(owner), role }));
  const algorithm = { name: "AES-GCM", iv, additionalData: contextOf(share, epoch, invite) };
  return concat(iv, new Uint8Array(await crypto.subtle.encrypt(algorithm, wrapping, content)));
}

/** Null if it was sealed for another invite, epoch or share, or changed. */
export async function unwrapEpochKey(
  wrapping: CryptoKey,
  { share, epoch, invite }: { share: string; epoch: number; invite: string },
  wrapped: Uint8Array,
): Promise<EpochAccess | null> {
  try {
    const algorithm = {
      name: "AES-GCM",
      iv: wrapped.slice(0, NONCE),
      additionalData: contextOf(share, epoch, invite),
    };
    const content = await crypto.subtle.decrypt(algorithm, wrapping, wrapped.slice(NONCE));
    // Only the owner and those with the link can have written it.
    const { key, owner, role } = JSON.parse(decodeText(new Uint8Array(content))) as Record<"key" | "owner", string> & {
      role: GuestRole;
    };
    const [epochKey, ownerKey] = [fromBase64(key), fromBase64(owner)];
    return epochKey && ownerKey ? { epochKey, owner: ownerKey, role } : null;
  } catch {
    return null;
  }
}
