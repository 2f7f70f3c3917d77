/** Vim's motions. A motion without a target returns null, which cancels a pending operator. */
import { type Cells, isEmptyLine, kindOf, lastInLine, lineBelow, lineEndOf, lineStartOf, lineTextOf } from "./cells.ts";
import type { Named } from "./commands.ts";
import type { Find } from "./state.ts";

export interface MotionTarget {
  to: number;
  /** What an operator covers, in Vim's terms. */
  kind: "exclusive" | "inclusive" | "linewise";
  /** The goal column for following vertical motions. */
  goalColumn?: number;
}

export interface MotionInput {
  count: number | null;
  character: string;
  goalColumn: number | null;
  find: Find | null;
  /** For an operator: the target may be after the last character. */
  forOperator: boolean;
}

type Motion = (cells: Cells, at: number, input: MotionInput) => MotionTarget | null;

const exclusive = (to: number): MotionTarget => ({ to, kind: "exclusive" });
const inclusive = (to: number): MotionTarget => ({ to, kind: "inclusive" });
const orOne = (count: number | null): number => count ?? 1;

const repeatMotion =
  (kind: MotionTarget["kind"], once: (cells: Cells, at: number, big: boolean) => number, big = false): Motion =>
  (cells, at, { count }) => {
    let to = at;
    for (let time = 0; time < orOne(count); time++) to = once(cells, to, big);
    return to === at ? null : { to, kind };
  };

const wordForward =
  (big: boolean): Motion =>
  (cells, at, { count, forOperator }) => {
    let to = at;
    let last = at;
    for (let time = 0; time < orOne(count); time++) {
      last = to;
      to = nextWord(cells, to, big);
    }
    // An operator does not extend into the next line.
    const end = lineEndOf(cells, last);
    if (forOperator && to > end) return exclusive(Math.max(end, at));
    return to === at ? null : exclusive(forOperator ? to : Math.min(to, Math.max(0, cells.length - 1)));
  };

const vertical =
  (direction: 1 | -1): Motion =>
  (cells, at, { count, goalColumn }) => {
    const start = lineBelow(cells, at, direction * orOne(count));
    if (start === null) return null;
    const column = goalColumn ?? at - lineStartOf(cells, at);
    return { to: Math.min(start + column, lastInLine(cells, start)), kind: "linewise", goalColumn: column };
  };

const toLine =
  (whole: "first" | "last"): Motion =>
  (cells, _, { count }) => {
    const last = lineStartOf(cells, cells.length);
    const start = count === null ? (whole === "first" ? 0 : last) : (lineBelow(cells, 0, count - 1) ?? last);
    return { to: lineTextOf(cells, start), kind: "linewise" };
  };

const findMotion =
  (command: Find["command"]): Motion =>
  (cells, at, { count, character }) =>
    findCharacter(cells, at, { command, character }, orOne(count), false);

const reversedFinds = {
  "vim.find": "vim.findBack",
  "vim.findBack": "vim.find",
  "vim.till": "vim.tillBack",
  "vim.tillBack": "vim.till",
} as const;

export const motions: Readonly<Record<Named<"motion">, Motion>> = {
  "vim.left": (cells, at, { count }) => {
    const to = Math.max(lineStartOf(cells, at), at - orOne(count));
    return to === at ? null : exclusive(to);
  },
  "vim.right": (cells, at, { count, forOperator }) => {
    const to = Math.min(forOperator ? lineEndOf(cells, at) : lastInLine(cells, at), at + orOne(count));
    return to === at ? null : exclusive(to);
  },
  "vim.up": vertical(-1),
  "vim.down": vertical(1),
  "vim.word": wordForward(false),
  "vim.bigWord": wordForward(true),
  "vim.wordBack": repeatMotion("exclusive", previousWord),
  "vim.bigWordBack": repeatMotion("exclusive", previousWord, true),
  "vim.wordEnd": repeatMotion("inclusive", wordEnd),
  "vim.bigWordEnd": repeatMotion("inclusive", wordEnd, true),
  "vim.wordEndBack": repeatMotion("inclusive", previousWordEnd),
  "vim.bigWordEndBack": repeatMotion("inclusive", previousWordEnd, true),
  "vim.lineStart": (cells, at) => exclusive(lineStartOf(cells, at)),
  "vim.lineText": (cells, at) => exclusive(lineTextOf(cells, at)),
  "vim.lineEnd": (cells, at, { count, forOperator }) => {
    const line = lineBelow(cells, at, orOne(count) - 1);
    if (line === null) return null;
    const to = forOperator ? lineEndOf(cells, line) : lastInLine(cells, line);
    return { ...exclusive(to), goalColumn: Number.POSITIVE_INFINITY };
  },
  "vim.textStart": toLine("first"),
  "vim.textEnd": toLine("last"),
  "vim.find": findMotion("vim.find"),
  "vim.findBack": findMotion("vim.findBack"),
  "vim.till": findMotion("vim.till"),
  "vim.tillBack": findMotion("vim.tillBack"),
  "vim.findAgain": (cells, at, { count, find }) => find && findCharacter(cells, at, find, orOne(count), true),
  "vim.findReverse": (cells, at, { count, find }) =>
    find && findCharacter(cells, at, { ...find, command: reversedFinds[find.command] }, orOne(count), true),
  "vim.match": matchBracket,
  "vim.paragraph": repeatMotion("exclusive", (cells, at) => {
    let to = at;
    while (to < cells.length && isEmptyLine(cells, to)) to++;
    while (to < cells.length && !isEmptyLine(cells, to)) to++;
    return to;
  }),
  "vim.paragraphBack": repeatMotion("exclusive", (cells, at) => {
    let to = at;
    while (to > 0 && isEmptyLine(cells, to)) to--;
    while (to > 0 && !isEmptyLine(cells, to)) to--;
    return to;
  }),
  "vim.sentence": repeatMotion(
    "exclusive",
    (cells, at) => findSentences(cells).find((start) => start > at) ?? cells.length,
  ),
  "vim.sentenceBack": repeatMotion(
    "exclusive",
    (cells, at) => findSentences(cells).findLast((start) => start < at) ?? 0,
  ),
};

