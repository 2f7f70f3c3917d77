/** The background processes of one session: no other session can list or kill them, and they end with the session. */
import type { Processes } from "../ports.ts";

export function openSessionProcesses(all: Processes): Processes & { close(): Promise<void> } {
  const ownIds = new Set<string>();
  return {
    ripgrep: all.ripgrep,
    run: all.run,
    async background(spec) {
      const started = await all.background(spec);
      ownIds.add(started.id);
      return started;
    },
    listBackground: () => all.listBackground().filter(({ id }) => ownIds.has(id)),
    killBackground: async (id) => ownIds.has(id) && (await all.killBackground(id)),
    async close() {
      await Promise.all([...ownIds].map(all.killBackground));
    },
  };
}
