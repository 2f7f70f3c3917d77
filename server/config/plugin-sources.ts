/**
 * Every plugin that is named for a folder: in the person's own configuration, in the project's, and in the files of other programs. The
 * user's own come first and keep their names; all others wait for an approval, whatever else is trusted.
 */
import { homedir } from "node:os";
import { isAbsolute, resolve } from "node:path";
import type { LoadedConfig } from "./config.ts";
import { listForeignPluginFiles } from "./mcp-config-locations.ts";
import { goodName, type PluginSpec } from "./plugin-spec.ts";
import type { ConfigFile } from "./schema.ts";
import { readSmallFile } from "./small-file.ts";

type PluginConfig = NonNullable<ConfigFile["plugins"]>[string];

export interface FoundPlugins {
  specs: PluginSpec[];
  problems: string[];
}

const CALL_MS = 60_000;

/** `project`: false where nothing of the project is to count. */
export function findPlugins(loaded: LoadedConfig, cwd: string, home: string, project = true): FoundPlugins {
  const problems: string[] = [];
  const specs = new Map<string, PluginSpec>();
  const take = (source: string, own: boolean, named: Record<string, PluginConfig>): void => {
    for (const [name, config] of Object.entries(named)) {
      if (!goodName(name)) {
        problems.push(`${source} names a plugin ${JSON.stringify(name)}; a name is 1 to 64 of A-Z, a-z, 0-9, _ and -.`);
        continue;
      }
      const before = specs.get(name);
      if (before) {
        if (!own) problems.push(`${source} names a plugin ${name}, which is left out: ${before.source} has that name.`);
        continue;
      }
      specs.set(name, specOf(name, source, own, config, cwd));
    }
  };
  take(loaded.sources.plugins ?? loaded.userFile, true, loaded.config.plugins ?? {});
  for (const { file, plugins } of loaded.projectPlugins) take(file, false, plugins);
  for (const { file, key } of listForeignPluginFiles(cwd, home, project))
    take(file, false, foreign(file, key, problems));
  return { specs: [...specs.values()], problems };
}

function specOf(name: string, source: string, own: boolean, config: PluginConfig, cwd: string): PluginSpec {
  const { command, url, env = [], headers = {}, enabled = true, timeout = CALL_MS, sampling = false } = config;
  return {
    name,
    source,
    own,
    ...(command && { command }),
    ...(url !== undefined && { url }),
    env: Array.isArray(env) ? Object.fromEntries(env.map((one) => [one, null])) : env,
    headers,
    cwd:
      config.cwd === undefined
        ? cwd
        : isAbsolute(config.cwd)
          ? config.cwd
          : resolve(cwd, config.cwd.replace(/^~(?=[/\\])/, homedir())),
    anywhere: own && config.cwd === undefined,
    enabled,
    timeoutMs: timeout,
    sampling: own && sampling,
  };
}

/** The servers in a file of Claude Code or VS Code. What cannot be read there is left out, with a warning. */
function foreign(file: string, key: string, problems: string[]): Record<string, PluginConfig> {
  const read = readSmallFile(file);
  if (read === null) return {};
  if ("problem" in read) {
    problems.push(`${file}: ${read.problem}`);
    return {};
  }
  let found: unknown;
  try {
    found = JSON.parse(read.text);
  } catch {
    problems.push(`${file} is no JSON, so its servers are left out.`);
    return {};
  }
  const servers = (found as Record<string, unknown> | null)?.[key];
  if (typeof servers !== "object" || servers === null) return {};
  return Object.fromEntries(
    Object.entries(servers).flatMap(([name, value]) => {
      const config = fromForeign(value as Record<string, unknown> | null);
      return config ? [[name, config] as const] : [];
    }),
  );
}

const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];

const texts = (value: unknown): Record<string, string> =>
  typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === "string"))
    : {};

function fromForeign(server: Record<string, unknown> | null): PluginConfig | null {
  if (typeof server !== "object" || server === null) return null;
  const { command, args, url, env, headers } = server;
  if (typeof command === "string") return { command: [command, ...strings(args)], env: texts(env) };
  if (typeof url === "string" && /^https?:\/\//.test(url)) return { url, headers: texts(headers) };
  return null;
}
