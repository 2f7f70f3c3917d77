/** Renders a question or approval request: what exactly would be done, the choices, and the rule that "Always" would save. */
import type { Question } from "../../protocol/parts.ts";
import { printable } from "../../protocol/printable.ts";
import { type Line, line, span, withBaseStyle } from "../draw/style.ts";
import { wrapLine } from "../draw/wrap.ts";

export interface QuestionRow {
  line: Line;
  /** Index of the choice that a click on this row chooses. */
  choice?: number;
}

export interface QuestionOptions {
  columns: number;
  /** The maximum number of rows. A longer detail is cut; the transcript shows it in full. */
  rows: number;
  /** Index of the selected choice. */
  selected: number;
  /** The number of open questions, including this one. */
  open: number;
  /** False right after the question has appeared. Its rows for key hints stay empty until it accepts answers. */
  isAnswerable: boolean;
  renderDiff(text: string): readonly Line[];
}

export function renderQuestion(question: Question, options: QuestionOptions): QuestionRow[] {
  const { title, detail, choices, always, freeText } = question;
  const { columns, rows, selected, open, isAnswerable, renderDiff } = options;
  const inside = columns - 2;
  const wrapText = (text: string, style = {}): Line[] =>
    printable(text, { keepNewlines: true })
      .replaceAll("\t", "    ")
      .split("\n")
      .flatMap((row) => wrapLine(line(row, style), inside, { anywhere: true }));
  const head = wrapLine(line(printable(titleWithoutDetail(title, detail)), { bold: true, fg: "warning" }), inside);
  const more = open > 1 ? [line(`${open - 1} more to answer.`, { fg: "muted" })] : [];
  const body = /^(---|\+\+\+|@@) /m.test(detail) ? renderDiff(detail) : wrapText(detail);
  const choiceRows = choices.map(({ label }, index): QuestionRow => {
    const style = index === selected ? ({ bg: "selection", bold: true } as const) : {};
    const mark = index === selected ? "›" : " ";
    return { line: [span(`${mark} ${index + 1}. ${printable(label)}`, style)], choice: index };
  });
  const rule = always === undefined ? [] : wrapText(`"Always" saves the rule ${always}`, { fg: "muted" });
  const canDeny = choices.some(({ id }) => id === "no");
  const keys = [
    "number or Enter to answer",
    ...(freeText ? ["type to reply with text"] : []),
    ...(canDeny ? ["Esc to deny"] : []),
  ];
  const hints = wrapLine(line(keys.join(" · "), { fg: "faint" }), inside).map((row) => (isAnswerable ? row : []));
  const room = Math.max(1, rows - head.length - choiceRows.length - rule.length - hints.length - more.length);
  const hidden = body.length - room + 1;
  const shown =
    body.length <= room
      ? body
      : [
          ...body.slice(0, room - 1),
          line(`… ${hidden} more lines; scroll up in the transcript to read them`, { fg: "warning" }),
        ];
  return [
    ...head.map((row) => ({ line: row })),
    ...shown.map((row) => ({ line: withBaseStyle(row, { fg: "text" }) })),
    ...choiceRows,
    ...[...rule, ...hints, ...more].map((row) => ({ line: row })),
  ];
}

/** If the title ends with the detail, it is left out there, since it is shown below. */
function titleWithoutDetail(title: string, detail: string): string {
  const before = detail !== "" && title.endsWith(detail) ? title.slice(0, -detail.length).trim() : title;
  return before === "" ? title : before;
}
