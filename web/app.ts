/** What the parts of the page share: the state, the way to the server, and the way to whatever the page stands in. */
import type { Server } from "../client/kept.ts";
import { sentence } from "../client/words.ts";
import type { State } from "./state.ts";
import type { Host } from "./wire.ts";

export interface App {
  state(): State;
  /** Draws with the next frame. */
  set(change: Partial<State>): void;
  server: Server;
  host: Host;
}

export function say(app: App, level: "info" | "warning" | "error", text: string): void {
  app.set({ said: { level, text } });
}

/** Tells the person where it fails. */
export function attempt(app: App, work: () => Promise<unknown>): void {
  work().catch((error: unknown) => say(app, "warning", sentence(error)));
}

/** The session that is shown, or a new one. */
export async function ensureSession(app: App): Promise<string> {
  const { view, cwd } = app.state();
  if (view) return view.id;
  const { session } = await app.server.call("sessionCreate", { cwd });
  await show(app, session);
  return session;
}

export async function show(app: App, session: string | null): Promise<void> {
  app.host.tell({ type: "shown", session });
  if (session !== null && app.state().view?.id === session) return app.set({ screen: "session" });
  app.set({ screen: "session", view: null, participants: [], unfolded: new Set() });
  if (session === null) app.server.leave();
  else await app.server.watch(session);
}
