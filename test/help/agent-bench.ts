/** Sessions on a real disk, with real tools in a temporary folder, a scripted model and a scripted user. */
import { createHash, randomUUID } from "node:crypto";
import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TuttiError } from "../../protocol/errors.ts";
import type { Author, Envelope, EventOf, SessionEvent, Settings } from "../../protocol/events.ts";
import type { Mode } from "../../protocol/settings.ts";
import type { PermissionDecision } from "../../server/agent/turn-context.ts";
import { createBudgets } from "../../server/budget/budgets.ts";
import type { Agents } from "../../server/definitions/agent.ts";
import { createNamed } from "../../server/definitions/named.ts";
import type { Command, Skill } from "../../server/definitions/skill.ts";
import type { InstructionFile } from "../../server/instructions/limit-instructions.ts";
import { checksum } from "../../server/node/checksum.ts";
import { clock } from "../../server/node/clock.ts";
import { openDayLedger } from "../../server/node/day-ledger.ts";
import { openFetchPage } from "../../server/node/fetch-page.ts";
import { openFiles } from "../../server/node/files.ts";
import { findRipgrep } from "../../server/node/find-ripgrep.ts";
import { openProcesses } from "../../server/node/processes.ts";
import { openSessionStore } from "../../server/node/store.ts";
import type { PermissionRequest } from "../../server/permission/judge.ts";
import { loadGrammar } from "../../server/permission/load-parsers.ts";
import { createHookDispatcher, type HookSource } from "../../server/plugins/hooks.ts";
import { NO_PLUGINS } from "../../server/plugins/lazy-plugins.ts";
import type { Model, Tool, ToolContext } from "../../server/ports.ts";
import { createRedactor, type Redactor } from "../../server/session/redact.ts";
import type { Session } from "../../server/session/session.ts";
import { openSessions, type Sessions } from "../../server/session/sessions.ts";
import type { LogPiece, SessionStore } from "../../server/session/storage.ts";
import { openTasks, type Tasks } from "../../server/tasks/tasks.ts";
import { toolsFor } from "../../server/tools/all.ts";
import type { RoutingConfig } from "../../server/turn/routed-task.ts";
import { createTurnRunner } from "../../server/turn/turn-runner.ts";
import { createShellChooser } from "../../server/workspace/choose-shell.ts";
import { openPathLock } from "../../server/workspace/path-lock.ts";
import { openReadTracker } from "../../server/workspace/read-tracker.ts";
import { folderExists } from "../../server/workspace/real-path.ts";
import { createAgents } from "./agents.ts";

export const ada: Author = { kind: "person", id: "ada", name: "Ada" };
export const bob: Author = { kind: "person", id: "bob", name: "Bob" };

export interface BenchOptions {
  model?: Model;
  /** Models by name, instead of one for every name; others cannot be opened. */
  models?: Readonly<Record<string, Model>>;
  commands?: Command[];
  skills?: Skill[];
  agents?: Agents;
  /** The configured mode. */
  mode?: Mode;
  /** What the configuration says about routing. */
  config?: RoutingConfig;
  judge?: (question: PermissionRequest) => Promise<PermissionDecision>;
  canAnswer?: boolean;
  hooks?: readonly HookSource[];
  /** Warnings when the model is opened. */
  warnings?: string[];
  /** In addition to the real ones. */
  tools?: readonly Tool[];
  /** The data folder, instead of a new one. */
  dataDir?: string;
  store?: (store: SessionStore) => SessionStore;
  instructions?: InstructionFile[];
}

export interface AgentBench {
  root: string;
  /** The workspace, real. */
  cwd: string;
  dataDir: string;
  store: SessionStore;
  redactor: Redactor;
  sessions: Sessions;
  tasks: Tasks;
  /** Opens the same folder again, as after a restart. */
  reopen(parts?: BenchOptions): Promise<AgentBench>;
  create(): Promise<Session>;
  close(): Promise<void>;
}

