/**
 * The plugin host, loaded when a folder names a plugin or a hook: most starts do not, and pay for nothing of it. Here is also known which
 * sessions have begun, for the hooks that are told of it.
 */
import { existsSync } from "node:fs";
import type { CommandHook } from "../config/items.ts";
import type { Plugged } from "../turns.ts";
import { foreignFiles } from "./foreign-files.ts";
import type { Bell } from "./hooks.ts";
import { nobody } from "./nobody.ts";
import type { PluginParts, Plugins } from "./open.ts";
import type { PluginProvider } from "./providers.ts";

export interface LazyPlugins {
  any(cwd: string): Promise<boolean>;
  open(): Promise<Plugins>;
  plugged(session: string, cwd: string): Promise<Plugged>;
  /** The endpoint of this name that a plugin brings; null where none does. */
  provider(cwd: string, name: string): Promise<PluginProvider | null>;
  /** The session is let go; hooks are told, and waited for a little. */
  ended(session: string, reason: "closed" | "quit"): Promise<void>;
  /** Ends what was started of those that were named there. */
  end(source: string): Promise<void>;
  close(): Promise<void>;
}

const ENDED_MS = 5_000;

export const nothingPlugged: Plugged = { tools: [], listed: () => true, bell: nobody, warnings: [], first: false };

export function lazyPlugins(parts: PluginParts & { commandHooks(cwd: string): Promise<CommandHook[]> }): LazyPlugins {
  const { clock, home } = parts;
  const begun = new Map<string, { cwd: string; bell: Bell }>();
  let opening: Promise<Plugins> | null = null;

  const any = async (cwd: string): Promise<boolean> => {
    const { config, offered } = await parts.loadedAt(cwd);
    if (Object.keys(config.plugins ?? {}).length > 0 || offered.length > 0) return true;
    return foreignFiles(cwd, home, parts.project).some(({ file }) => existsSync(file));
  };
  const open = (): Promise<Plugins> => {
    opening ??= import("./open.ts").then(({ openPlugins }) => openPlugins(parts));
    return opening;
  };

  return {
    any,
    open,
    async plugged(session, cwd) {
      const first = !begun.has(session);
      const [named, hooks] = await Promise.all([any(cwd), parts.commandHooks(cwd)]);
      let found: Plugged = { ...nothingPlugged, first };
      if (named || hooks.length > 0) {
        const [{ plugged }, host] = await Promise.all([import("./plugged.ts"), open()]);
        const sources = hooks.map(host.hookOf).filter((source) => source !== null);
        found = await plugged(host, cwd, sources, clock, first);
      }
      begun.set(session, { cwd, bell: found.bell });
      return found;
    },
    async provider(cwd, name) {
      if (name === "" || !(await any(cwd))) return null;
      const [{ pluginProviders }, host] = await Promise.all([import("./providers.ts"), open()]);
      return (await pluginProviders((await host.plugins(cwd)).plugins, clock))[name] ?? null;
    },
    async ended(session, reason) {
      const known = begun.get(session);
      begun.delete(session);
      if (!known?.bell.listens("session.ended")) return;
      const late = new AbortController();
      const told = known.bell.fire("session.ended", { session, cwd: known.cwd, reason }, { signal: late.signal });
      await Promise.race([told, clock.sleep(ENDED_MS, late.signal)]);
      late.abort();
    },
    async end(source) {
      await (await opening)?.end(source);
    },
    async close() {
      await (await opening)?.close();
    },
  };
}
