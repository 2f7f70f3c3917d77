/** Runs a Vim command with the pending count and operator. */
import { moveCursor } from "../../edit/editor.ts";
import { cellAt, lineBelow, lineStartOf, offsetOf, toCells } from "./cells.ts";
import { changes, operateOnSelection } from "./changes.ts";
import { isKind, type Named, type VimCommandName } from "./commands.ts";
import { changeWordTarget, type MotionInput, motions } from "./motions.ts";
import { objects } from "./objects.ts";
import { applyOperator, enterInsertMode, lineSpan, motionSpan, type VimEditor } from "./operators.ts";
import { clearPending, type Find, isSelecting } from "./state.ts";

/** All commands except those that press.ts runs itself. */
export type RunnableName = Exclude<VimCommandName, "vim.repeat" | "vim.normalMode">;

/** Returns null if there is nothing to do; pending input is cancelled then. */
export function runVimCommand(vim: VimEditor, name: RunnableName, character: string): VimEditor | null {
  if (isKind(name, "shorthand")) {
    const [operator, target] = shorthands[name];
    const state = { ...vim.state, operator: { name: operator, count: null } };
    return runVimCommand({ ...vim, state }, target, character);
  }
  if (isKind(name, "operator")) return runOperator(vim, name);
  if (isKind(name, "object")) return runObject(vim, name);
  if (isKind(name, "motion")) return runMotion(vim, name, character);
  return changes[name](vim, { count: totalCount(vim), character });
}

const shorthands: Readonly<Record<Named<"shorthand">, readonly [Named<"operator">, RunnableName]>> = {
  "vim.deleteCharacter": ["vim.delete", "vim.right"],
  "vim.deleteCharacterBack": ["vim.delete", "vim.left"],
  "vim.deleteLineEnd": ["vim.delete", "vim.lineEnd"],
  "vim.changeLineEnd": ["vim.change", "vim.lineEnd"],
  "vim.yankLine": ["vim.yank", "vim.yank"],
  "vim.substitute": ["vim.change", "vim.right"],
  "vim.substituteLine": ["vim.change", "vim.change"],
};

const MAX_COUNT = 9999;

/** `2d3w` is six words. */
function totalCount({ state: { count, operator } }: VimEditor): number | null {
  const before = operator?.count ?? null;
  if (count === "" && before === null) return null;
  return Math.min(MAX_COUNT, Number(count || "1") * (before ?? 1));
}

function runOperator(vim: VimEditor, name: Named<"operator">): VimEditor | null {
  const { editor, state } = vim;
  if (isSelecting(state)) return operateOnSelection(vim, name);
  if (state.operator === null) {
    const count = state.count === "" ? null : Number(state.count);
    return { ...vim, state: { ...state, operator: { name, count }, count: "" } };
  }
  if (state.operator.name !== name) return null;
  const cells = toCells(editor.text);
  const at = cellAt(cells, editor.cursor);
  const last = lineBelow(cells, at, (totalCount(vim) ?? 1) - 1) ?? lineStartOf(cells, cells.length);
  return applyOperator(vim, name, lineSpan(cells, at, last));
}

function runObject(vim: VimEditor, name: Named<"object">): VimEditor | null {
  const { editor, state } = vim;
  const cells = toCells(editor.text);
  const span = objects[name](cells, cellAt(cells, editor.cursor), totalCount(vim) ?? 1);
  if (span === null) return null;
  if (state.operator) return applyOperator(vim, state.operator.name, span);
  if (!isSelecting(state) || span.from === span.to) return null;
  return {
    ...vim,
    editor: moveCursor(editor, offsetOf(cells, span.to - 1)),
    state: {
      ...clearPending(state),
      mode: span.lines ? "visualLine" : state.mode,
      anchor: offsetOf(cells, span.from),
      goalColumn: null,
    },
  };
}

function runMotion(vim: VimEditor, name: Named<"motion">, character: string): VimEditor | null {
  const { editor } = vim;
  const find = isFind(name) ? { command: name, character } : vim.state.find;
  const state = { ...vim.state, find };
  const { operator, goalColumn } = state;
  const cells = toCells(editor.text);
  const at = cellAt(cells, editor.cursor);
  const input: MotionInput = { count: totalCount(vim), character, goalColumn, find, forOperator: operator !== null };
  const isWord = name === "vim.word" || name === "vim.bigWord";
  const special =
    operator?.name === "vim.change" && isWord ? changeWordTarget(cells, at, input.count, name === "vim.bigWord") : null;
  const target = special ?? motions[name](cells, at, input);
  if (operator) {
    if (target) return applyOperator({ ...vim, state }, operator.name, motionSpan(cells, at, target));
    // Nothing to delete, but there is text to insert.
    return operator.name === "vim.change" && name === "vim.right" ? enterInsertMode(vim, editor.cursor) : null;
  }
  if (target === null) return null;
  return {
    ...vim,
    editor: moveCursor(editor, offsetOf(cells, target.to)),
    state: { ...clearPending(state), goalColumn: target.goalColumn ?? null },
  };
}

const isFind = (name: Named<"motion">): name is Find["command"] =>
  name === "vim.find" || name === "vim.findBack" || name === "vim.till" || name === "vim.tillBack";