export async function openAgentBench(options: BenchOptions = {}, existingRoot?: string): Promise<AgentBench> {
  const root = existingRoot ?? (await realpath(await mkdtemp(join(tmpdir(), "tutti-agent-"))));
  const cwd = join(root, "work");
  const dataDir = options.dataDir ?? join(root, "data");
  await mkdir(cwd, { recursive: true });
  const redactor = createRedactor();
  const plain = openSessionStore(dataDir, redactor.text);
  const store = options.store?.(plain) ?? plain;
  const processes = openProcesses({ ripgrep: () => findRipgrep(), env: process.env, redactor });
  const hash = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");
  const shared = {
    files: openFiles(),
    openDocumentsBelow: () => [],
    documentsDifferingFromDisk: async () => [],
    lock: openPathLock(),
    processes,
    chooseShell: createShellChooser(cwd, process.env, async () => false),
    fetchPage: openFetchPage(),
    hash,
    clock,
  };
  const worlds = new Map<string, ToolContext>();
  const toolContext = (session: string, folder: string): ToolContext => {
    const context = worlds.get(session) ?? {
      ...shared,
      session,
      cwd: folder,
      blobs: store.blobs(session),
      readTracker: openReadTracker(),
    };
    worlds.set(session, context);
    return context;
  };
  /** Sessions whose first turn has begun. */
  const started = new Set<string>();
  const runTurn = createTurnRunner({
    configFor: async () => ({ sandbox: "off", permissions: { mode: options.mode ?? "ask" }, ...options.config }),
    agents: async () => options.agents ?? createAgents(),
    commands: async () => createNamed(options.commands ?? [], []),
    skills: async () => createNamed(options.skills ?? [], []),
    subagents: (parent) => tasks.forTurn(parent),
    clock,
    hash,
    holdBack: redactor.holdBack,
    redact: redactor.text,
    async openModel(name) {
      const named = options.models?.[name ?? ""];
      if (named) return { model: named, reason: "scripted", warnings: [] };
      if (options.models) throw new TuttiError("auth", `No key for ${name}.`);
      if (!options.model) throw new Error("this bench has no model");
      return { model: options.model, reason: "scripted", warnings: options.warnings ?? [] };
    },
    async turnPlugins(session) {
      if (!options.hooks) return NO_PLUGINS;
      const firstTurn = !started.has(session);
      started.add(session);
      return {
        ...NO_PLUGINS,
        firstTurn,
        hooks: createHookDispatcher(options.hooks, clock, (await loadGrammar()).globs),
      };
    },
    toolsFor: (model) => [...toolsFor(model), ...(options.tools ?? [])],
    toolContext,
    judge: options.judge ?? (async () => ({ decision: "allow" })),
    budgets: createBudgets({
      openLedger: () => openDayLedger(join(dataDir, "spending"), clock),
      newId: () => randomUUID(),
      envelopes: (id) => sessions.live(id)?.envelopes() ?? [],
    }),
    instructions: async () => ({ files: options.instructions ?? [], warnings: [] }),
    environment: async () => ({ cwd, platform: "linux", date: "2026-01-01", git: false }),
  });
  let ids = 0;
  const prefix = `s${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
  const sessions = openSessions({
    store,
    log: { clock, checksum, redact: redactor.event },
    folderExists,
    newId: () => `${prefix}${++ids}`,
    version: "0",
    closing: (id) => tasks.sessionClosing(id),
    closed: (id) => tasks.sessionClosed(id),
    sessionDeps: (_id, _cwd, task) => ({
      hash,
      canAnswer: () => options.canAnswer ?? false,
      runTurn,
      agent: "tutti",
      inheritedRules: () => (task && sessions.live(task.session)?.approvedRules()) ?? [],
      saveRule: async () => undefined,
    }),
  });
  const worktrees = { env: process.env, dataDir, folder: join(root, "worktrees") };
  const tasks = openTasks({ sessions, clock, worktrees, newId: () => `w${++ids}` });
  return {
    root,
    cwd,
    dataDir,
    store,
    redactor,
    sessions,
    tasks,
    reopen: (more = options) => openAgentBench(more, root),
    create: () => sessions.create(cwd, ada, {}),
    async close() {
      await sessions.closeAll();
      await processes.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Sends a prompt and waits for the end of the turn. */
export async function promptAndWait(session: Session, words = "Go.", settings: Settings = {}): Promise<Envelope[]> {
  const before = session.envelopes().length;
  await session.prompt(words, [], settings, ada);
  await session.idle();
  return session.envelopes().slice(before);
}

/** The text of a session's log on disk. */
export const readLog = (store: SessionStore, id: string): Promise<string> => joinLines(store.read(id));

export async function joinLines(pieces: AsyncIterable<LogPiece>): Promise<string> {
  let text = "";
  for await (const { lines } of pieces) text += lines;
  return text;
}

export const filterByType = <T extends SessionEvent["type"]>(envelopes: readonly Envelope[], type: T): EventOf<T>[] =>
  envelopes.flatMap(({ event }) => (event.type === type ? [event as EventOf<T>] : []));

/** Resolves with the next matching event. */
export function waitForEvent<T extends SessionEvent["type"]>(
  session: Session,
  type: T,
  fits: (event: EventOf<T>) => boolean = () => true,
): Promise<EventOf<T>> {
  return new Promise((resolve) => {
    const stop = session.watch(({ event }) => {
      if (event.type !== type || !fits(event as EventOf<T>)) return;
      stop();
      resolve(event as EventOf<T>);
    });
  });
}
