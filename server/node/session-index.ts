/**
 * The session list and the full-text search over titles and session texts, in SQLite. It is only an index: entries older than their log are read
 * again from the log, and a missing or corrupt file is rebuilt.
 */
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { ResultOf, Summary } from "../../protocol/methods.ts";
import type { Part } from "../../protocol/parts.ts";
import type { UsageRow } from "../../protocol/stats-methods.ts";
import { emptyView, reduceAll, type SessionView } from "../../protocol/view.ts";
import { type Checksum, createLogParser } from "../session/log-format.ts";
import { type SessionIndex, toSummary } from "../session/session-summary.ts";
import type { SessionStore, StoredSession } from "../session/storage.ts";
import { addUsage, emptyUsage, foldUsage, toLocalDay, type UsageEntry, type UsageFold } from "../session/usage-fold.ts";

const VERSION = 7;
const SCHEMA = `
  PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 2000;
  CREATE TABLE IF NOT EXISTS session (id TEXT PRIMARY KEY, cwd TEXT, archived INT, modified REAL, size INT, updated REAL, summary TEXT, texts INT, state TEXT, task INT, usage TEXT);
  CREATE INDEX IF NOT EXISTS newest ON session (updated DESC, id DESC);
  CREATE VIRTUAL TABLE IF NOT EXISTS part_text USING fts5 (text, session UNINDEXED, part UNINDEXED, at UNINDEXED);
  CREATE VIRTUAL TABLE IF NOT EXISTS title_text USING fts5 (title, session UNINDEXED);
  PRAGMA user_version = ${VERSION};`;

export function openSessionIndex(dataDir: string, store: SessionStore, checksum: Checksum): SessionIndex {
  const path = join(dataDir, "index.sqlite");
  let open: DatabaseSync | null = null;
  /** One at a time, so that no text is added twice. */
  let refreshing: Promise<unknown> = Promise.resolve();
  const database = (): DatabaseSync => {
    open ??= openDatabase(path);
    return open;
  };

  /**
   * Updates the index from what the logs have gained. Texts are indexed only on request, because that takes longest.
   */
  const refresh = (withTexts: boolean): Promise<DatabaseSync> => {
    refreshing = refreshing.catch(() => undefined).then(() => addChanges(withTexts));
    return refreshing as Promise<DatabaseSync>;
  };
  async function addChanges(withTexts: boolean): Promise<DatabaseSync> {
    const db = database();
    const known = new Map(
      db
        .prepare("SELECT id, modified, size, texts FROM session")
        .all()
        .map((row) => [
          String(row.id),
          withTexts && row.texts === 0 ? "texts are missing" : `${row.modified} ${row.size}`,
        ]),
    );
    for (const stored of await store.list()) {
      const same = known.get(stored.id) === `${stored.modified} ${stored.size}`;
      known.delete(stored.id);
      if (!same) await indexSession(db, store, checksum, stored, withTexts);
    }
    for (const id of known.keys()) removeSession(db, id);
    return db;
  }

  /** Corruption shows on reading. Rebuilds the file then, once. */
  async function readWithRepair<T>(withTexts: boolean, read: (db: DatabaseSync) => T): Promise<T> {
    try {
      return read(await refresh(withTexts));
    } catch (error) {
      if (!isCorruption(error)) throw error;
      open?.close();
      open = null;
      deleteFiles(path);
      return read(await refresh(withTexts));
    }
  }

  const createListQuery = ({
    cwd,
    archived,
    limit,
    cursor,
    idPrefix = "",
    tasks = false,
  }: Parameters<SessionIndex["list"]>[0]) => {
    return (db: DatabaseSync): ResultOf<"sessionList"> => {
      const [, updated = `${Number.MAX_VALUE}`, id = ""] = /^([^ ]+) (.*)$/s.exec(cursor ?? "") ?? [];
      const rows = db
        .prepare(
          "SELECT id, summary, updated FROM session WHERE archived = ? AND (task = 0 OR ?) AND (updated, id) < (?, ?) AND (? IS NULL OR cwd = ?) AND substr(id, 1, length(?)) = ? ORDER BY updated DESC, id DESC LIMIT ?",
        )
        .all(archived ? 1 : 0, tasks ? 1 : 0, Number(updated), id, cwd ?? null, cwd ?? null, idPrefix, idPrefix, limit);
      const sessions = rows.map((row) => JSON.parse(String(row.summary)) as Summary);
      const last = rows.at(-1);
      return { sessions, ...(rows.length === limit && last && { cursor: `${last.updated} ${last.id}` }) };
    };
  };
  const createSearchQuery = (text: string, limit: number) => {
    return (db: DatabaseSync): ResultOf<"sessionSearch">["hits"] => {
      const words = text.match(/[\p{L}\p{N}_]+/gu) ?? [];
      if (words.length === 0) return [];
      const pattern = words.map((word) => `"${word}"*`).join(" ");
      const titles = db
        .prepare(
          `SELECT session.id AS id, session.updated AS at, snippet(title_text, 0, '', '', '…', 16) AS excerpt, session.summary AS summary
           FROM title_text JOIN session ON session.id = title_text.session WHERE title_text MATCH ? ORDER BY rank LIMIT ?`,
        )
        .all(pattern, limit);
      const parts = db
        .prepare(
          `SELECT part_text.session AS id, part_text.at AS at, part_text.part AS part, snippet(part_text, 0, '', '', '…', 16) AS excerpt, session.summary AS summary
           FROM part_text JOIN session ON session.id = part_text.session WHERE part_text MATCH ? ORDER BY rank LIMIT ?`,
        )
        .all(pattern, limit - titles.length);
      return [...titles, ...parts].map((row) => ({
        session: String(row.id),
        title: (JSON.parse(String(row.summary)) as Summary).title,
        excerpt: String(row.excerpt),
        ...(row.part !== undefined && { part: String(row.part) }),
        at: Number(row.at),
      }));
    };
  };
  return {
    list: (filter) => readWithRepair(false, createListQuery(filter)),
    search: (text, limit) => readWithRepair(true, createSearchQuery(text, limit)),
    usage: (firstDay) => readWithRepair(false, (db) => listUsage(db, firstDay)),
  };
}

