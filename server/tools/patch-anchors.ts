/** Finds the places in a file that the `@@` lines of a patch name, such as a class and then its method. Pure. */
import { foldLookAlikes } from "../workspace/look-alikes.ts";

/**
 * Those of the starts that the anchors name: the first one below each line that matches the last anchor, if no other definition begins
 * in between, or one whose `length` lines contain that line.
 */
export function findAnchored(lines: string[], anchors: readonly string[], length: number, starts: number[]): number[] {
  let places: number[] | null = null;
  for (const anchor of anchors) {
    const found = findAnchorLines(lines, anchor);
    places = places === null ? found : unique(places.flatMap((place) => pickFirst(lines, place, 1, found)));
  }
  return unique((places ?? []).flatMap((place) => pickFirst(lines, place, length, starts)));
}

const unique = (numbers: number[]) => [...new Set(numbers)].sort((a, b) => a - b);

function pickFirst(lines: string[], place: number, length: number, starts: number[]): number[] {
  const within = starts.find((start) => start + length > place && start <= place);
  const start = within ?? starts.find((candidate) => candidate > place);
  return start === undefined || hasLeftScope(lines, place, start) ? [] : [start];
}

/** Lines that are the anchor; without any, those that contain it as whole names; without any, those that look like it. */
function findAnchorLines(lines: string[], anchor: string): number[] {
  const matchers: ((line: string) => boolean)[] = [
    (line) => line.trim() === anchor,
    (line) => startsWithName(line.trim(), anchor),
    (line) => containsName(line, anchor),
    (line) => containsName(foldLookAlikes(line), foldLookAlikes(anchor)),
  ];
  for (const matches of matchers) {
    const found = lines.flatMap((line, index) => (matches(line) ? [index] : []));
    if (found.length > 0) return found;
  }
  return [];
}

const NAME_END = /[\p{L}\p{N}_$]$/u;
const NAME_START = /^[\p{L}\p{N}_$]/u;
/** The name before goes on: `f` in `foo`, `btn` in `btn-primary`, `a` in `a.b` and `a::b`. */
const NAME_CONTINUES = /^(?:-|\.|::)?[\p{L}\p{N}_$]/u;

const endsName = (anchor: string, rest: string) => !(NAME_END.test(anchor) && NAME_CONTINUES.test(rest));
const beginsName = (anchor: string, before: string) => !(NAME_START.test(anchor) && /[\p{L}\p{N}_$-]$/u.test(before));

const startsWithName = (line: string, anchor: string) =>
  line.startsWith(anchor) && endsName(anchor, line.slice(anchor.length));

function containsName(line: string, anchor: string): boolean {
  for (let at = line.indexOf(anchor); at >= 0; at = line.indexOf(anchor, at + 1))
    if (beginsName(anchor, line.slice(0, at)) && endsName(anchor, line.slice(at + anchor.length))) return true;
  return false;
}

const DEFINITION =
  /^\s*(?:(?:export|default|public|private|protected|internal|static|final|abstract|sealed|async|pub(?:\([a-z]+\))?|unsafe|data|open|override|virtual|inline)\s+)*(?:class|def|function\*?|func|fn|fun|interface|struct|impl|enum|trait|module|namespace|mod|sub|proc|protocol|extension|record)\b/;
const HEADING = /^#{1,6} /;
const CLOSING = /^\s*[}\])]+[;,]*\s*$/;

const getIndent = (line: string) => line.length - line.trimStart().length;

/** Whether the block that begins at `place` has ended before `start`: its brace is closed, or another definition follows. */
function hasLeftScope(lines: string[], place: number, start: number): boolean {
  const head = lines[place] ?? "";
  const between = lines.slice(place + 1, Math.max(place + 1, start));
  if (HEADING.test(head)) {
    const level = head.indexOf(" ");
    return between.some((line) => HEADING.test(line) && line.indexOf(" ") <= level);
  }
  const outer = between.filter((line) => line.trim() !== "" && getIndent(line) <= getIndent(head));
  return outer.some(
    (line) => (DEFINITION.test(head) && DEFINITION.test(line)) || (head.trimEnd().endsWith("{") && CLOSING.test(line)),
  );
}
