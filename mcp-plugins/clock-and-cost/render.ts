/** Renders usage as lines for a slot. Pure. */
import stringWidth from "string-width";
import type { Line, Span, WidgetView } from "../sdk/plugin.ts";

type Usage = WidgetView["usage"][number];

/** One line: duration, cost, context, tokens, as many of these as fit. */
export function renderStatus(view: WidgetView, seconds: number, width: number): Line[] {
  const pieces: Span[] = [{ text: formatDuration(seconds) }, { text: formatCost(view.usage), fg: "accent" }];
  if (view.context) pieces.push({ text: `${Math.round((100 * view.contextUsed) / view.context)}%`, fg: "muted" });
  pieces.push({ text: `${formatCount(sumOf(view.usage, tokens))} tokens`, fg: "muted" });
  const line: Span[] = [];
  let used = 0;
  for (const piece of pieces) {
    const separator = line.length > 0 ? " · " : "";
    const columns = stringWidth(separator) + stringWidth(piece.text);
    if (used + columns > width) break;
    if (separator !== "") line.push({ text: separator, fg: "faint" });
    line.push(piece);
    used += columns;
  }
  return line.length === 0 ? [] : [line];
}

/** The duration, then two lines per model, most expensive first. */
export function renderSidebar(view: WidgetView, seconds: number, width: number): Line[] {
  if (width < 1) return [];
  const rows = view.usage.toSorted((a, b) => (b.cost ?? 0) - (a.cost ?? 0) || tokens(b) - tokens(a));
  return [
    alignEnds("Time", formatDuration(seconds), width),
    ...rows.flatMap((usage) => [
      alignEnds(usage.model, formatCost([usage]), width),
      [{ text: truncate(formatDetails(usage), width), fg: "muted" }],
    ]),
    ...(rows.length > 1 ? [alignEnds("Total", formatCost(rows), width)] : []),
  ];
}

const formatDetails = ({ input, cached, output, requests }: Usage): string => {
  const cacheShare = input > 0 && cached > 0 ? ` (${Math.round((100 * cached) / input)}% cached)` : "";
  return `${requests}× in ${formatCount(input)}${cacheShare} out ${formatCount(output)}`;
};

/** A name on the left, truncated if necessary, and a value on the right. If both do not fit, only the name. */
function alignEnds(left: string, right: string, width: number): Span[] {
  const room = width - stringWidth(right) - 1;
  if (room < 1) return [{ text: truncate(left, width) }];
  const name = truncate(left, room);
  return [{ text: name }, { text: `${" ".repeat(room - stringWidth(name) + 1)}${right}`, fg: "accent" }];
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Truncates by columns, between graphemes, and adds `…`. */
export function truncate(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let result = "";
  for (const { segment } of graphemes.segment(text)) {
    if (stringWidth(result + segment) > width - 1) break;
    result += segment;
  }
  return width < 1 ? "" : `${result}…`;
}

const tokens = ({ input, output }: Usage): number => input + output;
const sumOf = (usage: readonly Usage[], amount: (one: Usage) => number): number =>
  usage.reduce((total, one) => total + amount(one), 0);

/** A `+` means that models without a price are not included. */
function formatCost(usage: readonly Usage[]): string {
  const priced = usage.filter(({ cost }) => cost !== null);
  if (priced.length === 0) return usage.length === 0 ? "$0.00" : "no price";
  const total = sumOf(priced, ({ cost }) => cost ?? 0);
  return `$${total.toFixed(total > 0 && total < 0.1 ? 4 : 2)}${priced.length < usage.length ? "+" : ""}`;
}

export function formatCount(amount: number): string {
  if (amount < 1_000) return String(amount);
  const [scaled, unit] = amount < 999_950 ? [amount / 1_000, "k"] : [amount / 1_000_000, "M"];
  return `${scaled.toFixed(scaled < 100 ? 1 : 0)}${unit}`;
}

function formatDuration(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
