/** Turns as work that the editor shows, with what is being done, and a way to stop it; and how each one ended, where that is news. */
import type { WorkDoneProgressServerReporter } from "vscode-languageserver/node";
import { firstLine, type SessionView } from "../protocol/view.ts";
import type { Face } from "./face.ts";

export function showTurns(face: Face): void {
  const { connection, sessions, server, say } = face;
  /** By session: of each at most one turn runs. */
  const shown = new Map<string, Promise<WorkDoneProgressServerReporter | null>>();

  const begin = ({ id, title }: SessionView, text: string): void => {
    if (!face.client().progress || shown.has(id)) return;
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
    shown.set(id, made);
  };
  const end = (session: string): void => {
    void shown.get(session)?.then((reporter) => reporter?.done());
    shown.delete(session);
  };
  sessions.onEvent(({ event }, view) => {
    switch (event.type) {
      case "turn.started":
        return begin(view, event.text);
      case "call.asked":
        return void shown.get(view.id)?.then((reporter) => reporter?.report(event.title));
      case "turn.ended":
        end(view.id);
        if (event.failure) say(event.outcome === "failed" ? "error" : "warning", event.failure.message);
    }
  });
  sessions.onView((view) => {
    if (view.activity.state === "running") begin(view, "");
    else end(view.id);
  });
  server.onLost(() => {
    for (const session of [...shown.keys()]) end(session);
  });
}
