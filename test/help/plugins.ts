/** Plugins for tests, approved in a home. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { loadConfig } from "../../server/config/load.ts";
import { clock } from "../../server/node/clock.ts";
import { sha256 } from "../../server/node/random.ts";
import { openPlugins } from "../../server/plugins/open.ts";
import type { Home } from "./tutti.ts";

export const repository = join(import.meta.dirname, "../..");

/** Where the programs of other people's servers lie. */
export const serverOf = (name: string): string =>
  join(repository, "node_modules/@modelcontextprotocol", `server-${name}`, "dist/index.js");

/** Puts a plugin into the configuration and says yes to it, as `tutti plugins add` and `approve` do on a terminal. */
export async function addPlugin(home: Home, name: string, plugin: PluginEntry): Promise<void> {
  const file = join(home.env.HOME ?? "", ".config/tutti/tutti.jsonc");
  mkdirSync(dirname(file), { recursive: true });
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as { plugins?: object }) : {};
  writeFileSync(file, JSON.stringify({ ...before, plugins: { ...before.plugins, [name]: plugin } }));
  await approve(home, name);
}

export async function approve(home: Home, name: string): Promise<void> {
  const { HOME = "", TUTTI_DATA_DIR = "" } = home.env;
  const load = () => loadConfig({ cwd: home.work, env: home.env, platform: process.platform, home: HOME });
  const plugins = openPlugins({
    clock,
    hash: sha256,
    home: HOME,
    dataDir: TUTTI_DATA_DIR,
    env: home.env,
    version: "test",
    loadedAt: load,
    opened: () => [],
    changed: () => undefined,
  });
  try {
    const found = (await plugins.plugins(home.work)).plugins.find(({ spec }) => spec.name === name);
    if (!found) throw new Error(`there is no plugin ${name}`);
    await found.approve(found.identity, (await found.look(found.identity)).digest);
  } finally {
    await plugins.close();
  }
}

type PluginEntry = { command: string[]; env?: string[] } | { url: string };
