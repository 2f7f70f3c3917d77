/** OpenCode's settings: the user's `opencode.json`, with comments. */
import { isAbsolute, join } from "node:path";
import { type ParseError, parse } from "jsonc-parser";
import { checkJsonLimits } from "../config/json-limits.ts";
import { listUserFolders, opencodeFileNames } from "../definitions/locations.ts";
import { convertOpencodePermission } from "../permission/opencode-permission.ts";
import {
  addPlugins,
  createSource,
  type ImportInput,
  type ImportSource,
  isPlain,
  type PlainObject,
  readSourceFile,
  toStrings,
} from "./import-source.ts";
import { readProfiles } from "./read-profiles.ts";

type Reader = (source: ImportSource, from: string, value: unknown) => void;

export function readOpencode(input: ImportInput): ImportSource {
  const source = createSource();
  const folders = listUserFolders(input).filter(
    (folder) => /opencode$/.test(folder) || folder === input.env.OPENCODE_CONFIG_DIR,
  );
  const named = input.env.OPENCODE_CONFIG;
  const files = folders.flatMap((folder) => opencodeFileNames.map((name) => join(folder, name)));
  for (const file of [...files, ...(named !== undefined && isAbsolute(named) ? [named] : [])]) readFile(source, file);
  readProfiles(source, folders, input.profile);
  return source;
}

function readFile(source: ImportSource, file: string): void {
  const text = readSourceFile(source, file);
  if (text === null) return;
  const errors: ParseError[] = [];
  const value: unknown = checkJsonLimits(text) === null ? parse(text, errors, { allowTrailingComma: true }) : null;
  if (!isPlain(value) || errors.length > 0) {
    source.skipped.push({ from: file, reason: "It is not valid JSON." });
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    const from = `${file}: ${key}`;
    const read = Object.hasOwn(readers, key) ? readers[key] : undefined;
    if (read) read(source, from, inner);
    else if (key === "agent" || key === "command") source.skipped.push({ from, reason: "Tutti reads it where it is." });
    else if (key !== "$schema") source.skipped.push({ from, reason: "Tutti has no such setting." });
  }
}

const set =
  (...path: string[]): Reader =>
  (source, from, value) => {
    if (typeof value === "string") source.settings.push({ path, value, from });
  };

const readers: Readonly<Record<string, Reader>> = {
  model: set("model"),
  small_model: set("tiers", "quick"),
  default_agent: set("agent"),
  mcp: readServers,
  permission: readPermission,
  provider(source, from, value) {
    for (const [name, provider] of isPlain(value) ? Object.entries(value) : [])
      readProvider(source, `${from}.${name}`, name, provider);
  },
  model_tiers(source, from, value) {
    for (const [tier, model] of isPlain(value) ? Object.entries(value) : []) {
      const at = `${from}.${tier}`;
      const name = isPlain(model) ? model.model : model;
      if (["quick", "standard", "advanced"].includes(tier) && typeof name === "string")
        source.settings.push({ path: ["tiers", tier], value: name, from: at });
      else source.skipped.push({ from: at, reason: "It is not a tier with a model." });
    }
  },
  instructions(source, from, value) {
    const paths = toStrings(value);
    if (paths.length > 0) source.settings.push({ path: ["instructions"], value: paths, appends: true, from });
  },
};

function readServers(source: ImportSource, from: string, value: unknown): void {
  const servers = Object.entries(isPlain(value) ? value : {}).map(([name, server]) => [
    name,
    isPlain(server) ? { ...server, ...(isPlain(server.environment) && { env: server.environment }) } : server,
  ]);
  addPlugins(source, from, Object.fromEntries(servers));
}

function readPermission(source: ImportSource, from: string, value: unknown): void {
  const { mode, allow, ask, deny, problems } = convertOpencodePermission(value);
  for (const [list, rules] of Object.entries({ allow, ask, deny }))
    if (rules.length > 0) source.settings.push({ path: ["permissions", list], value: rules, appends: true, from });
  if (mode) source.settings.push({ path: ["permissions", "mode"], value: mode, from });
  source.skipped.push(...problems.map((reason) => ({ from, reason })));
  for (const name of ["doom_loop", "external_directory"])
    if (isPlain(value) && Object.hasOwn(value, name))
      source.skipped.push({
        from: `${from}.${name}`,
        reason: "Tutti always asks outside of the folder, and stops loops by itself.",
      });
}

function readProvider(source: ImportSource, from: string, name: string, value: unknown): void {
  const { options, models } = isPlain(value) ? value : {};
  const { baseURL, apiKey, headers } = isPlain(options) ? options : {};
  const found: Record<string, unknown> = {
    ...(typeof baseURL === "string" && { baseUrl: baseURL }),
    ...(typeof apiKey === "string" && { apiKey }),
    ...(isPlain(headers) && { headers }),
    ...(isPlain(models) && Object.keys(models).length > 0 && { models: toModels(models) }),
  };
  if (Object.keys(found).length > 0) source.settings.push({ path: ["providers", name], value: found, from });
  else source.skipped.push({ from, reason: "It sets nothing that Tutti needs; a known provider works with its key." });
}

function toModels(models: PlainObject): PlainObject {
  const rows = Object.entries(models).map(([name, model]) => {
    const { id, limit } = isPlain(model) ? model : {};
    const { context, output } = isPlain(limit) ? limit : {};
    return [
      name,
      {
        ...(typeof id === "string" && { id }),
        ...(typeof context === "number" && { context }),
        ...(typeof output === "number" && { output }),
      },
    ];
  });
  return Object.fromEntries(rows);
}
