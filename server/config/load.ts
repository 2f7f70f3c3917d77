/**
 * Loads the configuration: defaults < managed < user < project < environment < flags. This delays the first request, so code that
 * validates a file is loaded only if the file exists.
 */
import { existsSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { resolveRealPath } from "../workspace/real-path.ts";
import { getClaudeSettingsPath, listProjectClaudeSettings } from "./claude-settings-path.ts";
import { defaults, type LoadedConfig } from "./config.ts";
import { type Layer, type Merged, mergeLayer, startMerge } from "./merge.ts";
import type { ConfigProblem } from "./parse-config-file.ts";
import { type Environment, resolveConfigPaths } from "./paths.ts";
import type { ConfigFile } from "./schema.ts";
import { readSmallFile } from "./small-file.ts";
import type { CommandHook, ProjectItem } from "./trust-items.ts";

export interface LoadInput {
  cwd: string;
  env: Environment;
  platform: string;
  home: string;
  /** `--config FILE`: read instead of the user's file. */
  configFile?: string;
  /** Values of other flags, in the form of a file. */
  flags?: ConfigFile;
  /** Names of the variables that hold API keys of known providers: a project may not send them elsewhere. */
  keyNames(): readonly string[];
  /** What the definition files of a project define. */
  definitionItems?(root: string): Promise<ProjectItem[]>;
  /** False for `--no-project`. */
  project?: boolean;
  /** `--trust DIR`: the real path of a root in which everything is trusted for this run. */
  trustedRoot?: string;
}

export async function loadConfig(input: LoadInput): Promise<LoadedConfig> {
  const { env, home } = input;
  const root = resolveRealPath(input.cwd);
  const paths = resolveConfigPaths(env, input.platform, home);
  const named = input.configFile ?? env.TUTTI_CONFIG;
  const ownFile = named === undefined || named === "" ? undefined : resolve(input.cwd, named);
  const userFile = ownFile ?? paths.userFile;
  const found = input.project === false ? [] : findProjectFiles(root, [userFile, paths.managedFile]);
  const problems: ConfigProblem[] = [];
  let merged = startMerge(defaults);
  /** All layers except the project's files. */
  let ownLayers = merged;
  const addLayer = (layer: Layer): void => {
    ownLayers = mergeLayer(ownLayers, layer);
    merged = found.length === 0 ? ownLayers : mergeLayer(merged, layer);
  };

  const trusted = async (file: string, source: string, text = readText(file, problems)) => {
    if (text === null) return;
    const [{ parseConfig }, { fillPlaceholders }] = await Promise.all([
      import("./parse-config-file.ts"),
      import("./placeholders.ts"),
    ]);
    const read = parseConfig(text, source);
    const filled = fillPlaceholders(read.value, file, env, home);
    problems.push(...read.problems, ...filled.missing.map((message) => createProblem("warning", source, message)));
    addLayer({ source, value: filled.value });
  };
  await trusted(paths.managedFile, paths.managedFile);
  if (ownFile === undefined) await trusted(userFile, userFile);
  const definitions = input.project === false ? [] : ((await input.definitionItems?.(root)) ?? []);
  const isGranted = await createTrustCheck(input, paths.trustFile, root, found.length + definitions.length > 0);
  const projectFolders = input.project === false ? [] : listProjectFolders(root);
  const claudeFiles = listClaudeFiles(home, projectFolders);
  if (claudeFiles.some((file) => existsSync(file))) {
    const { readClaudePermissions } = await import("./claude-permissions.ts");
    for (const file of claudeFiles) {
      const read = readClaudePermissions(file);
      if (read) addLayer(read.layer);
      problems.push(...(read?.problems ?? []).map((text) => createProblem("warning", file, text)));
    }
  }
  const opencodeFiles = listOpencodeFiles(env, home, projectFolders);
  if (opencodeFiles.some((file) => existsSync(file))) {
    const { readOpencodePermissions } = await import("./opencode-permissions.ts");
    for (const file of opencodeFiles) {
      const read = readOpencodePermissions(file);
      if (!read) continue;
      addLayer(read.layer);
      if (read.asks && merged.config.permissions.mode !== "plan")
        addLayer({ source: file, value: { permissions: { mode: "ask" } } });
      problems.push(...read.problems.map((text) => createProblem("warning", file, text)));
    }
  }
  const layers = [];
  for (const file of found) {
    const text = readText(file, problems);
    if (text === null) continue;
    const { applyProjectLayer } = await import("./project-layer.ts");
    const layer = applyProjectLayer(file, text, merged, {
      root,
      home,
      env,
      paths,
      isGranted,
      ownLayers,
      keyNames: input.keyNames,
    });
    merged = layer.merged;
    problems.push(...layer.problems);
    layers.push(layer);
  }
  const items = [
    ...layers.flatMap((layer) => layer.items),
    ...definitions.map((item) => ({ ...item, granted: isGranted(item) })),
  ];
  const refused = layers.flatMap((layer) => layer.refused);
  problems.push(...reportIgnored(items, found[0] ?? definitions[0]?.source ?? userFile, refused));
  if (ownFile !== undefined) {
    if (!existsSync(ownFile))
      problems.push(
        createProblem(
          "error",
          ownFile,
          `The configuration file ${ownFile} does not exist; ${input.configFile === undefined ? "TUTTI_CONFIG" : "--config"} names it.`,
        ),
      );
    else await trusted(ownFile, ownFile);
  }
  const content = env.TUTTI_CONFIG_CONTENT;
  if (content !== undefined && content.trim() !== "")
    await trusted(join(input.cwd, "TUTTI_CONFIG_CONTENT"), "TUTTI_CONFIG_CONTENT", content);
  for (const layer of readEnvironmentLayers(env)) addLayer(layer);
  if (input.flags !== undefined) addLayer({ source: "flag", value: input.flags });
  if (items.some(({ kind, granted }) => kind === "provider" && granted)) {
    const { restrictKeyScope } = await import("./key-scope.ts");
    const scoped = restrictKeyScope(merged, ownLayers, found);
    merged = scoped.merged;
    problems.push(...scoped.problems.map(({ file, message }) => createProblem("warning", file, message)));
  }
  const hooks = await readOwnHooks(ownLayers, problems);
  const files = [
    paths.managedFile,
    userFile,
    ...claudeFiles,
    ...opencodeFiles,
    ...(input.project === false ? [] : [...listProjectFiles(root), paths.trustFile]),
  ];
  return {
    ...merged,
    root,
    problems,
    projectPlugins: layers.flatMap((layer) => layer.projectPlugins),
    items,
    hooks: [...hooks, ...layers.flatMap((layer) => layer.hooks)],
    files: [...new Set(files)],
    userFile,
  };
}

async function createTrustCheck(
  { trustedRoot }: LoadInput,
  trustFile: string,
  root: string,
  isNeeded: boolean,
): Promise<(item: ProjectItem) => boolean> {
  if (!isNeeded) return () => false;
  const { openTrustStore } = await import("./trust-store.ts");
  const grants = openTrustStore(trustFile).get(root);
  return ({ id }) => trustedRoot === root || Object.hasOwn(grants, id);
}

/** More keys than these are counted. */
const MAX_LISTED_KEYS = 12;

/** One warning for all settings that wait for trust, and for those that a project may never set. */
function reportIgnored(items: LoadedConfig["items"], file: string, refused: readonly string[]): ConfigProblem[] {
  const list = (keys: readonly string[]): string => {
    const unique = [...new Set(keys)];
    const more = unique.length - MAX_LISTED_KEYS;
    return [...unique.slice(0, MAX_LISTED_KEYS), ...(more > 0 ? [`and ${more} more`] : [])].join(", ");
  };
  const waiting = list(items.filter(({ granted }) => !granted).map(({ key }) => key));
  const never = refused.length === 0 ? "" : `only your own file can set ${list(refused)}`;
  const message =
    waiting === ""
      ? `Ignored because ${never}.`
      : `Ignored because this folder is not trusted: ${waiting}. Review them with \`tutti trust\`${never === "" ? "" : `; ${never}`}.`;
  return waiting === "" && never === "" ? [] : [createProblem("warning", file, message)];
}

async function readOwnHooks({ config, sources }: Merged, problems: ConfigProblem[]): Promise<CommandHook[]> {
  if (config.hooks === undefined) return [];
  const { parseCommandHooks } = await import("./parse-command-hooks.ts");
  return Object.entries(config.hooks).flatMap(([event, groups]) => {
    const source = sources[`hooks.${event}`] ?? "";
    const named = parseCommandHooks({ [event]: groups }, source);
    problems.push(...named.problems.map((message) => createProblem("warning", source, message)));
    return named.hooks;
  });
}

function createProblem(level: ConfigProblem["level"], file: string, message: string): ConfigProblem {
  return { level, file, line: 1, column: 1, message };
}

/** Null if there is no file, or if it cannot be a configuration file. */
function readText(file: string, problems: ConfigProblem[]): string | null {
  const read = readSmallFile(file);
  if (read === null || "text" in read) return read?.text ?? null;
  problems.push(createProblem("error", file, read.problem));
  return null;
}

/** From the repository root down to the working directory, so that the nearest file has priority. Without a repository, only `root`. */
export function listProjectFolders(root: string): string[] {
  const folders: string[] = [];
  for (let folder = root; ; folder = dirname(folder)) {
    folders.unshift(folder);
    if (existsSync(join(folder, ".git"))) return folders;
    if (dirname(folder) === folder) return [root];
  }
}

/** Claude Code's settings, of the user and of a project. */
const listClaudeFiles = (home: string, projectFolders: readonly string[]): string[] => [
  getClaudeSettingsPath(home),
  ...projectFolders.filter((folder) => folder !== resolveRealPath(home)).flatMap(listProjectClaudeSettings),
];

/** OpenCode's configuration, of the user and of a project. */
const listOpencodeFiles = (env: Environment, home: string, projectFolders: readonly string[]): string[] => {
  const { XDG_CONFIG_HOME: config = "", OPENCODE_CONFIG_DIR: own = "" } = env;
  const folders = [
    join(isAbsolute(config) ? config : join(home, ".config"), "opencode"),
    join(home, ".opencode"),
    ...(isAbsolute(own) ? [own] : []),
    ...projectFolders.flatMap((folder) => [join(folder, ".opencode"), folder]),
  ];
  const files = folders
    .filter((folder) => folder !== home)
    .flatMap((folder) => OPENCODE_FILES.map((name) => join(folder, name)));
  return [...new Set(files)];
};

const OPENCODE_FILES = ["opencode.json", "opencode.jsonc"];

export const listProjectFiles = (cwd: string): string[] =>
  listProjectFolders(resolveRealPath(cwd)).flatMap(listConfigFiles);

const listConfigFiles = (folder: string): string[] => [
  join(folder, "tutti.jsonc"),
  join(folder, ".tutti", "tutti.jsonc"),
];

/** Skips files that the user configured as their own, also through links. */
function findProjectFiles(cwd: string, others: readonly string[]): string[] {
  const excluded = new Set(others.filter((file) => existsSync(file)).map((file) => realpathSync(file)));
  return listProjectFiles(cwd).filter((file) => existsSync(file) && !excluded.has(realpathSync(file)));
}

/** TUTTI_BASE_URL, TUTTI_API_KEY and TUTTI_MODEL: a provider named `env`, and its model. */
function readEnvironmentLayers(env: Environment): Layer[] {
  const layers: Layer[] = [];
  const { TUTTI_MODEL: model, TUTTI_BASE_URL: baseUrl, TUTTI_API_KEY: apiKey } = env;
  if (baseUrl) layers.push({ source: "TUTTI_BASE_URL", value: { providers: { env: { baseUrl } } } });
  if (apiKey) layers.push({ source: "TUTTI_API_KEY", value: { providers: { env: { apiKey } } } });
  if (model)
    layers.push({
      source: "TUTTI_MODEL",
      value: { model: baseUrl && !model.startsWith("env/") ? `env/${model}` : model },
    });
  return layers;
}
