/**
 * Puts the configuration together: defaults < managed < user < project < environment < flags. Reading it is on the way to the
 * first request, so whatever checks a file is loaded only where there is one.
 */
import { existsSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { realPath } from "../workspace/real.ts";
import { defaults, type Loaded } from "./config.ts";
import type { CommandHook, ProjectItem } from "./items.ts";
import { type Layer, lay, type Merged, startFrom } from "./merge.ts";
import { configPaths, type Environment } from "./paths.ts";
import type { ConfigProblem } from "./read.ts";
import type { ConfigFile } from "./schema.ts";
import { readSmallFile } from "./small-file.ts";

export interface LoadInput {
  cwd: string;
  env: Environment;
  platform: string;
  home: string;
  /** `--config FILE`: read instead of the user's file. */
  configFile?: string;
  /** What other flags say, in the shape of a file. */
  flags?: ConfigFile;
  /** False for `--no-project`. */
  project?: boolean;
  /** `--trust DIR`: the real path of a root in which everything counts as granted, this time. */
  trusted?: string;
}

export async function loadConfig(input: LoadInput): Promise<Loaded> {
  const { env, home } = input;
  const root = realPath(input.cwd);
  const paths = configPaths(env, input.platform, home);
  const named = input.configFile ?? env.TUTTI_CONFIG;
  const ownFile = named === undefined || named === "" ? undefined : resolve(input.cwd, named);
  const userFile = ownFile ?? paths.userFile;
  const found = input.project === false ? [] : findProjectFiles(root, [userFile, paths.managedFile]);
  const problems: ConfigProblem[] = [];
  let merged = startFrom(defaults);
  /** Without the project's files. */
  let own = merged;
  const put = (layer: Layer): void => {
    own = lay(own, layer);
    merged = found.length === 0 ? own : lay(merged, layer);
  };

  const trusted = async (file: string, source: string, text = readText(file, problems)) => {
    if (text === null) return;
    const [{ readConfig }, { fill }] = await Promise.all([import("./read.ts"), import("./placeholders.ts")]);
    const read = readConfig(text, source);
    const filled = fill(read.value, file, env, home);
    problems.push(...read.problems, ...filled.missing.map((message) => problem("warning", source, message)));
    put({ source, value: filled.value });
  };
  await trusted(paths.managedFile, paths.managedFile);
  if (ownFile === undefined) await trusted(userFile, userFile);
  const layers = [];
  for (const file of found) {
    const text = readText(file, problems);
    if (text === null) continue;
    const [{ layProject }, { openTrustStore }] = await Promise.all([
      import("./project-layer.ts"),
      import("./trust.ts"),
    ]);
    const grants = openTrustStore(paths.trustFile).of(root);
    const granted = ({ id }: ProjectItem): boolean => input.trusted === root || Object.hasOwn(grants, id);
    const layer = layProject(file, text, merged, { root, home, env, paths, granted, own });
    merged = layer.merged;
    problems.push(...layer.problems);
    layers.push(layer);
  }
  const items = layers.flatMap((layer) => layer.items);
  const refused = layers.flatMap((layer) => layer.refused);
  problems.push(...leftOut(items, found[0] ?? userFile, refused));
  if (ownFile !== undefined) {
    if (!existsSync(ownFile))
      problems.push(
        problem(
          "error",
          ownFile,
          `There is no file ${ownFile}; ${input.configFile === undefined ? "TUTTI_CONFIG" : "--config"} names it.`,
        ),
      );
    else await trusted(ownFile, ownFile);
  }
  const content = env.TUTTI_CONFIG_CONTENT;
  if (content !== undefined && content.trim() !== "")
    await trusted(join(input.cwd, "TUTTI_CONFIG_CONTENT"), "TUTTI_CONFIG_CONTENT", content);
  for (const layer of fromEnvironment(env)) put(layer);
  if (input.flags !== undefined) put({ source: "flag", value: input.flags });
  if (items.some(({ kind, granted }) => kind === "provider" && granted)) {
    const { keepKeysHome } = await import("./keys-at-home.ts");
    const kept = keepKeysHome(merged, own, found);
    merged = kept.merged;
    problems.push(...kept.problems.map(({ file, message }) => problem("warning", file, message)));
  }
  const hooks = await ownHooks(own, problems);
  const files = [
    paths.managedFile,
    userFile,
    ...(input.project === false ? [] : [...projectFiles(root), paths.trustFile]),
  ];
  return {
    ...merged,
    root,
    problems,
    offered: layers.flatMap((layer) => layer.offered),
    items,
    hooks: [...hooks, ...layers.flatMap((layer) => layer.hooks)],
    files: [...new Set(files)],
    userFile,
  };
}

/** One line for everything that waits, and for what will never count. */
function leftOut(items: Loaded["items"], file: string, refused: readonly string[]): ConfigProblem[] {
  const list = (keys: readonly string[]): string => [...new Set(keys)].join(", ");
  const waiting = list(items.filter(({ granted }) => !granted).map(({ key }) => key));
  const never = refused.length === 0 ? "" : `only your own file may set ${list(refused)}`;
  const message =
    waiting === ""
      ? `Ignored because ${never}.`
      : `Ignored because this folder is not trusted: ${waiting}. \`tutti trust\` shows what they say${never === "" ? "" : `; ${never}`}.`;
  return waiting === "" && never === "" ? [] : [problem("warning", file, message)];
}

async function ownHooks({ config, sources }: Merged, problems: ConfigProblem[]): Promise<CommandHook[]> {
  if (config.hooks === undefined) return [];
  const { commandHooks } = await import("./command-hooks.ts");
  return Object.entries(config.hooks).flatMap(([event, groups]) => {
    const source = sources[`hooks.${event}`] ?? "";
    const named = commandHooks({ [event]: groups }, source);
    problems.push(...named.problems.map((message) => problem("warning", source, message)));
    return named.hooks;
  });
}

function problem(level: ConfigProblem["level"], file: string, message: string): ConfigProblem {
  return { level, file, line: 1, column: 1, message };
}

/** Null where there is nothing to read: no file, or one that cannot be a configuration. */
function readText(file: string, problems: ConfigProblem[]): string | null {
  const read = readSmallFile(file);
  if (read === null || "text" in read) return read?.text ?? null;
  problems.push(problem("error", file, read.problem));
  return null;
}

/** From the repository's root down to the working directory, so that the nearest file counts most. Without a repository: here only. */
export function projectFolders(root: string): string[] {
  const folders: string[] = [];
  for (let folder = root; ; folder = dirname(folder)) {
    folders.unshift(folder);
    if (existsSync(join(folder, ".git"))) return folders;
    if (dirname(folder) === folder) return [root];
  }
}

export const projectFiles = (cwd: string): string[] => projectFolders(realPath(cwd)).flatMap(places);

const places = (folder: string): string[] => [join(folder, "tutti.jsonc"), join(folder, ".tutti", "tutti.jsonc")];

/** A file that the user names as their own is not the project's, however it is reached. */
function findProjectFiles(cwd: string, others: readonly string[]): string[] {
  const taken = new Set(others.filter((file) => existsSync(file)).map((file) => realpathSync(file)));
  return projectFiles(cwd).filter((file) => existsSync(file) && !taken.has(realpathSync(file)));
}

/** The quick start: a provider named `env`, and its model. */
function fromEnvironment(env: Environment): Layer[] {
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
