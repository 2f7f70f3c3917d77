/** The `*** Begin Patch` envelope: read into operations on files, and hunks applied to a text. Pure. */
import { lineEnd } from "./text.ts";

interface Line {
  kind: "keep" | "remove" | "add";
  text: string;
}

export interface Hunk {
  /** A line above the change that tells where it is, such as the head of a function. */
  under: string | null;
  lines: Line[];
  /** The change is at the very end of the file. */
  atEnd: boolean;
}

export type Operation =
  | { kind: "add"; path: string; lines: string[] }
  | { kind: "delete"; path: string }
  | { kind: "update"; path: string; moveTo: string | null; hunks: Hunk[] };

export type ParsedPatch = { ok: true; operations: Operation[] } | { ok: false; problem: string };

const header = /^\*\*\* (Add|Update|Delete) File: (.+)$/;
const move = /^\*\*\* Move to: (.+)$/;
const signs: Record<string, Line["kind"]> = { " ": "keep", "-": "remove", "+": "add" };

export function parsePatch(patch: string): ParsedPatch {
  const lines = patch.replaceAll("\r\n", "\n").trim().split("\n");
  const begin = lines.findIndex((line) => line.trim() === "*** Begin Patch");
  const end = lines.findLastIndex((line) => line.trim() === "*** End Patch");
  if (begin < 0) return refused(0, 'the patch must start with "*** Begin Patch"');
  if (end < 0) return refused(lines.length, 'the patch must end with "*** End Patch"');
  const operations: Operation[] = [];
  let at = begin + 1;
  while (at < end) {
    const [, verb, path] = header.exec(lines[at]?.trimEnd() ?? "") ?? [];
    if (verb === undefined || path === undefined) {
      if (lines[at]?.trim() === "") {
        at += 1;
        continue;
      }
      return refused(at + 1, `"*** Add File: …", "*** Update File: …" or "*** Delete File: …" was expected`);
    }
    const next = lines.findIndex((line, index) => index > at && index < end && header.test(line.trimEnd()));
    const stop = next < 0 ? end : next;
    const body = readBody(verb, path.trim(), lines.slice(at + 1, stop), at + 2);
    if (!body.ok) return body;
    operations.push(body.operation);
    at = stop;
  }
  if (operations.length === 0) return refused(begin + 1, "the patch changes no file");
  const twice = operations.find((one, index) => operations.findIndex((other) => other.path === one.path) !== index);
  if (twice !== undefined) return refused(1, `"${twice.path}" occurs twice; put all its changes under one header`);
  return { ok: true, operations };
}

const refused = (line: number, why: string): { ok: false; problem: string } => ({
  ok: false,
  problem: `Line ${line}: ${why}.`,
});

type Body = { ok: true; operation: Operation } | { ok: false; problem: string };

function readBody(verb: string, path: string, lines: string[], firstLine: number): Body {
  if (verb === "Delete") {
    const extra = lines.findIndex((line) => line.trim() !== "");
    return extra < 0
      ? { ok: true, operation: { kind: "delete", path } }
      : refused(firstLine + extra, "nothing may follow a Delete header");
  }
  if (verb === "Add") {
    const content = lines.at(-1) === "" ? lines.slice(0, -1) : lines;
    const wrong = content.findIndex((line) => !line.startsWith("+"));
    if (wrong >= 0) return refused(firstLine + wrong, 'each line of a new file starts with "+"');
    return { ok: true, operation: { kind: "add", path, lines: content.map((line) => line.slice(1)) } };
  }
  return readUpdate(path, lines, firstLine);
}

function readUpdate(path: string, lines: string[], firstLine: number): Body {
  const moveTo = move.exec(lines[0]?.trimEnd() ?? "")?.[1]?.trim() ?? null;
  const hunks: Hunk[] = [];
  let open: Hunk | null = null;
  for (const [index, line] of lines.entries()) {
    if (index === 0 && moveTo !== null) continue;
    if (line.startsWith("@@")) {
      open = { under: line.replace(/^@@ ?/, "").replace(/ ?@@$/, "").trim() || null, lines: [], atEnd: false };
      hunks.push(open);
    } else if (line.trimEnd() === "*** End of File") {
      if (open === null) return refused(firstLine + index, "there is no change before the end of the file");
      open.atEnd = true;
    } else {
      const kind = line === "" ? "keep" : signs[line[0] ?? ""];
      if (kind === undefined) return refused(firstLine + index, 'a line of a change starts with " ", "-" or "+"');
      if (open === null) {
        open = { under: null, lines: [], atEnd: false };
        hunks.push(open);
      }
      open.lines.push({ kind, text: line.slice(1) });
    }
  }
  const useful = hunks.map(withoutTrailingBlank).filter((hunk) => hunk.lines.some((line) => line.kind !== "keep"));
  if (useful.length === 0 && moveTo === null) return refused(firstLine, `nothing is changed in "${path}"`);
  return { ok: true, operation: { kind: "update", path, moveTo, hunks: useful } };
}

