/** Draws comments below the part that they are about. */
import { describeTarget } from "../../client/together-text.ts";
import { printable } from "../../protocol/printable.ts";
import type { Comment } from "../../protocol/together.ts";
import { type Line, line, span } from "../draw/style.ts";
import { wrapLine } from "../draw/wrap.ts";

/** By the part that they are about. Those that are resolved are only listed in their dialog. */
export function groupComments(comments: readonly Comment[]): ReadonlyMap<string, readonly Comment[]> {
  const groups = new Map<string, Comment[]>();
  for (const comment of comments) {
    const { part } = comment.target;
    if (part === undefined || comment.resolved) continue;
    groups.set(part, [...(groups.get(part) ?? []), comment]);
  }
  return groups;
}

const INDENT = "  ┃ ";

export function renderComment(comment: Comment, columns: number): Line[] {
  const where = describeTarget(comment, "");
  const head = `${printable(comment.by.name)}${where === "" ? "" : ` on ${printable(where)}`}: `;
  const [first = "", ...more] = printable(comment.text, { keepNewlines: true }).replaceAll("\t", "    ").split("\n");
  const rows = [[span(head, { fg: "info", bold: true }), span(first)], ...more.map((text) => line(text))];
  return rows
    .flatMap((row) => wrapLine(row, Math.max(1, columns - INDENT.length)))
    .map((row) => [span(INDENT, { fg: "info" }), ...row]);
}
