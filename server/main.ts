/** The only place where real things are made and joined. It reads top to bottom like a list of parts. */
import { homedir } from "node:os";
import { join } from "node:path";
import type { Budgets } from "./budget/budgets.ts";
import { type Configuration, openConfiguration } from "./config/open-configuration.ts";
import { type ConfigPaths, resolveConfigPaths } from "./config/paths.ts";
import { openSavedRules, type SavedRules } from "./config/saved-rules.ts";
import { type Definitions, listDefinitionItems, openDefinitions } from "./definitions/open-definitions.ts";
import type { PrintAgentOptions } from "./definitions/print-agent.ts";
import { openInstructions } from "./instructions/open-instructions.ts";
import { listKeyNames } from "./model/catalog.ts";
import { type ModelAccess, openModelAccess } from "./model/open-model-access.ts";
import { checksum } from "./node/checksum.ts";
import { clock } from "./node/clock.ts";
import { findSecretValues } from "./node/environment.ts";
import { isOpenToOthers, restrictModes } from "./node/file-modes.ts";
import { openFiles } from "./node/files.ts";
import { locateRipgrep } from "./node/find-ripgrep.ts";
import { openProcesses } from "./node/processes.ts";
import { randomHex, sha256 } from "./node/random.ts";
import { openSessionStore } from "./node/store.ts";
import { createJudge, onlyReads } from "./permission/judge.ts";
import { preparePlugins } from "./plugins/configured-plugins.ts";
import { openRecording } from "./recording/open-recording.ts";
import type { Recording } from "./recording/recording.ts";
import { createHandlers } from "./rpc/handlers.ts";
import type { Server } from "./server.ts";
import { createRedactor, type Redactor } from "./session/redact.ts";
import type { Session } from "./session/session.ts";
import type { SessionIndex } from "./session/session-summary.ts";
import { openSessions, type Sessions } from "./session/sessions.ts";
import type { SessionStore } from "./session/storage.ts";
import { openTasks } from "./tasks/tasks.ts";
import { toolsFor } from "./tools/all.ts";
import type { TitleDeps } from "./turn/title-session.ts";
import { createTurnRunner } from "./turn/turn-runner.ts";
import { openWorkspace } from "./workspace/open-workspace.ts";
import { createPolicyPaths } from "./workspace/policy-paths.ts";
import { folderExists, resolveRealPath } from "./workspace/real-path.ts";

export interface ServerOptions {
  cwd: string;
  version: string;
  env: Readonly<Record<string, string | undefined>>;
  configFile?: string;
  /** False for `--no-project`: no configuration and no instructions of a folder apply. */
  project: boolean;
  /** The real path of a folder whose configuration counts as trusted while this server runs. */
  trustedRoot?: string;
  /** A one-off endpoint: `keyName` is the environment variable that holds its key. */
  provider?: { baseUrl: string; keyName?: string };
  /** Files: where to record the run, or which recording to replay in place of a model and tools. */
  record?: string;
  replay?: string;
  printAgent?: PrintAgentOptions;
  /** True if sessions stay open after a turn, so that a quick model may name them. */
  titles?: boolean;
  /** True while a client is connected that may answer questions. */
  canAnswer(): boolean;
}

