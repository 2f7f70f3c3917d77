/** Connects the plugin host to transports, models and sessions. Loaded if a folder has a plugin, or a client asks about plugins. */
import { pathToFileURL } from "node:url";
import { describeError, TuttiError } from "../../protocol/errors.ts";
import { printable } from "../../protocol/printable.ts";
import type { Mode } from "../../protocol/settings.ts";
import type { LoadedConfig } from "../config/config.ts";
import type { PluginSpec } from "../config/plugin-spec.ts";
import type { CommandHook } from "../config/trust-items.ts";
import type { Keys } from "../model/keys.ts";
import { openStdioProcesses } from "../node/stdio-process.ts";
import type { Clock, Hash, Model } from "../ports.ts";
import type { Session } from "../session/session.ts";
import { openApprovalReminders } from "./approval-reminders.ts";
import { openApprovals } from "./approvals.ts";
import type { CheckResult } from "./check-plugin.ts";
import { createGuardedFetch } from "./guarded-fetch.ts";
import { createHookSession } from "./hook-session.ts";
import type { HookSource } from "./hooks.ts";
import { type Host, openHost, type Plugin, START_MS } from "./host.ts";
import { getKeyName } from "./oauth-client-provider.ts";
import type { PluginConnection, PluginEvents } from "./plugin-connection.ts";
import { handlePluginRequest, SAMPLING_METHOD, toPluginAuthor } from "./plugin-requests.ts";
import { maskVariables, resolvePluginSpec } from "./resolve-plugin-spec.ts";
import { createCommandSource, createEnvironmentSource } from "./run-command-hooks.ts";
import { openTranscripts } from "./transcripts.ts";

export interface PluginDeps {
  clock: Clock;
  hash: Hash;
  home: string;
  /** False if project configuration is ignored. */
  project: boolean;
  dataDir: string;
  env: Readonly<Record<string, string | undefined>>;
  version: string;
  /** Stores the tokens. */
  keys: Keys;
  loadConfig(cwd: string): Promise<LoadedConfig>;
  /** The sessions that are open. */
  openSessions(): Session[];
  /** Opens a model by name, as for a session in this folder. */
  openModel(name: string | undefined, cwd: string): Promise<Model>;
  /** A plugin's contributions have changed. */
  onChanged(): void;
}

/** Maximum characters of a plugin's notice. */
const MAX_NOTICE_LENGTH = 500;

export interface Plugins extends Host {
  /** Starts a command as a plugin and checks it. */
  check(command: string[], cwd: string): Promise<CheckResult[]>;
  /** Resolves when the user has logged in at the page passed to `open`. */
  login(plugin: Plugin, open: (url: URL) => void): Promise<void>;
  logout(plugin: Plugin): Promise<boolean>;
  /** The hooks that a turn of this open session calls. `mode`: the configured one. */
  commandHookSources(hooks: readonly CommandHook[], session: string, mode: Mode): HookSource[];
}

