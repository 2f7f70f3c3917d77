/**
 * The processes of one session: they get the variables that the user passes, no other session can list or kill those in the
 * background, and they end with the session.
 */
import type { Processes, ProcessSpec } from "../ports.ts";

/** The variables with these names, as far as they are set. */
export const pickVariables = (
  env: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));

export function openSessionProcesses(
  all: Processes,
  environment: () => Promise<Record<string, string>>,
): Processes & { close(): Promise<void> } {
  const ownIds = new Set<string>();
  const withEnvironment = async (spec: ProcessSpec): Promise<ProcessSpec> => ({
    ...spec,
    env: { ...(await environment()), ...spec.env },
  });
  return {
    ripgrep: all.ripgrep,
    run: async (spec) => all.run(await withEnvironment(spec)),
    async background(spec) {
      const started = await all.background(await withEnvironment(spec));
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
