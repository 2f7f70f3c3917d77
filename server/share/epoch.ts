/** An epoch of a shared session: a random key, sealed for each invite that is valid now. */
import { type Bytes, encodeText, fromBase64, randomBytes, toBase64 } from "../../protocol/share/encode.ts";
import type { InviteEntry } from "../../protocol/share/hub-messages.ts";
import { deriveInviteKeys, type SigningKey, sha256, signingKey } from "../../protocol/share/invite-keys.ts";
import { openStreamSealer, type StreamSealer, streamStart } from "../../protocol/share/seal.ts";
import { wrapEpochKey } from "../../protocol/share/wrapped-key.ts";
import type { InviteRecord, ShareRecord } from "./share-record.ts";

export interface Epoch {
  number: number;
  key: Bytes;
  sealer: StreamSealer;
}

export const ownerKey = ({ seed }: ShareRecord): Promise<SigningKey> =>
  signingKey(fromBase64(seed) ?? new Uint8Array());

/** `lastSeq`: the number of the last frame of the epoch before. */
export async function createEpoch(record: ShareRecord, number: number, lastSeq: number): Promise<Epoch> {
  const key = randomBytes(32);
  const start = { ...streamStart, seq: lastSeq };
  return { number, key, sealer: await openStreamSealer(record.share, number, key, await ownerKey(record), start) };
}

export const listEntries = (record: ShareRecord, epoch: Epoch): Promise<InviteEntry[]> =>
  Promise.all(
    record.invites
      .filter(({ revoked, expiresAt }) => !revoked && expiresAt > Date.now())
      .map((invite) => createEntry(record, invite, epoch)),
  );

export async function createEntry(record: ShareRecord, invite: InviteRecord, epoch: Epoch): Promise<InviteEntry> {
  const { share } = record;
  const keys = await deriveInviteKeys(share, fromBase64(invite.secret) ?? new Uint8Array());
  const { publicKey } = await ownerKey(record);
  const access = { epochKey: epoch.key, owner: publicKey, role: invite.role };
  const wrapped = await wrapEpochKey(keys.wrapping, { share, epoch: epoch.number, invite: keys.id }, access);
  const tokenHash = toBase64(await sha256(encodeText(keys.token)));
  return { invite: keys.id, tokenHash, expiresIn: Math.max(0, invite.expiresAt - Date.now()), key: toBase64(wrapped) };
}
