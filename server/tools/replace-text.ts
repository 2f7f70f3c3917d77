/** Exact replacements in a text. Everything outside the replaced parts stays, including line ends; all edits are applied or none. */

import { lineEnd, unifyLineEnds } from "../workspace/text-file.ts";
import { describeNearMiss } from "./near-miss.ts";
import { findSimilar, keepOriginal } from "./similar-text.ts";

export interface Edit {
  old: string;
  new: string;
  all: boolean;
}

export type ReplaceResult = { ok: true; text: string; line: number } | { ok: false; problem: string };

/** Applies the edits in order, each to the result of the previous one. `line`: the line of the first change. */
export function applyEdits(text: string, edits: readonly Edit[]): ReplaceResult {
  let current = text;
  let line = Number.POSITIVE_INFINITY;
  for (const [index, edit] of edits.entries()) {
    const done = applyEdit(current, edit);
    if (!done.ok) {
      const where = edits.length > 1 ? `Edit ${index + 1} of ${edits.length}: ` : "";
      return { ok: false, problem: `${where}${done.problem}` };
    }
    current = done.text;
    line = Math.min(line, done.line);
  }
  return { ok: true, text: current, line };
}

function applyEdit(text: string, edit: Edit): ReplaceResult {
  const old = unifyLineEnds(edit.old);
  const replacement = unifyLineEnds(edit.new);
  if (old === replacement)
    return { ok: false, problem: "the old and the new text are the same, so there is nothing to change." };
  if (old === "") {
    if (text === "") return { ok: true, text: replacement, line: 1 };
    return {
      ok: false,
      problem: "the old text is empty. To insert, pass the adjacent line as old, and both lines as new.",
    };
  }
  const flat = normalizeLineEnds(text);
  const offsets = findAll(flat.text, old);
  if (offsets.length === 0) return applySimilar(text, flat, old, replacement);
  if (offsets.length > 1 && !edit.all) return { ok: false, problem: describeMatches(flat.text, offsets) };
  return {
    ok: true,
    text: replaceAt(text, flat, offsets, old, replacement),
    line: getLineNumber(flat.text, offsets[0] ?? 0),
  };
}

/** Replaces the one place that looks like the old text; its own characters stay where they were not changed. */
function applySimilar(text: string, flat: NormalizedText, old: string, replacement: string): ReplaceResult {
  const found = findSimilar(flat.text, old);
  const actual = found === null ? "" : flat.text.slice(found.start, found.end);
  const kept = keepOriginal(actual, replacement);
  if (found === null || kept === actual) return { ok: false, problem: describeNearMiss(flat.text, old) };
  return {
    ok: true,
    text: replaceAt(text, flat, [found.start], actual, kept),
    line: getLineNumber(flat.text, found.start),
  };
}

/** The text with LF line ends, and how to map offsets back. */
interface NormalizedText {
  text: string;
  /** Offsets in `text` at which a line end had a carriage return, ascending. */
  returns: number[];
}

function normalizeLineEnds(text: string): NormalizedText {
  const returns: number[] = [];
  for (let at = text.indexOf("\r\n"); at >= 0; at = text.indexOf("\r\n", at + 2)) returns.push(at - returns.length);
  return { text: returns.length === 0 ? text : unifyLineEnds(text), returns };
}

function toOriginalOffset(flat: NormalizedText, at: number): number {
  let low = 0;
  let high = flat.returns.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((flat.returns[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return at + low;
}

function replaceAt(text: string, flat: NormalizedText, offsets: number[], old: string, replacement: string): string {
  const start = countCommonPrefix(old, replacement);
  const end = countCommonSuffix(old, replacement, start);
  const middle = replacement.slice(start, replacement.length - end).replaceAll("\n", lineEnd(text));
  const pieces: string[] = [];
  let done = 0;
  for (const offset of offsets) {
    pieces.push(text.slice(done, toOriginalOffset(flat, offset + start)), middle);
    done = toOriginalOffset(flat, offset + old.length - end);
  }
  return pieces.join("") + text.slice(done);
}

function countCommonPrefix(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}

function countCommonSuffix(a: string, b: string, start: number): number {
  let length = 0;
  const max = Math.min(a.length, b.length) - start;
  while (length < max && a[a.length - 1 - length] === b[b.length - 1 - length]) length += 1;
  return length;
}

function findAll(text: string, search: string): number[] {
  const offsets: number[] = [];
  for (let at = text.indexOf(search); at >= 0; at = text.indexOf(search, at + search.length)) offsets.push(at);
  return offsets;
}

function getLineNumber(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) line += 1;
  return line;
}

function describeMatches(text: string, offsets: number[]): string {
  const shown = offsets.slice(0, 8).map((offset) => getLineNumber(text, offset));
  const lines = text.split("\n");
  const list = shown.map((line) => `${line}\t${(lines[line - 1] ?? "").slice(0, 200)}`).join("\n");
  const more = offsets.length > shown.length ? `\n(and ${offsets.length - shown.length} more)` : "";
  return `the old text occurs ${offsets.length} times. Add surrounding lines until it is unique, or set all. It begins at:\n${list}${more}`;
}
