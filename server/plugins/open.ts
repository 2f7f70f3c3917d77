/** Joins the parts of the plugin host to the world. Loaded when a folder names a plugin, or somebody asks about plugins. */
import { pathToFileURL } from "node:url";
import { TuttiError } from "../../protocol/errors.ts";
import type { Settings } from "../../protocol/methods.ts";
import { printable } from "../../protocol/printable.ts";
import type { Loaded } from "../config/config.ts";
import type { CommandHook } from "../config/items.ts";
import type { Keys } from "../model/keys.ts";
import { openCompanions } from "../node/companions.ts";
import type { Clock, Hash, Model } from "../ports.ts";
import type { Session } from "../session/session.ts";
import { openApprovals } from "./approvals.ts";
import { askedByPlugin, pluginAuthor, SAMPLE } from "./asked.ts";
import type { Check } from "./check.ts";
import { commandSource } from "./command-hooks.ts";
import { guardedFetch } from "./guarded-fetch.ts";
import type { HookSource } from "./hooks.ts";
import { type Host, openHost, type Plugin, START_MS } from "./host.ts";
import type { PluginEars, PluginLink } from "./link.ts";
import { keyName } from "./oauth.ts";
import type { PluginSpec } from "./spec.ts";

export interface PluginParts {
  clock: Clock;
  hash: Hash;
  home: string;
  /** False where nothing of a project is to count. */
  project: boolean;
  dataDir: string;
  env: Readonly<Record<string, string | undefined>>;
  version: string;
  /** Where tokens are kept. */
  keys: Keys;
  loadedAt(cwd: string): Promise<Loaded>;
  /** The sessions that are open. */
  opened(): Session<Settings>[];
  /** A model by its name, as a session in this folder would get it. */
  modelAt(name: string | undefined, cwd: string): Promise<Model>;
  /** What a plugin contributes is different now. */
  changed(): void;
}

/** Characters of a line that a plugin has for the person. */
const NOTICE_MOST = 500;

export interface Plugins extends Host {
  /** Starts a command as a plugin, for its author. */
  check(command: string[], cwd: string): Promise<Check[]>;
  /** Resolves when a person has logged in at the page that `open` was given. */
  login(plugin: Plugin, open: (url: URL) => void): Promise<void>;
  logout(plugin: Plugin): Promise<boolean>;
  /** Null for an event that there is not. */
  hookOf(hook: CommandHook): HookSource | null;
}

export function openPlugins(parts: PluginParts): Plugins {
  const { clock, hash, home, env, version, keys } = parts;
  const companions = openCompanions(env);
  const connectTo = async (spec: PluginSpec, ears: PluginEars, root: string): Promise<PluginLink> => {
    const [{ connect }, transport] = await Promise.all([import("./connect.ts"), transportFor(spec)]);
    const options = {
      transport,
      version,
      roots: () => [{ uri: pathToFileURL(root).href, name: root.split(/[/\\]/).at(-1) || root }],
      sampling: spec.sampling ? (params: unknown, signal: AbortSignal) => ears.asked(SAMPLE, params, signal) : null,
      startMs: START_MS,
    };
    try {
      return await connect(ears, options);
    } catch (error) {
      if (!isTooNew(error)) throw error;
      const { connectModern, modernHttp } = await import("./modern.ts");
      const again =
        spec.url === undefined ? await transportFor(spec) : modernHttp(spec, guardedFetch(new URL(spec.url)));
      return connectModern(ears, { transport: again, version, startMs: START_MS });
    }
  };
  const host = openHost({
    clock,
    hash,
    home,
    project: parts.project,
    approvals: openApprovals(parts.dataDir),
    loadedAt: parts.loadedAt,
    notify(root, plugin, level, text) {
      const notice = {
        type: "notice.shown" as const,
        level,
        text: `${plugin}: ${printable(text).slice(0, NOTICE_MOST)}`,
      };
      // A session that is being closed, or whose disk is full, has more to say about that than a notice.
      for (const session of parts.opened().filter((one) => one.view().cwd === root))
        session.record(notice, pluginAuthor(plugin)).catch(() => undefined);
    },
    asked: (plugin, root, method, params, signal, calls) =>
      askedByPlugin({ plugin, root, sessions: parts.opened(), calls, modelAt: parts.modelAt, signal }, method, params),
    changed: parts.changed,
    connect: connectTo,
  });

  async function transportFor(spec: PluginSpec) {
    if (spec.url !== undefined) {
      const [{ httpTransport }, { oauthProvider }] = await Promise.all([
        import("./http-transport.ts"),
        import("./oauth.ts"),
      ]);
      // A header of the person's own says who they are; nothing else is then asked for.
      const known = Object.keys(spec.headers).some((name) => name.toLowerCase() === "authorization");
      const server = new URL(spec.url);
      const provider = known ? null : await oauthProvider({ name: spec.name, server, keys, browser: null });
      return httpTransport(spec, provider, clock);
    }
    const { stdioTransport } = await import("./stdio-transport.ts");
    const { command = [], cwd } = spec;
    return stdioTransport(companions, { argv: command, cwd, env: variables(spec, env) }, clock);
  }

  return {
    ...host,
    async login(plugin, open) {
      const { spec } = plugin;
      const { connectWithLogin } = await import("./login.ts");
      const options = { version, roots: () => [], sampling: null, startMs: START_MS };
      const link = await connectWithLogin(spec, { keys, clock, ears: deaf, options, open });
      await link.close();
      await plugin.restart();
    },
    async logout(plugin) {
      const forgotten = await keys.forget(keyName(plugin.spec.name));
      await plugin.restart();
      return forgotten;
    },
    hookOf: (hook) => commandSource(hook, { companions, env }),
    async check(command, cwd) {
      const { check } = await import("./check.ts");
      return check(() => connectTo(commandSpec(command, cwd), deaf, cwd));
    },
    async close() {
      await host.close();
      await companions.close();
    },
  };
}

/** The other end answered, and what it said is that it speaks no version of MCP that is older than 2026. */
function isTooNew(error: unknown): boolean {
  const { code, message } = ((error as { cause?: unknown }).cause ?? {}) as { code?: unknown; message?: unknown };
  if (code === -32022 || code === -32601) return true;
  return /unsupported protocol version/i.test(String(message));
}

/** What a person listed: values of the configuration as they stand there, names with the value that they have here. */
function variables({ env }: PluginSpec, from: PluginParts["env"]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => {
      const given = value ?? from[name];
      return given === undefined ? [] : [[name, given]];
    }),
  );
}

/** For a plugin that is only tried: nothing that it asks is answered. */
const deaf: PluginEars = {
  changed: () => undefined,
  notify: () => undefined,
  elicit: async () => ({ action: "cancel" }),
  asked: (method) =>
    Promise.reject(new TuttiError("notFound", `${method} is not answered while a plugin is only tried.`)),
  ended: () => undefined,
};

const commandSpec = (command: string[], cwd: string): PluginSpec => ({
  name: "checked",
  source: "the command line",
  own: true,
  command,
  env: {},
  headers: {},
  cwd,
  anywhere: true,
  enabled: true,
  timeoutMs: START_MS,
  sampling: false,
});