export function openPlugins(deps: PluginDeps): Plugins {
  const { clock, hash, home, env, version, keys } = deps;
  const stdioProcesses = openStdioProcesses(env);
  const transcripts = openTranscripts(deps);
  /** Messages never contain what was filled in. */
  const connectPlugin = async (spec: PluginSpec, events: PluginEvents, root: string): Promise<PluginConnection> => {
    try {
      return await connectResolved(resolvePluginSpec(spec, env), events, root);
    } catch (error) {
      const message = describeError(error);
      const masked = maskVariables(spec, env, message);
      throw masked === message ? error : new Error(masked, { cause: error });
    }
  };
  const connectResolved = async (spec: PluginSpec, events: PluginEvents, root: string): Promise<PluginConnection> => {
    const [{ connect }, transport] = await Promise.all([import("./connect.ts"), createTransport(spec)]);
    const options = {
      transport,
      version,
      roots: () => [{ uri: pathToFileURL(root).href, name: root.split(/[/\\]/).at(-1) || root }],
      sampling: spec.sampling
        ? (params: unknown, signal: AbortSignal) => events.handleRequest(SAMPLING_METHOD, params, signal)
        : null,
      startMs: START_MS,
    };
    try {
      return await connect(events, options);
    } catch (error) {
      if (!requiresMcp2026(error)) throw error;
      const { connectModern, createModernHttpTransport } = await import("./mcp-2026.ts");
      const newTransport =
        spec.url === undefined
          ? await createTransport(spec)
          : createModernHttpTransport(spec, createGuardedFetch(new URL(spec.url)));
      return connectModern(events, { transport: newTransport, version, startMs: START_MS });
    }
  };
  const host = openHost({
    clock,
    hash,
    home,
    env,
    project: deps.project,
    approvals: openApprovals(deps.dataDir),
    reminders: openApprovalReminders(deps.dataDir),
    loadConfig: deps.loadConfig,
    notify(root, plugin, level, text) {
      const notice = {
        type: "notice.shown" as const,
        level,
        text: `${plugin}: ${printable(text).slice(0, MAX_NOTICE_LENGTH)}`,
      };
      // Fails for a session that is closing or whose disk is full, which reports that itself.
      for (const session of deps.openSessions().filter((session) => session.view().cwd === root))
        session.record(notice, toPluginAuthor(plugin)).catch(() => undefined);
    },
    handleRequest: (plugin, root, method, params, signal, calls) =>
      handlePluginRequest(
        { plugin, root, sessions: deps.openSessions(), calls, openModel: deps.openModel, signal },
        method,
        params,
      ),
    onChanged: deps.onChanged,
    connect: connectPlugin,
  });

  async function createTransport(spec: PluginSpec) {
    if (spec.url !== undefined) {
      const [{ createHttpTransport }, { createOAuthProvider }] = await Promise.all([
        import("./http-transport.ts"),
        import("./oauth-client-provider.ts"),
      ]);
      // A configured authorization header replaces OAuth.
      const hasAuthorization = Object.keys(spec.headers).some((name) => name.toLowerCase() === "authorization");
      const server = new URL(spec.url);
      const provider = hasAuthorization
        ? null
        : await createOAuthProvider({ name: spec.name, server, keys, browser: null });
      return createHttpTransport(spec, provider, clock);
    }
    const { createStdioTransport } = await import("./stdio-transport.ts");
    const { command = [], cwd } = spec;
    return createStdioTransport(stdioProcesses, { argv: command, cwd, env: getProcessEnv(spec, env) }, clock);
  }

  return {
    ...host,
    async login(plugin, open) {
      const spec = resolvePluginSpec(plugin.spec, env);
      const { connectWithLogin } = await import("./login.ts");
      const options = { version, roots: () => [], sampling: null, startMs: START_MS };
      const connection = await connectWithLogin(spec, { keys, clock, events: NO_EVENTS, options, open });
      await connection.close();
      await plugin.restart();
    },
    async logout(plugin) {
      const removed = await keys.forget(getKeyName(plugin.spec.name));
      await plugin.restart();
      return removed;
    },
    commandHookSources(hooks, id, mode) {
      const session = createHookSession(deps.openSessions(), id, { mode, transcripts });
      const sources = hooks.map((hook) => createCommandSource(hook, { stdioProcesses, env }, session));
      return [...sources, createEnvironmentSource(hooks, env)].filter((source) => source !== null);
    },
    async check(command, cwd) {
      const { checkPlugin } = await import("./check-plugin.ts");
      return checkPlugin(() => connectPlugin(createCommandSpec(command, cwd), NO_EVENTS, cwd));
    },
    async close() {
      await host.close();
      await stdioProcesses.close();
    },
  };
}

/** The server responded that it supports no MCP version older than 2026. */
function requiresMcp2026(error: unknown): boolean {
  const { code, message } = ((error as { cause?: unknown }).cause ?? {}) as { code?: unknown; message?: unknown };
  if (code === -32022 || code === -32601) return true;
  return /unsupported protocol version/i.test(String(message));
}

/** The configured variables: literal values as they are, names with the value from this environment. */
function getProcessEnv({ env }: PluginSpec, environment: PluginDeps["env"]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => {
      const resolved = value ?? environment[name];
      return resolved === undefined ? [] : [[name, resolved]];
    }),
  );
}

/** For a plugin that is only checked: its requests are rejected. */
const NO_EVENTS: PluginEvents = {
  onChanged: () => undefined,
  notify: () => undefined,
  elicit: async () => ({ action: "cancel" }),
  handleRequest: (method) =>
    Promise.reject(new TuttiError("notFound", `${method} is not available while a plugin is only checked.`)),
  onEnded: () => undefined,
};

const createCommandSpec = (command: string[], cwd: string): PluginSpec => ({
  name: "checked",
  source: "the command line",
  own: true,
  command,
  env: {},
  headers: {},
  variables: null,
  cwd,
  anywhere: true,
  enabled: true,
  timeoutMs: START_MS,
  sampling: false,
});
