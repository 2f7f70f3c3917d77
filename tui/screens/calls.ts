/** Renders a tool call: its kind, state, title and duration, and its output or diff. */
import { kindIcons, stateIcons } from "../../client/icons.ts";
import type { CallKind, CallState } from "../../protocol/events.ts";
import type { CallPart } from "../../protocol/parts.ts";
import { printable } from "../../protocol/printable.ts";
import { describeOutcome } from "../../protocol/questions.ts";
import { type Line, line, type Span, type Style, span } from "../draw/style.ts";
import { textWidth, truncateText } from "../draw/width.ts";
import { wrapLine } from "../draw/wrap.ts";
import { renderOutput } from "../text/output.ts";
import { formatElapsed } from "./format-time.ts";
import type { RenderOptions } from "./render-options.ts";

const stateStyles: Record<CallState, Style> = {
  asked: { fg: "muted" },
  running: { fg: "accent" },
  done: { fg: "success" },
  failed: { fg: "error" },
  refused: { fg: "warning" },
  interrupted: { fg: "warning" },
};

/** Output rows that are shown while folded, by kind of call. Kinds that only read show none. */
const foldedRows: Partial<Record<CallKind, { head: number; tail: number }>> = {
  execute: { head: 2, tail: 6 },
  other: { head: 3, tail: 3 },
  task: { head: 2, tail: 4 },
};
const FAILED_ROWS = { head: 3, tail: 5 };
const RUNNING_ROWS = { head: 0, tail: 6 };
const DIFF_ROWS = 24;

export function renderCall(part: CallPart, options: RenderOptions): readonly Line[] {
  const body = renderBody(part, options);
  return [renderHead(part, options, body.hidden > 0), ...renderOutcomes(part, options), ...body.rows];
}

function renderHead(part: CallPart, { columns, open }: RenderOptions, isFolding: boolean): Line {
  const mark = stateIcons[part.state];
  const style = stateStyles[part.state];
  const duration = part.endedAt === undefined ? "" : formatElapsed(part.endedAt - part.askedAt);
  const note = part.state === "refused" || part.state === "interrupted" ? part.state : "";
  const fold = isFolding ? (open ? " ▾" : " ▸") : "";
  const right = [note, duration].filter((one) => one !== "").join(" ") + fold;
  const room = columns - 4 - (right === "" ? 0 : textWidth(right) + 2);
  // An open question is shown below the transcript, once.
  const shown = part.kind === "ask" && part.endedAt === undefined ? "waiting for an answer" : part.title;
  const title = truncateText(
    printable(shown.replaceAll(/\s*\n\s*/g, " ⏎ "), {}).replaceAll("\t", " "),
    Math.max(8, room),
  );
  const head: Span[] = [
    span(`${mark} `, style),
    span(`${kindIcons[part.kind]} `, { fg: "tool" }),
    span(title, { fg: "tool", bold: part.kind === "edit" || part.kind === "execute" }),
  ];
  return right === "" ? head : [...head, span(`  ${right}`, { fg: note ? "warning" : "faint" })];
}

/** How the approval requests and questions of the call ended. */
function renderOutcomes({ title, outcomes = [] }: CallPart, { columns }: RenderOptions): Line[] {
  const wrapText = (text: string, style: Style): Line[] =>
    printable(text, { keepNewlines: true })
      .replaceAll("\t", " ")
      .split("\n")
      .flatMap((row) => wrapLine(line(row, style), columns - OUTCOME.text.length));
  const indent = span(" ".repeat(OUTCOME.text.length));
  return outcomes.flatMap((outcome) => {
    const fg = outcome.outcome === "denied" || outcome.outcome === "expired" ? "warning" : "muted";
    const { question = title } = outcome;
    return [
      ...(question === title ? [] : wrapText(question, { fg: "text" }).map((row) => [indent, ...row])),
      ...wrapText(describeOutcome(outcome), { fg }).map((row, index) => [index === 0 ? OUTCOME : indent, ...row]),
    ];
  });
}

const OUTCOME: Span = span("  ↳ ", { fg: "faint" });

interface Body {
  rows: readonly Line[];
  /** The number of rows that unfolding adds. */
  hidden: number;
}

const EDGE: Span = span("  │ ", { fg: "faint" });
const withEdge = (rows: readonly Line[]): Line[] => rows.map((row) => [EDGE, ...row]);

function renderBody(part: CallPart, options: RenderOptions): Body {
  const columns = options.columns - EDGE.text.length;
  const images = part.images.map(({ mediaType }) => line(`[image: ${printable(mediaType)}]`, { fg: "muted" }));
  if (part.diff !== undefined && part.diff !== "") {
    const rows = options.diff(part.diff, columns, options.split);
    const shown = options.open || rows.length <= DIFF_ROWS + 1 ? rows : rows.slice(0, DIFF_ROWS);
    const rest = rows.length - shown.length;
    const tail = rest > 0 ? [line(`… ${rest} more lines`, { fg: "faint" })] : [];
    return { rows: withEdge([...shown, ...tail]), hidden: rows.length > DIFF_ROWS + 1 ? 1 : 0 };
  }
  if (part.output === "" && images.length === 0) return { rows: [], hidden: 0 };
  const failed = part.state === "failed" || part.state === "refused";
  const folded = failed ? FAILED_ROWS : part.endedAt === undefined ? RUNNING_ROWS : foldedRows[part.kind];
  const style: Style = { fg: failed ? "error" : "muted" };
  const shown = options.open ? {} : folded;
  const rows = shown ? renderOutput(part.output, { columns, style, long: "wrap", ...shown }) : [];
  const lines = part.output.split("\n").length;
  const hidden = folded ? Math.max(0, lines - folded.head - folded.tail - 1) : lines;
  return { rows: withEdge([...rows, ...images]), hidden };
}
