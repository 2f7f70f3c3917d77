/** Prints a session again, event by event, as it was shown live. */
import { setTimeout as pause } from "node:timers/promises";
import type { Envelope } from "../protocol/events.ts";
import { emptyView, reduce } from "../protocol/view.ts";
import type { Terminal } from "./command.ts";
import { sanitize, textPrinter } from "./print/text.ts";

const MAX_PAUSE_MS = 2_000;

export async function replaySession(envelopes: readonly Envelope[], terminal: Terminal, paced: boolean): Promise<void> {
  const printer = textPrinter({ ...terminal, stdoutIsTerminal: true, verbose: true });
  let view = emptyView;
  for (const envelope of envelopes) {
    if (paced && view.seq > 0) await pause(Math.min(MAX_PAUSE_MS, Math.max(0, envelope.at - view.updatedAt)));
    view = reduce(view, envelope);
    const { event, by } = envelope;
    if (event.type === "turn.started" || event.type === "turn.steered")
      terminal.out(`\n> ${by.name}: ${sanitize(event.text)}\n\n`);
    printer.event(envelope, view);
    if (event.type !== "turn.ended") continue;
    const { failure = null, outcome } = event;
    printer.end({
      text: "",
      view,
      end: event,
      failure,
      exitCode: null,
      milliseconds: 0,
      steps: 0,
      usage: view.usage,
      refused: [],
    });
    if (outcome !== "done") terminal.out(`[${outcome}]\n`);
  }
}
