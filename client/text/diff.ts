/** A unified diff, as git or a tool writes it, into files and hunks. What is no diff is kept as notes: nothing is lost. */
import { printable } from "../../protocol/printable.ts";

export interface DiffRow {
  kind: "same" | "removed" | "added" | "note";
  text: string;
  /** The number of the line before and after, where it is there. */
  before?: number;
  after?: number;
}

export interface Hunk {
  /** What stands behind the ranges: where the hunk is, in words of the file. */
  title: string;
  rows: DiffRow[];
}

export interface FileDiff {
  path: string;
  hunks: Hunk[];
}

const range = /^@@+ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@+ ?(.*)$/;
const git = /^diff --git (?:a\/)?(.+) (?:b\/)?\1$/;
/** Says nothing that the rest does not say. */
const filler = /^(?:diff |index |Index: |=+$|\+\+\+ |$)/;

/** How many lines of a hunk are still to come, and their numbers. */
interface Place {
  beforeLeft: number;
  afterLeft: number;
  before: number;
  after: number;
}

/** `clean` is told each text that is shown; what could steer a terminal or hide is written out already. */
export function parseDiff(text: string, clean: (text: string) => string = (one) => one): FileDiff[] {
  const files: FileDiff[] = [];
  const place: Place = { beforeLeft: 0, afterLeft: 0, before: 0, after: 0 };
  /** The heading that git writes came, and the two lines with names may follow. */
  let headed = false;
  const file = () => files.at(-1) ?? pushed(files, { path: "", hunks: [] });
  const hunk = () => file().hunks.at(-1) ?? pushed(file().hunks, { title: "", rows: [] });
  const lines = text
    .replaceAll("\r\n", "\n")
    .split("\n")
    .map((line) => printable(line));
  if (lines.at(-1) === "") lines.pop();
  for (const [index, line] of lines.entries()) {
    if (place.beforeLeft > 0 || place.afterLeft > 0) {
      hunk().rows.push(rowOf(line, place, clean));
      continue;
    }
    const found = range.exec(line);
    const next = lines[index + 1] ?? "";
    if (found) {
      const [, before = "0", beforeCount = "1", after = "0", afterCount = "1", title = ""] = found;
      Object.assign(place, { beforeLeft: +beforeCount, afterLeft: +afterCount, before: +before, after: +after });
      file().hunks.push({ title: clean(title), rows: [] });
    } else if (line.startsWith("diff --git ")) {
      headed = true;
      files.push({ path: clean(git.exec(line)?.[1] ?? line.slice(11)), hunks: [] });
    } else if (line.startsWith("--- ") && next.startsWith("+++ ")) {
      const path = clean(pathOf(line, next));
      if (headed) file().path = path;
      else files.push({ path, hunks: [] });
      headed = false;
    } else if (!filler.test(line)) {
      headed &&= !line.startsWith("Binary ");
      hunk().rows.push({ kind: "note", text: clean(line) });
    }
  }
  return files;
}

function pushed<T>(list: T[], entry: T): T {
  list.push(entry);
  return entry;
}

/** Steps over the line in `place`; a line that no hunk can hold ends the hunk. */
function rowOf(line: string, place: Place, clean: (text: string) => string): DiffRow {
  const text = clean(line.slice(1));
  switch (line[0]) {
    case "-":
      place.beforeLeft--;
      return { kind: "removed", text, before: place.before++ };
    case "+":
      place.afterLeft--;
      return { kind: "added", text, after: place.after++ };
    case " ":
    case undefined:
      place.beforeLeft--;
      place.afterLeft--;
      return { kind: "same", text, before: place.before++, after: place.after++ };
    case "\\":
      return { kind: "note", text: clean(line) };
    default:
      Object.assign(place, { beforeLeft: 0, afterLeft: 0 });
      return { kind: "note", text: clean(line) };
  }
}

/** The name after the change; the one before where the file is gone. */
function pathOf(before: string, after: string): string {
  const [old, now] = [before, after].map((line) => line.slice(4).split("\t", 1)[0] ?? "") as [string, string];
  const path = now === "/dev/null" ? old : now;
  const prefixed = /^(?:a\/|\/dev\/null$)/.test(old) && /^(?:b\/|\/dev\/null$)/.test(now);
  return prefixed ? path.replace(/^[ab]\//, "") : path;
}

export interface Stat {
  path: string;
  added: number;
  removed: number;
}

export const diffStat = (text: string): Stat[] => parseDiff(text).map(statOf);

export function statOf({ path, hunks }: FileDiff): Stat {
  const rows = hunks.flatMap((hunk) => hunk.rows);
  const count = (kind: DiffRow["kind"]) => rows.filter((row) => row.kind === kind).length;
  return { path, added: count("added"), removed: count("removed") };
}