/** A blank line before the next header belongs to the layout of the patch, not to the file. */
function withoutTrailingBlank(hunk: Hunk): Hunk {
  const last = hunk.lines.at(-1);
  return last?.kind === "keep" && last.text === "" ? { ...hunk, lines: hunk.lines.slice(0, -1) } : hunk;
}

export type Patched = { ok: true; text: string } | { ok: false; problem: string };

/** Applies hunks in order. Kept lines stay as they are in the file, also where the patch has other white space. */
export function applyHunks(text: string, hunks: readonly Hunk[]): Patched {
  const end = lineEnd(text);
  const lines = text.split("\n").map((line, index, all) => (index < all.length - 1 ? `${line}\n` : line));
  if (lines.at(-1) === "") lines.pop();
  let from = 0;
  for (const [index, hunk] of hunks.entries()) {
    const start = locate(lines, hunk, from);
    if (start === null)
      return { ok: false, problem: `Change ${index + 1} was not found:\n${oldLines(hunk).join("\n")}` };
    let at = start;
    const result: string[] = [];
    for (const line of hunk.lines) {
      if (line.kind === "add") result.push(line.text + end);
      else {
        if (line.kind === "keep") result.push(lines[at] ?? "");
        at += 1;
      }
    }
    const before = lines[start - 1];
    if (result.length > 0 && before !== undefined && !before.endsWith("\n")) lines[start - 1] = before + end;
    const replacedEnd = at === lines.length && at > start && !(lines[at - 1] ?? "").endsWith("\n");
    lines.splice(start, at - start, ...mended(result, end, replacedEnd));
    from = start + result.length;
  }
  return { ok: true, text: lines.join("") };
}

/** Where the last line of the file had no line end, the new last line gets none either, and those before it get one. */
function mended(result: string[], end: string, withoutLast: boolean): string[] {
  const ended = result.map((line) => (line.endsWith("\n") ? line : line + end));
  const last = ended.pop();
  if (last === undefined) return [];
  return [...ended, withoutLast ? last.replace(/\r?\n$/, "") : last];
}

const oldLines = (hunk: Hunk) => hunk.lines.filter((line) => line.kind !== "add").map((line) => line.text);
const bare = (line: string) => line.replace(/\r?\n$/, "");

/** To the letter first; then but for white space at the end; then but for white space around. */
const sameness: ((line: string) => string)[] = [(line) => line, (line) => line.trimEnd(), (line) => line.trim()];

function locate(lines: string[], hunk: Hunk, from: number): number | null {
  const old = oldLines(hunk);
  let first = from;
  if (hunk.under !== null) {
    const under = hunk.under;
    const found = lines.findIndex((line, index) => index >= from && bare(line).trim() === under);
    const part = found >= 0 ? found : lines.findIndex((line, index) => index >= from && line.includes(under));
    if (part >= 0) first = part + 1;
    else if (!/^-\d/.test(under)) return null;
    // The line under which it stands may be repeated as the first line of the change.
    if (part >= 0 && old[0]?.trim() === under) first = part;
  }
  if (old.length === 0) return hunk.under !== null && first > from && !hunk.atEnd ? first : lines.length;
  for (const same of sameness) {
    const wanted = old.map(same);
    const matches = (start: number) =>
      wanted.every((line, offset) => same(bare(lines[start + offset] ?? "\u0000")) === line);
    if (hunk.atEnd && lines.length - old.length >= first && matches(lines.length - old.length))
      return lines.length - old.length;
    for (let start = first; start + old.length <= lines.length; start += 1) if (matches(start)) return start;
  }
  return null;
}