export async function startServer(options: ServerOptions): Promise<Server> {
  const { env, version, project } = options;
  const home = env.HOME ?? homedir();
  const paths = resolveConfigPaths(env, process.platform, home);
  const { dataDir } = paths;
  const keyNames = () => listKeyNames(paths.cacheDir);
  const definitionItems = (root: string) => listDefinitionItems({ ...paths, env, home, root });
  const configuration = await openConfiguration({ ...options, home, paths, keyNames, definitionItems });
  const { configFor } = configuration;
  const savedRules = openSavedRules(dataDir);
  const opened = closeToOthers(dataDir);
  const problems = () => [...configuration.problems(), ...opened];
  let closing = false;
  let notifyChanged = (): void => undefined;

  const redactor = openRedactor(env);
  const store = openSessionStore(dataDir, redactor.text);
  const processes = openProcesses({ ripgrep: locateRipgrep(env.TUTTI_RIPGREP), env, redactor });
  const recording = await openRecording(options, redactor.text);

  const system = { clock, hash: sha256, env, home, files: openFiles(), newId, folderExists };
  const common = { ...system, ...paths, project, version, configuration };
  const access = openModelAccess({
    ...common,
    pluginProvider: (cwd, name) => plugins.provider(cwd, name),
    addSecret: redactor.addSecret,
  });
  const workspace = openWorkspace({
    ...common,
    processes,
    fetchPage: async (url, signal) => (await import("./node/fetch-page.ts")).openFetchPage()(url, signal),
    blobs: store.blobs,
    onlyReads,
  });
  const { plugins, clientPlugins } = preparePlugins({
    ...common,
    keys: access.keys,
    resolveRealPath,
    openSessions: () => sessions.opened(),
    openModel: async (name, cwd) => (await access.openModel(name, cwd)).model,
    onChanged: () => notifyChanged(),
  });
  const definitions = await addAgent(openDefinitions({ ...common, plugins }), options.printAgent);
  const { toolContext } = workspace;
  const policyInput = { ...common, savedRules, ripgrep: processes.ripgrep, liveSessions: () => sessions };
  const { policyPaths, judge } = openPolicy(policyInput, recording);
  const budgets = openBudgets(dataDir, (id) => sessions.live(id));
  const turns = { ...common, holdBack: redactor.holdBack, redact: redactor.text, toolContext, judge, configFor };
  const runTurn = createTurnRunner({
    ...turns,
    openModel: recording.wrapModel(access.openModel),
    toolsFor: (model) => recording.wrapTools(toolsFor(model)),
    async turnPlugins(session, cwd) {
      const found = await plugins.forTurn(session, cwd);
      return { ...found, tools: recording.wrapTools(found.tools) };
    },
    ...definitions,
    subagents: (parent) => tasks.forTurn(parent),
    budgets,
    ...openInstructions(common),
  });
  const sessions = openSessions({
    ...common,
    store,
    log: { clock, checksum, redact: redactor.event },
    sessionDeps: (id, cwd, task) => ({
      inheritedRules: () => (task && sessions.live(task.session)?.approvedRules()) ?? [],
      saveRule: (rule) => savedRules.add(findRulesFolder(sessions, id, cwd), rule),
      hash: sha256,
      canAnswer: options.canAnswer,
      runTurn,
      agent: "tutti",
    }),
    closing: (id) => tasks.sessionClosing(id),
    async closed(id) {
      await tasks.sessionClosed(id);
      await plugins.sessionEnded(id, closing ? "quit" : "closed");
      await workspace.closeSession(id);
    },
  });
  const tasks = openTasks({
    ...system,
    sessions,
    worktrees: { env, dataDir, folder: join(paths.cacheDir, "worktrees") },
  });
  const stored = { paths, savedRules, store, index: createLazyIndex(dataDir, store), sessions, tasks, budgets };
  const parts = { processes, access, workspace, policyPaths, plugins, definitions };
  if (options.titles) watchForTitles(sessions, { ...access, configFor, budgets });
  return {
    sessions,
    openDocuments: workspace.openDocuments,
    clientPlugins,
    problems,
    configFiles: configuration.current().files,
    reload: configuration.reload,
    cleanUpWorktrees: tasks.cleanUp,
    redact: redactor.text,
    onChanged(listener) {
      notifyChanged = listener;
    },
    handlers: createHandlers({ ...common, ...stored, ...parts, shell: turns, problems }),
    async close() {
      closing = true;
      await sessions.closeAll();
      await plugins.close();
      await processes.close();
      await recording.close();
      await access.close();
    },
  };
}

/** Only runs for scripts have such an agent. */
async function addAgent(definitions: Definitions, agent: PrintAgentOptions | undefined): Promise<Definitions> {
  return agent ? (await import("./definitions/print-agent.ts")).addPrintAgent(definitions, agent) : definitions;
}

