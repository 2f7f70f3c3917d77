/**
 * Puts the configuration together: defaults < managed < user < project < environment < flags. Reading it is on the way to the
 * first request, so whatever checks a file is loaded only where there is one.
 */
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { defaults, type Loaded } from "./config.ts";
import { type Layer, lay, type Merged, startFrom } from "./merge.ts";
import { configPaths, type Environment } from "./paths.ts";
import { tighten } from "./project.ts";
import type { ConfigProblem } from "./read.ts";
import type { ConfigFile } from "./schema.ts";

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
}

const maxBytes = 1024 * 1024;

export async function loadConfig(input: LoadInput): Promise<Loaded> {
  const { env, home } = input;
  const paths = configPaths(env, input.platform, home);
  const named = input.configFile ?? env.TUTTI_CONFIG;
  const own = named === undefined || named === "" ? undefined : resolve(input.cwd, named);
  const userFile = own ?? paths.userFile;
  const found = input.project === false ? [] : findProjectFiles(input.cwd, [userFile, paths.managedFile]);
  const problems: ConfigProblem[] = [];
  const offered: Loaded["offered"] = [];
  let merged = startFrom(defaults);

  const trusted = async (file: string, source: string, text = readText(file, problems)) => {
    if (text === null) return;
    const [{ readConfig }, { fill }] = await Promise.all([import("./read.ts"), import("./placeholders.ts")]);
    const read = readConfig(text, source);
    const filled = fill(read.value, file, env, home);
    problems.push(...read.problems, ...filled.missing.map((message) => problem("warning", source, message)));
    merged = lay(merged, { source, value: filled.value });
  };
  await trusted(paths.managedFile, paths.managedFile);
  if (own === undefined) await trusted(userFile, userFile);
  for (const file of found) merged = await layProject(file, merged, problems, offered);
  if (own !== undefined) {
    if (!existsSync(own))
      problems.push(
        problem(
          "error",
          own,
          `There is no file ${own}; ${input.configFile === undefined ? "TUTTI_CONFIG" : "--config"} names it.`,
        ),
      );
    else await trusted(own, own);
  }
  const content = env.TUTTI_CONFIG_CONTENT;
  if (content !== undefined && content.trim() !== "")
    await trusted(join(input.cwd, "TUTTI_CONFIG_CONTENT"), "TUTTI_CONFIG_CONTENT", content);
  for (const layer of fromEnvironment(env)) merged = lay(merged, layer);
  if (input.flags !== undefined) merged = lay(merged, { source: "flag", value: input.flags });
  const files = [paths.managedFile, userFile, ...(input.project === false ? [] : projectFiles(input.cwd))];
  return { ...merged, problems, offered, files: [...new Set(files)], userFile };
}

async function layProject(
  file: string,
  under: Merged,
  problems: ConfigProblem[],
  offered: Loaded["offered"],
): Promise<Merged> {
  const text = readText(file, problems);
  if (text === null) return under;
  const { readConfig } = await import("./read.ts");
  const read = readConfig(text, file);
  const { value, ignored } = tighten(read.value, under.config);
  problems.push(...read.problems);
  if (read.value.plugins) offered.push({ file, plugins: read.value.plugins });
  if (ignored.length > 0)
    problems.push(problem("warning", file, `Ignored because this folder is not trusted: ${ignored.join(", ")}.`));
  return lay(under, { source: file, value });
}

function problem(level: ConfigProblem["level"], file: string, message: string): ConfigProblem {
  return { level, file, line: 1, column: 1, message };
}

/** Null where there is nothing to read: no file, or one that cannot be a configuration. */
function readText(file: string, problems: ConfigProblem[]): string | null {
  try {
    const facts = statSync(file, { throwIfNoEntry: false });
    if (facts === undefined) return null;
    if (facts.isFile() && facts.size <= maxBytes) return readFileSync(file, "utf8");
    problems.push(
      problem(
        "error",
        file,
        facts.isFile() ? "The file is larger than 1 MiB and was not read." : "This is not a file and was not read.",
      ),
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    problems.push(problem("error", file, `The file cannot be read: ${reason}.`));
  }
  return null;
}

/** From the repository's root down to the working directory, so that the nearest file counts most. Without a repository: here only. */
export function projectFiles(cwd: string): string[] {
  const folders: string[] = [];
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    folders.unshift(folder);
    if (existsSync(join(folder, ".git"))) break;
    if (dirname(folder) === folder) return places(resolve(cwd));
  }
  return folders.flatMap(places);
}

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
