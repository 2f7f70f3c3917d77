/** Shows running turns as work done progress that the user can cancel, and reports turns that did not complete. */
import type { WorkDoneProgressServerReporter } from "vscode-languageserver/node";
import { firstLine } from "../protocol/first-line.ts";
import type { SessionView } from "../protocol/view.ts";
import type { LspContext } from "./context.ts";

export function showTurnProgress(lsp: LspContext): void {
  const { connection, sessions, server, showMessage } = lsp;
  /** By session: each runs at most one turn. */
  const reporters = new Map<string, Promise<WorkDoneProgressServerReporter | null>>();

  const begin = ({ id, title }: SessionView, text: string): void => {
    if (!lsp.client().progress || reporters.has(id)) return;
    const made = connection.window.createWorkDoneProgress().then(
      (reporter) => {
        reporter.begin("Tutti", undefined, firstLine(text) || title, true);
        reporter.token.onCancellationRequested(() => {
          server.call("turnCancel", { session: id }).catch(() => undefined);
        });
        return reporter;
      },
      () => null,
    );
    reporters.set(id, made);
  };
  const end = (session: string): void => {
    void reporters.get(session)?.then((reporter) => reporter?.done());
    reporters.delete(session);
  };
  sessions.onEvent(({ event }, view) => {
    switch (event.type) {
      case "turn.started":
        return begin(view, event.text);
      case "call.asked":
        return void reporters.get(view.id)?.then((reporter) => reporter?.report(event.title));
      case "notice.shown":
      case "hook.done": {
        const part = view.parts.at(-1);
        if (part?.type === "notice" && part.level !== "info") showMessage(part.level, part.text);
        return;
      }
      case "turn.ended":
        end(view.id);
        if (event.failure) showMessage(event.outcome === "failed" ? "error" : "warning", event.failure.message);
    }
  });
  sessions.onView((view) => {
    if (view.activity.state === "running") begin(view, "");
    else end(view.id);
  });
  server.onLost(() => {
    for (const session of [...reporters.keys()]) end(session);
  });
}
