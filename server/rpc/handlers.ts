/** Joins the handlers of all methods that do not depend on a connection. */
import { homedir } from "node:os";
import { join } from "node:path";
import type { Handlers, ParamsOf, ResultOf } from "../../protocol/methods.ts";
import type { Budgets } from "../budget/budgets.ts";
import { fingerprintFiles } from "../config/fingerprint.ts";
import type { Configuration } from "../config/open-configuration.ts";
import type { ConfigPaths } from "../config/paths.ts";
import type { SavedRules } from "../config/saved-rules.ts";
import type { Definitions } from "../definitions/open-definitions.ts";
import type { ModelAccess } from "../model/open-model-access.ts";
import type { LazyPlugins } from "../plugins/lazy-plugins.ts";
import type { Clock, Hash, Processes } from "../ports.ts";
import type { SessionIndex } from "../session/session-summary.ts";
import type { Sessions } from "../session/sessions.ts";
import type { SessionStore } from "../session/storage.ts";
import type { Tasks } from "../tasks/tasks.ts";
import { bash } from "../tools/bash.ts";
import type { ShellCommandDeps } from "../turn/shell-command.ts";
import type { Workspace } from "../workspace/open-workspace.ts";
import type { PolicyPaths } from "../workspace/policy-paths.ts";
import { resolveRealPath } from "../workspace/real-path.ts";
import { createConfigHandlers } from "./config-handlers.ts";
import { createEditHandlers } from "./edit-handlers.ts";
import { createModelHandlers } from "./model-handlers.ts";
import { createProviderHandlers, createProviders } from "./model-provider-handlers.ts";
import { createFolderPlugins, createPluginHandlers } from "./plugin-handlers.ts";
import { createRouteHandlers } from "./route-handlers.ts";
import { createSessionHandlers } from "./session-handlers.ts";
import { createBudgetHandlers, createStatsHandlers } from "./stats-handlers.ts";
import { createTrustHandlers } from "./trust-handlers.ts";
import { createUserHandlers } from "./user-action-handlers.ts";
import { createWorkspaceHandlers } from "./workspace-handlers.ts";

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
  definitions: Definitions;
  sessions: Sessions;
  tasks: Tasks;
  budgets: Budgets;
  shell: Omit<ShellCommandDeps, "tool">;
  problems: Configuration["problems"];
}

