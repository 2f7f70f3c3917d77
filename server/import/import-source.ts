/** What is found in the settings of another program. Types and helpers. */
import { readSmallFile } from "../config/small-file.ts";

export interface ImportInput {
  home: string;
  env: Readonly<Record<string, string | undefined>>;
  configDir: string;
  /** The name of a profile of the other program. */
  profile?: string;
}

/** A value for the user's configuration file. */
export interface FoundSetting {
  path: readonly string[];
  /** A list of `appends` is added to the existing one. */
  value: unknown;
  appends?: true;
  /** The file and its key. */
  from: string;
}

export interface ImportSource {
  settings: FoundSetting[];
  /** What cannot be imported, or need not be. */
  skipped: { from: string; reason: string }[];
  /** The files that were read, and those that were looked for. */
  files: string[];
  searched: string[];
}

export const createSource = (): ImportSource => ({ settings: [], skipped: [], files: [], searched: [] });

export type PlainObject = Readonly<Record<string, unknown>>;

export const isPlain = (value: unknown): value is PlainObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const toStrings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];

/** The text of a file, which is then one of the source's; null if there is none. */
export function readSourceFile(source: ImportSource, file: string): string | null {
  source.searched.push(file);
  const read = readSmallFile(file);
  if (read === null) return null;
  source.files.push(file);
  if ("text" in read) return read.text.replace(/^\ufeff/, "");
  source.skipped.push({ from: file, reason: read.problem });
  return null;
}

/** An MCP server as most programs write it, as a plugin; null if it is none. */
export function toPlugin(server: unknown): PlainObject | null {
  if (!isPlain(server)) return null;
  const { command, args, url, serverUrl = url, httpUrl = serverUrl, env, headers } = server;
  const disabled = server.disabled === true || server.enabled === false ? { enabled: false } : {};
  const record = (key: string, value: unknown) =>
    isPlain(value) && Object.keys(value).length > 0 ? { [key]: value } : {};
  if (typeof command === "string" || Array.isArray(command))
    return { command: [...[command].flat(), ...toStrings(args)], ...record("env", env), ...disabled };
  if (typeof httpUrl === "string" && /^https?:\/\//.test(httpUrl))
    return { url: httpUrl, ...record("headers", headers), ...disabled };
  return null;
}

const PLUGIN_NAME = /^[\w-]{1,64}$/;

/** Adds the servers of an object by name. */
export function addPlugins(source: ImportSource, from: string, servers: unknown): void {
  for (const [name, server] of isPlain(servers) ? Object.entries(servers) : []) {
    const plugin = PLUGIN_NAME.test(name) ? toPlugin(server) : null;
    const at = `${from}.${name}`;
    if (plugin) source.settings.push({ path: ["plugins", name], value: plugin, from: at });
    else
      source.skipped.push({
        from: at,
        reason: "It has neither a command nor an address, or a name that a plugin cannot have.",
      });
  }
}
