/** Beside the conversation: the plan, what was changed, who is here, what was used. A section without anything in it is not there. */

import { costOf, short } from "../../client/figures.ts";
import type { PlanItem } from "../../protocol/events.ts";
import { printable } from "../../protocol/printable.ts";
import type { ActionName } from "../actions.ts";
import type { State } from "../app/state.ts";
import { type Line, line, type Style, span } from "../draw/style.ts";
import { shortened, shortenedStart, textWidth } from "../draw/width.ts";
import { wrap } from "../draw/wrap.ts";
import { relative } from "../paths.ts";
import { action, type Piece } from "./pieces.ts";
import { widgetSections } from "./widgets.ts";

export function sidebarRows(state: State, columns: number, rows: number): Piece[] {
  const title = state.view?.title ?? "";
  const named = title === "" ? [] : wrap(line(oneLine(title), { bold: true }), columns).slice(0, 2);
  const body = sections.flatMap(({ title: heading, of, opens }) => {
    const own = of(state, columns);
    if (own.length === 0) return [];
    const all = [{ line: line(heading, { fg: "accent", bold: true }) }, ...own];
    return [{ line: [] }, ...(opens === undefined ? all : all.map((row) => ({ click: action(opens), ...row })))];
  });
  return [
    ...named.map((row) => ({ line: row, click: action("session.rename") })),
    ...body,
    ...widgetSections(state, columns),
  ].slice(0, rows);
}

const oneLine = (text: string): string => printable(text).replaceAll("\t", " ");

const marks: Record<PlanItem["state"], { mark: string; style: Style }> = {
  pending: { mark: "○", style: { fg: "muted" } },
  active: { mark: "◐", style: { fg: "accent" } },
  done: { mark: "●", style: { fg: "success" } },
  dropped: { mark: "–", style: { fg: "faint", strike: true } },
};

function plan({ view }: State, columns: number): Piece[] {
  return (view?.plan ?? []).flatMap(({ text, state }) => {
    const { mark, style } = marks[state];
    const said: Style = state === "active" ? { fg: "text" } : state === "done" ? { fg: "muted" } : style;
    return wrap(line(oneLine(text), said), columns - 2)
      .slice(0, 2)
      .map((row, index) => ({ line: [span(index === 0 ? `${mark} ` : "  ", style), ...row] }));
  });
}

const MOST_FILES = 12;

function files({ view, cwd }: State, columns: number): Piece[] {
  const all = view?.files ?? [];
  const shown = all.slice(-MOST_FILES).map(({ path, added, removed }) => {
    const counts = [added > 0 ? `+${added}` : "", removed > 0 ? `−${removed}` : ""].filter((one) => one !== "");
    const width = counts.join(" ").length;
    const name = shortenedStart(oneLine(relative(view?.cwd || cwd, path)), columns - width - 1);
    const row: Line = [
      span(name),
      span(" ".repeat(Math.max(1, columns - textWidth(name) - width))),
      ...(added > 0 ? [span(`+${added}`, { fg: "diffAdded" })] : []),
      ...(added > 0 && removed > 0 ? [span(" ")] : []),
      ...(removed > 0 ? [span(`−${removed}`, { fg: "diffRemoved" })] : []),
    ];
    return { line: row, click: { does: "file", path } as const };
  });
  const more = all.length - MOST_FILES;
  return more > 0 ? [{ line: line(`… ${more} more`, { fg: "faint" }) }, ...shown] : shown;
}

const queue = ({ view }: State, columns: number): Piece[] =>
  (view?.queue ?? []).slice(0, 5).map(({ text, steers }, index) => ({
    line: [
      span(steers === undefined ? `${index + 1} ` : "↳ ", { fg: "muted" }),
      span(shortened(oneLine(text.replaceAll("\n", " ")), columns - 2)),
    ],
  }));

const people = ({ participants }: State, columns: number): Piece[] =>
  participants.length < 2
    ? []
    : participants.map(({ name, client }) => ({
        line: [
          span(shortened(oneLine(name), columns - 10)),
          span(` ${shortened(oneLine(client), 9)}`, { fg: "muted" }),
        ],
      }));

function usage({ view }: State, columns: number): Piece[] {
  const all = view?.usage ?? [];
  return all.flatMap((one) => [
    { line: line(shortened(oneLine(one.model), columns), { fg: "muted" }) },
    { line: line(`${short(one.input)} in · ${short(one.output)} out · ${costOf([one]) ?? "unpriced"}`) },
  ]);
}

/** `opens`: the action that a click does where a row says nothing else. */
const sections: readonly { title: string; of(state: State, columns: number): Piece[]; opens?: ActionName }[] = [
  { title: "Plan", of: plan },
  { title: "Changed files", of: files },
  { title: "Queue", of: queue, opens: "queue.open" },
  { title: "Here", of: people },
  { title: "Usage", of: usage, opens: "usage.open" },
];
