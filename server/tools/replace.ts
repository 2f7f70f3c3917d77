/** Exact replacements in a text. Every byte outside the replaced parts stays, line ends included; all edits are done or none. */
import { describeNearMiss } from "./near.ts";
import { lineEnd, unifyLineEnds } from "./text.ts";

export interface Edit {
  old: string;
  new: string;
  all: boolean;
}

export type Replaced = { ok: true; text: string; line: number } | { ok: false; problem: string };

/** Applies the edits in order, each to what the one before left. `line`: where the first change is. */
export function applyEdits(text: string, edits: readonly Edit[]): Replaced {
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

function applyEdit(text: string, edit: Edit): Replaced {
  const old = unifyLineEnds(edit.old);
  const replacement = unifyLineEnds(edit.new);
  if (old === replacement)
    return { ok: false, problem: "the old and the new text are the same, so there is nothing to change." };
  if (old === "") {
    if (text === "") return { ok: true, text: replacement, line: 1 };
    return { ok: false, problem: "the old text is empty. To insert, give the line beside it as old, and both as new." };
  }
  const flat = flatten(text);
  const places = findAll(flat.text, old);
  if (places.length === 0) return { ok: false, problem: describeNearMiss(flat.text, old) };
  if (places.length > 1 && !edit.all) return { ok: false, problem: describeMatches(flat.text, places) };
  return { ok: true, text: splice(text, flat, places, old, replacement), line: lineAt(flat.text, places[0] ?? 0) };
}

/** The text with plain line ends, and the way back. */
interface Flat {
  text: string;
  /** Where in `text` a line end had a carriage return, ascending. */
  returns: number[];
}

function flatten(text: string): Flat {
  const returns: number[] = [];
  for (let at = text.indexOf("\r\n"); at >= 0; at = text.indexOf("\r\n", at + 2)) returns.push(at - returns.length);
  return { text: returns.length === 0 ? text : unifyLineEnds(text), returns };
}

function toOriginal(flat: Flat, at: number): number {
  let low = 0;
  let high = flat.returns.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((flat.returns[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return at + low;
}

function splice(text: string, flat: Flat, places: number[], old: string, replacement: string): string {
  const start = commonStart(old, replacement);
  const end = commonEnd(old, replacement, start);
  const middle = replacement.slice(start, replacement.length - end).replaceAll("\n", lineEnd(text));
  const pieces: string[] = [];
  let done = 0;
  for (const place of places) {
    pieces.push(text.slice(done, toOriginal(flat, place + start)), middle);
    done = toOriginal(flat, place + old.length - end);
  }
  return pieces.join("") + text.slice(done);
}

function commonStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}

function commonEnd(a: string, b: string, start: number): number {
  let length = 0;
  const most = Math.min(a.length, b.length) - start;
  while (length < most && a[a.length - 1 - length] === b[b.length - 1 - length]) length += 1;
  return length;
}

function findAll(text: string, wanted: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) places.push(at);
  return places;
}

function lineAt(text: string, place: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < place; at = text.indexOf("\n", at + 1)) line += 1;
  return line;
}

function describeMatches(text: string, places: number[]): string {
  const shown = places.slice(0, 8).map((place) => lineAt(text, place));
  const lines = text.split("\n");
  const list = shown.map((line) => `${line}\t${(lines[line - 1] ?? "").slice(0, 200)}`).join("\n");
  const more = places.length > shown.length ? `\n(and ${places.length - shown.length} more)` : "";
  return `the old text occurs ${places.length} times. Add lines around it until it is the only one, or set all. It begins at:\n${list}${more}`;
}
