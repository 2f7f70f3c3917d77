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

/** The system's Python if possible: the wrapper of a version manager is very slow. */
export const python = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

/** The part of a home that is used here. */
type HomeFolders = Pick<Home, "env" | "work">;

/** The path of a published MCP server. */
export const serverPath = (name: string): string =>
  join(repository, "node_modules/@modelcontextprotocol", `server-${name}`, "dist/index.js");

/** A configuration with only plugins. */
export const configWith = (root: string, plugins: NonNullable<LoadedConfig["config"]["plugins"]>): LoadedConfig => ({
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

/** Adds a plugin to the configuration and approves it, as `tutti plugins add` and `approve` do. */
export async function addPlugin(home: HomeFolders, name: string, plugin: PluginEntry): Promise<void> {
  const file = join(home.env.HOME ?? "", ".config/tutti/tutti.jsonc");
  mkdirSync(dirname(file), { recursive: true });
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as { plugins?: object }) : {};
  writeFileSync(file, JSON.stringify({ ...before, plugins: { ...before.plugins, [name]: plugin } }));
  await approve(home, name);
}

export async function approve(home: HomeFolders, name: string): Promise<void> {
  const { HOME = "", TUTTI_DATA_DIR = "" } = home.env;
  const loadFolderConfig = () =>
    loadConfig({ keyNames: () => [], cwd: home.work, env: home.env, platform: process.platform, home: HOME });
  const plugins = createHost({ home: HOME, dataDir: TUTTI_DATA_DIR, env: home.env, loadConfig: loadFolderConfig });
  try {
    await approvePlugin(plugins, home.work, name);
  } finally {
    await plugins.close();
  }
}

export async function approvePlugin(plugins: Plugins, cwd: string, name: string): Promise<Plugin> {
  const find = async (): Promise<Plugin> => {
    const found = (await plugins.plugins(cwd)).plugins.find(({ spec }) => spec.name === name);
    if (!found) throw new Error(`no plugin ${name}`);
    return found;
  };
  const found = await find();
  await found.approve(found.identity, (await found.inspect(found.identity)).digest);
  return find();
}

type HostOptions = Pick<PluginDeps, "home" | "dataDir" | "env" | "loadConfig"> &
  Partial<Pick<PluginDeps, "onChanged" | "openModel">>;

export const createHost = (parts: HostOptions): Plugins =>
  openPlugins({
    openModel: () => Promise.reject(new Error("no model in this test")),
    onChanged: () => undefined,
    ...parts,
    keys: openKeys({ ...parts, openKeychain: async () => null }),
    clock,
    hash: sha256,
    version: "test",
    project: true,
    openSessions: () => [],
  });

type PluginEntry = { command: string[]; env?: string[]; timeout?: number } | { url: string };