/** The usage of all sessions since this local day, by day, session, model, agent and tier, oldest day first. */
function listUsage(db: DatabaseSync, firstDay: string): UsageRow[] {
  const rows = new Map<string, UsageRow>();
  for (const row of db.prepare("SELECT id, summary, usage FROM session WHERE usage <> '[]' ORDER BY updated").all()) {
    const { title } = JSON.parse(String(row.summary)) as Summary;
    for (const { at, ...entry } of JSON.parse(String(row.usage)) as UsageEntry[]) {
      const day = toLocalDay(at);
      if (day < firstDay) continue;
      const key = JSON.stringify([day, row.id, entry.model, entry.agent, entry.tier, entry.purpose]);
      const known = rows.get(key);
      rows.set(key, known ? addUsage(known, entry) : { day, session: String(row.id), title, ...entry });
    }
  }
  return [...rows.values()].sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0));
}

const CORRUPT = 11;
const NOT_A_DATABASE = 26;

function isCorruption(error: unknown): boolean {
  if (error instanceof SyntaxError) return true;
  const { errcode = 0 } = error as { errcode?: number };
  return [CORRUPT, NOT_A_DATABASE].includes(errcode & 0xff);
}

function deleteFiles(path: string): void {
  for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true });
}

function openDatabase(path: string): DatabaseSync {
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const start = (file: string): DatabaseSync => {
    const db = new DatabaseSync(file);
    if (file === path) chmodSync(path, 0o600);
    const { user_version: version } = db.prepare("PRAGMA user_version").get() ?? {};
    if (version !== 0 && version !== VERSION) throw new Error("The index was created by another version.");
    db.exec(SCHEMA);
    return db;
  };
  const recreate = (): DatabaseSync => {
    try {
      deleteFiles(path);
      return start(path);
    } catch {
      // If the disk is not writable, the list still works from memory.
      return start(":memory:");
    }
  };
  try {
    mkdirSync(join(path, ".."), { recursive: true, mode: 0o700 });
    return start(path);
  } catch {
    // Any problem is fixed by rebuilding the index from the logs.
    return recreate();
  }
}

/** What is folded of a log so far: it continues where the log has grown since. */
interface IndexState {
  /** The byte offset after the last folded line, and the end of that line: if the log has other bytes there, it was replaced. */
  offset: number;
  lineEnd: string;
  lastSeq: number;
  view: SessionView;
  usage: UsageFold;
  /** Whether the title was set. A title from the first prompt is found with that prompt. */
  named: boolean;
}

const LINE_END_LENGTH = 16;
const start: IndexState = { offset: 0, lineEnd: "", lastSeq: 0, view: emptyView, usage: emptyUsage, named: false };

