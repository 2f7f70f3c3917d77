/** What a session runs in the background is its own: no other session lists or ends it, and it ends with its session. */
import type { Processes } from "../ports.ts";

export function ownProcesses(all: Processes): Processes & { close(): Promise<void> } {
  const own = new Set<string>();
  return {
    ripgrep: all.ripgrep,
    run: all.run,
    async background(spec) {
      const started = await all.background(spec);
      own.add(started.id);
      return started;
    },
    listBackground: () => all.listBackground().filter(({ id }) => own.has(id)),
    killBackground: async (id) => own.has(id) && (await all.killBackground(id)),
    async close() {
      await Promise.all([...own].map(all.killBackground));
    },
  };
}
