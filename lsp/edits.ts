/** What agents did to files and nobody has looked through: change by change, and what was said before each. */
import { type Hunk, hunksOf, keepHunk, sameHunk, undoHunk } from "../client/hunks.ts";
import { TuttiError } from "../protocol/errors.ts";
import type { CallPart, Part, PendingEdit } from "../protocol/parts.ts";
import type { SessionView } from "../protocol/view.ts";
import type { Face } from "./face.ts";

export interface Changed {
  session: string;
  edit: PendingEdit;
  base: string | null;
  now: string | null;
  over: string | null;
  hunks: readonly Hunk[];
}

export interface Edits {
  /** Null where nothing of the file waits to be looked through. */
  of(path: string): Promise<Changed | null>;
  keep(path: string, hunk?: number): Promise<void>;
  undo(path: string, hunk?: number): Promise<void>;
}

export function openEdits({ sessions, server, documents }: Face): Edits {
  const known = new Map<string, { key: string; changed: Promise<Changed> }>();

  const pending = (path: string): { view: SessionView; edit: PendingEdit } | null => {
    for (const view of sessions.views().reverse()) {
      const edit = view.edits.find((one) => one.path === path);
      if (edit) return { view, edit };
    }
    return null;
  };
  const of = async (path: string): Promise<Changed | null> => {
    const found = pending(path);
    if (!found) return null;
    const { view, edit } = found;
    const key = JSON.stringify([view.id, edit.base, edit.after, documents.at(path)?.version()]);
    const before = known.get(path);
    if (before?.key === key) return before.changed;
    const changed = server
      .call("editsRead", { session: view.id, path })
      .then((read): Changed => ({ ...read, session: view.id, edit, hunks: hunksOf(read.base, read.now) }));
    known.set(path, { key, changed });
    changed.catch(() => known.delete(path));
    return changed;
  };
  /** The change that was shown, in what is there by now. */
  const find = async (path: string, index: number): Promise<{ changed: Changed; hunk: Hunk }> => {
    const shown = (await known.get(path)?.changed)?.hunks[index];
    known.delete(path);
    const changed = await of(path);
    const hunk = shown && changed?.hunks.find((one) => sameHunk(one, shown));
    if (!changed || !hunk) throw new TuttiError("conflict", "That change is not there any more; look again.");
    return { changed, hunk };
  };
  const whole = async (path: string): Promise<Changed> => {
    const changed = await of(path);
    if (!changed) throw new TuttiError("notFound", `No change of ${path} waits to be looked through.`);
    return changed;
  };
  return {
    of,
    async keep(path, index) {
      if (index === undefined) {
        const { session } = await whole(path);
        await server.call("editsKeep", { session, path });
        return;
      }
      const { changed, hunk } = await find(path, index);
      const kept = keepHunk(changed.base, changed.now, hunk);
      await server.call("editsKeep", { session: changed.session, path, ...(kept !== null && { kept }) });
    },
    async undo(path, index) {
      if (index === undefined) {
        const { session, over } = await whole(path);
        await server.call("editsUndo", { session, path, over });
        return;
      }
      const { changed, hunk } = await find(path, index);
      const text = undoHunk(changed.base, changed.now, hunk);
      const { session, over } = changed;
      await server.call("editsUndo", { session, path, over, ...(text !== null && { text }) });
    },
  };
}

/** `2 edits by Engineer` */
export const countOf = ({ edits, by }: PendingEdit): string =>
  `${edits} ${edits === 1 ? "edit" : "edits"} by ${by.name}`;

/** The change that a line, counted from 0, is part of; one that only takes lines away belongs to the line that follows it. */
export const hunkAt = (hunks: readonly Hunk[], line: number): Hunk | undefined =>
  hunks.find(({ now: { start, lines } }) => line >= start && line < start + Math.max(1, lines.length));

/** What the agent said before the last call that made this change, as Markdown; null where the view does not reach back so far. */
export function noteOf(view: SessionView, { calls }: PendingEdit, hunk: Hunk): string | null {
  const made = view.parts.filter((part): part is CallPart => part.type === "call" && calls.includes(part.id));
  const call = made.findLast(({ diff }) => diff !== undefined && touches(diff, hunk)) ?? made.at(-1);
  if (!call) return null;
  const before = view.parts.slice(0, view.parts.indexOf(call)).filter((part) => inTurn(part, call.turn));
  const said = before.findLast((part) => part.type === "text" && part.text.trim() !== "");
  const prompt = before.find((part) => part.type === "prompt");
  const lines = [
    `**${call.title}**`,
    said?.type === "text" ? said.text.trim() : "Nothing was said before this change.",
    prompt?.type === "prompt" ? `*${prompt.by.name}:* ${prompt.text.trim().slice(0, 500)}` : "",
  ];
  return lines.filter((line) => line !== "").join("\n\n");
}

const inTurn = (part: Part, turn: string): boolean => "turn" in part && part.turn === turn;

function touches(diff: string, { base, now }: Hunk): boolean {
  const rows = new Set(diff.split("\n"));
  const has = (sign: string, lines: readonly string[]): boolean =>
    lines.some((line) => line.trim() !== "" && rows.has(sign + line.replace(/\n$/, "")));
  return has("+", now.lines) || has("-", base.lines);
}
