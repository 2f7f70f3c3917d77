/** What the agent asks: exactly what would be done, the choices, and what "always" would keep. */
import type { Question } from "../../protocol/parts.ts";
import { printable } from "../../protocol/printable.ts";
import { type Line, line, span, under } from "../draw/style.ts";
import { wrap } from "../draw/wrap.ts";

export interface QuestionRow {
  line: Line;
  /** Index of the choice that this row is for. */
  choice?: number;
}

/** `diff` draws a detail that is one; a detail that is longer than its room can be read whole in the transcript. */
export function questionRows(
  { title, detail, choices, always, freeText }: Question,
  chosen: number,
  waiting: number,
  { columns, rows, diff }: { columns: number; rows: number; diff(text: string): readonly Line[] },
): QuestionRow[] {
  const inside = columns - 2;
  const text = (said: string, style = {}): Line[] =>
    printable(said, { keepNewlines: true })
      .replaceAll("\t", "    ")
      .split("\n")
      .flatMap((one) => wrap(line(one, style), inside, { anywhere: true }));
  const head = wrap(line(printable(headOf(title, detail)), { bold: true, fg: "warning" }), inside);
  const more = waiting > 1 ? [line(`${waiting - 1} more questions wait.`, { fg: "muted" })] : [];
  const body = /^(---|\+\+\+|@@) /m.test(detail) ? diff(detail) : text(detail);
  const options = choices.map(({ label }, index): QuestionRow => {
    const style = index === chosen ? ({ bg: "selection", bold: true } as const) : {};
    return { line: [span(`${index === chosen ? "›" : " "} ${index + 1}. ${printable(label)}`, style)], choice: index };
  });
  const kept = always === undefined ? [] : text(`"Always" keeps the rule ${always}`, { fg: "muted" });
  const how = freeText
    ? "number or Enter answers · type to say something else · Esc says no"
    : "number or Enter answers · Esc says no";
  const last = [...kept, ...wrap(line(how, { fg: "faint" }), inside)];
  const room = Math.max(1, rows - head.length - options.length - last.length - more.length);
  const shown =
    body.length <= room
      ? body
      : [
          ...body.slice(0, room - 1),
          line(`… ${body.length - room + 1} more lines: scroll up in the transcript`, { fg: "warning" }),
        ];
  return [
    ...head.map((row) => ({ line: row })),
    ...shown.map((row) => ({ line: under(row, { fg: "text" }) })),
    ...options,
    ...[...last, ...more].map((row) => ({ line: row })),
  ];
}

/** Where the title ends with all of the detail, that stands once, below it. */
function headOf(title: string, detail: string): string {
  const before = detail !== "" && title.endsWith(detail) ? title.slice(0, -detail.length).trim() : title;
  return before === "" ? title : before;
}
