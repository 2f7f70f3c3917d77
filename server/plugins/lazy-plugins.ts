/**
 * Loads the plugin host only if a folder has a plugin or a hook, since most starts need neither. Also tracks the started sessions
 * for the session hooks.
 */
import { existsSync } from "node:fs";
import { listForeignPluginFiles, listOpencodeFolders } from "../config/mcp-config-locations.ts";
import type { CommandHook } from "../config/trust-items.ts";
import type { Contributed, ContributedAgent, ContributedKind, ContributedSkill } from "./contributed-definitions.ts";
import type { HookDispatcher } from "./hooks.ts";
import type { Plugin } from "./host.ts";
import { noHooks } from "./no-hooks.ts";
import type { PluginDeps, Plugins } from "./open-plugins.ts";
import type { PluginProvider } from "./providers.ts";
import type { TurnPlugins } from "./turn-plugins.ts";

export interface LazyPlugins {
  isNeeded(cwd: string): Promise<boolean>;
  open(): Promise<Plugins>;
  forTurn(session: string, cwd: string): Promise<TurnPlugins>;
  /** The agents and skills that approved plugins contribute; a plugin that does not respond is a problem. */
  agents(cwd: string): Promise<Contributed<ContributedAgent>>;
  skills(cwd: string): Promise<Contributed<ContributedSkill>>;
  /** The provider of this name that a plugin contributes, or null. */
  provider(cwd: string, name: string): Promise<PluginProvider | null>;
  /** The session has ended: notifies its hooks and waits for them for a short time. */
  sessionEnded(session: string, reason: "closed" | "quit"): Promise<void>;
  /** Stops the running plugins of a source. */
  stopSource(source: string): Promise<void>;
  close(): Promise<void>;
}

const SESSION_ENDED_MS = 5_000;
/** A plugin whose agents or skills have a problem is asked again after this time. */
const RETRY_MS = 60_000;

const NO_DEFINITIONS = { found: [], problems: [] };

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
  const contributed = new Map<string, { at: number; listed: Promise<Contributed<unknown>> }>();
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
      contributed.clear();
      deps.onChanged();
    };
    opening ??= import("./open-plugins.ts").then(({ openPlugins }) => openPlugins({ ...deps, onChanged }));
    return opening;
  };

  /** Each plugin is asked once, and again after it reported a change or had a problem. */
  const listContributed = async <T>(
    kind: ContributedKind,
    cwd: string,
    list: (plugin: Plugin) => Promise<Contributed<T>>,
  ): Promise<Contributed<T>> => {
    if (!(await isNeeded(cwd))) return NO_DEFINITIONS;
    const { plugins } = await (await open()).plugins(cwd);
    const contributors = plugins.filter(
      ({ spec, approval }) => spec.enabled && approval?.declaration?.contributes?.includes(kind),
    );
    const lists = await Promise.all(
      contributors.map(async (plugin) => {
        const { identity, approval } = plugin;
        if (approval?.identity !== identity) return NO_DEFINITIONS;
        const key = [kind, cwd, plugin.spec.name, identity, approval.at].join("\n");
        const known = contributed.get(key) as { at: number; listed: Promise<Contributed<T>> } | undefined;
        if (known && ((await known.listed).problems.length === 0 || clock.now() < known.at + RETRY_MS))
          return known.listed;
        const listed = list(plugin);
        contributed.set(key, { at: clock.now(), listed });
        return listed;
      }),
    );
    return { found: lists.flatMap(({ found }) => found), problems: lists.flatMap(({ problems }) => problems) };
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
    agents: (cwd) =>
      listContributed("agents", cwd, async (plugin) =>
        (await import("./contributed-definitions.ts")).listContributedAgents(plugin),
      ),
    skills: (cwd) =>
      listContributed("skills", cwd, async (plugin) =>
        (await import("./contributed-definitions.ts")).listContributedSkills(plugin),
      ),
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
