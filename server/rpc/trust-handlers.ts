/** What the methods about trust in a folder do. */
import type { Handlers } from "../../protocol/methods.ts";
import type { FolderTrust } from "../config/folder-trust.ts";
import type { TrustStore } from "../config/trust.ts";

type TrustMethod = Extract<keyof Handlers, `trust${string}`>;

export interface TrustHandlerDeps {
  /** Loaded when it is asked for. */
  trust(): Promise<FolderTrust>;
  store: TrustStore;
  /** Takes up what was granted or taken back. */
  reload(): Promise<void>;
}

export function trustHandlers({ trust, store, reload }: TrustHandlerDeps): Pick<Handlers, TrustMethod> {
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
