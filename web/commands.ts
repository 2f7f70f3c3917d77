/** Slash commands that the page itself runs. */
import { type App, attempt, showNotice, showSession } from "./app.ts";
import { openReview } from "./session-panels.tsx";
import { openSessionList } from "./sessions.ts";

export interface PageCommand {
  description: string;
  run(app: App, argument: string): void;
}

const withSession = (app: App, does: (session: string) => unknown): void => {
  const { view } = app.state();
  if (view) attempt(app, async () => does(view.id));
  else showNotice(app, "info", "No session yet. Send a prompt to start one.");
};

export const pageCommands = {
  new: { description: "New session", run: (app) => attempt(app, () => showSession(app, null)) },
  sessions: { description: "Show sessions", run: (app, text) => openSessionList(app, text) },
  fork: {
    description: "Continue in a copy of this session",
    run: (app) =>
      withSession(app, async (session) =>
        showSession(app, (await app.server.call("sessionFork", { session })).session),
      ),
  },
  rename: {
    description: "Rename this session",
    run: (app, title) =>
      withSession(app, (session) =>
        title === ""
          ? showNotice(app, "info", "Missing title. Use /rename TITLE.")
          : app.server.call("sessionRename", { session, title }),
      ),
  },
  archive: {
    description: "Archive this session",
    run: (app) =>
      withSession(app, async (session) => {
        await app.server.call("sessionArchive", { session, archived: true });
        await showSession(app, null);
      }),
  },
  stop: {
    description: "Stop the running turn",
    run: (app) => withSession(app, (session) => app.server.call("turnCancel", { session })),
  },
  review: {
    description: "Review changes",
    run: (app) => withSession(app, (session) => openReview(app, session)),
  },
  terminal: {
    description: "Open this session in a terminal",
    run: (app) => withSession(app, (session) => app.host.post({ type: "terminal", session })),
  },
} as const satisfies Record<string, PageCommand>;

export const isPageCommand = (name: string): name is keyof typeof pageCommands => Object.hasOwn(pageCommands, name);
