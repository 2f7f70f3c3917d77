/** Sessions on a real disk, with real tools in a temporary folder, a scripted model, and a person who answers as scripted. */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Author, Envelope, EventOf, SessionEvent } from "../../protocol/events.ts";
import type { Settings } from "../../protocol/events.ts";
import type { PermissionDecision } from "../../server/agent/turn-context.ts";
import { checksum, clock } from "../../server/node/clock.ts";
import { openFetchPage } from "../../server/node/fetch-page.ts";
import { openFiles } from "../../server/node/files.ts";
import { openProcesses } from "../../server/node/processes.ts";
import { findRipgrep } from "../../server/node/ripgrep.ts";
import { openSessionStore } from "../../server/node/store.ts";
import { loadGrammar } from "../../server/permission/grammar.ts";
import { createHookDispatcher, type HookSource } from "../../server/plugins/hooks.ts";
import { NO_PLUGINS } from "../../server/plugins/lazy-plugins.ts";
import type { Model, SessionStore, Tool, ToolContext } from "../../server/ports.ts";
import { createRedactor, type Redactor } from "../../server/session/redact.ts";
import type { Session } from "../../server/session/session.ts";
import { openSessions, type Sessions } from "../../server/session/sessions.ts";
import { toolsFor } from "../../server/tools/all.ts";
import type { PermissionRequest } from "../../server/permission/judge.ts";
import { createTurnRunner } from "../../server/turn/turn-runner.ts";
import { openReadTracker } from "../../server/workspace/read-tracker.ts";
import { openPathLock } from "../../server/workspace/path-lock.ts";

export const ada: Author = { kind: "person", id: "ada", name: "Ada" };
export const bob: Author = { kind: "person", id: "bob", name: "Bob" };

export interface BenchParts {
  model?: Model;
  judge?: (question: PermissionRequest) => Promise<PermissionDecision>;
  canAnswer?: boolean;
  hooks?: readonly HookSource[];
  /** What is said whenever the model is opened. */
  warnings?: string[];
  /** Beside the real ones. */
  tools?: readonly Tool[];
  /** Where the sessions are, instead of a folder of its own. */
  dataDir?: string;
  store?: (store: SessionStore) => SessionStore;
}

export interface AgentBench {
  root: string;
  /** The workspace, real. */
  cwd: string;
  dataDir: string;
  store: SessionStore;
  redactor: Redactor;
  sessions: Sessions;
  /** The same folder, opened as after a restart. */
  again(parts?: BenchParts): Promise<AgentBench>;
  create(): Promise<Session>;
  close(): Promise<void>;
}

export async function openAgentBench(parts: BenchParts = {}, at?: string): Promise<AgentBench> {
  const root = at ?? (await realpath(await mkdtemp(join(tmpdir(), "tutti-agent-"))));
  const cwd = join(root, "work");
  const dataDir = parts.dataDir ?? join(root, "data");
  await mkdir(cwd, { recursive: true });
  const redactor = createRedactor();
  const plain = openSessionStore(dataDir);
  const store = parts.store?.(plain) ?? plain;
  const processes = openProcesses({ ripgrep: findRipgrep(), env: process.env });
  const hash = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");
  const shared = {
    files: openFiles(),
    openDocumentsBelow: () => [],
    documentsDifferingFromDisk: async () => [],
    lock: openPathLock(),
    processes,
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
  const runTurn = createTurnRunner({
    configFor: async () => ({ sandbox: "on" }),
    clock,
    hash,
    holdBack: redactor.holdBack,
    async openModel() {
      if (!parts.model) throw new Error("this bench has no model");
      return { model: parts.model, reason: "scripted", warnings: parts.warnings ?? [] };
    },
    async turnPlugins() {
      if (!parts.hooks) return NO_PLUGINS;
      return { ...NO_PLUGINS, hooks: createHookDispatcher(parts.hooks, clock, (await loadGrammar()).globs) };
    },
    toolsFor: (model) => [...toolsFor(model), ...(parts.tools ?? [])],
    toolContext,
    judge: parts.judge ?? (async () => ({ decision: "allow" })),
    instructions: async () => ({ files: [], warnings: [] }),
    environment: async () => ({ cwd, platform: "linux", date: "2026-01-01", git: false }),
  });
  let ids = 0;
  const prefix = `s${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
  const sessions = openSessions({
    store,
    log: { clock, checksum, redact: redactor.event },
    newId: () => `${prefix}${++ids}`,
    version: "0",
    sessionDeps: () => ({
      hash,
      canAnswer: () => parts.canAnswer ?? false,
      runTurn,
      agent: "tutti",
      saveRule: async () => undefined,
    }),
  });
  return {
    root,
    cwd,
    dataDir,
    store,
    redactor,
    sessions,
    again: (more = parts) => openAgentBench(more, root),
    create: () => sessions.create(cwd, ada, {}),
    async close() {
      await sessions.closeAll();
      await processes.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Prompts, and waits until nothing runs any more. */
export async function prompted(
  session: Session,
  words = "Go.",
  settings: Settings = {},
): Promise<Envelope[]> {
  const before = session.envelopes().length;
  await session.prompt(words, [], settings, ada);
  await session.idle();
  return session.envelopes().slice(before);
}

export const ofType = <T extends SessionEvent["type"]>(envelopes: readonly Envelope[], type: T): EventOf<T>[] =>
  envelopes.flatMap(({ event }) => (event.type === type ? [event as EventOf<T>] : []));

/** Resolves with the first event from now on that fits. */
export function seen<T extends SessionEvent["type"]>(
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
