/** Actions of the session list. */
import { type App, attempt, showSession } from "./app.ts";

export function openSessionList(app: App, text = ""): void {
  app.set({ screen: "sessions", sessions: { ...app.state().sessions, text, renaming: null } });
  refreshSessionList(app);
}

export function searchSessions(app: App, text: string): void {
  app.set({ sessions: { ...app.state().sessions, text } });
  refreshSessionList(app);
}

export function showArchived(app: App, archived: boolean): void {
  app.set({ sessions: { ...app.state().sessions, archived } });
  refreshSessionList(app);
}

let latestRequest = 0;

export function refreshSessionList(app: App): void {
  const request = ++latestRequest;
  const { cwd, sessions, surface } = app.state();
  const { text, archived } = sessions;
  attempt(app, async () => {
    const found = await app.server.call("sessionList", {
      archived,
      limit: 200,
      ...(surface === "editor" && { cwd }),
    });
    const hits = text.trim() === "" ? null : (await app.server.call("sessionSearch", { text, limit: 50 })).hits;
    // A page that was opened without a folder starts new sessions where the last one was.
    const [last] = found.sessions;
    if (surface === "browser" && app.state().cwd === "" && last) app.set({ cwd: last.cwd });
    if (request === latestRequest) app.set({ sessions: { ...app.state().sessions, rows: found.sessions, hits } });
  });
}

export function forkSession(app: App, session: string): void {
  attempt(app, async () => showSession(app, (await app.server.call("sessionFork", { session })).session));
}

export function archiveSession(app: App, session: string, archived: boolean): void {
  attempt(app, async () => {
    await app.server.call("sessionArchive", { session, archived });
    refreshSessionList(app);
  });
}

export function renameSession(app: App, session: string, title: string): void {
  app.set({ sessions: { ...app.state().sessions, renaming: null } });
  if (title.trim() === "") return;
  attempt(app, async () => {
    await app.server.call("sessionRename", { session, title: title.trim() });
    refreshSessionList(app);
  });
}
