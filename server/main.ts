/** The only place where real things are made and joined. It reads top to bottom like a list of parts. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { FileChange } from "../protocol/events.ts";
import type { Settings } from "../protocol/methods.ts";
import { hasClaudeSettings } from "./config/claude-files.ts";
import type { Loaded } from "./config/config.ts";
import { loadConfig, projectFiles, projectFolders } from "./config/load.ts";
import { markOf } from "./config/mark.ts";
import { configPaths } from "./config/paths.ts";
import { isInside } from "./config/project.ts";
import { loadRemembered, remember } from "./config/remembered.ts";
import { openTrustStore } from "./config/trust.ts";
import { readInstructions } from "./customs/agents-md.ts";
import { completionHandler } from "./faces/completion-handler.ts";
import { configHandlers } from "./faces/config-handlers.ts";
import { editHandlers } from "./faces/edit-handlers.ts";
import { modelHandlers } from "./faces/model-handlers.ts";
import { personHandlers } from "./faces/person-handlers.ts";
import { pluginHandlers } from "./faces/plugin-handlers.ts";
import { sessionHandlers } from "./faces/session-handlers.ts";
import { trustHandlers } from "./faces/trust-handlers.ts";
import { workspaceHandlers } from "./faces/workspace-handlers.ts";
import { openCatalog, shippedCatalog } from "./model/catalog.ts";
import { openKeychain } from "./model/keychain.ts";
import { openKeys } from "./model/keys.ts";
import { openModels } from "./model/models.ts";
import { openRehearsals } from "./model/rehearsals.ts";
import { openTransport } from "./model/transport.ts";
import { checksum, clock } from "./node/clock.ts";
import { secretValues } from "./node/environment.ts";
import { openFetchPage } from "./node/fetch-page.ts";
import { openFiles } from "./node/files.ts";
import { openIndex } from "./node/index.ts";
import { isOpenToOthers, narrowModes } from "./node/modes.ts";
import { openProcesses } from "./node/processes.ts";
import { randomHex, sha256 } from "./node/random.ts";
import { findRipgrep } from "./node/ripgrep.ts";
import { openStore } from "./node/store.ts";
import { loadGrammar } from "./permission/grammar.ts";
import { decide } from "./permission/policy.ts";
import { openBrought } from "./plugins/brought.ts";
import { lazyPlugins } from "./plugins/lazy.ts";
import type { ToolWorld } from "./ports.ts";
import type { Server } from "./server.ts";
import { createRedactor } from "./session/redact.ts";
import { openSessions } from "./session/sessions.ts";
import { noTape, type Tape } from "./tape/tape.ts";
import { toolsFor } from "./tools/all.ts";
import { bash } from "./tools/bash.ts";
import { createTurns, type JudgeQuestion } from "./turns.ts";
import { gitDoubt } from "./workspace/git-doubt.ts";
import { openHeld } from "./workspace/held.ts";
import { openLedger } from "./workspace/ledger.ts";
import { openPathLock } from "./workspace/lock.ts";
import { ownProcesses } from "./workspace/own-processes.ts";
import { realPath } from "./workspace/real.ts";

export interface ServerOptions {
  cwd: string;
  version: string;
  env: Readonly<Record<string, string | undefined>>;
  configFile?: string;
  project: boolean;
  /** A real path: everything that files of the project ask for counts in this folder, while this server runs. */
  trusted?: string;
  provider?: { baseUrl: string; keyName?: string };
  /** Files: where to record the run, or what to play instead of a model and tools. */
  record?: string;
  replay?: string;
  /** True while someone is there who may answer a question. */
  canAnswer(): boolean;
}