/** Adds what a log has gained. A session that cannot be read stays in the list, and never disturbs the others. */
async function indexSession(
  db: DatabaseSync,
  store: SessionStore,
  checksum: Checksum,
  { id, modified, size }: StoredSession,
  withTexts: boolean,
): Promise<void> {
  const readRow = db.prepare("SELECT texts, state FROM session WHERE id = ?");
  const row = readRow.get(id);
  const hasTexts = row?.texts === 1;
  const continues = row !== undefined && (hasTexts || !withTexts);
  const known = continues ? (JSON.parse(String(row.state)) as IndexState) : start;
  const found = await readGrowth(store, checksum, id, known);
  const { state, texts } = found ?? { state: start, texts: [] };
  const view = found && state.lastSeq > 0 ? state.view : { ...emptyView, title: "(cannot be read)" };
  const from = found?.from ?? 0;
  const keepsTexts = withTexts || hasTexts;
  db.exec("BEGIN IMMEDIATE");
  try {
    // Another process may have indexed the same lines in the meantime.
    if (readRow.get(id)?.state !== row?.state) return db.exec("ROLLBACK");
    if (from === 0) db.prepare("DELETE FROM part_text WHERE session = ?").run(id);
    db.prepare("INSERT OR REPLACE INTO session VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)").run(
      id,
      view.cwd,
      view.archived ? 1 : 0,
      // What could not be read is read again for the next list.
      found ? modified : 0,
      found ? size : -1,
      view.updatedAt || modified,
      JSON.stringify(toSummary({ ...view, id })),
      keepsTexts ? 1 : 0,
      JSON.stringify(state),
      view.task ? 1 : 0,
      JSON.stringify(state.usage.entries),
    );
    if (row) db.prepare("DELETE FROM title_text WHERE session = ?").run(id);
    if (found && state.named) db.prepare("INSERT INTO title_text VALUES (?, ?)").run(view.title, id);
    const insert = db.prepare("INSERT INTO part_text VALUES (?, ?, ?, ?)");
    if (keepsTexts) for (const { part, text, at } of texts) insert.run(text, id, part, at);
    db.exec("COMMIT");
  } catch (error) {
    db.exec("ROLLBACK");
    throw error;
  }
}

interface Growth {
  /** Where the reading began: 0 if the log was read from its start. */
  from: number;
  state: IndexState;
  texts: { part: string; text: string; at: number }[];
}

/** Folds what was appended since this state; the whole log if it was replaced. Null if it cannot be read. */
async function readGrowth(
  store: SessionStore,
  checksum: Checksum,
  id: string,
  known: IndexState,
): Promise<Growth | null> {
  const texts: Growth["texts"] = [];
  let { offset, lineEnd, lastSeq, view, usage, named } = known;
  try {
    const from = offset - lineEnd.length;
    for await (const { lines, end } of store.read(id, from)) {
      const isFirst = offset === known.offset;
      if (isFirst && !lines.startsWith(lineEnd)) return readGrowth(store, checksum, id, start);
      const parser = createLogParser(checksum, lastSeq);
      parser.add(isFirst ? lines.slice(lineEnd.length) : lines);
      const { envelopes } = parser.parsed();
      const next = reduceAll(view, envelopes);
      for (const part of next.parts) {
        const text = getText(part);
        if (text !== "") texts.push({ part: part.id, text, at: next.updatedAt });
      }
      for (const { event } of envelopes) if (event.type === "session.titled") named = event.title !== "";
      usage = foldUsage(usage, envelopes);
      view = forgetContent(next);
      lastSeq = envelopes.at(-1)?.seq ?? lastSeq;
      offset = end;
      lineEnd = lines.slice(-LINE_END_LENGTH);
    }
    if (offset === known.offset && known.offset > 0 && (store.stat(id)?.size ?? 0) < known.offset)
      return readGrowth(store, checksum, id, start);
    return { from: known.offset, state: { offset, lineEnd, lastSeq, view, usage, named }, texts };
  } catch {
    return null;
  }
}

/** Only what a summary needs: it is the same for the rest of the log. */
const forgetContent = ({
  seq,
  id,
  cwd,
  title,
  archived,
  openedAt,
  updatedAt,
  activity,
  turns,
  model,
  task,
}: SessionView) => ({
  ...emptyView,
  seq,
  id,
  cwd,
  title,
  archived,
  openedAt,
  updatedAt,
  activity,
  turns,
  model,
  ...(task && { task }),
});

function removeSession(db: DatabaseSync, id: string): void {
  db.prepare("DELETE FROM part_text WHERE session = ?").run(id);
  db.prepare("DELETE FROM title_text WHERE session = ?").run(id);
  db.prepare("DELETE FROM session WHERE id = ?").run(id);
}

/** An open text is added when it ends. */
function getText(part: Part): string {
  if (part.type === "text" && part.open) return "";
  if (part.type === "prompt" || part.type === "text") return part.text;
  if (part.type === "call") return part.title;
  return part.type === "compaction" ? part.summary : "";
}
