/** The line at the bottom: what runs, on what, how full, how dear, where; and what to do next. */

import type { ColorName } from "../../client/theme.ts";
import type { ModelUsage } from "../../protocol/parts.ts";
import { printable } from "../../protocol/printable.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { State } from "../app/state.ts";
import { type Line, type Span, span } from "../draw/style.ts";
import { shortened, textWidth } from "../draw/width.ts";
import { elapsed } from "./pen.ts";

export const SPINNER = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const modeColors: Record<string, ColorName> = { plan: "modePlan", ask: "modeAsk", edit: "modeEdit", auto: "modeAuto" };

/** Pieces from the most to the least important; what does not fit is left out from the end. */
export function barLine(state: State, keysStatus: string): Line {
  const left = present([keyMode(keysStatus), mode(state), model(state), effort(state)]);
  const right = present([activity(state), context(state), cost(state), people(state), branch(state)]);
  return joined(left, right, state.columns);
}

const present = (pieces: readonly (Span | null)[]): Span[] => pieces.filter((piece) => piece !== null);

function joined(left: Span[], right: Span[], columns: number): Line {
  const width = (pieces: readonly Span[]): number => pieces.reduce((sum, { text }) => sum + textWidth(text) + 2, 0);
  const [l, r] = [[...left], [...right]];
  while (width(l) + width(r) > columns && r.length > 1) r.pop();
  while (width(l) + width(r) > columns && l.length > 1) l.pop();
  const spaced = (pieces: readonly Span[]): Span[] => pieces.flatMap((piece) => [span(" "), piece, span(" ")]);
  const room = Math.max(0, columns - width(l) - width(r));
  return [...spaced(l), span(" ".repeat(room)), ...spaced(r)];
}

const keyMode = (status: string): Span | null => (status === "" ? null : span(status, { fg: "accent", bold: true }));

function mode({ settings, usual }: State): Span {
  const name = settings.mode ?? usual.mode;
  return span(name, { fg: modeColors[name] ?? "text", bold: true });
}

function model({ settings, usual, view, columns }: State): Span {
  const name = settings.model ?? (view?.model || usual.model || "no model yet");
  return span(shortened(printable(name), Math.max(12, Math.floor(columns / 3))), { fg: "text" });
}

function effort({ settings, usual }: State): Span | null {
  const level = settings.effort ?? usual.effort;
  return level === "" ? null : span(level, { fg: "muted" });
}

function activity({ view, connection, tick, now }: State): Span | null {
  if (connection.state === "connecting") return span("connecting…", { fg: "muted" });
  if (connection.state === "lost") return span("no server", { fg: "error" });
  if (view?.activity.state !== "running") return ending(view);
  if (view.questions.length > 0) return span("waits for you", { fg: "warning", bold: true });
  const spinner = SPINNER[tick % SPINNER.length] ?? "";
  // Whole seconds: a new picture for each tenth would be for nothing.
  const seconds = Math.floor(Math.max(0, now - view.activity.since) / 1000) * 1000;
  return span(`${spinner} ${seconds < 10_000 ? `${seconds / 1000}s` : elapsed(seconds)}`, { fg: "accent" });
}

/** How the last turn ended, where it did not end well. */
function ending(view: SessionView | null): Span | null {
  const outcome = view?.lastEnd?.outcome ?? "done";
  return outcome === "done" ? null : span(outcome, { fg: outcome === "failed" ? "error" : "warning" });
}

function context({ view }: State): Span | null {
  if (!view || view.contextUsed === 0) return null;
  if (view.context === null) return span(`${short(view.contextUsed)} tokens`, { fg: "muted" });
  const part = Math.round((view.contextUsed / view.context) * 100);
  return span(`${part}% of ${short(view.context)}`, { fg: part >= 90 ? "error" : part >= 70 ? "warning" : "muted" });
}

function cost({ view }: State): Span | null {
  const text = view ? costOf(view.usage) : null;
  return text === null ? null : span(text, { fg: "muted" });
}

/** Null where nothing was used or nothing has a price. */
export function costOf(usage: readonly ModelUsage[]): string | null {
  const priced = usage.filter(({ cost: one }) => one !== null);
  if (priced.length === 0) return null;
  const sum = priced.reduce((total, { cost: one }) => total + (one ?? 0), 0);
  if (sum === 0) return null;
  const some = usage.length > priced.length || usage.some(({ estimated }) => estimated) ? "~" : "";
  return `${some}$${sum < 1 ? sum.toFixed(4) : sum.toFixed(2)}`;
}

const people = ({ participants }: State): Span | null =>
  participants.length > 1 ? span(`${participants.length} here`, { fg: "info" }) : null;

const branch = ({ branch: name }: State): Span | null =>
  name === null ? null : span(`⎇ ${shortened(printable(name), 24)}`, { fg: "muted" });

/** 950, 12k, 1.5M. */
export function short(count: number): string {
  if (count < 1000) return String(Math.round(count));
  if (count < 999_500) return `${(count / 1000).toFixed(count < 9950 ? 1 : 0).replace(/\.0$/, "")}k`;
  return `${(count / 1_000_000).toFixed(1).replace(/\.0$/, "")}M`;
}
