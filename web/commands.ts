/** What can be written behind a slash and is done by the page itself. */
import { type App, attempt, say, show } from "./app.ts";
import { openSessions } from "./sessions.ts";

export interface PageCommand {
  purpose: string;
  does(app: App, argument: string): void;
}

const shown = (app: App, does: (session: string) => unknown): void => {
  const { view } = app.state();
  if (view) attempt(app, async () => does(view.id));
  else say(app, "info", "There is no session yet; a first prompt begins one.");
};

export const pageCommands = {
  new: { purpose: "a new session", does: (app) => attempt(app, () => show(app, null)) },
  sessions: { purpose: "the sessions of this folder", does: (app, text) => openSessions(app, text) },
  fork: {
    purpose: "go on in a copy of this session",
    does: (app) =>
      shown(app, async (session) => show(app, (await app.server.call("sessionFork", { session })).session)),
  },
  rename: {
    purpose: "another title for this session",
    does: (app, title) =>
      shown(app, (session) =>
        title === "" ? say(app, "info", "/rename TITLE") : app.server.call("sessionRename", { session, title }),
      ),
  },
  archive: {
    purpose: "take this session out of the list",
    does: (app) =>
      shown(app, async (session) => {
        await app.server.call("sessionArchive", { session, archived: true });
        await show(app, null);
      }),
  },
  stop: {
    purpose: "stop the turn that runs",
    does: (app) => shown(app, (session) => app.server.call("turnCancel", { session })),
  },
  review: {
    purpose: "look through what was changed",
    does: (app) => shown(app, (session) => app.host.tell({ type: "review", session })),
  },
  terminal: {
    purpose: "this session in a terminal",
    does: (app) => shown(app, (session) => app.host.tell({ type: "terminal", session })),
  },
} as const satisfies Record<string, PageCommand>;

export const isPageCommand = (name: string): name is keyof typeof pageCommands => Object.hasOwn(pageCommands, name);
