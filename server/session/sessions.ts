/** All sessions of a data folder: create, open, read, fork, import, list, remove. An open session is one object for all clients. */
import { TuttiError } from "../../protocol/errors.ts";
import type { Author, Envelope, SessionEvent, TaskOrigin } from "../../protocol/events.ts";
import { type LogDeps, NO_FILE, openLog } from "./log.ts";
import { createLogParser, formatRecord, MAX_SEQ } from "./log-format.ts";
import { openLogReader, type StoredLog } from "./log-reader.ts";
import { openSession, SERVER_AUTHOR, type Session, type SessionDeps } from "./session.ts";
import type { LogFile, SessionStore } from "./storage.ts";

export interface SessionsDeps {
  store: SessionStore;
  log: LogDeps;
  newId(): string;
  version: string;
  folderExists(path: string): boolean;
  /** The dependencies of a session other than its log. */
  sessionDeps(id: string, cwd: string, task?: TaskOrigin): Omit<SessionDeps, "log" | "past" | "damaged">;
  /** Called before a session is closed, while its log can still be written. */
  closing?(id: string): Promise<void>;
  /** Called when a session is closed, to release its resources. */
  closed?(id: string): Promise<void>;
}

export interface Sessions {
  create(
    cwd: string,
    by: Author,
    options: { ephemeral?: boolean; title?: string; task?: TaskOrigin },
  ): Promise<Session>;
  /**
   * Takes the session's lock and ends what a crash left open. `cwd`: the folder in which the session continues if its own does not exist
   * any more or is unknown, because the record that names it is damaged.
   */
  open(id: string, cwd?: string): Promise<Session>;
  /** False if nothing of it is stored. */
  isStored(id: string): boolean;
  /** Only if it is already open. */
  live(id: string): Session | undefined;
  /** All open sessions. */
  opened(): Session[];
  /** Calls the listener with every session that is opened from now on. */
  onOpened(listener: (id: string, session: Session) => void): void;
  /** Reads without the lock, even while another process writes. */
  read(id: string): Promise<StoredLog>;
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
  const logs = openLogReader(store, deps.log.checksum);
  const read = async (id: string): Promise<StoredLog> => {
    const known = ready.get(id);
    return known ? { view: known.view, envelopes: known.envelopes() } : logs.read(id);
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
    if (session) await deps.closing?.(id);
    live.delete(id);
    ready.delete(id);
    await session?.close();
    await deps.closed?.(id);
    if (ephemeral.delete(id)) await store.forget(id);
  };

