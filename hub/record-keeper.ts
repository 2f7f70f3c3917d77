/** Keeps the record of a share: its publisher's token, its epoch and its invites. Every change is on disk before it counts. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { InviteEntry } from "../protocol/share/hub-messages.ts";
import type { HubLimits } from "./limits.ts";
import type { HubStore, ShareRecord, StoredInvite } from "./store.ts";

export const hashToken = (token: string): string => createHash("sha256").update(token).digest("base64url");

/** Compares in constant time. */
export const isHashOf = (token: string, hash: string): boolean =>
  timingSafeEqual(createHash("sha256").update(token).digest(), Buffer.from(hash.padEnd(43, "A"), "base64url"));

const noRecord: ShareRecord = { tokenHash: "", epoch: 0, invites: [], revoked: [], published: 0, changedAt: 0 };

export interface RecordKeeperDeps {
  store: HubStore;
  limits: HubLimits;
  now(): number;
}

export function createRecordKeeper(id: string, loaded: ShareRecord | null, { store, limits, now }: RecordKeeperDeps) {
  let record = loaded;
  const save = async (change: Partial<ShareRecord>): Promise<void> => {
    const changed = { ...(record ?? noRecord), ...change, changedAt: now() };
    await store.saveRecord(id, changed);
    record = changed;
  };
  const current = (): ShareRecord => record ?? noRecord;
  const toStored = ({ invite, tokenHash, expiresIn, key }: InviteEntry): StoredInvite => ({
    invite,
    tokenHash,
    key,
    expiresAt: now() + expiresIn,
  });
  return {
    record: current,
    async admit(token: string): Promise<boolean> {
      if (current().ended) return false;
      if (!record) await save({ tokenHash: hashToken(token) });
      return isHashOf(token, current().tokenHash);
    },
    /** Invites that are not listed are revoked. */
    async beginEpoch(epoch: number, invites: readonly InviteEntry[]): Promise<StoredInvite[]> {
      const listed = new Set(invites.map(({ invite }) => invite));
      const dropped = current().invites.map(({ invite }) => invite);
      const revoked = [...current().revoked, ...dropped].filter((invite) => !listed.has(invite));
      const stored = invites.map(toStored);
      await save({ epoch, invites: stored, revoked: revoked.slice(-limits.revoked) });
      return stored;
    },
    addInvite(entry: InviteEntry): Promise<void> {
      const others = current().invites.filter(({ invite }) => invite !== entry.invite);
      return save({ invites: [...others, toStored(entry)] });
    },
    /** Written with each snapshot: in between, it is only a little too low after a crash. */
    async countPublished(bytes: number, isWritten: boolean): Promise<void> {
      record = { ...current(), published: current().published + bytes, changedAt: now() };
      if (isWritten) await store.saveRecord(id, record);
    },
    /** The record as another node has stored it. */
    replace(stored: ShareRecord): void {
      record = stored;
    },
    end: () => save({ ended: true, invites: [], revoked: [], published: 0 }),
  };
}

export type RecordKeeper = ReturnType<typeof createRecordKeeper>;
