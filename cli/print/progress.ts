/** The status line at a terminal: the current activity, the time, and the tokens and cost so far. */
import { printable } from "../../protocol/printable.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { Terminal } from "../command.ts";

export interface Progress {
  show(view: SessionView): void;
  /** Erases the line so that other output can be written. The next tick draws it again. */
  clear(): void;
  stop(): void;
}

const SPINNER = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const TICK_MS = 120;
const ERASE = "\r\x1b[2K";

const noProgress: Progress = { show: () => undefined, clear: () => undefined, stop: () => undefined };

export function createProgress(terminal: Terminal): Progress {
  if (!terminal.stderrIsTerminal || terminal.quiet || process.env.TERM === "dumb") return noProgress;
  let view: SessionView | null = null;
  let drawn = false;
  let tick = 0;
  const clear = (): void => {
    if (drawn) terminal.note(ERASE);
    drawn = false;
  };
  const draw = (): void => {
    // While text streams, the cursor is in the middle of a line, which must not be overwritten.
    const idle = !view || view.parts.at(-1)?.type === "text";
    clear();
    if (idle || !view) return;
    const text = formatStatus(view, SPINNER[tick++ % SPINNER.length] ?? "");
    terminal.note(text.slice(0, (process.stderr.columns ?? 80) - 1));
    drawn = true;
  };
  const timer = setInterval(draw, TICK_MS);
  return {
    show(now) {
      // While the user types an answer, nothing may be drawn.
      view = now.activity.state === "running" && now.questions.length === 0 ? now : null;
      if (!view) clear();
    },
    clear,
    stop() {
      clearInterval(timer);
      clear();
    },
  };
}

function formatStatus(view: SessionView, spinner: string): string {
  const last = view.parts.at(-1);
  const activity =
    last?.type === "call" && last.endedAt === undefined ? printable(last.title, { keepNewlines: false }) : "thinking";
  const seconds =
    view.activity.state === "running" ? Math.max(0, Math.round((Date.now() - view.activity.since) / 1000)) : 0;
  const tokens = view.usage.reduce((total, { input, output }) => total + input + output, 0);
  const cost = view.usage.reduce((total, usage) => total + (usage.cost ?? 0), 0);
  const parts = [
    `${spinner} ${activity}`,
    `${seconds}s`,
    ...(tokens > 0 ? [`${tokens} tokens`] : []),
    ...(cost > 0 ? [`$${cost.toFixed(4)}`] : []),
  ];
  return parts.join(" · ");
}
