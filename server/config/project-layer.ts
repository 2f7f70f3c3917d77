/** Lays a project's file over what is there: what only tightens, and the items that were granted. Loaded only where there is such a file. */
import { dirname } from "node:path";
import { openCatalog, shippedCatalog } from "../model/catalog.ts";
import { realPath } from "../workspace/real.ts";
import { commandHooks, hookItem } from "./command-hooks.ts";
import type { Loaded } from "./config.ts";
import type { CommandHook, ProjectItem, TrustItem } from "./items.ts";
import { lay, type Merged } from "./merge.ts";
import type { ConfigPaths, Environment } from "./paths.ts";
import { fill, type Keeper } from "./placeholders.ts";
import { tighten } from "./project.ts";
import { fileOf, itemOf } from "./project-items.ts";
import { readConfig } from "./read.ts";

export interface ProjectContext {
  /** The opened root, real. */
  root: string;
  home: string;
  env: Environment;
  paths: Pick<ConfigPaths, "configDir" | "dataDir" | "cacheDir">;
  granted(item: ProjectItem): boolean;
  /** What the layers of the person's own say. */
  own: Merged;
}

export interface ProjectLayer extends Pick<Loaded, "items" | "problems" | "offered"> {
  merged: Merged;
  /** Of items that were granted. */
  hooks: CommandHook[];
  /** Dotted keys that no project may set. */
  refused: string[];
}

export function layProject(file: string, text: string, under: Merged, context: ProjectContext): ProjectLayer {
  const { root, home, granted } = context;
  const read = readConfig(text, file);
  const { value, withheld, refused } = tighten(read.value, under.config);
  const pieces = withheld.map((piece) => ({ piece, item: itemOf(piece, file) }));
  const named = commandHooks(read.value.hooks, file);
  const hooks = named.hooks.map((hook) => hookItem(hook, [root, dirname(file)], home));
  const filled = fill(
    fileOf(pieces.filter(({ item }) => granted(item)).map(({ piece }) => piece)),
    file,
    context.env,
    home,
    keeper(file, context),
  );
  const { problems } = read;
  for (const message of filled.missing) problems.push({ level: "warning", file, line: 1, column: 1, message });
  for (const message of named.problems) problems.push({ level: "warning", file, line: 1, column: 1, message });
  return {
    merged: lay(lay(under, { source: file, value }), { source: file, value: filled.value }),
    problems,
    refused,
    offered: read.value.plugins ? [{ file, plugins: read.value.plugins }] : [],
    items: [...pieces, ...hooks].map(({ item }): TrustItem => ({ ...item, granted: granted(item) })),
    hooks: hooks.filter(({ item }) => granted(item)).map(({ hook }) => hook),
  };
}

/** A granted item may hold placeholders, but none that carries a key to another place than it is for. */
function keeper(file: string, { env, paths, own }: ProjectContext): Keeper {
  const keys = new Set(Object.values(own.config.providers).map(({ apiKey }) => apiKey));
  let names: Set<string> | null = null;
  const catalogNames = (): Set<string> => {
    const catalog = openCatalog([shippedCatalog, `${paths.cacheDir}/catalog.json`]);
    return new Set([...catalog.all().flatMap((row) => row.keys), "TUTTI_API_KEY"]);
  };
  return (kind, name) => {
    if (kind === "file") {
      const real = realPath(name);
      const ours = [paths.configDir, paths.dataDir].some((folder) => `${real}/`.startsWith(`${realPath(folder)}/`));
      return ours ? `${name} is Tutti's own, and ${file} is a project's` : null;
    }
    names ??= catalogNames();
    const isKey = names.has(name) || (env[name] !== undefined && keys.has(env[name]));
    return isKey ? `the key in ${name} goes only to the provider that it is for` : null;
  };
}
