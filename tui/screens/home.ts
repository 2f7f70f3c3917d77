/** The home screen, shown without a session: the version, the folder, the most important keys, and recent sessions. */
import { printable } from "../../protocol/printable.ts";
import type { Click, State } from "../app/state.ts";
import { type Line, line, span } from "../draw/style.ts";
import { textWidth, truncateText } from "../draw/width.ts";
import { formatAgo } from "./format-time.ts";
import { actionClick } from "./pieces.ts";
import { widgetRows } from "./widgets.ts";

export interface HomeRow {
  line: Line;
  click?: Click;
}

const NAME = ["▀█▀ █ █ ▀█▀ ▀█▀ █", " █  █▄█  █   █  █"];
const MIN_ROWS = 14;

export function renderHome(state: State, keysFor: (action: string) => string): HomeRow[] {
  const { columns, rows, version, cwd, recent, now } = state;
  const width = Math.min(72, columns - 4);
  const left = span(" ".repeat(Math.max(1, Math.floor((columns - width) / 2))));
  const put = (row: Line, click?: Click): HomeRow => ({ line: [left, ...row], ...(click && { click }) });
  const name =
    rows >= MIN_ROWS + 6
      ? [...NAME.map((row) => put(line(row, { fg: "accent", bold: true }))), put([])]
      : [put(line("Tutti", { fg: "accent", bold: true }))];
  const folder = put([
    span(truncateText(printable(cwd), width - 8), { fg: "muted" }),
    span(`  ${version}`, { fg: "faint" }),
  ]);
  const tips = [
    { key: keysFor("palette.open"), label: "commands", click: actionClick("palette.open") },
    { key: keysFor("sessions.open"), label: "sessions", click: actionClick("sessions.open") },
    { key: keysFor("models.open"), label: "models", click: actionClick("models.open") },
    { key: "@ / !", label: "mention a file, run a command, run in the shell" },
  ].filter(({ key }) => key !== "");
  const keyWidth = Math.max(...tips.map(({ key }) => textWidth(key)));
  const help = tips.map(({ key, label, click }) =>
    put(
      [
        span(key.padEnd(keyWidth + 2), { fg: "accent" }),
        span(truncateText(label, width - keyWidth - 2), { fg: "muted" }),
      ],
      click,
    ),
  );
  const text = "  review this folder's configuration and trust it";
  const trust =
    state.pendingTrust === 0
      ? []
      : [
          put([]),
          put(
            [span("/trust", { fg: "accent" }), span(truncateText(text, width - 6), { fg: "muted" })],
            actionClick("trust.open"),
          ),
        ];
  const room = rows - name.length - help.length - trust.length - 9;
  const sessions = recent.slice(0, Math.max(0, Math.min(6, room))).map(({ id, title, updatedAt }) => {
    const time = formatAgo(now - updatedAt);
    const name = truncateText(printable(title || "untitled").replaceAll("\t", " "), width - time.length - 2);
    const gap = " ".repeat(Math.max(1, width - textWidth(name) - time.length));
    return put([span(name), span(gap), span(time, { fg: "faint" })], { type: "session", id });
  });
  const last =
    sessions.length === 0 ? [] : [put([]), put(line("Recent sessions", { fg: "muted", bold: true })), ...sessions];
  const all = [...name, folder, put([]), ...help, ...trust, ...last];
  return [...all, ...widgetRows(state, width, rows - all.length - 6).map((row) => put(row))];
}
