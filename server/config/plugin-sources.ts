/**
 * Every plugin that is named for a folder: in the person's own configuration, in the project's, and in the files of other programs. The
 * user's own come first and keep their names; all others wait for an approval, whatever else is trusted.
 */
import { homedir } from "node:os";
import { isAbsolute, resolve } from "node:path";
import type { LoadedConfig } from "./config.ts";
import { fingerprintFiles } from "./fingerprint.ts";
import { type ForeignPluginFile, listForeignPluginFiles } from "./mcp-config-locations.ts";
import { listOpencodePlugins } from "./opencode-plugins.ts";
import { goodName, type PluginSpec } from "./plugin-spec.ts";
import { listVariables } from "./plugin-variables.ts";
import type { ConfigFile } from "./schema.ts";
import { readSmallFile } from "./small-file.ts";

type PluginConfig = NonNullable<ConfigFile["plugins"]>[string];

export interface FoundPlugins {
  specs: PluginSpec[];
  problems: string[];
  /** About another program's file in the home folder: for a list of plugins, not for each prompt. */
  remarks: string[];
}

const CALL_MS = 60_000;

/** `project`: false where nothing of the project is to count. */
export function findPlugins(loaded: LoadedConfig, cwd: string, home: string, project = true): FoundPlugins {
  const problems: string[] = [];
  const remarks: string[] = [];
  const specs = new Map<string, PluginSpec>();
  const take = (source: string, { own, foreign }: Origin, named: Record<string, PluginConfig>): void => {
    const found = foreign === "home" ? remarks : problems;
    for (const [name, config] of Object.entries(named)) {
      if (!goodName(name)) {
        found.push(`${source} names a plugin ${JSON.stringify(name)}; a name is 1 to 64 of A-Z, a-z, 0-9, _ and -.`);
        continue;
      }
      const before = specs.get(name);
      if (before) {
        if (!own) found.push(`${source} names a plugin ${name}, which is left out: ${before.source} has that name.`);
        continue;
      }
      specs.set(name, specOf(name, source, { own, foreign }, config, cwd));
    }
  };
  take(loaded.sources.plugins ?? loaded.userFile, { own: true, foreign: null }, loaded.config.plugins ?? {});
  for (const { file, plugins } of loaded.projectPlugins) take(file, { own: false, foreign: null }, plugins);
  for (const { file, key, place } of listForeignPluginFiles(cwd, home, project)) {
    const servers = readForeignFile(file, key, place);
    if ("problem" in servers) (place === "home" ? remarks : problems).push(servers.problem);
    else take(file, { own: false, foreign: place }, servers.plugins);
  }
  const opencode = listOpencodePlugins(cwd, home, project);
  remarks.push(...opencode.remarks);
  for (const { name, source, place, command, env } of opencode.plugins) {
    take(source, { own: place === "home", foreign: place }, { [name]: { command, env } });
    const spec = specs.get(name);
    // Its paths are not templates.
    if (spec?.source === source) spec.variables = null;
  }
  return { specs: [...specs.values()], problems, remarks };
}

/** `foreign`: in which folder another program's file is; null for a file of Tutti. */
interface Origin {
  own: boolean;
  foreign: ForeignPluginFile["place"] | null;
}

function specOf(name: string, source: string, { own, foreign }: Origin, config: PluginConfig, cwd: string): PluginSpec {
  const { command, url, env = [], headers = {}, enabled = true, timeout = CALL_MS, sampling = false } = config;
  const texts = {
    ...(command && { command }),
    ...(url !== undefined && { url }),
    env: Array.isArray(env) ? Object.fromEntries(env.map((one) => [one, null])) : env,
    headers,
  };
  return {
    name,
    source,
    own,
    ...texts,
    variables: foreign === null ? null : listVariables(texts),
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

/** Claude Code's file in the home folder also has its history. */
const MAX_HOME_FILE_BYTES = 64 * 1024 * 1024;

type ForeignPlugins = { plugins: Record<string, PluginConfig> } | { problem: string };

/** By file. Each turn asks for the plugins, so that a large file is parsed again only after it has changed. */
const parsedFiles = new Map<string, { fingerprint: string; found: ForeignPlugins }>();

function readForeignFile(file: string, key: string, place: ForeignPluginFile["place"]): ForeignPlugins {
  const fingerprint = fingerprintFiles([file]);
  const known = parsedFiles.get(file);
  if (known?.fingerprint === fingerprint) return known.found;
  const found = parseForeignFile(file, key, place === "home" ? MAX_HOME_FILE_BYTES : undefined);
  parsedFiles.set(file, { fingerprint, found });
  return found;
}

/** The servers in a file of Claude Code or VS Code. */
function parseForeignFile(file: string, key: string, maxBytes: number | undefined): ForeignPlugins {
  const read = readSmallFile(file, maxBytes);
  if (read === null) return { plugins: {} };
  if ("problem" in read) return { problem: `${file}: ${read.problem}` };
  let found: unknown;
  try {
    found = JSON.parse(read.text);
  } catch {
    return { problem: `${file} is not valid JSON, so its servers are ignored.` };
  }
  const servers = (found as Record<string, unknown> | null)?.[key];
  if (typeof servers !== "object" || servers === null) return { plugins: {} };
  const plugins = Object.entries(servers).flatMap(([name, value]) => {
    const config = fromForeign(value as Record<string, unknown> | null);
    return config ? [[name, config] as const] : [];
  });
  return { plugins: Object.fromEntries(plugins) };
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
  if (typeof url === "string" && /^(https?:\/\/|\$\{)/.test(url)) return { url, headers: texts(headers) };
  return null;
}