/** `cw` changes to the end of the word, without the blanks after it, unless the cursor is on a blank. */
export function changeWordTarget(cells: Cells, at: number, count: number | null, big: boolean): MotionTarget | null {
  if (kindOf(cells[at], big) === "blank") return null;
  let to = runEnd(cells, at, big);
  for (let time = 1; time < orOne(count); time++) to = wordEnd(cells, to, big);
  return inclusive(to);
}

/** The last character of the run of the same kind. */
function runEnd(cells: Cells, at: number, big: boolean): number {
  const kind = kindOf(cells[at], big);
  let to = at;
  while (to + 1 < cells.length && kindOf(cells[to + 1], big) === kind) to++;
  return to;
}

function nextWord(cells: Cells, at: number, big: boolean): number {
  let to = kindOf(cells[at], big) === "blank" ? at : runEnd(cells, at, big) + 1;
  while (to < cells.length && kindOf(cells[to], big) === "blank") {
    if (to > at && isEmptyLine(cells, to)) return to;
    to++;
  }
  return to;
}

function previousWord(cells: Cells, at: number, big: boolean): number {
  let to = at - 1;
  while (to > 0 && kindOf(cells[to], big) === "blank" && !isEmptyLine(cells, to)) to--;
  const kind = kindOf(cells[to], big);
  if (kind === "blank") return Math.max(0, to);
  while (to > 0 && kindOf(cells[to - 1], big) === kind) to--;
  return Math.max(0, to);
}

function wordEnd(cells: Cells, at: number, big: boolean): number {
  let to = at + 1;
  while (to < cells.length && kindOf(cells[to], big) === "blank") to++;
  return to >= cells.length ? Math.max(at, cells.length - 1) : runEnd(cells, to, big);
}

function previousWordEnd(cells: Cells, at: number, big: boolean): number {
  const kind = kindOf(cells[at], big);
  let to = at;
  if (kind !== "blank") while (to >= 0 && kindOf(cells[to], big) === kind) to--;
  else to--;
  while (to > 0 && kindOf(cells[to], big) === "blank" && !isEmptyLine(cells, to)) to--;
  return Math.max(0, to);
}

function findCharacter(
  cells: Cells,
  at: number,
  { command, character }: Find,
  count: number,
  again: boolean,
): MotionTarget | null {
  const direction = command === "vim.find" || command === "vim.till" ? 1 : -1;
  const isTill = command === "vim.till" || command === "vim.tillBack";
  const from = lineStartOf(cells, at);
  const end = lineEndOf(cells, at);
  let left = count;
  for (let to = at + direction * (again && isTill ? 2 : 1); to >= from && to < end; to += direction) {
    if (cells[to] !== character || --left > 0) continue;
    const place = isTill ? to - direction : to;
    return direction === 1 ? inclusive(place) : exclusive(place);
  }
  return null;
}

const pairs: Readonly<Record<string, { other: string; direction: 1 | -1 }>> = {
  "(": { other: ")", direction: 1 },
  "[": { other: "]", direction: 1 },
  "{": { other: "}", direction: 1 },
  ")": { other: "(", direction: -1 },
  "]": { other: "[", direction: -1 },
  "}": { other: "{", direction: -1 },
};

function matchBracket(cells: Cells, at: number): MotionTarget | null {
  const end = lineEndOf(cells, at);
  for (let start = at; start < end; start++) {
    const cell = cells[start] ?? "";
    const pair = Object.hasOwn(pairs, cell) ? pairs[cell] : undefined;
    if (!pair) continue;
    let depth = 0;
    for (let to = start; to >= 0 && to < cells.length; to += pair.direction) {
      if (cells[to] === cell) depth++;
      else if (cells[to] === pair.other && --depth === 0) return inclusive(to);
    }
    return null;
  }
  return null;
}

/** The starts of sentences: after punctuation and blanks, and at paragraphs. */
function findSentences(cells: Cells): number[] {
  const starts: number[] = [];
  let isNew = true;
  let isEnding = false;
  for (const [at, cell] of cells.entries()) {
    if (kindOf(cell) === "blank") {
      if (isEnding) isNew = true;
      isEnding = false;
      if (isEmptyLine(cells, at)) {
        if (!isEmptyLine(cells, at - 1) || at === 0) starts.push(at);
        isNew = true;
      }
      continue;
    }
    if (isNew) starts.push(at);
    isNew = false;
    isEnding = /^[.!?]/.test(cell) || (isEnding && /^[)\]"']/.test(cell));
  }
  return starts;
}
