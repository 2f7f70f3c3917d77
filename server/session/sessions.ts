/** All sessions of a data folder: create, open, read, fork, import, list, remove. An open session is one object for all clients. */
import { TuttiError } from "../../protocol/errors.ts";
import type { Author, Envelope } from "../../protocol/events.ts";
import { emptyView, reduceAll, type SessionView } from "../../protocol/view.ts";
import type { LogFile, SessionStore } from "../ports.ts";
import { type LogDeps, NO_FILE, openLog } from "./log.ts";
import { formatRecord, parseLog } from "./log-format.ts";
import { openSession, type Session, type SessionDeps } from "./session.ts";

export interface SessionsDeps {
  store: SessionStore;
  log: LogDeps;
  newId(): string;
  version: string;
  /** The dependencies of a session other than its log. */
  sessionDeps(id: string, cwd: string): Omit<SessionDeps, "log" | "past" | "damaged">;
  /** Called when a session is closed, to release its resources. */
  closed?(id: string): Promise<void>;
}

export interface Sessions {
  create(cwd: string, by: Author, options: { ephemeral?: boolean; title?: string }): Promise<Session>;
  /** Takes the session's lock and ends what a crash left open. */
  open(id: string): Promise<Session>;
  /** Only if it is already open. */
  live(id: string): Session | undefined;
  /** All open sessions. */
  opened(): Session[];
  /** Calls the listener with every session that is opened from now on. */
  onOpened(listener: (id: string, session: Session) => void): void;
  /** Reads without the lock, even while another process writes. */
  read(id: string): Promise<{ view: SessionView; envelopes: readonly Envelope[] }>;
  /** A new session with the history of another one, up to and including `seq`. */
  fork(id: string, by: Author, seq?: number): Promise<Session>;
  /** A new session with this history. */
  importEnvelopes(envelopes: readonly Envelope[], by: Author): Promise<Session>;
  list(): Promise<{ id: string; modified: number; size: number }[]>;
  remove(id: string): Promise<void>;
  close(id: string): Promise<void>;
  closeAll(): Promise<void>;
}

export function openSessions(deps: SessionsDeps): Sessions {
  const { store } = deps;
  const { checksum } = deps.log;
  /** Sessions that are open or opening. */
  const live = new Map<string, Promise<Session>>();
  const ready = new Map<string, Session>();
  const ephemeral = new Set<string>();
  const openedListeners: ((id: string, session: Session) => void)[] = [];

  const register = async (id: string, opening: Promise<Session>): Promise<Session> => {
    live.set(id, opening);
    try {
      const session = await opening;
      ready.set(id, session);
      for (const listener of openedListeners) listener(id, session);
      return session;
    } catch (error) {
      live.delete(id);
      throw error;
    }
  };
  const read = async (id: string) => {
    const known = ready.get(id);
    if (known) return { view: known.view(), envelopes: known.envelopes() };
    const { envelopes } = parseLog(await store.read(id), checksum);
    return { view: reduceAll(emptyView, envelopes), envelopes };
  };
  const start = async (beginning: Beginning): Promise<Session> => {
    const id = deps.newId();
    if (!beginning.ephemeral) {
      const file = await store.create(id);
      return removeOnError(store, id, file, () => register(id, startSession(deps, id, file, beginning)));
    }
    ephemeral.add(id);
    return register(id, startSession(deps, id, NO_FILE, beginning));
  };
  const close = async (id: string): Promise<void> => {
    const session = await live.get(id);
    live.delete(id);
    ready.delete(id);
    await session?.close();
    await deps.closed?.(id);
    if (ephemeral.delete(id)) await store.forget(id);
  };

  return {
    create: (cwd, by, options) => start({ cwd, by, past: [], ...options }),
    open: (id) => live.get(id) ?? register(id, loadSession(deps, id)),
    live: (id) => ready.get(id),
    opened: () => [...ready.values()],
    onOpened: (listener) => void openedListeners.push(listener),
    read,
    async fork(id, by, seq = Number.POSITIVE_INFINITY) {
      const { envelopes, view } = await read(id);
      const past = envelopes.filter((envelope) => envelope.seq <= seq);
      const parent = { session: id, seq: past.at(-1)?.seq ?? 0 };
      return start({ cwd: view.cwd, by, past, parent });
    },
    async importEnvelopes(envelopes, by) {
      // Sequence numbers are preserved, because other events refer to them.
      if (envelopes.some(({ seq }, index) => seq <= (envelopes[index - 1]?.seq ?? 0)))
        throw new TuttiError("usage", "The events of a session must be in order, each `seq` above the one before.");
      return start({ cwd: getOpenedFolder("to import", envelopes), by, past: envelopes });
    },
    list: () => store.list(),
    async remove(id) {
      await close(id);
      await store.remove(id);
    },
    close,
    async closeAll() {
      await Promise.all([...live.keys()].map(close));
    },
  };
}

