/** Joins the parts of the plugin host to the world. Loaded when a folder names a plugin, or somebody asks about plugins. */
import { pathToFileURL } from "node:url";
import { TuttiError } from "../../protocol/errors.ts";
import type { Settings } from "../../protocol/methods.ts";
import { printable } from "../../protocol/printable.ts";
import type { Loaded } from "../config/config.ts";
import { openCompanions } from "../node/companions.ts";
import type { Clock, Hash } from "../ports.ts";
import type { Session } from "../session/session.ts";
import { openApprovals } from "./approvals.ts";
import { askedByPlugin, pluginAuthor } from "./asked.ts";
import type { Check } from "./check.ts";
import { type CommandHook, commandSource } from "./command-hooks.ts";
import type { HookSource } from "./hooks.ts";
import { type Host, openHost, START_MS } from "./host.ts";
import type { PluginEars, PluginLink } from "./link.ts";
import type { PluginSpec } from "./spec.ts";

export interface PluginParts {
  clock: Clock;
  hash: Hash;
  home: string;
  dataDir: string;
  env: Readonly<Record<string, string | undefined>>;
  version: string;
  loadedAt(cwd: string): Promise<Loaded>;
  /** The sessions that are open. */
  opened(): Session<Settings>[];
  /** What a plugin contributes is different now. */
  changed(): void;
}

/** Characters of a line that a plugin has for the person. */
const NOTICE_MOST = 500;

export interface Plugins extends Host {
  /** Starts a command as a plugin, for its author. */
  check(command: string[], cwd: string): Promise<Check[]>;
  /** Null for an event that there is not. */
  hookOf(hook: CommandHook): HookSource | null;
}

export function openPlugins(parts: PluginParts): Plugins {
  const { clock, hash, home, env, version } = parts;
  const companions = openCompanions(env);
  const connectTo = async (spec: PluginSpec, ears: PluginEars, root: string): Promise<PluginLink> => {
    const [{ connect }, transport] = await Promise.all([import("./connect.ts"), transportFor(spec, ears)]);
    const options = {
      transport,
      version,
      roots: () => [{ uri: pathToFileURL(root).href, name: root.split(/[/\\]/).at(-1) || root }],
      sampling: null,
      startMs: START_MS,
    };
    return connect(ears, options);
  };
  const host = openHost({
    clock,
    hash,
    home,
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
    asked: (plugin, root, method, params) => askedByPlugin(parts.opened(), plugin, root, method, params),
    changed: parts.changed,
    connect: connectTo,
  });

  async function transportFor(spec: PluginSpec, ears: PluginEars) {
    if (spec.url !== undefined) {
      const { httpTransport } = await import("./http-transport.ts");
      return httpTransport(spec, ears, env);
    }
    const { stdioTransport } = await import("./stdio-transport.ts");
    const { command = [], cwd } = spec;
    return stdioTransport(companions, { argv: command, cwd, env: variables(spec, env) }, clock);
  }

  return {
    ...host,
    hookOf: (hook) => commandSource(hook, { companions, env }),
    async check(command, cwd) {
      const { check } = await import("./check.ts");
      const deaf: PluginEars = {
        changed: () => undefined,
        notify: () => undefined,
        elicit: async () => ({ action: "cancel" }),
        asked: (method) =>
          Promise.reject(new TuttiError("notFound", `${method} is not answered while a plugin is checked.`)),
        ended: () => undefined,
      };
      return check(() => connectTo(commandSpec(command, cwd), deaf, cwd));
    },
    async close() {
      await host.close();
      await companions.close();
    },
  };
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
