/**
 * Loads the plugin host only if a folder has a plugin or a hook, since most starts need neither. Also tracks the started sessions
 * for the session hooks.
 */
import { existsSync } from "node:fs";
import { listForeignPluginFiles, listOpencodeFolders } from "../config/mcp-config-locations.ts";
import type { CommandHook } from "../config/trust-items.ts";
import type { ContributedAgent } from "./contributed-agents.ts";
import type { HookDispatcher } from "./hooks.ts";
import { noHooks } from "./no-hooks.ts";
import type { PluginDeps, Plugins } from "./open-plugins.ts";
import type { PluginProvider } from "./providers.ts";
import type { TurnPlugins } from "./turn-plugins.ts";

export interface LazyPlugins {
  isNeeded(cwd: string): Promise<boolean>;
  open(): Promise<Plugins>;
  forTurn(session: string, cwd: string): Promise<TurnPlugins>;
  /** The agents that approved plugins contribute; a plugin that does not respond contributes none. */
  agents(cwd: string): Promise<readonly ContributedAgent[]>;
  /** The provider of this name that a plugin contributes, or null. */
  provider(cwd: string, name: string): Promise<PluginProvider | null>;
  /** The session has ended: notifies its hooks and waits for them for a short time. */
  sessionEnded(session: string, reason: "closed" | "quit"): Promise<void>;
  /** Stops the running plugins of a source. */
  stopSource(source: string): Promise<void>;
  close(): Promise<void>;
}

const SESSION_ENDED_MS = 5_000;

export const NO_PLUGINS: TurnPlugins = {
  tools: [],
  isListed: () => true,
  hooks: noHooks,
  warnings: [],
  firstTurn: false,
};

export function createLazyPlugins(
  deps: PluginDeps & { commandHooks(cwd: string): Promise<{ hooks: CommandHook[]; warnings: string[] }> },
): LazyPlugins {
  const { clock, home } = deps;
  const startedSessions = new Map<string, { cwd: string; hooks: HookDispatcher }>();
  /** By folder and the identities of its plugins; read again after a plugin reported a change. */
  const contributedAgents = new Map<string, Promise<readonly ContributedAgent[]>>();
  let opening: Promise<Plugins> | null = null;

  const isNeeded = async (cwd: string): Promise<boolean> => {
    const { config, projectPlugins } = await deps.loadConfig(cwd);
    if (Object.keys(config.plugins ?? {}).length > 0 || projectPlugins.length > 0) return true;
    if (listForeignPluginFiles(cwd, home, deps.project).some(({ file }) => existsSync(file))) return true;
    if (listOpencodeFolders(cwd, home, deps.project).length === 0) return false;
    const { listOpencodePlugins } = await import("../config/opencode-plugins.ts");
    return listOpencodePlugins(cwd, home, deps.project).plugins.length > 0;
  };
  const open = (): Promise<Plugins> => {
    const onChanged = (): void => {
      contributedAgents.clear();
      deps.onChanged();
    };
    opening ??= import("./open-plugins.ts").then(({ openPlugins }) => openPlugins({ ...deps, onChanged }));
    return opening;
  };

  return {
    isNeeded,
    open,
    async forTurn(session, cwd) {
      const firstTurn = !startedSessions.has(session);
      const [needed, { hooks: commandHooks, warnings }] = await Promise.all([isNeeded(cwd), deps.commandHooks(cwd)]);
      let plugins: TurnPlugins = { ...NO_PLUGINS, firstTurn };
      if (needed || commandHooks.length > 0) {
        const [{ collectTurnPlugins }, host] = await Promise.all([import("./turn-plugins.ts"), open()]);
        const { mode } = (await deps.loadConfig(cwd)).config.permissions;
        const sources = host.commandHookSources(commandHooks, session, mode);
        plugins = await collectTurnPlugins(host, cwd, sources, clock, firstTurn);
      }
      startedSessions.set(session, { cwd, hooks: plugins.hooks });
      return { ...plugins, warnings: [...plugins.warnings, ...warnings] };
    },
    async agents(cwd) {
      if (!(await isNeeded(cwd))) return [];
      const [{ listContributedAgents }, host] = await Promise.all([import("./contributed-agents.ts"), open()]);
      const { plugins } = await host.plugins(cwd);
      const key = [cwd, ...plugins.map(({ identity, approval }) => `${identity} ${approval?.at}`)].join("\n");
      const known = contributedAgents.get(key) ?? listContributedAgents(plugins);
      contributedAgents.set(key, known);
      return known;
    },
    async provider(cwd, name) {
      if (name === "" || !(await isNeeded(cwd))) return null;
      const [{ listPluginProviders }, host] = await Promise.all([import("./providers.ts"), open()]);
      return (await listPluginProviders((await host.plugins(cwd)).plugins, clock))[name] ?? null;
    },
    async sessionEnded(session, reason) {
      const started = startedSessions.get(session);
      startedSessions.delete(session);
      if (!started?.hooks.hasListener("session.ended")) return;
      const timeout = new AbortController();
      const dispatched = started.hooks.dispatch(
        "session.ended",
        { session, cwd: started.cwd, reason },
        { signal: timeout.signal },
      );
      await Promise.race([dispatched, clock.sleep(SESSION_ENDED_MS, timeout.signal)]);
      timeout.abort();
    },
    async stopSource(source) {
      await (await opening)?.stopSource(source);
    },
    async close() {
      await (await opening)?.close();
    },
  };
}
