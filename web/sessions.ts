/** The list of sessions: what is asked of the server for it. */
import { type App, attempt, show } from "./app.ts";

export function openSessions(app: App, text = ""): void {
  app.set({ screen: "sessions", sessions: { ...app.state().sessions, text, naming: null } });
  refresh(app);
}

export function search(app: App, text: string): void {
  app.set({ sessions: { ...app.state().sessions, text } });
  refresh(app);
}

export function showArchived(app: App, archived: boolean): void {
  app.set({ sessions: { ...app.state().sessions, archived } });
  refresh(app);
}

let asked = 0;

function refresh(app: App): void {
  const mine = ++asked;
  const { cwd, sessions } = app.state();
  const { text, archived } = sessions;
  attempt(app, async () => {
    const found = await app.server.call("sessionList", { cwd, archived, limit: 200 });
    const hits = text.trim() === "" ? null : (await app.server.call("sessionSearch", { text, limit: 50 })).hits;
    if (mine === asked) app.set({ sessions: { ...app.state().sessions, rows: found.sessions, hits } });
  });
}

export function fork(app: App, session: string): void {
  attempt(app, async () => show(app, (await app.server.call("sessionFork", { session })).session));
}

export function archive(app: App, session: string, archived: boolean): void {
  attempt(app, async () => {
    await app.server.call("sessionArchive", { session, archived });
    refresh(app);
  });
}

export function rename(app: App, session: string, title: string): void {
  app.set({ sessions: { ...app.state().sessions, naming: null } });
  if (title.trim() === "") return;
  attempt(app, async () => {
    await app.server.call("sessionRename", { session, title: title.trim() });
    refresh(app);
  });
}
