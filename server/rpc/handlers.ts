/** The handlers of every method that does not concern one connection, each family from its own file. */
import { join } from "node:path";
import type { Handlers } from "../../protocol/methods.ts";
import { fingerprintFiles } from "../config/fingerprint.ts";
import type { Configuration } from "../config/open-configuration.ts";
import type { ConfigPaths } from "../config/paths.ts";
import type { SavedRules } from "../config/saved-rules.ts";
import type { ModelAccess } from "../model/open-model-access.ts";
import type { PolicyPaths } from "../permission/path-arguments.ts";
import type { LazyPlugins } from "../plugins/lazy-plugins.ts";
import type { Clock, Hash, Processes, SessionStore } from "../ports.ts";
import type { Sessions } from "../session/sessions.ts";
import type { SessionIndex } from "../session/summary.ts";
import { bash } from "../tools/bash.ts";
import type { ShellCommandDeps } from "../turn/shell-command.ts";
import type { Workspace } from "../workspace/open-workspace.ts";
import { resolveRealPath } from "../workspace/real-path.ts";
import { createCompletionHandler } from "./completion-handlers.ts";
import { configHandlers } from "./config-handlers.ts";
import { contributionHandlers } from "./contribution-handlers.ts";
import { editHandlers } from "./edit-handlers.ts";
import { modelHandlers } from "./model-handlers.ts";
import { createFolderPlugins, pluginHandlers } from "./plugin-handlers.ts";
import { createProviders, providerHandlers } from "./provider-handlers.ts";
import { sessionHandlers } from "./session-handlers.ts";
import { trustHandlers } from "./trust-handlers.ts";
import { userHandlers } from "./user-handlers.ts";
import { workspaceHandlers } from "./workspace-handlers.ts";

export interface HandlersDeps {
  clock: Clock;
  hash: Hash;
  env: Readonly<Record<string, string | undefined>>;
  paths: ConfigPaths;
  configuration: Configuration;
  savedRules: SavedRules;
  store: SessionStore;
  index: SessionIndex;
  processes: Processes;
  access: ModelAccess;
  workspace: Workspace;
  policyPaths(cwd: string): PolicyPaths;
  plugins: LazyPlugins;
  sessions: Sessions;
  shell: Omit<ShellCommandDeps, "tool">;
  problems: Configuration["problems"];
}

export function createHandlers(deps: HandlersDeps): Handlers {
  const {
    clock,
    hash,
    env,
    paths,
    configuration,
    savedRules,
    store,
    processes,
    access,
    workspace,
    plugins,
    policyPaths,
  } = deps;
  const { sessions, problems } = deps;
  const { models, catalog, keys, rehearsals, transport } = access;
  const { files, lock, openDocuments } = workspace;
  const config = () => configuration.current().config;
  const providers = createProviders({ config, models, catalog, keys });
  const folder = resolveRealPath;
  const { blobs } = store;
  const view = (id: string) => sessions.live(id)?.view() ?? null;
  const { open: host, isNeeded } = plugins;
  const folderPlugins = createFolderPlugins({ folder, host, isNeeded });
  return {
    ...sessionHandlers({ sessions, store, folder, index: deps.index }),
    ...modelHandlers({ providers, models, catalog, config, cacheDir: paths.cacheDir, rehearsals: rehearsals.names }),
    ...providerHandlers({ providers, models, catalog, keys, clock }),
    async serverDoctor({ cwd }) {
      const { runDoctor } = await import("../diagnostics/doctor.ts");
      return {
        checks: await runDoctor({ paths, processes, keys, models, problems, env, nodeVersion: process.version }, cwd),
      };
    },
    ...userHandlers({
      sessions,
      files,
      lock,
      hash,
      blobs,
      async runShellCommand(session, command, by) {
        const { runShellCommand } = await import("../turn/shell-command.ts");
        return runShellCommand({ ...deps.shell, tool: bash }, session, command, by);
      },
    }),
    completionInline: createCompletionHandler(async () => {
      const { openCompletion } = await import("../completion/completion.ts");
      return openCompletion({
        clock,
        costFile: join(paths.dataDir, "completions.json"),
        transport,
        loadConfig: configuration.loadedFor,
        fingerprint: fingerprintFiles,
        resolveTarget: access.resolveTarget,
      });
    }),
    ...editHandlers({ sessions, filesFor: (session) => openDocuments.filesFor(session, files), lock, hash, blobs }),
    ...workspaceHandlers({
      processes,
      clock,
      folder,
      rootOf: (cwd) => policyPaths(cwd).root,
      views: () => sessions.opened().map((session) => session.view()),
    }),
    ...trustHandlers({ trust: configuration.openTrust, store: configuration.trustStore, reload: configuration.reload }),
    ...pluginHandlers({ folder, host, plugins: folderPlugins }),
    ...contributionHandlers({ plugins: folderPlugins, view }),
    ...configHandlers({
      load: configuration.load,
      userFile: configuration.current().userFile,
      policyPaths,
      savedRules,
    }),
  };
}
