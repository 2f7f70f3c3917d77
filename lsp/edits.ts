/** Reviews of agents' edits: the pending changes of each file, and the explanation of each change. */
import { diffHunks, type Hunk, isSameHunk, keepHunk, undoHunk } from "../client/hunks.ts";
import { TuttiError } from "../protocol/errors.ts";
import type { CallPart, Part, PendingEdit } from "../protocol/parts.ts";
import type { SessionView } from "../protocol/view.ts";
import type { LspContext } from "./context.ts";

export interface FileReview {
  session: string;
  edit: PendingEdit;
  base: string | null;
  current: string | null;
  currentHash: string | null;
  hunks: readonly Hunk[];
}

export interface EditReviews {
  /** Null if the file has no changes to review. */
  get(path: string): Promise<FileReview | null>;
  keep(path: string, hunk?: number): Promise<void>;
  undo(path: string, hunk?: number): Promise<void>;
}

export function openEditReviews({ sessions, server, documents }: LspContext): EditReviews {
  const known = new Map<string, { key: string; changed: Promise<FileReview> }>();

  const pending = (path: string): { view: SessionView; edit: PendingEdit } | null => {
    for (const view of sessions.views().reverse()) {
      const edit = view.edits.find((one) => one.path === path);
      if (edit) return { view, edit };
    }
    return null;
  };
  const get = async (path: string): Promise<FileReview | null> => {
    const found = pending(path);
    if (!found) return null;
    const { view, edit } = found;
    const key = JSON.stringify([view.id, edit.base, edit.after, documents.at(path)?.version()]);
    const before = known.get(path);
    if (before?.key === key) return before.changed;
    const changed = server
      .call("editsRead", { session: view.id, path })
      .then((read): FileReview => ({ ...read, session: view.id, edit, hunks: diffHunks(read.base, read.current) }));
    known.set(path, { key, changed });
    changed.catch(() => known.delete(path));
    return changed;
  };
  /** Finds the change that was shown in the current differences. */
  const findShownHunk = async (path: string, index: number): Promise<{ changed: FileReview; hunk: Hunk }> => {
    const shown = (await known.get(path)?.changed)?.hunks[index];
    known.delete(path);
    const changed = await get(path);
    const hunk = shown && changed?.hunks.find((one) => isSameHunk(one, shown));
    if (!changed || !hunk) throw new TuttiError("conflict", "This change is out of date. Review the file again.");
    return { changed, hunk };
  };
  const requireReview = async (path: string): Promise<FileReview> => {
    const changed = await get(path);
    if (!changed) throw new TuttiError("notFound", `${path} has no changes to review.`);
    return changed;
  };
  return {
    get,
    async keep(path, index) {
      if (index === undefined) {
        const { session } = await requireReview(path);
        await server.call("editsAccept", { session, path });
        return;
      }
      const { changed, hunk } = await findShownHunk(path, index);
      const newBase = keepHunk(changed.base, changed.current, hunk);
      await server.call("editsAccept", {
        session: changed.session,
        path,
        ...(newBase !== null && { baseText: newBase }),
      });
    },
    async undo(path, index) {
      if (index === undefined) {
        const { session, currentHash } = await requireReview(path);
        await server.call("editsUndo", { session, path, currentHash });
        return;
      }
      const { changed, hunk } = await findShownHunk(path, index);
      const text = undoHunk(changed.base, changed.current, hunk);
      const { session, currentHash } = changed;
      await server.call("editsUndo", { session, path, currentHash, ...(text !== null && { text }) });
    },
  };
}

/** `2 edits by Engineer` */
export const formatEditCount = ({ edits, by }: PendingEdit): string =>
  `${edits} ${edits === 1 ? "edit" : "edits"} by ${by.name}`;

/** The change at a line, counted from 0. A change that only removes lines belongs to the line after it. */
export const findHunk = (hunks: readonly Hunk[], line: number): Hunk | undefined =>
  hunks.find(({ now: { start, lines } }) => line >= start && line < start + Math.max(1, lines.length));

/** The agent's last message before the call that made this change, as Markdown; null if the view does not include it. */
export function explainHunk(view: SessionView, { calls }: PendingEdit, hunk: Hunk): string | null {
  const editCalls = view.parts.filter((part): part is CallPart => part.type === "call" && calls.includes(part.id));
  const call = editCalls.findLast(({ diff }) => diff !== undefined && touchesHunk(diff, hunk)) ?? editCalls.at(-1);
  if (!call) return null;
  const before = view.parts.slice(0, view.parts.indexOf(call)).filter((part) => isInTurn(part, call.turn));
  const response = before.findLast((part) => part.type === "text" && part.text.trim() !== "");
  const prompt = before.find((part) => part.type === "prompt");
  const lines = [
    `**${call.title}**`,
    response?.type === "text" ? response.text.trim() : "The agent gave no explanation before this change.",
    prompt?.type === "prompt" ? `*${prompt.by.name}:* ${prompt.text.trim().slice(0, 500)}` : "",
  ];
  return lines.filter((line) => line !== "").join("\n\n");
}

const isInTurn = (part: Part, turn: string): boolean => "turn" in part && part.turn === turn;

function touchesHunk(diff: string, { base, now }: Hunk): boolean {
  const rows = new Set(diff.split("\n"));
  const has = (sign: string, lines: readonly string[]): boolean =>
    lines.some((line) => line.trim() !== "" && rows.has(sign + line.replace(/\n$/, "")));
  return has("+", now.lines) || has("-", base.lines);
}
