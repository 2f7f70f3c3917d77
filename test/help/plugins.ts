/** Plugins for tests, approved in a home. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { defaults, type LoadedConfig } from "../../server/config/config.ts";
import { loadConfig } from "../../server/config/load.ts";
import { openKeys } from "../../server/model/keys.ts";
import { clock } from "../../server/node/clock.ts";
import { sha256 } from "../../server/node/random.ts";
import type { Plugin } from "../../server/plugins/host.ts";
import { openPlugins, type PluginDeps, type Plugins } from "../../server/plugins/open-plugins.ts";
import type { Home } from "./tutti.ts";

export const repository = join(import.meta.dirname, "../..");

/** The system's own, where there is one: a wrapper of a version manager takes as long as a whole test. */
export const python = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

/** What of a home is needed here. */
type Place = Pick<Home, "env" | "work">;

/** Where the programs of other people's servers lie. */
export const serverOf = (name: string): string =>
  join(repository, "node_modules/@modelcontextprotocol", `server-${name}`, "dist/index.js");

/** A configuration of plugins alone. */
export const loadedWith = (root: string, plugins: NonNullable<LoadedConfig["config"]["plugins"]>): LoadedConfig => ({
  config: { ...defaults, plugins },
  sources: {},
  problems: [],
  projectPlugins: [],
  root,
  items: [],
  hooks: [],
  files: [],
  userFile: join(root, "tutti.jsonc"),
});

/** Puts a plugin into the configuration and says yes to it, as `tutti plugins add` and `approve` do on a terminal. */
export async function addPlugin(home: Place, name: string, plugin: PluginEntry): Promise<void> {
  const file = join(home.env.HOME ?? "", ".config/tutti/tutti.jsonc");
  mkdirSync(dirname(file), { recursive: true });
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as { plugins?: object }) : {};
  writeFileSync(file, JSON.stringify({ ...before, plugins: { ...before.plugins, [name]: plugin } }));
  await approve(home, name);
}

export async function approve(home: Place, name: string): Promise<void> {
  const { HOME = "", TUTTI_DATA_DIR = "" } = home.env;
  const loadedFor = () => loadConfig({ keyNames: () => [], cwd: home.work, env: home.env, platform: process.platform, home: HOME });
  const plugins = hostOf({ home: HOME, dataDir: TUTTI_DATA_DIR, env: home.env, loadedFor });
  try {
    await approveNamed(plugins, home.work, name);
  } finally {
    await plugins.close();
  }
}

export async function approveNamed(plugins: Plugins, cwd: string, name: string): Promise<Plugin> {
  const find = async (): Promise<Plugin> => {
    const found = (await plugins.plugins(cwd)).plugins.find(({ spec }) => spec.name === name);
    if (!found) throw new Error(`there is no plugin ${name}`);
    return found;
  };
  const found = await find();
  await found.approve(found.identity, (await found.inspect(found.identity)).digest);
  return find();
}

type HostParts = Pick<PluginDeps, "home" | "dataDir" | "env" | "loadedFor"> &
  Partial<Pick<PluginDeps, "changed" | "openModel">>;

export const hostOf = (parts: HostParts): Plugins =>
  openPlugins({
    openModel: () => Promise.reject(new Error("there is no model here")),
    changed: () => undefined,
    ...parts,
    keys: openKeys({ ...parts, openKeychain: async () => null }),
    clock,
    hash: sha256,
    version: "test",
    project: true,
    openSessions: () => [],
  });

type PluginEntry = { command: string[]; env?: string[]; timeout?: number } | { url: string };
