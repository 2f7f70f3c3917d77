/** Comments: who may add, resolve and delete them, and how one is sent to the agent. Pure. */
import { TuttiError } from "../../protocol/errors.ts";
import type { Caller } from "../../protocol/methods.ts";
import { printable } from "../../protocol/printable.ts";
import type { Comment } from "../../protocol/together.ts";
import type { CommentTarget } from "../../protocol/together-events.ts";
import { MAX_COMMENT } from "../../protocol/together-methods.ts";
import type { SessionView } from "../../protocol/view.ts";
import { mayDrive } from "./wheel.ts";

const MAX_COMMENTS = 500;

export function addComment({ comments = [], seq }: SessionView, target: CommentTarget, text: string) {
  if (comments.length >= MAX_COMMENTS)
    throw new TuttiError("busy", `This session has ${MAX_COMMENTS} comments already; delete some first.`);
  const shown = printable(text, { keepNewlines: true }).trim().slice(0, MAX_COMMENT);
  if (shown === "") throw new TuttiError("usage", "The comment is empty.");
  const { part, at } = target;
  const clean = {
    ...(part !== undefined && { part: printable(part) }),
    ...(at && { at: { ...at, path: printable(at.path) } }),
  };
  return { type: "comment.added", comment: `m${seq + 1}`, target: clean, text: shown } as const;
}

export function resolveComment(view: SessionView, caller: Caller, id: string, resolved: boolean) {
  const comment = findComment(view, id);
  if (!isOwn(comment, caller) && !mayDrive(caller.role))
    throw new TuttiError("forbidden", `This comment is of ${comment.by.name}: resolving it requires the role driver.`);
  return comment.resolved === resolved ? null : ({ type: "comment.resolved", comment: id, resolved } as const);
}

export function deleteComment(view: SessionView, caller: Caller, id: string) {
  const comment = findComment(view, id);
  if (!isOwn(comment, caller) && caller.role !== "owner")
    throw new TuttiError(
      "forbidden",
      `This comment is of ${comment.by.name}: only its author and the owner delete it.`,
    );
  return { type: "comment.deleted", comment: id } as const;
}

export function findComment({ comments = [] }: SessionView, id: string): Comment {
  const found = comments.find((comment) => comment.id === id);
  if (!found) throw new TuttiError("notFound", `There is no comment ${id}; it may have been deleted.`);
  return found;
}

const isOwn = ({ by }: Comment, { author }: Caller): boolean => by.kind === author.kind && by.id === author.id;

const MAX_EXCERPT = 300;

/** The prompt that a comment becomes. */
export function toPrompt({ parts }: SessionView, { by, text, target: { part: id, at } }: Comment): string {
  const part = parts.find((one) => one.id === id);
  const excerpt = part && "text" in part ? part.text : part?.type === "call" ? part.title : "";
  const quoted = excerpt.length > MAX_EXCERPT ? `${excerpt.slice(0, MAX_EXCERPT)}…` : excerpt;
  const where = at ? ` on ${at.path}, line ${at.line}${at.side === "before" ? " before the change" : ""}` : "";
  const quote = quoted === "" ? "" : `${quoted.replace(/^/gm, "> ")}\n\n`;
  return `Comment of ${by.name}${where}:\n\n${quote}${text}`;
}
