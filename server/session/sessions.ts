/** All sessions of a data folder: make, open, read, fork, list, remove. An open session is one object, whoever asks for it. */
import { TuttiError } from "../../protocol/errors.ts";
import type { Author, Envelope } from "../../protocol/events.ts";
import { emptyView, reduceAll, type SessionView } from "../../protocol/view.ts";
import type { LogFile, SessionStore } from "../ports.ts";
import { formatRecord, parseLog } from "./format.ts";
import { type LogParts, noFile, openLog } from "./log.ts";
import { openSession, type Session, type SessionParts } from "./session.ts";

export interface SessionsParts<Options> {
  store: SessionStore;
  log: LogParts;
  newId(): string;
  version: string;
  /** What a session is made of beside its log. */
  partsOf(id: string, cwd: string): Omit<SessionParts<Options>, "log" | "past" | "damaged">;
  /** Told when a session was closed, to let go of what was made for it. */
  closed?(id: string): Promise<void>;
}

export interface Sessions<Options> {
  create(cwd: string, by: Author, how: { ephemeral?: boolean; title?: string }): Promise<Session<Options>>;
  /** Takes the session's lock; what a crash left open is ended first. */
  open(id: string): Promise<Session<Options>>;
  /** Open here already, so no lock is needed. */
  live(id: string): Session<Options> | undefined;
  /** All that are open here. */
  opened(): Session<Options>[];
  /** Reads without a lock, also while another process writes. */
  read(id: string): Promise<{ view: SessionView; envelopes: readonly Envelope[] }>;
  /** A new session whose past is the other's up to `seq`. */
  fork(id: string, by: Author, seq?: number): Promise<Session<Options>>;
  /** A new session with a past from elsewhere. */
  take(envelopes: readonly Envelope[], by: Author): Promise<Session<Options>>;
  list(): Promise<{ id: string; modified: number; size: number }[]>;
  remove(id: string): Promise<void>;
  close(id: string): Promise<void>;
  closeAll(): Promise<void>;
}

export function openSessions<Options>(parts: SessionsParts<Options>): Sessions<Options> {
  const { store } = parts;
  const { checksum } = parts.log;
  const live = new Map<string, Promise<Session<Options>>>();
  const ready = new Map<string, Session<Options>>();
  const ephemeral = new Set<string>();

  const keep = async (id: string, opening: Promise<Session<Options>>): Promise<Session<Options>> => {
    live.set(id, opening);
    try {
      const session = await opening;
      ready.set(id, session);
      return session;
    } catch (error) {
      live.delete(id);
      throw error;
    }
  };
  const load = async (id: string): Promise<Session<Options>> => {
    const { text, file } = await store.open(id);
    try {
      const { envelopes, damaged, lastSeq } = parseLog(text, checksum);
      const cwd = openedIn(id, envelopes);
      const log = openLog(file, parts.log, lastSeq);
      return await openSession({ ...parts.partsOf(id, cwd), log, past: envelopes, damaged });
    } catch (error) {
      file.close();
      throw error;
    }
  };
  const read = async (id: string) => {
    const known = ready.get(id);
    if (known) return { view: known.view(), envelopes: known.envelopes() };
    const { envelopes } = parseLog(await store.read(id), checksum);
    return { view: reduceAll(emptyView, envelopes), envelopes };
  };
  const beginWith = async (
    past: Envelope[],
    cwd: string,
    by: Author,
    parent: { session: string; seq: number } | undefined,
    fill: (id: string) => Promise<void>,
  ): Promise<Session<Options>> => {
    const id = parts.newId();
    const file = await store.create(id);
    return wholeOrNot(id, file, async () => {
      file.append(past.map((envelope) => formatRecord(envelope, checksum)).join(""));
      const log = openLog(file, parts.log, past.at(-1)?.seq ?? 0);
      const opened = log.append(by, {
        type: "session.opened",
        session: id,
        cwd,
        version: parts.version,
        ...(parent && { parent }),
      });
      await file.sync();
      await fill(id);
      return keep(id, openSession({ ...parts.partsOf(id, cwd), log, past: [...past, opened], damaged: [] }));
    });
  };
  /** A session whose beginning the disk refused is not left behind. */
  const wholeOrNot = async <T>(id: string, file: LogFile, begin: () => Promise<T>): Promise<T> => {
    try {
      return await begin();
    } catch (error) {
      file.close();
      await store.remove(id);
      throw error;
    }
  };
  const close = async (id: string): Promise<void> => {
    const session = await live.get(id);
    live.delete(id);
    ready.delete(id);
    await session?.close();
    await parts.closed?.(id);
    if (ephemeral.delete(id)) await store.forget(id);
  };

  return {
    async create(cwd, by, { ephemeral: unkept = false, title }) {
      const id = parts.newId();
      const begin = (file: LogFile): Promise<Session<Options>> => {
        const log = openLog(file, parts.log, 0);
        const past = [log.append(by, { type: "session.opened", session: id, cwd, version: parts.version })];
        if (title !== undefined) past.push(log.append(by, { type: "session.titled", title }));
        return keep(id, openSession({ ...parts.partsOf(id, cwd), log, past, damaged: [] }));
      };
      if (unkept) {
        ephemeral.add(id);
        return begin(noFile);
      }
      const file = await store.create(id);
      return wholeOrNot(id, file, async () => begin(file));
    },
    open: (id) => live.get(id) ?? keep(id, load(id)),
    live: (id) => ready.get(id),
    opened: () => [...ready.values()],
    read,
    async fork(id, by, seq = Number.POSITIVE_INFINITY) {
      const { envelopes, view } = await read(id);
      const past = envelopes.filter((envelope) => envelope.seq <= seq);
      const parent = { session: id, seq: past.at(-1)?.seq ?? 0 };
      return beginWith(past, view.cwd, by, parent, (fork) => copyBlobs(store, id, fork, past));
    },
    async take(envelopes, by) {
      // Numbers are kept as they are: other events name them.
      if (envelopes.some(({ seq }, index) => seq <= (envelopes[index - 1]?.seq ?? 0)))
        throw new TuttiError("usage", "The events of a session must be in order, each `seq` above the one before.");
      return beginWith([...envelopes], openedIn("to import", envelopes), by, undefined, async () => undefined);
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

function openedIn(id: string, envelopes: readonly Envelope[]): string {
  for (const { event } of envelopes) if (event.type === "session.opened") return event.cwd;
  throw new TuttiError(
    "storage",
    `Session ${id} has no readable beginning, so it cannot be opened; \`tutti sessions show ${id}\` shows what can be read.`,
  );
}

async function copyBlobs(store: SessionStore, from: string, to: string, envelopes: readonly Envelope[]): Promise<void> {
  const source = store.blobs(from);
  const target = store.blobs(to);
  for (const hash of blobsOf(envelopes)) {
    const bytes = await source.get(hash);
    if (bytes) await target.put(bytes);
  }
}

/** The names of everything that a log keeps beside it. */
export function blobsOf(envelopes: readonly Envelope[]): Set<string> {
  const named = envelopes.flatMap(({ event }) => {
    if (event.type === "call.done") return [event.blob, ...(event.images ?? []).map(({ blob }) => blob)];
    if (event.type === "turn.started" || event.type === "prompt.queued")
      return event.attachments.map(({ blob }) => blob);
    if (event.type === "file.changed") return [event.change.before ?? undefined];
    if (event.type === "edits.kept") return [event.base ?? undefined];
    return [];
  });
  return new Set(named.filter((hash) => hash !== undefined));
}