/** Loaded for the first list or search of sessions. */
function createLazyIndex(dataDir: string, store: SessionStore): SessionIndex {
  let opening: Promise<SessionIndex> | null = null;
  const open = (): Promise<SessionIndex> => {
    opening ??= import("./node/session-index.ts").then(({ openSessionIndex }) =>
      openSessionIndex(dataDir, store, checksum),
    );
    return opening;
  };
  return {
    list: async (filter) => (await open()).list(filter),
    search: async (text, limit) => (await open()).search(text, limit),
    usage: async (firstDay) => (await open()).usage(firstDay),
  };
}

/** A subagent in a worktree has the saved rules of the session that a person started: its own folder is temporary. */
function findRulesFolder(sessions: Sessions, id: string, cwd: string): string {
  const task = sessions.live(id)?.view().task;
  const root = task?.worktree && (sessions.live(task.root)?.view().cwd ?? task.worktree.root);
  return resolveRealPath(root ?? cwd);
}

interface PolicyInput extends Pick<ConfigPaths, "configDir" | "dataDir"> {
  home: string;
  env: ServerOptions["env"];
  ripgrep: () => string;
  configuration: Configuration;
  savedRules: SavedRules;
  liveSessions(): Sessions;
}

/** The permission policy, with the files that it looks at. */
function openPolicy(input: PolicyInput, recording: Recording) {
  const { home, env, ripgrep, configDir, dataDir, configuration, savedRules, liveSessions } = input;
  const policyPaths = createPolicyPaths({ home, protectedFolders: [configDir, dataDir], env, ripgrep });
  const judge = createJudge({
    configFor: configuration.configFor,
    savedRules: (session, cwd) => savedRules.get(findRulesFolder(liveSessions(), session, cwd)),
    policyPaths,
    blobsDir: join(dataDir, "blobs"),
  });
  return { policyPaths, judge: recording.wrapJudge(judge) };
}

/** Loaded with the first turn that has a budget. */
function openBudgets(dataDir: string, live: (id: string) => Pick<Session, "envelopes"> | undefined): Budgets {
  let loading: Promise<Budgets> | null = null;
  const load = async (): Promise<Budgets> => {
    const { createBudgets } = await import("./budget/budgets.ts");
    const { openDayLedger } = await import("./node/day-ledger.ts");
    return createBudgets({
      openLedger: () => openDayLedger(join(dataDir, "spending"), clock),
      newId,
      envelopes: (id) => live(id)?.envelopes() ?? [],
    });
  };
  return {
    async forTurn(view, config) {
      loading ??= load();
      return (await loading).forTurn(view, config);
    },
    async read(session, config) {
      loading ??= load();
      return (await loading).read(session, config);
    },
  };
}

/** Names each session after its first turn; what that needs is loaded then. */
function watchForTitles(
  sessions: Sessions,
  deps: Pick<ModelAccess, "openModel" | "resolveTarget"> & Pick<TitleDeps, "configFor" | "budgets">,
): void {
  const isLocal = async (name: string, cwd: string) => (await deps.resolveTarget(name, cwd)).local;
  const title = async (session: Session): Promise<void> => {
    const { titleSession } = await import("./turn/title-session.ts");
    await titleSession({ ...deps, isLocal }, session);
  };
  sessions.onOpened((_, session) =>
    session.watch(({ event }) => {
      if (event.type === "turn.ended" && event.outcome === "done") title(session).catch(() => undefined);
    }),
  );
}

/** Sorts by time; followed by 80 random bits. */
const newId = (): string => `${clock.now().toString(36).padStart(9, "0")}${randomHex(10)}`;

function openRedactor(env: ServerOptions["env"]): Redactor {
  const redactor = createRedactor();
  for (const secret of findSecretValues(env)) redactor.addSecret(secret);
  return redactor;
}

/** In a folder that only its owner can enter no file mode matters, so one look is enough. */
const closeToOthers = (dataDir: string) =>
  (isOpenToOthers(dataDir) ? restrictModes(dataDir).slice(0, 1) : []).map(openFolderWarning);

const openFolderWarning = (path: string) => ({
  level: "warning" as const,
  text: `Other users could read ${path}; its permissions are fixed now. If others use this machine, replace the keys in it.`,
});