export async function startServer(options: ServerOptions): Promise<Server> {
  const { env, version } = options;
  const home = env.HOME ?? homedir();
  const paths = configPaths(env, process.platform, home);
  const load = (cwd: string, project = options.project) =>
    loadConfig({
      cwd,
      env,
      platform: process.platform,
      home,
      project,
      ...(options.trusted !== undefined && { trusted: options.trusted }),
      ...(options.configFile !== undefined && { configFile: options.configFile }),
      ...(options.provider && { flags: oneOff(options.provider, env) }),
    });
  let loaded = await load(options.cwd);
  let closing = false;
  let changed = (): void => undefined;
  /** What a session's own folder adds to the configuration, where that is not the folder of the server. */
  const loadedAt = async (cwd: string) => (cwd === options.cwd ? loaded : await load(cwd));
  const configAt = async (cwd: string) => (await loadedAt(cwd)).config;
  const config = () => loaded.config;
  const reload = async (): Promise<void> => {
    loaded = await load(options.cwd);
  };
  const trustStore = openTrustStore(paths.trustFile);
  const trust = async () => {
    const { openFolderTrust } = await import("./config/folder-trust.ts");
    const { project, trusted } = options;
    return openFolderTrust({ store: trustStore, home, load, project, ...(trusted !== undefined && { trusted }) });
  };

  // Below a folder that only its owner may enter no mode matters, so this is one look.
  const opened = isOpenToOthers(paths.dataDir) ? narrowModes(paths.dataDir).slice(0, 1) : [];

  const redactor = createRedactor();
  for (const secret of secretValues(env)) redactor.know(secret);
  const transport = openTransport({ env });
  const keys = openKeys({ env, dataDir: paths.dataDir, openKeychain: () => openKeychain(env) });
  const catalog = openCatalog([shippedCatalog, join(paths.cacheDir, "catalog.json")]);
  const rehearsals = openRehearsals({ clock, hash: sha256 });
  const door = { clock, transport };
  const modelsOf = (settings: () => Loaded["config"], token?: (provider: string) => (() => Promise<string>) | null) =>
    openModels({
      config: settings,
      env,
      catalog,
      keys,
      rehearsals,
      door,
      know: redactor.know,
      ...(token && { token }),
    });
  const models = modelsOf(config);
  const modelsAt = async (wanted: string | undefined, cwd: string) => {
    const settings = await configAt(cwd);
    const provider = (wanted ?? settings.model ?? "").split("/", 1)[0] ?? "";
    const brought =
      settings.providers[provider] || catalog.provider(provider) ? null : await plugins.provider(cwd, provider);
    if (!brought) return settings === config() ? models : modelsOf(() => settings);
    const more = { ...settings, providers: { ...settings.providers, [provider]: brought.config } };
    return modelsOf(
      () => more,
      (id) => (id === provider ? brought.token : null),
    );
  };
  const openModelAt = async (wanted: string | undefined, cwd: string) => (await modelsAt(wanted, cwd)).open(wanted);
  const targetAt = async (wanted: string | undefined, cwd: string) =>
    (await (await modelsAt(wanted, cwd)).target(wanted)).target;
  const store = openStore(paths.dataDir);
  const processes = openProcesses({ ripgrep: findRipgrep(env.TUTTI_RIPGREP) });
  const files = openFiles();
  const lock = openPathLock();
  const held = openHeld({ real: realPath, hash: sha256, newId: () => newId(clock.now()) });
  const fetchPage = openFetchPage();
  const own = [paths.configDir, paths.dataDir];
  const placesAt = (cwd: string) => ({ root: realPath(cwd), home, own, real: realPath, gitDoubt });

  const worlds = new Map<string, ToolWorld & { processes: ReturnType<typeof ownProcesses> }>();
  const worldOf = (session: string, cwd: string, past: () => FileChange[]): ToolWorld => {
    const world = worlds.get(session) ?? {
      session,
      cwd,
      files: held.filesFor(session, files),
      unsaved: (folder) => held.below(folder, session),
      differing: (folder) => held.differing(folder, session, files),
      lock,
      processes: ownProcesses(processes),
      fetchPage,
      blobs: store.blobs(session),
      ledger: openLedger(past()),
      hash: sha256,
      clock,
    };
    worlds.set(session, world);
    return world;
  };

  const tape = await openTape(options, redactor.text);
  const judge = tape.judge(async ({ tool, wants, session, cwd, settings, approved }: JudgeQuestion) => {
    const { permissions } = await configAt(cwd);
    const kept = loadRemembered(paths.dataDir)[realPath(cwd)] ?? [];
    const outputs = `read(${join(paths.dataDir, "blobs", session, "*")})`;
    const rules = {
      allow: [...permissions.allow, ...(settings.allow ?? []), ...approved, ...kept, outputs],
      ask: [...permissions.ask, ...(settings.ask ?? [])],
      deny: [...permissions.deny, ...(settings.deny ?? [])],
    };
    const context = { ...placesAt(cwd), mode: settings.mode ?? permissions.mode, rules };
    return decide({ tool: tool.name, kind: tool.kind, wants }, context, await loadGrammar());
  });
  const brought = openBrought(
    realPath,
    () => changed(),
    // A program that does not end well is killed; nobody waits for it.
    (source) => void plugins.end(source).catch(() => undefined),
  );
  const plugins = lazyPlugins({
    clock,
    hash: sha256,
    home,
    project: options.project,
    dataDir: paths.dataDir,
    env,
    version,
    keys,
    loadedAt: async (cwd) => brought.beside(await loadedAt(cwd)),
    async commandHooks(cwd) {
      const { hooks, root } = await loadedAt(cwd);
      if (hooks.length === 0 && !hasClaudeSettings([...projectFolders(root), home])) return [];
      return (await trust()).trustedCommandHooks(cwd);
    },
    opened: () => sessions.opened(),
    modelAt: async (name, cwd) => (await openModelAt(name, cwd)).model,
    changed: () => changed(),
  });
  const turns = createTurns({
    clock,
    hash: sha256,
    holdBack: redactor.holdBack,
    modelFor: tape.modelFor(openModelAt),
    toolsFor: (model) => tape.tools(toolsFor(model)),
    worldOf,
    judge,
    settingsAt: configAt,
    async plugged(session, cwd) {
      const found = await plugins.plugged(session, cwd);
      return { ...found, tools: tape.tools(found.tools) };
    },
    async instructions(cwd) {
      if (!options.project) return { files: [], warnings: [] };
      const named = (await configAt(cwd)).instructions ?? [];
      const own = [
        ...named.map((path) => ({
          path: resolve(cwd, path.replace(/^~(?=[/\\])/, home)),
          anywhere: !isInside(path),
        })),
        { path: join(paths.configDir, "AGENTS.md"), anywhere: true },
      ];
      return readInstructions(files, cwd, repositoryRoot(cwd), own);
    },
    surroundings: async (cwd) => ({
      cwd,
      platform: process.platform,
      date: new Date(clock.now()).toISOString().slice(0, 10),
      git: existsSync(join(repositoryRoot(cwd), ".git")),
    }),
  });

  const sessions = openSessions<Settings>({
    store,
    log: { clock, checksum, redact: redactor.event },
    newId: () => newId(clock.now()),
    version,
    partsOf: (_, cwd) => ({
      keep: (rule) => remember(paths.dataDir, realPath(cwd), rule),
      hash: sha256,
      canAnswer: options.canAnswer,
      runTurn: turns,
      agent: "tutti",
    }),
    async closed(id) {
      await plugins.ended(id, closing ? "quit" : "closed");
      await worlds.get(id)?.processes.close();
      worlds.delete(id);
    },
  });
  const startedAt = clock.now();
  /** A project's file has no say before its folder is trusted, so its mistakes do not count as the user's. */
  const isProjects = (file: string): boolean => projectFiles(options.cwd).includes(file);
  const problems = (): { level: "warning" | "error"; text: string }[] => [
    ...loaded.problems.map(({ level, file, line, column, message }) => ({
      level: isProjects(file) ? ("warning" as const) : level,
      text: `${file}:${line}:${column}: ${message}`,
    })),
    ...opened.map((path) => ({
      level: "warning" as const,
      text: `Others could read ${path}; now only you can. If others use this machine, replace the keys in there.`,
    })),
  ];
  return {
    sessions,
    held,
    brought,
    problems,
    configFiles: loaded.files,
    reload,
    handlers: {
      ...sessionHandlers({
        sessions,
        store,
        folder: realPath,
        index: openIndex(paths.dataDir, store, checksum),
        status: () => ({ version, pid: process.pid, startedAt, clients: 0, sessions: [] }),
      }),
      ...modelHandlers({
        config,
        models,
        catalog,
        keys,
        clock,
        cacheDir: paths.cacheDir,
        rehearsals: rehearsals.names,
      }),
      async serverDoctor({ cwd }) {
        const { examine } = await import("./doctor.ts");
        const machine = { paths, processes, keys, models, problems, env, nodeVersion: process.version };
        return { checks: await examine(machine, cwd) };
      },
      ...personHandlers({
        sessions,
        files,
        lock,
        hash: sha256,
        blobs: store.blobs,
        async run(session, command, by) {
          const { runOwnCommand } = await import("./own-command.ts");
          const parts = { clock, holdBack: redactor.holdBack, worldOf, judge, settingsAt: configAt, tool: bash };
          return runOwnCommand(parts, session, command, by);
        },
      }),
      completionInline: completionHandler(async () => {
        const { openCompletion } = await import("./completion.ts");
        const spentFile = join(paths.dataDir, "completions.json");
        return openCompletion({ clock, spentFile, transport, loadedAt, markOf, targetAt });
      }),
      ...editHandlers({
        sessions,
        filesFor: (session) => held.filesFor(session, files),
        lock,
        hash: sha256,
        blobs: store.blobs,
      }),
      ...workspaceHandlers({
        processes,
        clock,
        folder: realPath,
        rootOf: (cwd) => placesAt(cwd).root,
        views: () => sessions.opened().map((session) => session.view()),
      }),
      ...trustHandlers({ trust, store: trustStore, reload }),
      ...pluginHandlers({
        folder: realPath,
        plugins: plugins.open,
        any: plugins.any,
        view: (id) => sessions.live(id)?.view() ?? null,
      }),
      ...configHandlers({ load, userFile: loaded.userFile, placesAt, dataDir: paths.dataDir }),
    },
    onChanged(listener) {
      changed = listener;
    },
    redact: redactor.text,
    async close() {
      closing = true;
      await sessions.closeAll();
      await plugins.close();
      await processes.close();
      await tape.close();
      await rehearsals.close();
      transport.close();
    },
  };
}

async function openTape({ record, replay }: ServerOptions, redact: (text: string) => string): Promise<Tape> {
  if (record !== undefined) return (await import("./tape/record.ts")).openRecorder(record, redact);
  return replay === undefined ? noTape : (await import("./tape/replay.ts")).openReplay(replay);
}

/** Sorts by time; 80 random bits behind it. */
function newId(now: number): string {
  return `${now.toString(36).padStart(9, "0")}${randomHex(10)}`;
}

function oneOff({ baseUrl, keyName }: { baseUrl: string; keyName?: string }, env: ServerOptions["env"]) {
  const apiKey = keyName === undefined ? undefined : env[keyName];
  return { providers: { flag: { baseUrl, ...(apiKey !== undefined && { apiKey }) } } };
}

/** The nearest folder upwards that is a repository, or the folder itself. */
function repositoryRoot(cwd: string): string {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (existsSync(join(folder, ".git"))) return folder;
    if (dirname(folder) === folder) return cwd;
  }
}