/** How a session starts: in a folder, with the history of another session, or of a file. */
interface Beginning {
  cwd: string;
  by: Author;
  past: readonly Envelope[];
  parent?: { session: string; seq: number };
  title?: string;
  ephemeral?: boolean;
}

async function startSession(deps: SessionsDeps, id: string, file: LogFile, beginning: Beginning): Promise<Session> {
  const { cwd, by, parent, title } = beginning;
  const past = [...beginning.past];
  file.append(past.map((envelope) => formatRecord(envelope, deps.log.checksum)).join(""));
  const log = openLog(file, deps.log, past.at(-1)?.seq ?? 0);
  const { version } = deps;
  past.push(log.append(by, { type: "session.opened", session: id, cwd, version, ...(parent && { parent }) }));
  if (title !== undefined) past.push(log.append(by, { type: "session.titled", title }));
  if (beginning.past.length > 0) await file.sync();
  if (parent) await copyBlobs(deps.store, parent.session, id, beginning.past);
  return openSession({ ...deps.sessionDeps(id, cwd), log, past, damaged: [] });
}

async function loadSession(deps: SessionsDeps, id: string): Promise<Session> {
  const { text, file } = await deps.store.open(id);
  try {
    const { envelopes, damaged, lastSeq } = parseLog(text, deps.log.checksum);
    const cwd = getOpenedFolder(id, envelopes);
    const log = openLog(file, deps.log, lastSeq);
    return await openSession({ ...deps.sessionDeps(id, cwd), log, past: envelopes, damaged });
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Removes the files of a session whose first events could not be written. */
async function removeOnError<T>(store: SessionStore, id: string, file: LogFile, begin: () => Promise<T>): Promise<T> {
  try {
    return await begin();
  } catch (error) {
    file.close();
    await store.remove(id);
    throw error;
  }
}

function getOpenedFolder(id: string, envelopes: readonly Envelope[]): string {
  for (const { event } of envelopes) if (event.type === "session.opened") return event.cwd;
  throw new TuttiError(
    "storage",
    `Session ${id} cannot be opened: its first record cannot be read. \`tutti sessions show ${id}\` shows the readable part.`,
  );
}

async function copyBlobs(store: SessionStore, from: string, to: string, envelopes: readonly Envelope[]): Promise<void> {
  const source = store.blobs(from);
  const target = store.blobs(to);
  for (const hash of listBlobs(envelopes)) {
    const bytes = await source.get(hash);
    if (bytes) await target.put(bytes);
  }
}

/** The hashes of all blobs that a log refers to. */
export function listBlobs(envelopes: readonly Envelope[]): Set<string> {
  const named = envelopes.flatMap(({ event }) => {
    if (event.type === "call.done") return [event.blob, ...(event.images ?? []).map(({ blob }) => blob)];
    if (event.type === "turn.started" || event.type === "prompt.queued")
      return event.attachments.map(({ blob }) => blob);
    if (event.type === "file.changed") return [event.change.before ?? undefined];
    if (event.type === "edits.accepted") return [event.base ?? undefined];
    return [];
  });
  return new Set(named.filter((hash) => hash !== undefined));
}
