/** The shares that a hub has open: loaded with the first connection, released with the last one. */
import type { HubClient } from "./client.ts";
import { openShare, type Share } from "./share.ts";
import type { ShareDeps } from "./share-state.ts";

export interface ShareTable {
  count(): number;
  open(id: string): Promise<Share>;
  /** To be called when a connection to this share has ended. */
  release(id: string, share: Share): void;
  /** Storing has failed: everyone is disconnected, and what is on disk is read again when they come back. */
  fail(client: HubClient, id: string, error: unknown): void;
  /** This node has lost what it stores in: everyone is disconnected. */
  failAll(): void;
  /** Deletes shares that were not used for long. */
  deleteUnused(): Promise<void>;
  stop(): Promise<void>;
}

const STORAGE_FAILED =
  "The hub cannot store this share: its disk may be full, or its other nodes cannot be reached. The session itself goes on.";

export function openShareTable({ log, ...deps }: ShareDeps & { log(line: string): void }): ShareTable {
  const { store, limits, now } = deps;
  const shares = new Map<string, Promise<Share>>();
  const forget = (id: string): void => {
    shares.delete(id);
    store.release?.(id).catch((error: unknown) => log(`a share could not be released: ${error}`));
  };
  const stopShare = (id: string): void => {
    const share = shares.get(id);
    if (!share) return;
    forget(id);
    share.then((opened) => opened.stop("storage", STORAGE_FAILED)).catch(() => undefined);
  };
  return {
    count: () => shares.size,
    open(id) {
      const known = shares.get(id);
      if (known) return known;
      const opened = store.load(id).then(async (loaded) => {
        const share = openShare(id, loaded, deps);
        await share.ready;
        return share;
      });
      shares.set(id, opened);
      opened.catch(() => shares.delete(id));
      return opened;
    },
    release(id, share) {
      if (!share.isUnused()) return;
      share.close();
      forget(id);
    },
    fail(client, id, error) {
      log(`storage failed: ${error instanceof Error ? error.message.replaceAll(id, "…") : String(error)}`);
      client.fail("storage", STORAGE_FAILED);
      stopShare(id);
    },
    failAll() {
      for (const id of [...shares.keys()]) stopShare(id);
    },
    async deleteUnused() {
      for (const id of await store.list()) {
        if (shares.has(id)) continue;
        const changedAt = await store.lastChange(id).catch(() => null);
        if (changedAt !== null && now() - changedAt > limits.idleMs) await store.remove(id);
      }
    },
    async stop() {
      for (const share of shares.values())
        (await share.catch(() => null))?.stop("stopping", "The hub is shutting down.");
    },
  };
}
