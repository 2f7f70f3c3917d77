/** Renders a question or approval request: what exactly would be done, the choices, and the rule that "Always" would save. */
import type { Question } from "../../protocol/parts.ts";
import { printable } from "../../protocol/printable.ts";
import { headingOf } from "../../protocol/questions.ts";
import { type Line, line, span, withBaseStyle } from "../draw/style.ts";
import { wrapLine } from "../draw/wrap.ts";

export interface QuestionRow {
  line: Line;
  /** Index of the choice that a click on this row chooses. */
  choice?: number;
  /** The mouse wheel scrolls the detail over this row. */
  isDetail?: boolean;
}

export interface QuestionOptions {
  columns: number;
  /** The maximum number of rows. A longer detail scrolls. */
  rows: number;
  /** The first row of the detail that is shown; limited to what exists. */
  top: number;
  /** The question fills the screen above the prompt. */
  isFullScreen: boolean;
  /** Index of the selected choice. */
  selected: number;
  /** The number of open questions, including this one. */
  open: number;
  /** False right after the question has appeared. Its rows for key hints stay empty until it accepts answers. */
  isAnswerable: boolean;
  /** How a vote stands; empty where one answer is enough. */
  votes: string;
  keysFor(command: string): string;
  renderDiff(text: string): readonly Line[];
}

export interface QuestionLayout {
  rows: QuestionRow[];
  /** The rows of the detail, how many of them fit, and the first one that is shown. */
  detail: { total: number; room: number; top: number };
}

export function layoutQuestion(question: Question, options: QuestionOptions): QuestionLayout {
  const { detail, choices, always } = question;
  const { columns, rows, selected, open, isAnswerable, renderDiff } = options;
  const inside = columns - 2;
  const wrapText = (text: string, style = {}): Line[] =>
    printable(text, { keepNewlines: true })
      .replaceAll("\t", "    ")
      .split("\n")
      .flatMap((row) => wrapLine(line(row, style), inside, { anywhere: question.kind === "approval" }));
  const strong = { bold: true, fg: "warning" } as const;
  const heading = headingOf(question);
  const head = heading === "" ? [] : wrapLine(line(printable(heading), strong), inside);
  const more = [
    ...(options.votes === "" ? [] : wrapLine(line(printable(options.votes), { fg: "info" }), inside)),
    ...(open > 1 ? [line(`${open - 1} more to answer.`, { fg: "muted" })] : []),
  ];
  const body = /^(---|\+\+\+|@@) /m.test(detail) ? renderDiff(detail) : wrapText(detail, heading === "" ? strong : {});
  const choiceRows = choices.map(({ label }, index): QuestionRow => {
    const style = index === selected ? ({ bg: "selection", bold: true } as const) : {};
    const mark = index === selected ? "›" : " ";
    return { line: [span(`${mark} ${index + 1}. ${printable(label)}`, style)], choice: index };
  });
  const rule =
    always === undefined ? [] : limitRows(wrapText(`"Always" saves the rule ${always}`, { fg: "muted" }), RULE_ROWS);
  const keys = keyHints(question, options);
  const hints = wrapLine(line(keys.join(" · "), { fg: "faint" }), inside).map((row) => (isAnswerable ? row : []));
  const free = Math.max(1, rows - head.length - choiceRows.length - rule.length - hints.length - more.length);
  const isLong = body.length > free;
  const room = isLong ? Math.max(1, free - 1) : body.length;
  const top = Math.max(0, Math.min(options.top, body.length - room));
  const position = isLong ? wrapLine(positionLine({ top, room, total: body.length }, options), inside).slice(0, 1) : [];
  return {
    rows: [
      ...head.map((row) => ({ line: row })),
      ...body.slice(top, top + room).map((row) => ({ line: withBaseStyle(row, { fg: "text" }), isDetail: true })),
      ...position.map((row) => ({ line: row, isDetail: true })),
      ...choiceRows,
      ...[...rule, ...hints, ...more].map((row) => ({ line: row })),
    ],
    detail: { total: body.length, room, top },
  };
}

/** A longer rule repeats the detail. */
const RULE_ROWS = 2;

const limitRows = (rows: readonly Line[], count: number): readonly Line[] =>
  rows.length <= count
    ? rows
    : [...rows.slice(0, count - 1), [...(rows[count - 1] ?? []), span(" …", { fg: "muted" })]];

function keyHints({ choices, freeText, always }: Question, { isFullScreen, keysFor }: QuestionOptions): string[] {
  const canDeny = choices.some(({ id }) => id === "no");
  const [back, edit] = [keysFor("question.back"), keysFor("question.editRule")];
  return [
    "number or Enter to answer",
    ...(freeText ? ["type to reply with text"] : []),
    ...(always === undefined || edit === "" ? [] : [`${edit} to edit the rule`]),
    ...(back === "" ? [] : isFullScreen ? [`${back} to go back`] : canDeny ? [`${back} to deny`] : []),
  ];
}

/** Shown below a detail that does not fit. */
function positionLine(
  { top, room, total }: QuestionLayout["detail"],
  { isFullScreen, keysFor }: QuestionOptions,
): Line {
  const scroll = [keysFor("question.pageUp"), keysFor("question.pageDown")].filter((keys) => keys !== "").join("/");
  const whole = keysFor("question.details");
  const hints = [
    ...(scroll === "" ? [] : [`${scroll} to scroll`]),
    ...(whole === "" || isFullScreen ? [] : [`${whole} for full screen`]),
  ];
  return line([`lines ${top + 1}-${top + room} of ${total}`, ...hints].join(" · "), { fg: "warning" });
}
