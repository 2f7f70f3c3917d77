/** The status bar: mode, model, activity, context, cost, participants and branch. A click on a piece changes what it shows. */

import { DEFAULT_AGENT } from "../../client/agents.ts";
import { formatCost, formatCount } from "../../client/format.ts";
import { nextSettings } from "../../client/next-settings.ts";
import { countRunning } from "../../client/task-tree.ts";
import type { ColorName } from "../../client/theme.ts";
import { describeActivity, describeWheel } from "../../client/together-text.ts";
import { isRetry } from "../../protocol/notices.ts";
import { printable } from "../../protocol/printable.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { State } from "../app/state.ts";
import { span } from "../draw/style.ts";
import { truncateText } from "../draw/width.ts";
import { formatElapsed } from "./format-time.ts";
import { actionClick, type Piece, paddedPiece, piecesWidth } from "./pieces.ts";
import { widgetPieces } from "./widgets.ts";

export const SPINNER = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const modeColors: Record<string, ColorName> = { plan: "modePlan", ask: "modeAsk", edit: "modeEdit", auto: "modeAuto" };

/** Pieces are ordered by importance; those that do not fit are dropped from the end. */
export function statusBarPieces(state: State, keyboardStatus: string): Piece[] {
  const left = [
    menuPiece(),
    keyModePiece(keyboardStatus),
    agentPiece(state),
    modePiece(state),
    modelPiece(state),
    tierPiece(state),
    effortPiece(state),
  ];
  const now = dropEmpty([approversPiece(state), stopPiece(state), activityPiece(state)]);
  const rest = dropEmpty([
    parentPiece(state),
    tasksPiece(state),
    contextPiece(state),
    costPiece(state),
    participantsPiece(state),
    branchPiece(state),
    ...widgetPieces(state),
  ]);
  return fitPieces(dropEmpty(left), now, rest, state.columns);
}

const dropEmpty = (pieces: readonly (Piece | null)[]): Piece[] => pieces.filter((piece) => piece !== null);

/** The menu, the mode and the activity are never dropped. */
function fitPieces(left: readonly Piece[], now: readonly Piece[], rest: readonly Piece[], columns: number): Piece[] {
  const [l, r] = [[...left], [...rest]];
  const free = (): number => columns - piecesWidth(l) - piecesWidth(now) - piecesWidth(r);
  while (free() < 0 && r.length > 0) r.pop();
  while (free() < 0 && l.length > 2) l.pop();
  return [...l, { line: [span(" ".repeat(Math.max(0, free())))] }, ...now, ...r];
}

const menuPiece = (): Piece => paddedPiece("≡", { fg: "accent", bold: true }, actionClick("palette.open"));

const keyModePiece = (status: string): Piece | null =>
  status === "" ? null : paddedPiece(status, { fg: "accent", bold: true });

/** An agent other than the default one. */
function agentPiece(state: State): Piece | null {
  const { agent } = nextSettings(state);
  if (agent === DEFAULT_AGENT) return null;
  return paddedPiece(truncateText(printable(agent), 20), { fg: "accent", bold: true }, actionClick("agents.open"));
}

function modePiece(state: State): Piece {
  const { mode: name } = nextSettings(state);
  return paddedPiece(name, { fg: modeColors[name] ?? "text", bold: true }, actionClick("mode.cycle"));
}

/** The last turn got a model by its tier, and so will the next: not the configured one. */
const isRouted = ({ view, settings }: State): boolean =>
  view?.routing !== undefined && !settings.model && view.settings.model === undefined;

function modelPiece(state: State): Piece {
  const { model } = nextSettings(state);
  const name = (isRouted(state) ? state.view?.model : model) || model || state.view?.model || "no model";
  const most = Math.max(12, Math.floor(state.columns / 3));
  return paddedPiece(truncateText(printable(name), most), { fg: "text" }, actionClick("models.open"));
}

/** The chosen tier, or else that of the model in use. */
function tierPiece(state: State): Piece | null {
  const tier = nextSettings(state).tier || (isRouted(state) ? state.view?.tier : "");
  return tier ? paddedPiece(tier, { fg: "muted" }, actionClick("tier.cycle")) : null;
}

function effortPiece(state: State): Piece | null {
  const { effort: level } = nextSettings(state);
  return level === "" ? null : paddedPiece(level, { fg: "muted" }, actionClick("effort.cycle"));
}

