/**
 * Parses a unified diff into files and hunks. Lines that are not part of a diff become notes, so nothing is lost. Not `parsePatch` of
 * `diff`: it throws on a truncated hunk and drops notes and combined diffs, so this parser would have to stay as its fallback.
 */
import { printable } from "../../protocol/printable.ts";

export interface DiffRow {
  kind: "same" | "removed" | "added" | "note";
  text: string;
  /** The line numbers before and after the change. */
  before?: number;
  after?: number;
}

export interface Hunk {
  /** The text after the ranges, for example the enclosing function. */
  title: string;
  rows: DiffRow[];
}

export interface FileDiff {
  path: string;
  hunks: Hunk[];
}

const hunkHeader = /^@@+ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@+ ?(.*)$/;
const gitHeader = /^diff --git (?:a\/)?(.+) (?:b\/)?\1$/;
/** Lines without further information. */
const filler = /^(?:diff |index |Index: |=+$|\+\+\+ |$)/;

/** The number of remaining lines of a hunk, and their line numbers. */
interface HunkPosition {
  beforeLeft: number;
  afterLeft: number;
  before: number;
  after: number;
}

/** `clean` transforms each text that is shown; control and invisible characters have been escaped before. */
export function parseDiff(text: string, clean: (text: string) => string = (one) => one): FileDiff[] {
  const files: FileDiff[] = [];
  const position: HunkPosition = { beforeLeft: 0, afterLeft: 0, before: 0, after: 0 };
  /** A git header was read; the two lines with file names may follow. */
  let hasHeader = false;
  const file = () => files.at(-1) ?? pushEntry(files, { path: "", hunks: [] });
  const hunk = () => file().hunks.at(-1) ?? pushEntry(file().hunks, { title: "", rows: [] });
  const lines = text
    .replaceAll("\r\n", "\n")
    .split("\n")
    .map((line) => printable(line));
  if (lines.at(-1) === "") lines.pop();
  for (const [index, line] of lines.entries()) {
    if (position.beforeLeft > 0 || position.afterLeft > 0) {
      hunk().rows.push(parseRow(line, position, clean));
      continue;
    }
    const found = hunkHeader.exec(line);
    const next = lines[index + 1] ?? "";
    if (found) {
      const [, before = "0", beforeCount = "1", after = "0", afterCount = "1", title = ""] = found;
      Object.assign(position, { beforeLeft: +beforeCount, afterLeft: +afterCount, before: +before, after: +after });
      file().hunks.push({ title: clean(title), rows: [] });
    } else if (line.startsWith("diff --git ")) {
      hasHeader = true;
      files.push({ path: clean(gitHeader.exec(line)?.[1] ?? line.slice(11)), hunks: [] });
    } else if (line.startsWith("--- ") && next.startsWith("+++ ")) {
      const path = clean(parsePath(line, next));
      if (hasHeader) file().path = path;
      else files.push({ path, hunks: [] });
      hasHeader = false;
    } else if (!filler.test(line)) {
      hasHeader &&= !line.startsWith("Binary ");
      hunk().rows.push({ kind: "note", text: clean(line) });
    }
  }
  return files;
}

function pushEntry<T>(list: T[], entry: T): T {
  list.push(entry);
  return entry;
}

/** Parses a line of a hunk and advances the position. A line that cannot be part of a hunk ends it. */
function parseRow(line: string, position: HunkPosition, clean: (text: string) => string): DiffRow {
  const text = clean(line.slice(1));
  switch (line[0]) {
    case "-":
      position.beforeLeft--;
      return { kind: "removed", text, before: position.before++ };
    case "+":
      position.afterLeft--;
      return { kind: "added", text, after: position.after++ };
    case " ":
    case undefined:
      position.beforeLeft--;
      position.afterLeft--;
      return { kind: "same", text, before: position.before++, after: position.after++ };
    case "\\":
      return { kind: "note", text: clean(line) };
    default:
      Object.assign(position, { beforeLeft: 0, afterLeft: 0 });
      return { kind: "note", text: clean(line) };
  }
}

/** The name after the change, or the one before if the file was deleted. */
function parsePath(before: string, after: string): string {
  const [old, now] = [before, after].map((line) => line.slice(4).split("\t", 1)[0] ?? "") as [string, string];
  const path = now === "/dev/null" ? old : now;
  const prefixed = /^(?:a\/|\/dev\/null$)/.test(old) && /^(?:b\/|\/dev\/null$)/.test(now);
  return prefixed ? path.replace(/^[ab]\//, "") : path;
}

export interface DiffStat {
  path: string;
  added: number;
  removed: number;
}

export const computeDiffStats = (text: string): DiffStat[] => parseDiff(text).map(computeFileStat);

export function computeFileStat({ path, hunks }: FileDiff): DiffStat {
  const rows = hunks.flatMap((hunk) => hunk.rows);
  const count = (kind: DiffRow["kind"]) => rows.filter((row) => row.kind === kind).length;
  return { path, added: count("added"), removed: count("removed") };
}
