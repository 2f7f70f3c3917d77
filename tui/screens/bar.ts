/** The line at the bottom: what runs, on what, how full, how dear, where; and what to do next. A click changes what it names. */

import { costOf, short } from "../../client/figures.ts";
import type { ColorName } from "../../client/theme.ts";
import { printable } from "../../protocol/printable.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { State } from "../app/state.ts";
import { span } from "../draw/style.ts";
import { shortened } from "../draw/width.ts";
import { elapsed } from "./pen.ts";
import { action, type Piece, padded, piecesWidth } from "./pieces.ts";
import { widgetPieces } from "./widgets.ts";

export const SPINNER = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const modeColors: Record<string, ColorName> = { plan: "modePlan", ask: "modeAsk", edit: "modeEdit", auto: "modeAuto" };

/** Pieces from the most to the least important; what does not fit is left out from the end. */
export function barPieces(state: State, keysStatus: string): Piece[] {
  const left = [menu(), keyMode(keysStatus), mode(state), model(state), effort(state)];
  const now = present([stop(state), activity(state)]);
  const rest = present([context(state), cost(state), people(state), branch(state), ...widgetPieces(state)]);
  return joined(present(left), now, rest, state.columns);
}

const present = (pieces: readonly (Piece | null)[]): Piece[] => pieces.filter((piece) => piece !== null);

/** The menu, the mode and what goes on always stay. */
function joined(left: readonly Piece[], now: readonly Piece[], rest: readonly Piece[], columns: number): Piece[] {
  const [l, r] = [[...left], [...rest]];
  const free = (): number => columns - piecesWidth(l) - piecesWidth(now) - piecesWidth(r);
  while (free() < 0 && r.length > 0) r.pop();
  while (free() < 0 && l.length > 2) l.pop();
  return [...l, { line: [span(" ".repeat(Math.max(0, free())))] }, ...now, ...r];
}

const menu = (): Piece => padded("≡", { fg: "accent", bold: true }, action("palette.open"));

const keyMode = (status: string): Piece | null => (status === "" ? null : padded(status, { fg: "accent", bold: true }));

function mode({ settings, usual }: State): Piece {
  const name = settings.mode ?? usual.mode;
  return padded(name, { fg: modeColors[name] ?? "text", bold: true }, action("mode.cycle"));
}

function model({ settings, usual, view, columns }: State): Piece {
  const name = settings.model ?? (view?.model || usual.model || "no model yet");
  const most = Math.max(12, Math.floor(columns / 3));
  return padded(shortened(printable(name), most), { fg: "text" }, action("models.open"));
}

function effort({ settings, usual }: State): Piece | null {
  const level = settings.effort ?? usual.effort;
  return level === "" ? null : padded(level, { fg: "muted" }, action("effort.cycle"));
}

const stop = ({ view, connection }: State): Piece | null =>
  connection.state === "connected" && view?.activity.state === "running"
    ? padded("■ stop", { fg: "muted" }, action("turn.interrupt"))
    : null;

function activity({ view, connection, tick, now }: State): Piece | null {
  if (connection.state === "connecting") return padded("connecting…", { fg: "muted" });
  if (connection.state === "lost") return padded("no server", { fg: "error" });
  if (view?.activity.state !== "running") return ending(view);
  if (view.questions.length > 0) return padded("waits for you", { fg: "warning", bold: true });
  const spinner = SPINNER[tick % SPINNER.length] ?? "";
  // Whole seconds: a new picture for each tenth would be for nothing.
  const seconds = Math.floor(Math.max(0, now - view.activity.since) / 1000) * 1000;
  return padded(`${spinner} ${seconds < 10_000 ? `${seconds / 1000}s` : elapsed(seconds)}`, { fg: "accent" });
}

/** How the last turn ended, where it did not end well. That somebody said no is no failure. */
function ending(view: SessionView | null): Piece | null {
  const { outcome = "done", failure } = view?.lastEnd ?? {};
  if (outcome === "done") return null;
  if (failure?.code === "refused") return padded("refused", { fg: "warning" });
  return padded(outcome, { fg: outcome === "failed" ? "error" : "warning" });
}

function context({ view }: State): Piece | null {
  if (!view || view.contextUsed === 0) return null;
  const opens = action("usage.open");
  if (view.context === null) return padded(`${short(view.contextUsed)} tokens`, { fg: "muted" }, opens);
  const part = Math.round((view.contextUsed / view.context) * 100);
  const fg = part >= 90 ? "error" : part >= 70 ? "warning" : "muted";
  return padded(`${part}% of ${short(view.context)}`, { fg }, opens);
}

function cost({ view }: State): Piece | null {
  const text = view ? costOf(view.usage) : null;
  return text === null ? null : padded(text, { fg: "muted" }, action("usage.open"));
}

const people = ({ participants }: State): Piece | null =>
  participants.length > 1 ? padded(`${participants.length} here`, { fg: "info" }) : null;

const branch = ({ branch: name }: State): Piece | null =>
  name === null ? null : padded(`⎇ ${shortened(printable(name), 24)}`, { fg: "muted" });