const stopPiece = ({ view, connection }: State): Piece | null =>
  connection.state === "connected" && view?.activity.state === "running"
    ? paddedPiece("■ stop", { fg: "muted" }, actionClick("turn.interrupt"))
    : null;

function activityPiece({ view, connection, tick, now }: State): Piece | null {
  if (connection.state === "connecting") return paddedPiece("connecting…", { fg: "muted" });
  if (connection.state === "lost") return paddedPiece("disconnected", { fg: "error" });
  if (connection.state === "ended") return paddedPiece("link ended", { fg: "error" });
  if (connection.state === "stopped") return paddedPiece("server stopped", { fg: "warning" });
  if (view?.activity.state !== "running") return outcomePiece(view);
  if (view.questions.length > 0) return paddedPiece("needs input", { fg: "warning", bold: true });
  const spinner = SPINNER[tick % SPINNER.length] ?? "";
  const last = view.parts.at(-1);
  if (isRetry(last) && last.until > now)
    return paddedPiece(`${spinner} retry in ${Math.ceil((last.until - now) / 1000)}s`, { fg: "warning" });
  // Whole seconds, so that tenths do not cause frames.
  const seconds = Math.floor(Math.max(0, now - view.activity.since) / 1000) * 1000;
  return paddedPiece(`${spinner} ${seconds < 10_000 ? `${seconds / 1000}s` : formatElapsed(seconds)}`, {
    fg: "accent",
  });
}

/** How the last turn ended, unless it succeeded. A denied approval is not a failure. */
function outcomePiece(view: SessionView | null): Piece | null {
  const { outcome = "done", failure } = view?.lastEnd ?? {};
  if (outcome === "done") return null;
  if (failure?.code === "refused") return paddedPiece("denied", { fg: "warning" });
  return paddedPiece(outcome, { fg: outcome === "failed" ? "error" : "warning" });
}

/** In the session of a subagent: the way back. */
const parentPiece = ({ view }: State): Piece | null =>
  view?.task
    ? paddedPiece(`↑ ${truncateText(printable(view.task.agent), 16)}`, { fg: "info" }, actionClick("session.parent"))
    : null;

function tasksPiece({ view }: State): Piece | null {
  const running = countRunning(view?.tasks ?? []);
  if (running === 0) return null;
  return paddedPiece(`◇ ${running} running`, { fg: "accent" }, actionClick("tasks.open"));
}

function contextPiece({ view }: State): Piece | null {
  if (!view || view.contextUsed === 0) return null;
  const click = actionClick("usage.open");
  if (view.context === null) return paddedPiece(`${formatCount(view.contextUsed)} tokens`, { fg: "muted" }, click);
  const part = Math.round((view.contextUsed / view.context) * 100);
  const fg = part >= 90 ? "error" : part >= 70 ? "warning" : "muted";
  return paddedPiece(`${part}% of ${formatCount(view.context)}`, { fg }, click);
}

function costPiece({ view }: State): Piece | null {
  const text = view ? formatCost(view.usage) : null;
  return text === null ? null : paddedPiece(text, { fg: "muted" }, actionClick("usage.open"));
}

function participantsPiece({ participants, view, self }: State): Piece | null {
  if (participants.count < 2) return null;
  const activity = describeActivity(participants, ({ id }) => id === self);
  const text = [describeWheel(view?.wheel), activity].filter((one) => one !== "").join(" · ");
  const shown = text === "" ? `${participants.count} connected` : truncateText(printable(text), 40);
  return paddedPiece(shown, { fg: "info" }, actionClick("people.open"));
}

/** Never dropped: guests can allow calls on this machine. */
function approversPiece({ participants }: State): Piece | null {
  const [first, ...others] = participants.participants.filter(({ role }) => role === "approver");
  if (!first) return null;
  const names = others.length === 0 ? truncateText(printable(first.name), 16) : `${others.length + 1} guests`;
  return paddedPiece(`${names} can approve`, { fg: "warning", bold: true }, actionClick("share.open"));
}

const branchPiece = ({ branch: name }: State): Piece | null =>
  name === null ? null : paddedPiece(`⎇ ${truncateText(printable(name), 24)}`, { fg: "muted" });
