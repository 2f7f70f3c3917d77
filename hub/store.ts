/** What a hub stores, as a port: sealed frames and what it needs to know about a share. Nothing in it can be read without an invite. */

export interface StoredInvite {
  invite: string;
  /** SHA-256 in base64url. */
  tokenHash: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
  /** The key of the current epoch, sealed for this invite. */
  key: string;
}

export interface ShareRecord {
  /** SHA-256 of the publisher's token, in base64url. */
  tokenHash: string;
  epoch: number;
  invites: StoredInvite[];
  /** Ids of invites that were revoked. */
  revoked: string[];
  /** Bytes of all frames that were ever published. */
  published: number;
  /** Milliseconds since 1970. */
  changedAt: number;
  /** Set when the owner ended it: all else was deleted. */
  ended?: true;
}

export interface StoredFrame {
  epoch: number;
  seq: number;
  snapshot: boolean;
  bytes: Uint8Array;
}

export interface LoadedShare {
  record: ShareRecord;
  /** From the newest snapshot on. */
  frames: StoredFrame[];
}

/** What other nodes have changed. */
export interface ShareChanges {
  recordChanged(record: ShareRecord): void;
  framesAdded(frames: readonly StoredFrame[]): void;
}

export interface HubStore {
  /** Null if there is none. */
  load(share: string): Promise<LoadedShare | null>;
  /** To be called right after `load`, where several nodes use one store: reports changes until `release`. */
  follow?(share: string, changes: ShareChanges): void;
  /** Resolves when everything that is stored by now was reported. */
  refresh?(share: string): Promise<void>;
  /** A share that was loaded is not used any more. */
  release?(share: string): Promise<void>;
  /** Resolves when it is on disk. */
  saveRecord(share: string, record: ShareRecord): Promise<void>;
  /** Resolves when they are on disk. A snapshot replaces all frames before it. Calls for one share must not overlap. */
  append(share: string, frames: readonly StoredFrame[]): Promise<void>;
  /** Deletes the frames. */
  clear(share: string): Promise<void>;
  remove(share: string): Promise<void>;
  list(): Promise<string[]>;
  /** When the share was last changed, in milliseconds since 1970; null if there is none. */
  lastChange(share: string): Promise<number | null>;
  close(): Promise<void>;
}
