/** Usage as lines that fit a place. Pure. */
import stringWidth from "string-width";
import type { Line, Span, WidgetView } from "../sdk/plugin.ts";

type Usage = WidgetView["usage"][number];

/** One line: time, cost, tokens, as many of these as fit. */
export function status(view: WidgetView, seconds: number, width: number): Line[] {
  const pieces: Span[] = [{ text: clock(seconds) }, { text: money(view.usage), fg: "accent" }];
  if (view.context) pieces.push({ text: `${Math.round((100 * view.contextUsed) / view.context)}%`, fg: "muted" });
  pieces.push({ text: `${count(sum(view.usage, tokens))} tokens`, fg: "muted" });
  const line: Span[] = [];
  let used = 0;
  for (const piece of pieces) {
    const before = line.length > 0 ? " · " : "";
    const takes = stringWidth(before) + stringWidth(piece.text);
    if (used + takes > width) break;
    if (before !== "") line.push({ text: before, fg: "faint" });
    line.push(piece);
    used += takes;
  }
  return line.length === 0 ? [] : [line];
}

/** The time, then two lines for each model, the dearest first. */
export function sidebar(view: WidgetView, seconds: number, width: number): Line[] {
  if (width < 1) return [];
  const rows = view.usage.toSorted((a, b) => (b.cost ?? 0) - (a.cost ?? 0) || tokens(b) - tokens(a));
  return [
    ends("Time", clock(seconds), width),
    ...rows.flatMap((usage) => [
      ends(usage.model, money([usage]), width),
      [{ text: cut(details(usage), width), fg: "muted" }],
    ]),
    ...(rows.length > 1 ? [ends("Together", money(rows), width)] : []),
  ];
}

const details = ({ input, cached, output, requests }: Usage): string => {
  const warm = input > 0 && cached > 0 ? ` (${Math.round((100 * cached) / input)}% cached)` : "";
  return `${requests}× in ${count(input)}${warm} out ${count(output)}`;
};

/** A name on the left, cut where it must be, and a figure on the right; only the name where both find no room. */
function ends(left: string, right: string, width: number): Span[] {
  const room = width - stringWidth(right) - 1;
  if (room < 1) return [{ text: cut(left, width) }];
  const name = cut(left, room);
  return [{ text: name }, { text: `${" ".repeat(room - stringWidth(name) + 1)}${right}`, fg: "accent" }];
}

const letters = new Intl.Segmenter("en", { granularity: "grapheme" });

/** By cells, never through a character; `…` says that something is missing. */
export function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = "";
  for (const { segment } of letters.segment(text)) {
    if (stringWidth(kept + segment) > width - 1) break;
    kept += segment;
  }
  return width < 1 ? "" : `${kept}…`;
}

const tokens = ({ input, output }: Usage): number => input + output;
const sum = (usage: readonly Usage[], of: (one: Usage) => number): number =>
  usage.reduce((total, one) => total + of(one), 0);

/** `+` says that a model without a price is not in it. */
function money(usage: readonly Usage[]): string {
  const priced = usage.filter(({ cost }) => cost !== null);
  if (priced.length === 0) return usage.length === 0 ? "$0.00" : "no price";
  const total = sum(priced, ({ cost }) => cost ?? 0);
  return `$${total.toFixed(total > 0 && total < 0.1 ? 4 : 2)}${priced.length < usage.length ? "+" : ""}`;
}

export function count(amount: number): string {
  if (amount < 1_000) return String(amount);
  const [scaled, unit] = amount < 999_950 ? [amount / 1_000, "k"] : [amount / 1_000_000, "M"];
  return `${scaled.toFixed(scaled < 100 ? 1 : 0)}${unit}`;
}

function clock(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
