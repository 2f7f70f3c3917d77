/** What all parts of the page share: the state, the server connection and the host. */

import type { ReconnectingClient } from "../client/reconnecting-client.ts";
import { describeError } from "../protocol/errors.ts";
import { nobody } from "../protocol/participants.ts";
import type { Host } from "./host-transport.ts";
import type { State } from "./state.ts";

export interface App {
  state(): State;
  /** Renders with the next animation frame. */
  set(change: Partial<State>): void;
  server: ReconnectingClient;
  host: Host;
}

export function showNotice(app: App, level: "info" | "warning" | "error", text: string): void {
  app.set({ notice: { level, text } });
}

/** Shows a warning if `work` fails. */
export function attempt(app: App, work: () => Promise<unknown>): void {
  work().catch((error: unknown) => showNotice(app, "warning", describeError(error)));
}

/** The current session, or a new one. */
export async function ensureSession(app: App): Promise<string> {
  const { view, cwd } = app.state();
  if (view) return view.id;
  const { session } = await app.server.call("sessionCreate", { cwd });
  await showSession(app, session);
  return session;
}

export async function showSession(app: App, session: string | null): Promise<void> {
  app.host.post({ type: "sessionChanged", session });
  if (session !== null && app.state().view?.id === session) return app.set({ screen: "session" });
  app.set({ screen: "session", view: null, opening: session !== null, participants: nobody, unfolded: new Set() });
  if (session === null) app.server.unwatch();
  else await app.server.watch(session).finally(() => app.set({ opening: false }));
}
