/** Plugins and hooks of the configuration, and the plugins that clients register, as one host that a turn starts when it needs it. */
import { hasClaudeSettings } from "../config/claude-settings-path.ts";
import { listProjectFolders } from "../config/load.ts";
import type { Configuration } from "../config/open-configuration.ts";
import { type ClientPlugins, openClientPlugins } from "./client-plugins.ts";
import { createLazyPlugins, type LazyPlugins } from "./lazy-plugins.ts";
import type { PluginDeps } from "./open-plugins.ts";

interface PreparedPluginsDeps extends Omit<PluginDeps, "loadConfig"> {
  configuration: Configuration;
  resolveRealPath(path: string): string;
}

export function preparePlugins(deps: PreparedPluginsDeps): { plugins: LazyPlugins; clientPlugins: ClientPlugins } {
  const { configuration, home, onChanged, resolveRealPath } = deps;
  const clientPlugins = openClientPlugins({
    resolveRealPath,
    onChanged,
    // A program that does not exit is killed; nothing waits for it.
    onSourceRemoved: (source) => void plugins.stopSource(source).catch(() => undefined),
  });
  const plugins = createLazyPlugins({
    ...deps,
    loadConfig: async (cwd) => clientPlugins.addTo(await configuration.loadedFor(cwd)),
    async commandHooks(cwd) {
      const { hooks, root } = await configuration.loadedFor(cwd);
      if (hooks.length === 0 && !hasClaudeSettings([...listProjectFolders(root), home]))
        return { hooks: [], warnings: [] };
      const listed = await (await configuration.openTrust()).listCommandHooks(cwd);
      const { remindOfTrust } = await import("./trust-reminders.ts");
      return {
        hooks: listed.hooks.flatMap(({ hook, granted }) => (granted ? [hook] : [])),
        warnings: await remindOfTrust(listed.hooks, { home, dataDir: deps.dataDir }),
      };
    },
  });
  return { plugins, clientPlugins };
}
