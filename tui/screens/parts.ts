/** Renders the parts of a conversation by their kind. Calls are drawn by kind and title; no tool is known by name. */
import { formatCompaction } from "../../client/format.ts";
import type { Part, ResponsePart } from "../../protocol/parts.ts";
import { printable } from "../../protocol/printable.ts";
import { type Line, line, type Span, span, withBaseStyle } from "../draw/style.ts";
import { truncateText } from "../draw/width.ts";
import { wrapLine } from "../draw/wrap.ts";
import { renderCall } from "./calls.ts";
import type { RenderOptions } from "./render-options.ts";

const BAR = "▌ ";

export function renderPart(part: Part, options: RenderOptions): readonly Line[] {
  switch (part.type) {
    case "prompt":
      return renderPrompt(part, options);
    case "text":
      return renderText(part, options);
    case "reasoning":
      return renderReasoning(part, options);
    case "call":
      return renderCall(part, options);
    case "notice": {
      const fg = part.level === "info" ? "info" : part.level;
      return renderMarked(span(part.level === "info" ? "· " : "! ", { fg }), part.text, options.columns, { fg });
    }
    case "compaction":
      return renderMarked(span("≡ ", { fg: "muted" }), formatCompaction(part), options.columns, { fg: "muted" });
    default:
      return part satisfies never;
  }
}

/** Whether the part can be folded. */
export const isFoldable = (part: Part): boolean =>
  part.type === "reasoning" || (part.type === "call" && (part.output !== "" || part.diff !== undefined));

/** Whether an empty row is shown before the part. */
export function hasGapBefore(part: Part, before: Part | undefined): boolean {
  if (!before) return false;
  return !(part.type === "call" && before.type === "call" && !part.diff && !before.diff);
}

const cleanText = (text: string): string => printable(text, { keepNewlines: true }).replaceAll("\t", "    ");

function renderMarked(mark: Span, text: string, columns: number, style: Span["style"]): Line[] {
  const pad = span(" ".repeat(mark.text.length));
  return cleanText(text)
    .split("\n")
    .flatMap((one) => wrapLine(line(one, style), columns - mark.text.length))
    .map((row, index) => [index === 0 ? mark : pad, ...row]);
}

function renderPrompt(part: Extract<Part, { type: "prompt" }>, { columns }: RenderOptions): Line[] {
  const bar = span(BAR, { fg: "user", bg: "panel" });
  const inside = columns - BAR.length;
  const rows = cleanText(part.text)
    .split("\n")
    .flatMap((one) => wrapLine(line(one), inside));
  const attached = part.attachments.map(({ name }) =>
    line(`[${truncateText(cleanText(name), inside - 2)}]`, { fg: "accent" }),
  );
  const author = part.by.kind === "person" ? cleanText(part.by.name) : part.by.kind;
  const head = line(author, { fg: "user", bold: true });
  return [head, ...rows, ...attached].map((row) => padRow([bar, ...withBaseStyle(row, { bg: "panel" })], columns));
}

/** Extends the background to the right edge. */
function padRow(row: Line, columns: number): Line {
  return [...row, span(" ".repeat(columns), { bg: "panel" })];
}

function renderText(part: ResponsePart, { columns, markdown }: RenderOptions): readonly Line[] {
  const rows = markdown(part.id, part.text, columns, part.open);
  return part.incomplete ? [...rows, line("(incomplete)", { fg: "warning" })] : rows;
}

const OPEN_ROWS = 3;

function renderReasoning(part: ResponsePart, options: RenderOptions): readonly Line[] {
  const style = { fg: "reasoning", italic: true } as const;
  const text = cleanText(part.text).trim();
  const rows = (): Line[] => text.split("\n").flatMap((one) => wrapLine(line(one, style), options.columns - 2));
  const indented = (all: readonly Line[]): Line[] => all.map((row) => [span("│ ", { fg: "faint" }), ...row]);
  if (options.open) return [[span("▾ ", style), span(part.open ? "Thinking" : "Thought", style)], ...indented(rows())];
  if (part.open) return [[span("▸ Thinking…", style)], ...indented(rows().slice(-OPEN_ROWS))];
  const first = text.split("\n", 1)[0] ?? "";
  return [
    [
      span("▸ Thought ", style),
      span(truncateText(first.replaceAll(/[*_`#]/g, ""), options.columns - 12), { fg: "faint", italic: true }),
    ],
  ];
}
