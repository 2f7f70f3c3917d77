/** Parses the `*** Begin Patch` envelope into file operations and applies hunks to a text. Pure. */
import { lineEnd } from "../workspace/text-file.ts";

interface Line {
  kind: "keep" | "remove" | "add";
  text: string;
}

export interface Hunk {
  /** A line above the change that locates it, such as a function header. */
  anchor: string | null;
  lines: Line[];
  /** The change is at the very end of the file. */
  atEnd: boolean;
}

export type Operation =
  | { kind: "add"; path: string; lines: string[] }
  | { kind: "delete"; path: string }
  | { kind: "update"; path: string; moveTo: string | null; hunks: Hunk[] };

export type ParsedPatch = { ok: true; operations: Operation[] } | { ok: false; problem: string };

const HEADER = /^\*\*\* (Add|Update|Delete) File: (.+)$/;
const MOVE = /^\*\*\* Move to: (.+)$/;
const LINE_PREFIXES: Record<string, Line["kind"]> = { " ": "keep", "-": "remove", "+": "add" };

export function parsePatch(patch: string): ParsedPatch {
  const lines = patch.replaceAll("\r\n", "\n").trim().split("\n");
  const begin = lines.findIndex((line) => line.trim() === "*** Begin Patch");
  const end = lines.findLastIndex((line) => line.trim() === "*** End Patch");
  if (begin < 0) return rejectLine(0, 'the patch must start with "*** Begin Patch"');
  if (end < 0) return rejectLine(lines.length, 'the patch must end with "*** End Patch"');
  const operations: Operation[] = [];
  let at = begin + 1;
  while (at < end) {
    const [, verb, path] = HEADER.exec(lines[at]?.trimEnd() ?? "") ?? [];
    if (verb === undefined || path === undefined) {
      if (lines[at]?.trim() === "") {
        at += 1;
        continue;
      }
      return rejectLine(at + 1, `"*** Add File: …", "*** Update File: …" or "*** Delete File: …" was expected`);
    }
    const next = lines.findIndex((line, index) => index > at && index < end && HEADER.test(line.trimEnd()));
    const stop = next < 0 ? end : next;
    const body = readBody(verb, path.trim(), lines.slice(at + 1, stop), at + 2);
    if (!body.ok) return body;
    operations.push(body.operation);
    at = stop;
  }
  if (operations.length === 0) return rejectLine(begin + 1, "the patch changes no file");
  const duplicate = operations.find((item, index) => operations.findIndex(({ path }) => path === item.path) !== index);
  if (duplicate !== undefined)
    return rejectLine(1, `"${duplicate.path}" occurs twice; put all its changes under one header`);
  return { ok: true, operations };
}

const rejectLine = (line: number, reason: string): { ok: false; problem: string } => ({
  ok: false,
  problem: `Line ${line}: ${reason}.`,
});

type Body = { ok: true; operation: Operation } | { ok: false; problem: string };

function readBody(verb: string, path: string, lines: string[], firstLine: number): Body {
  if (verb === "Delete") {
    const extra = lines.findIndex((line) => line.trim() !== "");
    return extra < 0
      ? { ok: true, operation: { kind: "delete", path } }
      : rejectLine(firstLine + extra, "nothing may follow a Delete header");
  }
  if (verb === "Add") {
    const content = lines.at(-1) === "" ? lines.slice(0, -1) : lines;
    const wrong = content.findIndex((line) => !line.startsWith("+"));
    if (wrong >= 0) return rejectLine(firstLine + wrong, 'each line of a new file starts with "+"');
    return { ok: true, operation: { kind: "add", path, lines: content.map((line) => line.slice(1)) } };
  }
  return readUpdate(path, lines, firstLine);
}

