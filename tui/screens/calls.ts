/** A call of a tool as lines: what it is by its kind, how it stands, how long it took, and what came of it. */
import { kindSigns, stateMarks } from "../../client/signs.ts";
import type { CallKind, CallState } from "../../protocol/events.ts";
import type { CallPart } from "../../protocol/parts.ts";
import { printable } from "../../protocol/printable.ts";
import { type Line, line, type Span, type Style, span } from "../draw/style.ts";
import { shortened, textWidth } from "../draw/width.ts";
import { renderOutput } from "../text/output.ts";
import { elapsed, type Pen } from "./pen.ts";

const stateStyles: Record<CallState, Style> = {
  asked: { fg: "muted" },
  running: { fg: "accent" },
  done: { fg: "success" },
  failed: { fg: "error" },
  refused: { fg: "warning" },
  interrupted: { fg: "warning" },
};

/** What is shown without being asked for: the work itself, but not what was read. */
const shownFolded: Partial<Record<CallKind, { head: number; tail: number }>> = {
  execute: { head: 2, tail: 6 },
  other: { head: 3, tail: 3 },
  task: { head: 2, tail: 4 },
};
const FAILED = { head: 3, tail: 5 };
const RUNNING = { head: 0, tail: 6 };
const DIFF_ROWS = 24;

export function callLines(part: CallPart, pen: Pen): readonly Line[] {
  const body = bodyOf(part, pen);
  return [headOf(part, pen, body.hidden > 0), ...body.rows];
}

function headOf(part: CallPart, { columns, open }: Pen, more: boolean): Line {
  const mark = stateMarks[part.state];
  const style = stateStyles[part.state];
  const took = part.endedAt === undefined ? "" : elapsed(part.endedAt - part.askedAt);
  const note = part.state === "refused" || part.state === "interrupted" ? part.state : "";
  const fold = more ? (open ? " ▾" : " ▸") : "";
  const right = [note, took].filter((one) => one !== "").join(" ") + fold;
  const room = columns - 4 - (right === "" ? 0 : textWidth(right) + 2);
  const title = shortened(
    printable(part.title.replaceAll(/\s*\n\s*/g, " ⏎ "), {}).replaceAll("\t", " "),
    Math.max(8, room),
  );
  const named: Span[] = [
    span(`${mark} `, style),
    span(`${kindSigns[part.kind]} `, { fg: "tool" }),
    span(title, { fg: "tool", bold: part.kind === "edit" || part.kind === "execute" }),
  ];
  return right === "" ? named : [...named, span(`  ${right}`, { fg: note ? "warning" : "faint" })];
}

interface Body {
  rows: readonly Line[];
  /** Rows that unfolding would add or folding would take away. */
  hidden: number;
}

const EDGE: Span = span("  │ ", { fg: "faint" });
const edged = (rows: readonly Line[]): Line[] => rows.map((row) => [EDGE, ...row]);

function bodyOf(part: CallPart, pen: Pen): Body {
  const columns = pen.columns - EDGE.text.length;
  const images = part.images.map(({ mediaType }) => line(`[image: ${printable(mediaType)}]`, { fg: "muted" }));
  if (part.diff !== undefined && part.diff !== "") {
    const rows = pen.diff(part.diff, columns, pen.split);
    const shown = pen.open || rows.length <= DIFF_ROWS + 1 ? rows : rows.slice(0, DIFF_ROWS);
    const rest = rows.length - shown.length;
    const tail = rest > 0 ? [line(`… ${rest} more lines`, { fg: "faint" })] : [];
    return { rows: edged([...shown, ...tail]), hidden: rows.length > DIFF_ROWS + 1 ? 1 : 0 };
  }
  if (part.output === "" && images.length === 0) return { rows: [], hidden: 0 };
  const failed = part.state === "failed" || part.state === "refused";
  const usual = failed ? FAILED : part.endedAt === undefined ? RUNNING : shownFolded[part.kind];
  const style: Style = { fg: failed ? "error" : "muted" };
  const shown = pen.open ? {} : usual;
  const rows = shown ? renderOutput(part.output, { columns, style, long: "wrap", ...shown }) : [];
  const lines = part.output.split("\n").length;
  const hidden = usual ? Math.max(0, lines - usual.head - usual.tail - 1) : lines;
  return { rows: edged([...rows, ...images]), hidden };
}