  return {
    create: (cwd, by, options) => start({ cwd, by, past: [], ...options }),
    async open(id, cwd) {
      const session = await live.get(id);
      if (session && (cwd === undefined || isRunning(session) || deps.folderExists(session.view().cwd))) return session;
      if (session) await close(id);
      return live.get(id) ?? register(id, loadSession(deps, id, cwd));
    },
    isStored: (id) => !ephemeral.has(id),
    live: (id) => ready.get(id),
    opened: () => [...ready.values()],
    onOpened: (listener) => void openedListeners.push(listener),
    read,
    async fork(id, by, seq = Number.POSITIVE_INFINITY) {
      const { envelopes, view } = await read(id);
      const { cwd, title } = view();
      const past = envelopes.filter((envelope) => envelope.seq <= seq);
      const parent = { session: id, seq: past.at(-1)?.seq ?? 0 };
      return start({ cwd, by, past, parent, ...(title !== "" && { title: titleOfFork(title) }) });
    },
    async importEnvelopes(envelopes, by) {
      // Sequence numbers are preserved, because other events refer to them.
      if (envelopes.some(({ seq }, index) => seq <= (envelopes[index - 1]?.seq ?? 0)))
        throw new TuttiError("usage", "The events of a session must be in order, each `seq` above the one before.");
      if ((envelopes.at(-1)?.seq ?? 0) >= MAX_SEQ)
        throw new TuttiError("usage", `The \`seq\` of the last event is too large: ${envelopes.at(-1)?.seq}.`);
      return start({ cwd: getOpenedFolder(envelopes), by, past: envelopes });
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

/** A fork can be told apart from its original, and from a fork of itself. */
function titleOfFork(title: string): string {
  const [, before = title, number = "1"] = /^([\s\S]*) \(fork(?: (\d+))?\)$/.exec(title) ?? [];
  return before === title ? `${title} (fork)` : `${before} (fork ${Number(number) + 1})`;
}

/** How a session starts: in a folder, with the history of another session, or of a file. */
interface Beginning {
  cwd: string;
  by: Author;
  past: readonly Envelope[];
  parent?: { session: string; seq: number };
  title?: string;
  ephemeral?: boolean;
  task?: TaskOrigin;
}

async function startSession(deps: SessionsDeps, id: string, file: LogFile, beginning: Beginning): Promise<Session> {
  const { cwd, by, parent, title, task } = beginning;
  const past = [...beginning.past];
  // Before the record that names the parent: where that stands, the content is there, too.
  if (parent) await copyBlobs(deps.store, parent.session, id, past);
  file.append(past.map((envelope) => formatRecord(envelope, deps.log.checksum)).join(""));
  const log = openLog(file, deps.log, past.at(-1)?.seq ?? 0);
  const { version } = deps;
  const origin = { ...(parent && { parent }), ...(task && { task }) };
  past.push(log.append(by, { type: "session.opened", session: id, cwd, version, ...origin }));
  if (title !== undefined) past.push(log.append(by, { type: "session.titled", title }));
  if (beginning.past.length > 0) await file.sync();
  return openSession({ ...deps.sessionDeps(id, cwd, task), log, past, damaged: [] });
}

const isRunning = (session: Session): boolean => session.view().activity.state === "running";

async function loadSession(deps: SessionsDeps, id: string, cwd: string | undefined): Promise<Session> {
  const { lines, file } = await deps.store.open(id);
  try {
    const parser = createLogParser(deps.log.checksum);
    for await (const piece of lines) parser.add(piece.lines);
    const { envelopes, damaged, lastSeq } = parser.parsed();
    const opened = envelopes.findLast(({ event }) => event.type === "session.opened")?.event;
    const past = [...envelopes];
    const log = openLog(file, deps.log, lastSeq);
    const record = (event: SessionEvent) => past.push(log.append(SERVER_AUTHOR, event));
    const { session: source, cwd: known, task } = opened?.type === "session.opened" ? opened : UNKNOWN;
    const folder = chooseFolder(deps, id, known, cwd);
    if (source !== id || folder !== known) {
      const parent = source !== "" && source !== id ? { session: source, seq: lastSeq } : undefined;
      if (parent) await copyBlobs(deps.store, parent.session, id, envelopes);
      const origin = parent ? { parent } : { ...(task && { task }) };
      record({ type: "session.opened", session: id, cwd: folder, version: deps.version, ...origin });
    }
    if (known !== "" && folder !== known)
      record({ type: "notice.shown", level: "warning", text: movedText(known, folder) });
    return await openSession({ ...deps.sessionDeps(id, folder, task), log, past, damaged });
  } catch (error) {
    file.close();
    throw error;
  }
}

/** What is known of a session whose record of its opening is damaged. */
const UNKNOWN = { session: "", cwd: "", task: undefined };

const movedText = (from: string, to: string): string =>
  `The folder ${from} no longer exists. The session continues in ${to}.`;

/** The session's own folder, or the one that the caller offers in its place. */
function chooseFolder(deps: SessionsDeps, id: string, known: string, offered: string | undefined): string {
  if (offered !== undefined && (known === "" || !deps.folderExists(known))) return offered;
  if (known !== "") return known;
  throw new TuttiError(
    "storage",
    `The folder of session ${id} is unknown, because the record that names it is damaged. To continue in another folder, run \`tutti --session ${id}\` there.`,
  );
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

function getOpenedFolder(envelopes: readonly Envelope[]): string {
  for (const { event } of envelopes) if (event.type === "session.opened") return event.cwd;
  throw new TuttiError("usage", "The session to import has no `session.opened` event, so its folder is unknown.");
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
