/** Before there is a session: what this is, where it is, what was done here last, and the few keys that lead to everything. */
import { printable } from "../../protocol/printable.ts";
import type { Click, State } from "../app/state.ts";
import { type Line, line, span } from "../draw/style.ts";
import { shortened, textWidth } from "../draw/width.ts";
import { ago } from "./ago.ts";
import { action } from "./pieces.ts";
import { widgetRows } from "./widgets.ts";

export interface HomeRow {
  line: Line;
  click?: Click;
}

const NAME = ["▀█▀ █ █ ▀█▀ ▀█▀ █", " █  █▄█  █   █  █"];
const LEAST_ROWS = 14;

export function homeRows(state: State, keysOf: (action: string) => string): HomeRow[] {
  const { columns, rows, version, cwd, recent, now } = state;
  const width = Math.min(72, columns - 4);
  const left = span(" ".repeat(Math.max(1, Math.floor((columns - width) / 2))));
  const put = (row: Line, click?: Click): HomeRow => ({ line: [left, ...row], ...(click && { click }) });
  const name =
    rows >= LEAST_ROWS + 6
      ? [...NAME.map((row) => put(line(row, { fg: "accent", bold: true }))), put([])]
      : [put(line("Tutti", { fg: "accent", bold: true }))];
  const where = put([
    span(shortened(printable(cwd), width - 8), { fg: "muted" }),
    span(`  ${version}`, { fg: "faint" }),
  ]);
  const tips = [
    { key: keysOf("palette.open"), does: "everything there is to do", click: action("palette.open") },
    { key: keysOf("sessions.open"), does: "sessions", click: action("sessions.open") },
    { key: keysOf("models.open"), does: "models", click: action("models.open") },
    { key: "@ / !", does: "mention a file, give a command, run in the shell" },
  ].filter(({ key }) => key !== "");
  const keyWidth = Math.max(...tips.map(({ key }) => textWidth(key)));
  const help = tips.map(({ key, does, click }) =>
    put(
      [span(key.padEnd(keyWidth + 2), { fg: "accent" }), span(shortened(does, width - keyWidth - 2), { fg: "muted" })],
      click,
    ),
  );
  const said = "  shows what this folder's files ask for; it waits for your yes";
  const waits =
    state.waits === 0
      ? []
      : [
          put([]),
          put(
            [span("/trust", { fg: "accent" }), span(shortened(said, width - 6), { fg: "muted" })],
            action("trust.open"),
          ),
        ];
  const room = rows - name.length - help.length - waits.length - 9;
  const sessions = recent.slice(0, Math.max(0, Math.min(6, room))).map(({ id, title, updatedAt }) => {
    const when = ago(now - updatedAt);
    const titled = shortened(printable(title || "untitled").replaceAll("\t", " "), width - when.length - 2);
    const gap = " ".repeat(Math.max(1, width - textWidth(titled) - when.length));
    return put([span(titled), span(gap), span(when, { fg: "faint" })], { does: "session", id });
  });
  const last =
    sessions.length === 0 ? [] : [put([]), put(line("Here before", { fg: "muted", bold: true })), ...sessions];
  const all = [...name, where, put([]), ...help, ...waits, ...last];
  return [...all, ...widgetRows(state, width, rows - all.length - 6).map((row) => put(row))];
}