function readUpdate(path: string, lines: string[], firstLine: number): Body {
  const moveTo = MOVE.exec(lines[0]?.trimEnd() ?? "")?.[1]?.trim() ?? null;
  const hunks: Hunk[] = [];
  let open: Hunk | null = null;
  for (const [index, line] of lines.entries()) {
    if (index === 0 && moveTo !== null) continue;
    if (line.startsWith("@@")) {
      open = { anchor: line.replace(/^@@ ?/, "").replace(/ ?@@$/, "").trim() || null, lines: [], atEnd: false };
      hunks.push(open);
    } else if (line.trimEnd() === "*** End of File") {
      if (open === null) return rejectLine(firstLine + index, "there is no change before the end of the file");
      open.atEnd = true;
    } else {
      const kind = line === "" ? "keep" : LINE_PREFIXES[line[0] ?? ""];
      if (kind === undefined) return rejectLine(firstLine + index, 'a line of a change starts with " ", "-" or "+"');
      if (open === null) {
        open = { anchor: null, lines: [], atEnd: false };
        hunks.push(open);
      }
      open.lines.push({ kind, text: line.slice(1) });
    }
  }
  const useful = hunks.map(trimTrailingBlank).filter((hunk) => hunk.lines.some((line) => line.kind !== "keep"));
  if (useful.length === 0 && moveTo === null) return rejectLine(firstLine, `nothing is changed in "${path}"`);
  return { ok: true, operation: { kind: "update", path, moveTo, hunks: useful } };
}

/** A blank line before the next header belongs to the layout of the patch, not to the file. */
function trimTrailingBlank(hunk: Hunk): Hunk {
  const last = hunk.lines.at(-1);
  return last?.kind === "keep" && last.text === "" ? { ...hunk, lines: hunk.lines.slice(0, -1) } : hunk;
}

export type PatchResult = { ok: true; text: string } | { ok: false; problem: string };

/** Applies hunks in order. Context lines stay as they are in the file, even if their whitespace differs in the patch. */
export function applyHunks(text: string, hunks: readonly Hunk[]): PatchResult {
  const end = lineEnd(text);
  const lines = text.split("\n").map((line, index, all) => (index < all.length - 1 ? `${line}\n` : line));
  if (lines.at(-1) === "") lines.pop();
  let from = 0;
  for (const [index, hunk] of hunks.entries()) {
    const start = locateHunk(lines, hunk, from);
    if (start === null)
      return { ok: false, problem: `Change ${index + 1} was not found:\n${getOldLines(hunk).join("\n")}` };
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
    lines.splice(start, at - start, ...terminateLines(result, end, replacedEnd));
    from = start + result.length;
  }
  return { ok: true, text: lines.join("") };
}

/** If the last line of the file had no line end, the new last line gets none either, and those before it get one. */
function terminateLines(result: string[], end: string, withoutLast: boolean): string[] {
  const ended = result.map((line) => (line.endsWith("\n") ? line : line + end));
  const last = ended.pop();
  if (last === undefined) return [];
  return [...ended, withoutLast ? last.replace(/\r?\n$/, "") : last];
}

const getOldLines = (hunk: Hunk) => hunk.lines.filter((line) => line.kind !== "add").map((line) => line.text);
const stripLineEnd = (line: string) => line.replace(/\r?\n$/, "");

/** Tried in order: exact match, then ignoring trailing whitespace, then ignoring surrounding whitespace. */
const NORMALIZERS: ((line: string) => string)[] = [(line) => line, (line) => line.trimEnd(), (line) => line.trim()];

function locateHunk(lines: string[], hunk: Hunk, from: number): number | null {
  const old = getOldLines(hunk);
  let first = from;
  if (hunk.anchor !== null) {
    const anchor = hunk.anchor;
    const found = lines.findIndex((line, index) => index >= from && stripLineEnd(line).trim() === anchor);
    const part = found >= 0 ? found : lines.findIndex((line, index) => index >= from && line.includes(anchor));
    if (part >= 0) first = part + 1;
    else if (!/^-\d/.test(anchor)) return null;
    // The anchor line may be repeated as the first line of the change.
    if (part >= 0 && old[0]?.trim() === anchor) first = part;
  }
  if (old.length === 0) return hunk.anchor !== null && first > from && !hunk.atEnd ? first : lines.length;
  for (const normalize of NORMALIZERS) {
    const expected = old.map(normalize);
    const matches = (start: number) =>
      expected.every((line, offset) => normalize(stripLineEnd(lines[start + offset] ?? "\u0000")) === line);
    if (hunk.atEnd && lines.length - old.length >= first && matches(lines.length - old.length))
      return lines.length - old.length;
    for (let start = first; start + old.length <= lines.length; start += 1) if (matches(start)) return start;
  }
  return null;
}
