/** Applies the hunks of a patch to a text: each at the one place that it names, or none of them. Pure. */
import { lineEnd } from "../workspace/text-file.ts";
import { findAnchored } from "./patch-anchors.ts";
import type { Hunk } from "./patch-format.ts";
import { foldText, keepOriginal } from "./similar-text.ts";

export type PatchResult = { ok: true; text: string } | { ok: false; problem: string };

/** Context lines stay as they are in the file, even if their whitespace or their typography differs in the patch. */
export function applyHunks(text: string, hunks: readonly Hunk[]): PatchResult {
  const lines = text.split("\n").map((line, index, all) => (index < all.length - 1 ? `${line}\n` : line));
  if (lines.at(-1) === "") lines.pop();
  const located = locateHunks(lines.map(stripLineEnd), hunks);
  if (typeof located === "string") return { ok: false, problem: located };
  const end = lineEnd(text);
  // From the last one to the first, so that the lines before a change keep their numbers.
  for (const { hunk, start } of located.sort((a, b) => a.start - b.start).reverse())
    replaceLines(lines, hunk, start, end);
  return { ok: true, text: lines.join("") };
}

function replaceLines(lines: string[], hunk: Hunk, start: number, end: string): void {
  let at = start;
  const result: string[] = [];
  /** Lines that were removed but are written differently in the patch: the added lines after them keep their characters. */
  let similar: (string | null)[] = [];
  for (const line of hunk.lines) {
    if (line.kind === "add") {
      const original = similar.shift() ?? null;
      result.push((original === null ? line.text : keepOriginal(original, line.text)) + end);
      continue;
    }
    const original = stripLineEnd(lines[at] ?? "");
    if (line.kind === "keep") result.push(lines[at] ?? "");
    similar = line.kind === "keep" ? [] : [...similar, original.trim() === line.text.trim() ? null : original];
    at += 1;
  }
  const before = lines[start - 1];
  if (result.length > 0 && before !== undefined && !before.endsWith("\n")) lines[start - 1] = before + end;
  const replacedEnd = at === lines.length && at > start && !(lines[at - 1] ?? "").endsWith("\n");
  lines.splice(start, at - start, ...terminateLines(result, end, replacedEnd));
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

interface LocatedHunk {
  hunk: Hunk;
  start: number;
}

/** The place of each hunk, counted in the lines of the original file; a message if a hunk fits nowhere, or several places. */
function locateHunks(lines: string[], hunks: readonly Hunk[]): LocatedHunk[] | string {
  const appended = hunks.filter(isAppended).map((hunk) => ({ hunk, start: lines.length }));
  const placed = hunks.filter((hunk) => !isAppended(hunk));
  const starts: number[][] = [];
  for (const hunk of placed) {
    const found = findPlaces(lines, hunk);
    if (found.length === 0) return describeMissing(hunks.indexOf(hunk), hunk);
    starts.push(found);
  }
  // The places are certain if the hunks, in their order, fit no other ones further down.
  const first = placeInOrder(placed, starts);
  if (typeof first === "number")
    return `Change ${hunks.indexOf(placed[first] as Hunk) + 1} matches only before the end of the previous change. Put the changes in the order of the file.`;
  const last = placeBackwards(placed, starts);
  const unsure = first.findIndex((start, index) => start !== last[index]);
  if (unsure >= 0) return describeAmbiguous(hunks.indexOf(placed[unsure] as Hunk), starts[unsure] ?? []);
  return [...appended, ...placed.map((hunk, index) => ({ hunk, start: first[index] ?? 0 }))];
}

/** Only added lines, at no place that is named: they go to the end of the file. */
const isAppended = (hunk: Hunk) =>
  getOldLines(hunk).length === 0 && (hunk.atEnd || (hunk.anchors.length === 0 && hunk.range === null));

/** The first possible place of each hunk after the one before it, or the index of the hunk that has none. */
function placeInOrder(hunks: readonly Hunk[], starts: readonly number[][]): number[] | number {
  let from = 0;
  const places: number[] = [];
  for (const [index, hunk] of hunks.entries()) {
    const start = starts[index]?.find((candidate) => candidate >= from);
    if (start === undefined) return index;
    places.push(start);
    from = start + getOldLines(hunk).length;
  }
  return places;
}

/** The last possible place of each hunk before the one after it. */
function placeBackwards(hunks: readonly Hunk[], starts: readonly number[][]): number[] {
  let before = Number.POSITIVE_INFINITY;
  return hunks
    .map((hunk, index) => ({ length: getOldLines(hunk).length, candidates: starts[index] ?? [] }))
    .reverse()
    .map(({ length, candidates }) => {
      before = candidates.findLast((candidate) => candidate + length <= before) ?? -1;
      return before;
    })
    .reverse();
}

/** Tried in order until the hunk is found: exact, without trailing, then surrounding whitespace, then by what looks alike. */
const NORMALIZERS: ((line: string) => string)[] = [
  (line) => line,
  (line) => line.trimEnd(),
  (line) => line.trim(),
  (line) => foldText(line).trim(),
];

/** The indexes at which the hunk may start, ascending. */
function findPlaces(lines: string[], hunk: Hunk): number[] {
  const old = getOldLines(hunk);
  if (old.length === 0) return findInsertions(lines, hunk);
  const named = hunk.range === null ? null : hunk.range.line - 1;
  let places: number[] = [];
  for (const normalize of NORMALIZERS) {
    const starts = findAll(lines.map(normalize), old.map(normalize));
    if (named !== null && starts.includes(named)) return [named];
    if (places.length === 0) places = narrowDown(lines, hunk, old.length, starts);
    if (named === null && places.length > 0) break;
  }
  return places;
}

function findAll(lines: string[], old: string[]): number[] {
  const starts: number[] = [];
  for (let start = lines.indexOf(old[0] ?? ""); start >= 0; start = lines.indexOf(old[0] ?? "", start + 1))
    if (old.every((line, offset) => lines[start + offset] === line)) starts.push(start);
  return starts;
}

function narrowDown(lines: string[], hunk: Hunk, length: number, starts: number[]): number[] {
  if (hunk.atEnd) return starts.filter((start) => lines.slice(start + length).every((line) => line.trim() === ""));
  return hunk.anchors.length === 0 ? starts : findAnchored(lines, hunk.anchors, length, starts);
}

/** Where lines without any context go: at the line that the header names, or directly below the anchors. */
function findInsertions(lines: string[], { anchors, range }: Hunk): number[] {
  if (range !== null) return range.count === 0 && range.line <= lines.length ? [range.line] : [];
  return findAnchored(
    lines,
    anchors,
    0,
    lines.map((_, index) => index + 1),
  );
}

function describeMissing(index: number, hunk: Hunk): string {
  const old = getOldLines(hunk);
  const where = hunk.anchors.length === 0 ? "" : ` below "${hunk.anchors.join('", "')}"`;
  if (old.length > 0) return `Change ${index + 1} was not found${where}:\n${old.join("\n")}`;
  if (hunk.range === null) return `Change ${index + 1}: the line "${hunk.anchors.join('", "')}" was not found.`;
  return `Change ${index + 1}: the @@ line names line ${hunk.range.line}, but there is no context. Add the lines around the change.`;
}

function describeAmbiguous(index: number, starts: number[]): string {
  const shown = starts.slice(0, 8).map((start) => start + 1);
  const more = starts.length > shown.length ? ` and ${starts.length - shown.length} more` : "";
  return (
    `Change ${index + 1} fits ${starts.length} places, at lines ${shown.join(", ")}${more}. ` +
    "Add context lines until it is unique, or @@ lines with the class and the function that contain it."
  );
}
