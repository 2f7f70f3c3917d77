/** Applies a project's file to the configuration: settings that only tighten it, and granted items. Loaded only if there is such a file. */
import { dirname } from "node:path";
import { resolveRealPath } from "../workspace/real-path.ts";
import type { LoadedConfig } from "./config.ts";
import { type Merged, mergeLayer } from "./merge.ts";
import { createHookItem, parseCommandHooks } from "./parse-command-hooks.ts";
import { parseConfig } from "./parse-config-file.ts";
import type { ConfigPaths, Environment } from "./paths.ts";
import { fillPlaceholders, type PlaceholderCheck } from "./placeholders.ts";
import { createItem, mergeSettings } from "./project-items.ts";
import { filterProjectConfig } from "./restrict-project.ts";
import type { CommandHook, ProjectItem, TrustItem } from "./trust-items.ts";

export interface ProjectContext {
  /** The real path of the opened root. */
  root: string;
  home: string;
  env: Environment;
  paths: Pick<ConfigPaths, "configDir" | "dataDir">;
  /** Names of the variables that hold API keys of known providers. */
  keyNames(): readonly string[];
  isGranted(item: ProjectItem): boolean;
  /** The layers of the user's own files. */
  ownLayers: Merged;
}

export interface ProjectLayer extends Pick<LoadedConfig, "items" | "problems" | "projectPlugins"> {
  merged: Merged;
  /** Hooks of granted items. */
  hooks: CommandHook[];
  /** Dotted keys that a project may never set. */
  refused: string[];
}

export function applyProjectLayer(file: string, text: string, base: Merged, context: ProjectContext): ProjectLayer {
  const { root, home, isGranted } = context;
  const read = parseConfig(text, file);
  const { value, withheld, refused } = filterProjectConfig(read.value, base.config);
  const settings = withheld.map((piece) => ({ piece, item: createItem(piece, file) }));
  const named = parseCommandHooks(read.value.hooks, file);
  const hooks = named.hooks.map((hook) => createHookItem(hook, [root, dirname(file)], home));
  const filled = fillPlaceholders(
    mergeSettings(settings.filter(({ item }) => isGranted(item)).map(({ piece }) => piece)),
    file,
    context.env,
    home,
    createPlaceholderCheck(file, context),
  );
  const { problems } = read;
  for (const message of filled.missing) problems.push({ level: "warning", file, line: 1, column: 1, message });
  for (const message of named.problems) problems.push({ level: "warning", file, line: 1, column: 1, message });
  return {
    merged: mergeLayer(mergeLayer(base, { source: file, value }), { source: file, value: filled.value }),
    problems,
    refused,
    projectPlugins: read.value.plugins ? [{ file, plugins: read.value.plugins }] : [],
    items: [...settings, ...hooks].map(({ item }): TrustItem => ({ ...item, granted: isGranted(item) })),
    hooks: hooks.filter(({ item }) => isGranted(item)).map(({ hook }) => hook),
  };
}

/** A granted item may use placeholders, but none that sends a key to another host than its own. */
function createPlaceholderCheck(file: string, { env, paths, ownLayers, keyNames }: ProjectContext): PlaceholderCheck {
  const keys = new Set(Object.values(ownLayers.config.providers).map(({ apiKey }) => apiKey));
  let names: Set<string> | null = null;
  return (kind, name) => {
    if (kind === "file") {
      const real = resolveRealPath(name);
      const ours = [paths.configDir, paths.dataDir].some((folder) =>
        `${real}/`.startsWith(`${resolveRealPath(folder)}/`),
      );
      return ours ? `${name} belongs to Tutti, and ${file} is a project's file` : null;
    }
    names ??= new Set([...keyNames(), "TUTTI_API_KEY"]);
    const isKey = names.has(name) || (env[name] !== undefined && keys.has(env[name]));
    return isKey ? `the key in ${name} is only sent to its own provider` : null;
  };
}
