/** Parses the `*** Begin Patch` envelope into file operations. Pure. */

interface Line {
  kind: "keep" | "remove" | "add";
  text: string;
}

export interface Hunk {
  /** Lines above the change that locate it, from the outside in: a class, then its method. */
  anchors: string[];
  /** The lines of the file that `@@ -4,3 +4,4 @@` names, counted from 1. */
  range: { line: number; count: number } | null;
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
      const header = parseHunkHeader(line);
      // Several @@ lines in a row narrow one place down.
      if (open?.lines.length === 0) {
        open.anchors.push(...header.anchors);
        open.range = header.range ?? open.range;
      } else {
        open = { ...header, lines: [], atEnd: false };
        hunks.push(open);
      }
    } else if (line.trimEnd() === "*** End of File") {
      if (open === null) return rejectLine(firstLine + index, "there is no change before the end of the file");
      open.atEnd = true;
    } else {
      const kind = line === "" ? "keep" : LINE_PREFIXES[line[0] ?? ""];
      if (kind === undefined) return rejectLine(firstLine + index, 'a line of a change starts with " ", "-" or "+"');
      if (open === null) {
        open = { anchors: [], range: null, lines: [], atEnd: false };
        hunks.push(open);
      }
      open.lines.push({ kind, text: line.slice(1) });
    }
  }
  const useful = hunks.map(trimTrailingBlank).filter((hunk) => hunk.lines.some((line) => line.kind !== "keep"));
  if (useful.length === 0 && moveTo === null) return rejectLine(firstLine, `nothing is changed in "${path}"`);
  return { ok: true, operation: { kind: "update", path, moveTo, hunks: useful } };
}

const RANGE = /^-(\d+)(?:,(\d+))? \+\d+(?:,\d+)?(?: ?@@ ?(.*))?$/;

function parseHunkHeader(line: string): Pick<Hunk, "anchors" | "range"> {
  const header = line.slice(2).trim();
  const [range, first, count, heading = ""] = RANGE.exec(header) ?? [];
  const anchor = (range === undefined ? header.replace(/ ?@@$/, "") : heading).trim();
  return {
    anchors: anchor === "" ? [] : [anchor],
    range: first === undefined ? null : { line: Number(first), count: Number(count ?? 1) },
  };
}

/** A blank line before the next header belongs to the layout of the patch, not to the file. */
function trimTrailingBlank(hunk: Hunk): Hunk {
  const last = hunk.lines.at(-1);
  return last?.kind === "keep" && last.text === "" ? { ...hunk, lines: hunk.lines.slice(0, -1) } : hunk;
}
