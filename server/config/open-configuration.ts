/** The configuration of one server: loaded for its own folder, reloaded on demand, and loaded for other folders when a session needs it. */
import type { Config, LoadedConfig } from "./config.ts";
import type { FolderTrust } from "./folder-trust.ts";
import { listProjectFiles, loadConfig } from "./load.ts";
import type { ConfigPaths, Environment } from "./paths.ts";
import type { ProjectItem } from "./trust-items.ts";
import { openTrustStore, type TrustStore } from "./trust-store.ts";

export interface ConfigurationOptions {
  cwd: string;
  env: Environment;
  home: string;
  paths: ConfigPaths;
  /** Names of the variables that hold API keys of known providers. */
  keyNames(): readonly string[];
  /** False for `--no-project`. */
  project: boolean;
  /** Read instead of the user's file. */
  configFile?: string;
  /** The real path of a folder whose files count as trusted while this server runs. */
  trustedRoot?: string;
  /** What the project's definition files define: agents, skills and commands. */
  definitionItems(root: string): Promise<ProjectItem[]>;
  /** A one-off endpoint, named `flag`. */
  provider?: { baseUrl: string; keyName?: string };
}

export interface Configuration {
  /** For the folder of the server. */
  current(): LoadedConfig;
  /** For any folder: what its own files add is part of it. */
  loadedFor(cwd: string): Promise<LoadedConfig>;
  configFor(cwd: string): Promise<Config>;
  /** Reads the files again, for the folder of the server or for another one. */
  load(cwd: string): Promise<LoadedConfig>;
  reload(): Promise<void>;
  trustStore: TrustStore;
  openTrust(): Promise<FolderTrust>;
  /** What is wrong with the configuration, as `file:line:column: message`. */
  problems(): { level: "warning" | "error"; text: string }[];
}

export async function openConfiguration(options: ConfigurationOptions): Promise<Configuration> {
  const { cwd, env, home, trustedRoot } = options;
  const load = (folder: string, project = options.project): Promise<LoadedConfig> =>
    loadConfig({
      cwd: folder,
      env,
      platform: process.platform,
      home,
      keyNames: options.keyNames,
      definitionItems: options.definitionItems,
      project,
      ...(trustedRoot !== undefined && { trustedRoot }),
      ...(options.configFile !== undefined && { configFile: options.configFile }),
      ...(options.provider && { flags: oneOffProvider(options.provider, env) }),
    });
  const trustStore = openTrustStore(options.paths.trustFile);
  let current = await load(cwd);
  const loadedFor = async (folder: string): Promise<LoadedConfig> => (folder === cwd ? current : await load(folder));
  // Files of a project do not apply before they are trusted, so their mistakes do not count as the user's.
  const isProjectFile = (file: string): boolean => listProjectFiles(cwd).includes(file);
  return {
    current: () => current,
    loadedFor,
    configFor: async (folder) => (await loadedFor(folder)).config,
    load: (folder) => load(folder),
    async reload() {
      current = await load(cwd);
    },
    trustStore,
    async openTrust() {
      const { openFolderTrust } = await import("./folder-trust.ts");
      const { project } = options;
      return openFolderTrust({
        store: trustStore,
        home,
        load,
        project,
        ...(trustedRoot !== undefined && { trustedRoot }),
      });
    },
    problems: () =>
      current.problems.map(({ level, file, line, column, message }) => ({
        level: isProjectFile(file) ? "warning" : level,
        text: `${file}:${line}:${column}: ${message}`,
      })),
  };
}

function oneOffProvider({ baseUrl, keyName }: { baseUrl: string; keyName?: string }, env: Environment) {
  const apiKey = keyName === undefined ? undefined : env[keyName];
  return { providers: { flag: { baseUrl, ...(apiKey !== undefined && { apiKey }) } } };
}
