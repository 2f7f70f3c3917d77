/** The sidebar: the plan, changed files, the queue, participants, usage and widgets. Empty sections are left out. */
import { formatCost, formatCount } from "../../client/format.ts";
import { listTaskRows, taskIcon } from "../../client/task-tree.ts";
import { describeParticipant } from "../../client/together-text.ts";
import type { PlanItem } from "../../protocol/events.ts";
import { printable } from "../../protocol/printable.ts";
import type { ActionName } from "../actions.ts";
import type { State } from "../app/state.ts";
import { type Line, line, type Style, span } from "../draw/style.ts";
import { textWidth, truncateStart, truncateText } from "../draw/width.ts";
import { wrapLine } from "../draw/wrap.ts";
import { toRelativePath } from "../paths.ts";
import { actionClick, type Piece } from "./pieces.ts";
import { widgetSections } from "./widgets.ts";

export function renderSidebar(state: State, columns: number, rows: number): Piece[] {
  const title = state.view?.title ?? "";
  const titleRows = title === "" ? [] : wrapLine(line(oneLine(title), { bold: true }), columns).slice(0, 2);
  const body = sections.flatMap(({ title: heading, of, action }) => {
    const pieces = of(state, columns);
    if (pieces.length === 0) return [];
    const all = [{ line: line(heading, { fg: "accent", bold: true }) }, ...pieces];
    return [{ line: [] }, ...(action === undefined ? all : all.map((row) => ({ click: actionClick(action), ...row })))];
  });
  return [
    ...titleRows.map((row) => ({ line: row, click: actionClick("session.rename") })),
    ...body,
    ...widgetSections(state, columns),
  ].slice(0, rows);
}

const oneLine = (text: string): string => printable(text).replaceAll("\t", " ");

const planMarks: Record<PlanItem["state"], { mark: string; style: Style }> = {
  pending: { mark: "○", style: { fg: "muted" } },
  active: { mark: "◐", style: { fg: "accent" } },
  done: { mark: "●", style: { fg: "success" } },
  dropped: { mark: "–", style: { fg: "faint", strike: true } },
};

function planPieces({ view }: State, columns: number): Piece[] {
  return (view?.plan ?? []).flatMap(({ text, state }) => {
    const { mark, style } = planMarks[state];
    const textStyle: Style = state === "active" ? { fg: "text" } : state === "done" ? { fg: "muted" } : style;
    return wrapLine(line(oneLine(text), textStyle), columns - 2)
      .slice(0, 2)
      .map((row, index) => ({ line: [span(index === 0 ? `${mark} ` : "  ", style), ...row] }));
  });
}

const MAX_TASKS = 12;

function taskPieces({ view }: State, columns: number): Piece[] {
  const rows = listTaskRows(view?.tasks ?? []).slice(-MAX_TASKS);
  return rows.flatMap(({ task, depth }) => {
    const indent = "  ".repeat(depth);
    const style: Style = { fg: task.state === "running" ? "accent" : task.state === "done" ? "success" : "warning" };
    const width = columns - indent.length - 2;
    const head = span(truncateText(oneLine(`${task.agent}: ${task.title}`), width));
    const click = { type: "session", id: task.id } as const;
    const detail = task.state === "running" ? task.activity : "";
    return [
      { line: [span(`${indent}${taskIcon(task)} `, style), head], click },
      ...(detail === ""
        ? []
        : [{ line: line(`${indent}  ${truncateText(oneLine(detail), width)}`, { fg: "muted" }), click }]),
    ];
  });
}

const MAX_FILES = 12;

function filePieces({ view, cwd }: State, columns: number): Piece[] {
  const all = view?.files ?? [];
  const shown = all.slice(-MAX_FILES).map(({ path, added, removed }) => {
    const counts = [added > 0 ? `+${added}` : "", removed > 0 ? `−${removed}` : ""].filter((one) => one !== "");
    const width = counts.join(" ").length;
    const name = truncateStart(oneLine(toRelativePath(view?.cwd || cwd, path)), columns - width - 1);
    const row: Line = [
      span(name),
      span(" ".repeat(Math.max(1, columns - textWidth(name) - width))),
      ...(added > 0 ? [span(`+${added}`, { fg: "diffAdded" })] : []),
      ...(added > 0 && removed > 0 ? [span(" ")] : []),
      ...(removed > 0 ? [span(`−${removed}`, { fg: "diffRemoved" })] : []),
    ];
    return { line: row, click: { type: "file", path } as const };
  });
  const more = all.length - MAX_FILES;
  return more > 0 ? [{ line: line(`… ${more} more`, { fg: "faint" }) }, ...shown] : shown;
}

const queuePieces = ({ view }: State, columns: number): Piece[] =>
  (view?.queue ?? []).slice(0, 5).map(({ text, steers }, index) => ({
    line: [
      span(steers === undefined ? `${index + 1} ` : "↳ ", { fg: "muted" }),
      span(truncateText(oneLine(text.replaceAll("\n", " ")), columns - 2)),
    ],
  }));

function participantPieces({ view, participants: { participants, count } }: State, columns: number): Piece[] {
  if (count < 2) return [];
  const pieces = participants.map((participant) => {
    const { name, client } = participant;
    const activity = describeParticipant(view?.wheel, participant);
    const detail = activity === "" ? truncateText(oneLine(client), 9) : activity;
    return {
      line: [
        span(truncateText(oneLine(name), Math.max(8, columns - detail.length - 1))),
        span(` ${detail}`, { fg: activity === "" ? "muted" : "info" }),
      ],
    };
  });
  const others = count - participants.length;
  return others > 0 ? [...pieces, { line: line(`and ${others} more`, { fg: "muted" }) }] : pieces;
}

function usagePieces({ view }: State, columns: number): Piece[] {
  const all = view?.usage ?? [];
  return all.flatMap((one) => [
    { line: line(truncateText(oneLine(one.model), columns), { fg: "muted" }) },
    {
      line: line(
        `${formatCount(one.input)} in · ${formatCount(one.output)} out · ${formatCost([one]) ?? "price unknown"}`,
      ),
    },
  ]);
}

/** `action`: the action of a click on a row that has none of its pieces. */
const sections: readonly { title: string; of(state: State, columns: number): Piece[]; action?: ActionName }[] = [
  { title: "Plan", of: planPieces },
  { title: "Subagents", of: taskPieces, action: "tasks.open" },
  { title: "Changed files", of: filePieces },
  { title: "Queue", of: queuePieces, action: "queue.open" },
  { title: "Connected", of: participantPieces, action: "people.open" },
  { title: "Usage", of: usagePieces, action: "usage.open" },
];
