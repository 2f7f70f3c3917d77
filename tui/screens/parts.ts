/** Each part of a conversation as lines, by what kind it is. Whose tool made a call, nothing here knows. */

import type { Part, SpokenPart } from "../../protocol/parts.ts";
import { printable } from "../../protocol/printable.ts";
import { type Line, line, type Span, span, under } from "../draw/style.ts";
import { shortened } from "../draw/width.ts";
import { wrap } from "../draw/wrap.ts";
import { callLines } from "./calls.ts";
import type { Pen } from "./pen.ts";

const BAR = "▌ ";

export function partLines(part: Part, pen: Pen): readonly Line[] {
  switch (part.type) {
    case "prompt":
      return promptLines(part, pen);
    case "text":
      return textLines(part, pen);
    case "reasoning":
      return reasoningLines(part, pen);
    case "call":
      return callLines(part, pen);
    case "notice": {
      const fg = part.level === "info" ? "info" : part.level;
      return marked(span(part.level === "info" ? "· " : "! ", { fg }), part.text, pen.columns, { fg });
    }
    case "compaction":
      return marked(span("≡ ", { fg: "muted" }), `The history was summarized: ${part.reason}`, pen.columns, {
        fg: "muted",
      });
    default:
      return part satisfies never;
  }
}

/** Whether a part says more when it is unfolded. */
export const folds = (part: Part): boolean =>
  part.type === "reasoning" || (part.type === "call" && (part.output !== "" || part.diff !== undefined));

/** An empty row stands before parts that begin something. */
export function gapBefore(part: Part, before: Part | undefined): boolean {
  if (!before) return false;
  return !(part.type === "call" && before.type === "call" && !part.diff && !before.diff);
}

const clean = (text: string): string => printable(text, { keepNewlines: true }).replaceAll("\t", "    ");

function marked(mark: Span, text: string, columns: number, style: Span["style"]): Line[] {
  const pad = span(" ".repeat(mark.text.length));
  return clean(text)
    .split("\n")
    .flatMap((one) => wrap(line(one, style), columns - mark.text.length))
    .map((row, index) => [index === 0 ? mark : pad, ...row]);
}

function promptLines(part: Extract<Part, { type: "prompt" }>, { columns }: Pen): Line[] {
  const bar = span(BAR, { fg: "user", bg: "panel" });
  const inside = columns - BAR.length;
  const rows = clean(part.text)
    .split("\n")
    .flatMap((one) => wrap(line(one), inside));
  const attached = part.attachments.map(({ name }) =>
    line(`[${shortened(clean(name), inside - 2)}]`, { fg: "accent" }),
  );
  const who = part.by.kind === "person" ? clean(part.by.name) : part.by.kind;
  const head = line(who, { fg: "user", bold: true });
  return [head, ...rows, ...attached].map((row) => padded([bar, ...under(row, { bg: "panel" })], columns));
}

/** The field goes to the right edge. */
function padded(row: Line, columns: number): Line {
  return [...row, span(" ".repeat(columns), { bg: "panel" })];
}

function textLines(part: SpokenPart, { columns, markdown }: Pen): readonly Line[] {
  const rows = markdown(part.id, part.text, columns, part.open);
  return part.cut ? [...rows, line("(cut off)", { fg: "warning" })] : rows;
}

const SHOWN_WHILE_OPEN = 3;

function reasoningLines(part: SpokenPart, pen: Pen): readonly Line[] {
  const style = { fg: "reasoning", italic: true } as const;
  const text = clean(part.text).trim();
  const rows = (): Line[] => text.split("\n").flatMap((one) => wrap(line(one, style), pen.columns - 2));
  const indented = (all: readonly Line[]): Line[] => all.map((row) => [span("│ ", { fg: "faint" }), ...row]);
  if (pen.open) return [[span("▾ ", style), span(part.open ? "Thinking" : "Thought", style)], ...indented(rows())];
  if (part.open) return [[span("▸ Thinking…", style)], ...indented(rows().slice(-SHOWN_WHILE_OPEN))];
  const first = text.split("\n", 1)[0] ?? "";
  return [
    [
      span("▸ Thought ", style),
      span(shortened(first.replaceAll(/[*_`#]/g, ""), pen.columns - 12), { fg: "faint", italic: true }),
    ],
  ];
}
