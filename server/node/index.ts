/**
 * The list of sessions and the full text of what was said, in SQLite. It is only an index: whatever in it is older than a log is
 * read again from that log, and if the file is gone or broken it is made anew.
 */
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { ResultOf, Summary } from "../../protocol/methods.ts";
import type { Part } from "../../protocol/parts.ts";
import { emptyView, reduceAll, type SessionView } from "../../protocol/view.ts";
import { type SessionIndex, summaryOf } from "../faces/session-handlers.ts";
import type { SessionStore } from "../ports.ts";
import { type Checksum, parseLog } from "../session/format.ts";

const VERSION = 2;
const SCHEMA = `
  PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 2000;
  CREATE TABLE IF NOT EXISTS session (id TEXT PRIMARY KEY, cwd TEXT, archived INT, modified REAL, size INT, updated REAL, summary TEXT, texts INT);
  CREATE INDEX IF NOT EXISTS newest ON session (updated DESC);
  CREATE VIRTUAL TABLE IF NOT EXISTS said USING fts5 (text, session UNINDEXED, part UNINDEXED, at UNINDEXED);
  PRAGMA user_version = ${VERSION};`;

export function openIndex(dataDir: string, store: SessionStore, checksum: Checksum): SessionIndex {
  const path = join(dataDir, "index.sqlite");
  let open: DatabaseSync | null = null;
  const database = (): DatabaseSync => {
    open ??= openDatabase(path);
    return open;
  };

  /**
   * Brings the index up to the logs; what was said in them only where that is asked for, because it takes longer than all else.
   * A session that cannot be read keeps its place in the list by its id alone.
   */
  async function refresh(said: boolean): Promise<DatabaseSync> {
    const db = database();
    const known = new Map(
      db
        .prepare("SELECT id, modified, size, texts FROM session")
        .all()
        .map((row) => [String(row.id), said && row.texts === 0 ? "texts are missing" : `${row.modified} ${row.size}`]),
    );
    for (const { id, modified, size } of await store.list()) {
      const same = known.get(id) === `${modified} ${size}`;
      known.delete(id);
      if (!same) take(db, await viewOf(store, checksum, id), modified, size, said);
    }
    for (const id of known.keys()) forget(db, id);
    return db;
  }

  /** Damage shows where it is read. What is broken is made anew, once. */
  async function sound<T>(said: boolean, read: (db: DatabaseSync) => T): Promise<T> {
    try {
      return read(await refresh(said));
    } catch (error) {
      if (!isDamage(error)) throw error;
      open?.close();
      open = null;
      discard(path);
      return read(await refresh(said));
    }
  }

  const listed = ({ cwd, archived, limit, cursor }: Parameters<SessionIndex["list"]>[0]) => {
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
  const found = (text: string, limit: number) => {
    return (db: DatabaseSync): ResultOf<"sessionSearch">["hits"] => {
      const words = text.match(/[\p{L}\p{N}_]+/gu) ?? [];
      if (words.length === 0) return [];
      const rows = db
        .prepare(
          `SELECT said.session AS id, said.at AS at, said.part AS part, snippet(said, 0, '', '', '…', 16) AS excerpt, session.summary AS summary
           FROM said JOIN session ON session.id = said.session WHERE said MATCH ? ORDER BY rank LIMIT ?`,
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
    list: (filter) => sound(false, listed(filter)),
    search: (text, limit) => sound(true, found(text, limit)),
  };
}

const CORRUPT = 11;
const NOT_A_DATABASE = 26;

function isDamage(error: unknown): boolean {
  if (error instanceof SyntaxError) return true;
  const { errcode = 0 } = error as { errcode?: number };
  return [CORRUPT, NOT_A_DATABASE].includes(errcode & 0xff);
}

function discard(path: string): void {
  for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true });
}

function openDatabase(path: string): DatabaseSync {
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const start = (file: string): DatabaseSync => {
    const db = new DatabaseSync(file);
    if (file === path) chmodSync(path, 0o600);
    const { user_version: version } = db.prepare("PRAGMA user_version").get() ?? {};
    if (version !== 0 && version !== VERSION) throw new Error("made by another version");
    db.exec(SCHEMA);
    return db;
  };
  const anew = (): DatabaseSync => {
    try {
      discard(path);
      return start(path);
    } catch {
      // Where nothing can be written, the list is still there to be read.
      return start(":memory:");
    }
  };
  try {
    mkdirSync(join(path, ".."), { recursive: true, mode: 0o700 });
    return start(path);
  } catch {
    // It is rebuilt from the logs, so whatever is wrong with it is mended by making it anew.
    return anew();
  }
}

async function viewOf(store: SessionStore, checksum: Checksum, id: string): Promise<SessionView> {
  const { envelopes } = parseLog(await store.read(id).catch(() => ""), checksum);
  const view = reduceAll(emptyView, envelopes);
  return view.id === "" ? { ...view, id, title: "(cannot be read)" } : view;
}

function take(db: DatabaseSync, view: SessionView, modified: number, size: number, said: boolean): void {
  db.exec("BEGIN IMMEDIATE");
  try {
    db.prepare("INSERT OR REPLACE INTO session VALUES (?, ?, ?, ?, ?, ?, ?, ?)").run(
      view.id,
      view.cwd,
      view.archived ? 1 : 0,
      modified,
      size,
      view.updatedAt || modified,
      JSON.stringify(summaryOf(view)),
      said ? 1 : 0,
    );
    if (said) takeSaid(db, view);
    db.exec("COMMIT");
  } catch (error) {
    db.exec("ROLLBACK");
    throw error;
  }
}

function takeSaid(db: DatabaseSync, view: SessionView): void {
  db.prepare("DELETE FROM said WHERE session = ?").run(view.id);
  const insert = db.prepare("INSERT INTO said VALUES (?, ?, ?, ?)");
  for (const part of view.parts) {
    const text = saidIn(part);
    if (text !== "") insert.run(text, view.id, part.id, view.updatedAt);
  }
}

function forget(db: DatabaseSync, id: string): void {
  db.prepare("DELETE FROM said WHERE session = ?").run(id);
  db.prepare("DELETE FROM session WHERE id = ?").run(id);
}

function saidIn(part: Part): string {
  if (part.type === "prompt" || part.type === "text") return part.text;
  if (part.type === "call") return part.title;
  return part.type === "compaction" ? part.summary : "";
}
