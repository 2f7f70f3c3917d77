/** Runs one of Vim's commands with what was pending before it. */
import { moved } from "../../edit/editor.ts";
import { cellAt, cellsOf, lineBelow, lineStartOf, offsetOf } from "./cells.ts";
import { changes, operateSelected } from "./changes.ts";
import { isKind, type Named, type VimCommandName } from "./commands.ts";
import { changedWord, type MotionInput, motions } from "./motions.ts";
import { objects } from "./objects.ts";
import { inserting, linesBetween, operate, spanTo, type Vim } from "./operators.ts";
import { type Find, isSelecting, settledVim } from "./state.ts";

/** The commands that press.ts does itself. */
export type Runnable = Exclude<VimCommandName, "vim.repeat" | "vim.normalMode">;

/** Null where it can do nothing; what was pending is given up then. */
export function run(vim: Vim, name: Runnable, character: string): Vim | null {
  if (isKind(name, "shorthand")) {
    const [operator, what] = shorthands[name];
    const begun = { ...vim.state, operator: { name: operator, count: null } };
    return run({ ...vim, state: begun }, what, character);
  }
  if (isKind(name, "operator")) return runOperator(vim, name);
  if (isKind(name, "object")) return runObject(vim, name);
  if (isKind(name, "motion")) return runMotion(vim, name, character);
  return changes[name](vim, { count: countOf(vim), character });
}

const shorthands: Readonly<Record<Named<"shorthand">, readonly [Named<"operator">, Runnable]>> = {
  "vim.deleteCharacter": ["vim.delete", "vim.right"],
  "vim.deleteCharacterBack": ["vim.delete", "vim.left"],
  "vim.deleteLineEnd": ["vim.delete", "vim.lineEnd"],
  "vim.changeLineEnd": ["vim.change", "vim.lineEnd"],
  "vim.yankLine": ["vim.yank", "vim.yank"],
  "vim.substitute": ["vim.change", "vim.right"],
  "vim.substituteLine": ["vim.change", "vim.change"],
};

const MOST = 9999;

/** `2d3w` is six words. */
function countOf({ state: { count, operator } }: Vim): number | null {
  const before = operator?.count ?? null;
  if (count === "" && before === null) return null;
  return Math.min(MOST, Number(count || "1") * (before ?? 1));
}

function runOperator(vim: Vim, name: Named<"operator">): Vim | null {
  const { editor, state } = vim;
  if (isSelecting(state)) return operateSelected(vim, name);
  if (state.operator === null) {
    const count = state.count === "" ? null : Number(state.count);
    return { ...vim, state: { ...state, operator: { name, count }, count: "" } };
  }
  if (state.operator.name !== name) return null;
  const cells = cellsOf(editor.text);
  const at = cellAt(cells, editor.cursor);
  const last = lineBelow(cells, at, (countOf(vim) ?? 1) - 1) ?? lineStartOf(cells, cells.length);
  return operate(vim, name, linesBetween(cells, at, last));
}

function runObject(vim: Vim, name: Named<"object">): Vim | null {
  const { editor, state } = vim;
  const cells = cellsOf(editor.text);
  const span = objects[name](cells, cellAt(cells, editor.cursor), countOf(vim) ?? 1);
  if (span === null) return null;
  if (state.operator) return operate(vim, state.operator.name, span);
  if (!isSelecting(state) || span.from === span.to) return null;
  return {
    ...vim,
    editor: moved(editor, offsetOf(cells, span.to - 1)),
    state: {
      ...settledVim(state),
      mode: span.lines ? "visualLine" : state.mode,
      anchor: offsetOf(cells, span.from),
      wanted: null,
    },
  };
}

function runMotion(vim: Vim, name: Named<"motion">, character: string): Vim | null {
  const { editor } = vim;
  const find = isFind(name) ? { command: name, character } : vim.state.find;
  const state = { ...vim.state, find };
  const { operator, wanted } = state;
  const cells = cellsOf(editor.text);
  const at = cellAt(cells, editor.cursor);
  const input: MotionInput = { count: countOf(vim), character, wanted, find, operating: operator !== null };
  const isWord = name === "vim.word" || name === "vim.bigWord";
  const special =
    operator?.name === "vim.change" && isWord ? changedWord(cells, at, input.count, name === "vim.bigWord") : null;
  const target = special ?? motions[name](cells, at, input);
  if (operator) {
    if (target) return operate({ ...vim, state }, operator.name, spanTo(cells, at, target));
    // There is nothing to take away, and still something to write.
    return operator.name === "vim.change" && name === "vim.right" ? inserting(vim, editor.cursor) : null;
  }
  if (target === null) return null;
  return {
    ...vim,
    editor: moved(editor, offsetOf(cells, target.to)),
    state: { ...settledVim(state), wanted: target.wanted ?? null },
  };
}

const isFind = (name: Named<"motion">): name is Find["command"] =>
  name === "vim.find" || name === "vim.findBack" || name === "vim.till" || name === "vim.tillBack";
