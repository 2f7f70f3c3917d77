/**
 * The session list and the full-text search over session texts, in SQLite. It is only an index: entries older than their log are read
 * again from the log, and a missing or corrupt file is rebuilt.
 */
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { ResultOf, Summary } from "../../protocol/methods.ts";
import type { Part } from "../../protocol/parts.ts";
import { emptyView, reduceAll, type SessionView } from "../../protocol/view.ts";
import type { SessionStore } from "../ports.ts";
import { type Checksum, parseLog } from "../session/log-format.ts";
import { type SessionIndex, toSummary } from "../session/session-summary.ts";

const VERSION = 3;
const SCHEMA = `
  PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 2000;
  CREATE TABLE IF NOT EXISTS session (id TEXT PRIMARY KEY, cwd TEXT, archived INT, modified REAL, size INT, updated REAL, summary TEXT, texts INT);
  CREATE INDEX IF NOT EXISTS newest ON session (updated DESC);
  CREATE VIRTUAL TABLE IF NOT EXISTS part_text USING fts5 (text, session UNINDEXED, part UNINDEXED, at UNINDEXED);
  PRAGMA user_version = ${VERSION};`;

export function openSessionIndex(dataDir: string, store: SessionStore, checksum: Checksum): SessionIndex {
  const path = join(dataDir, "index.sqlite");
  let open: DatabaseSync | null = null;
  const database = (): DatabaseSync => {
    open ??= openDatabase(path);
    return open;
  };

  /**
   * Updates the index from the logs. Texts are indexed only on request, because that takes longest. A session that cannot be read stays
   * in the list with its id only.
   */
  async function refresh(withTexts: boolean): Promise<DatabaseSync> {
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
    for (const { id, modified, size } of await store.list()) {
      const same = known.get(id) === `${modified} ${size}`;
      known.delete(id);
      if (!same) indexSession(db, await readView(store, checksum, id), modified, size, withTexts);
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

  const createListQuery = ({ cwd, archived, limit, cursor }: Parameters<SessionIndex["list"]>[0]) => {
    return (db: DatabaseSync): ResultOf<"sessionList"> => {
      const before = cursor === undefined ? Number.MAX_VALUE : Number(cursor);
      const rows = db
        .prepare(
          "SELECT summary, updated FROM session WHERE archived = ? AND updated < ? AND (? IS NULL OR cwd = ?) ORDER BY updated DESC LIMIT ?",
        )
        .all(archived ? 1 : 0, before, cwd ?? null, cwd ?? null, limit);
      const sessions = rows.map((row) => JSON.parse(String(row.summary)) as Summary);
      const last = rows.at(-1)?.updated;
      return { sessions, ...(rows.length === limit && last !== undefined && { cursor: String(last) }) };
    };
  };
  const createSearchQuery = (text: string, limit: number) => {
    return (db: DatabaseSync): ResultOf<"sessionSearch">["hits"] => {
      const words = text.match(/[\p{L}\p{N}_]+/gu) ?? [];
      if (words.length === 0) return [];
      const rows = db
        .prepare(
          `SELECT part_text.session AS id, part_text.at AS at, part_text.part AS part, snippet(part_text, 0, '', '', '…', 16) AS excerpt, session.summary AS summary
           FROM part_text JOIN session ON session.id = part_text.session WHERE part_text MATCH ? ORDER BY rank LIMIT ?`,
        )
        .all(words.map((word) => `"${word}"*`).join(" "), limit);
      return rows.map((row) => ({
        session: String(row.id),
        title: (JSON.parse(String(row.summary)) as Summary).title,
        excerpt: String(row.excerpt),
        part: String(row.part),
        at: Number(row.at),
      }));
    };
  };
  return {
    list: (filter) => readWithRepair(false, createListQuery(filter)),
    search: (text, limit) => readWithRepair(true, createSearchQuery(text, limit)),
  };
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

async function readView(store: SessionStore, checksum: Checksum, id: string): Promise<SessionView> {
  const { envelopes } = parseLog(await store.read(id).catch(() => ""), checksum);
  const view = reduceAll(emptyView, envelopes);
  return view.id === "" ? { ...view, id, title: "(cannot be read)" } : view;
}

function indexSession(db: DatabaseSync, view: SessionView, modified: number, size: number, withTexts: boolean): void {
  db.exec("BEGIN IMMEDIATE");
  try {
    db.prepare("INSERT OR REPLACE INTO session VALUES (?, ?, ?, ?, ?, ?, ?, ?)").run(
      view.id,
      view.cwd,
      view.archived ? 1 : 0,
      modified,
      size,
      view.updatedAt || modified,
      JSON.stringify(toSummary(view)),
      withTexts ? 1 : 0,
    );
    if (withTexts) indexTexts(db, view);
    db.exec("COMMIT");
  } catch (error) {
    db.exec("ROLLBACK");
    throw error;
  }
}

function indexTexts(db: DatabaseSync, view: SessionView): void {
  db.prepare("DELETE FROM part_text WHERE session = ?").run(view.id);
  const insert = db.prepare("INSERT INTO part_text VALUES (?, ?, ?, ?)");
  for (const part of view.parts) {
    const text = getText(part);
    if (text !== "") insert.run(text, view.id, part.id, view.updatedAt);
  }
}

function removeSession(db: DatabaseSync, id: string): void {
  db.prepare("DELETE FROM part_text WHERE session = ?").run(id);
  db.prepare("DELETE FROM session WHERE id = ?").run(id);
}

function getText(part: Part): string {
  if (part.type === "prompt" || part.type === "text") return part.text;
  if (part.type === "call") return part.title;
  return part.type === "compaction" ? part.summary : "";
}