export function createHandlers(deps: HandlersDeps): Handlers {
  const { clock, hash, paths, configuration, savedRules, store, processes, access, workspace, plugins, policyPaths } =
    deps;
  const { sessions, definitions } = deps;
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
    ...createStatsHandlers({ index: deps.index, clock }),
    ...createBudgetHandlers({ budgets: deps.budgets, sessions, folder, configFor: configuration.configFor }),
    ...createSessionHandlers({ sessions, store, folder, index: deps.index, tasks: deps.tasks }),
    ...createModelHandlers({
      providers,
      models,
      catalog,
      config,
      cacheDir: paths.cacheDir,
      rehearsals: rehearsals.names,
    }),
    ...createRouteHandlers({
      folder,
      configFor: configuration.configFor,
      agents: deps.definitions.agents,
      openModel: access.openModel,
    }),
    ...createProviderHandlers({ providers, models, catalog, keys, clock }),
    serverDoctor: createDoctorHandler(deps),
    ...createImportHandlers(deps),
    ...createUserHandlers({
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
    ...createEditHandlers({
      sessions,
      filesFor: (session) => openDocuments.filesFor(session, files),
      lock,
      hash,
      blobs,
    }),
    ...createWorkspaceHandlers({
      processes,
      clock,
      folder,
      getRoot: (cwd) => policyPaths(cwd).root,
      views: () => sessions.opened().map((session) => session.view()),
    }),
    ...createTrustHandlers({
      trust: configuration.openTrust,
      store: configuration.trustStore,
      reload: configuration.reload,
    }),
    ...createPluginHandlers({ folder, host, plugins: folderPlugins }),
    ...loadHandlers(definitionMethods, async () => {
      const { createDefinitionHandlers } = await import("./definition-handlers.ts");
      return createDefinitionHandlers({ definitions, folder });
    }),
    ...loadHandlers(contributionMethods, async () => {
      const { createContributionHandlers } = await import("./contribution-handlers.ts");
      return createContributionHandlers({ plugins: folderPlugins, definitions, folder, view });
    }),
    ...loadHandlers(["reviewDiff", "reviewLocate"], async () => {
      const { locateReviewFiles, readReviewDiff } = await import("../workspace/review-diff.ts");
      return {
        reviewDiff: ({ cwd, target }) => readReviewDiff(folder(cwd), target, deps.env),
        reviewLocate: async ({ cwd, target, paths: named }) => ({
          files: await locateReviewFiles(folder(cwd), target, named, deps.env),
        }),
      };
    }),
    ...createConfigHandlers({
      load: configuration.load,
      userFile: configuration.current().userFile,
      policyPaths,
      savedRules,
      async checkModel(name) {
        // Its provider may have been configured just now.
        await configuration.reload();
        return models.check(name);
      },
      readSession: async (id) => (await sessions.read(id)).envelopes,
    }),
  };
}

const createDoctorHandler =
  ({
    paths,
    processes,
    access,
    problems,
    env,
    definitions,
    configuration,
    plugins,
  }: HandlersDeps): Handlers["serverDoctor"] =>
  async ({ cwd }) => {
    const { runDoctor } = await import("../diagnostics/doctor.ts");
    const { keys, models } = access;
    const doctor = {
      paths,
      processes,
      keys,
      models,
      problems,
      env,
      nodeVersion: process.version,
      definitions,
      plugins,
      configuredTiers: async (at: string) => Object.keys((await configuration.configFor(at)).tiers ?? {}),
      checkModel: (name: string) => models.check(name),
      listHooks: async (at: string) => (await configuration.openTrust()).listCommandHooks(at),
    };
    return { checks: await runDoctor(doctor, cwd) };
  };

function createImportHandlers({
  env,
  paths,
  configuration,
}: HandlersDeps): Pick<Handlers, "importPlan" | "importApply"> {
  const input = { env, home: env.HOME ?? homedir(), configDir: paths.configDir };
  const load = () => import("../import/import-settings.ts");
  const { userFile: path } = configuration.current();
  return {
    async importPlan({ source, profile }) {
      const { planImport, showPlan } = await load();
      return { ...showPlan(planImport(source, { ...input, ...(profile !== undefined && { profile }) }, path)), path };
    },
    async importApply({ source, profile, digest }) {
      const { applyImport, showPlan } = await load();
      const { plan, backup } = await applyImport(
        source,
        { ...input, ...(profile !== undefined && { profile }) },
        path,
        digest,
      );
      await configuration.reload();
      return { ...showPlan(plan), path, backup };
    },
  };
}

const definitionMethods = ["agentList", "agentRead", "skillList", "skillRead", "commandList", "commandRead"] as const;

const contributionMethods = [
  "commandsList",
  "commandsExpand",
  "commandsComplete",
  "resourcesList",
  "resourcesRead",
  "themesList",
  "keymapsList",
  "widgetsRender",
  "widgetsKey",
] as const;

/** Handlers that are loaded with their first request: most runs need none of them. */
function loadHandlers<K extends keyof Handlers>(
  names: readonly K[],
  load: () => Promise<Pick<Handlers, K>>,
): Pick<Handlers, K> {
  let loading: Promise<Pick<Handlers, K>> | null = null;
  const handle = async (name: K, args: unknown[]): Promise<unknown> => {
    loading ??= load();
    const handler = (await loading)[name] as (...args: unknown[]) => Promise<unknown>;
    return handler(...args);
  };
  const entries = names.map((name) => [name, (...args: unknown[]) => handle(name, args)]);
  return Object.fromEntries(entries) as Pick<Handlers, K>;
}

type Complete = (params: ParamsOf<"completionInline">, signal: AbortSignal) => Promise<ResultOf<"completionInline">>;

const NEVER_ABORTED = new AbortController().signal;

/** Completion at the cursor is loaded with the first request. */
function createCompletionHandler(load: () => Promise<Complete>): Handlers["completionInline"] {
  let loading: Promise<Complete> | null = null;
  return async (params, _, signal = NEVER_ABORTED) => {
    loading ??= load();
    return (await loading)(params, signal);
  };
}
