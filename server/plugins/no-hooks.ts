/** The dispatcher of a turn without hooks. A file of its own, so that it loads nothing else. */
import type { HookDispatcher } from "./hooks.ts";

export const noHooks: HookDispatcher = {
  hasListener: () => false,
  dispatch: async () => ({ results: [], failed: [] }),
};
