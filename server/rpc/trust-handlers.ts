/** Handlers for folder trust. */
import type { Handlers } from "../../protocol/methods.ts";
import type { FolderTrust } from "../config/folder-trust.ts";
import type { TrustStore } from "../config/trust-store.ts";

type TrustMethod = Extract<keyof Handlers, `trust${string}`>;

export interface TrustHandlerDeps {
  /** Loaded on demand. */
  trust(): Promise<FolderTrust>;
  store: TrustStore;
  /** Applies what was granted or revoked. */
  reload(): Promise<void>;
}

export function createTrustHandlers({ trust, store, reload }: TrustHandlerDeps): Pick<Handlers, TrustMethod> {
  return {
    async trustRead({ cwd }) {
      const { items, ...rest } = await (await trust()).read(cwd);
      return { ...rest, items: items.map(({ value: _, ...item }) => item) };
    },
    async trustGrant({ cwd, items }) {
      const granted = await (await trust()).grant(cwd, items);
      await reload();
      return { granted };
    },
    async trustRevoke({ cwd }) {
      const revoked = await (await trust()).revoke(cwd);
      await reload();
      return { revoked };
    },
    async trustList() {
      const folders = store.all().map(([root, grants]) => ({ root, items: Object.keys(grants).length }));
      return { folders: folders.filter(({ items }) => items > 0) };
    },
  };
}
