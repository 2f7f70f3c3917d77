/** The editor's sessions: one per workspace folder, created on first use, with their views. */

import { describeError } from "../protocol/errors.ts";
import type { Attachment, Envelope, Settings } from "../protocol/events.ts";
import type { Link } from "../protocol/link.ts";
import type { ResultOf } from "../protocol/methods.ts";
import { reduceAll, type SessionView } from "../protocol/view.ts";
import { resolveRealPath } from "./documents.ts";
import type { ServerConnection } from "./server-connection.ts";

export interface FolderSessions {
  /** The session of the file's folder, or of the first folder; created if necessary. */
  for(path: string | null): Promise<string>;
  /** The same if it exists. */
  sessionByFolder(path: string | null): SessionView | undefined;
  create(path: string | null, title: string | undefined): Promise<string>;
  /** Uses an existing session, also of another client, for its folder from now on. */
  adopt(session: string): Promise<SessionView>;
  prompt(session: string, text: string, more?: Settings, attachments?: Attachment[]): Promise<ResultOf<"turnPrompt">>;
  view(session: string): SessionView | undefined;
  views(): SessionView[];
  folderOf(path: string | null): string;
  setFolders(folders: readonly string[]): void;
  onEvent(listener: (envelope: Envelope, view: SessionView) => void): void;
  /** Called with a snapshot, which replaces events that were missed. */
  onView(listener: (view: SessionView) => void): void;
}

/** The number of parts to load with a view. */
const PARTS = 300;

export function openFolderSessions(server: ServerConnection, cwd: string, settings: () => Settings): FolderSessions {
  let folders: string[] = [];
  const current = new Map<string, Promise<string>>();
  const views = new Map<string, SessionView>();
  const watched = new Set<string>();
  const eventListeners: ((envelope: Envelope, view: SessionView) => void)[] = [];
  const viewListeners: ((view: SessionView) => void)[] = [];

  const watch = (link: Link, session: string): Promise<void> =>
    link.watch(
      session,
      {
        event(envelope) {
          const before = views.get(session);
          if (!before) return;
          const view = reduceAll(before, [envelope]);
          views.set(session, view);
          for (const listener of eventListeners) listener(envelope, view);
        },
        snapshot(view) {
          views.set(session, view);
          for (const listener of viewListeners) listener(view);
        },
      },
      PARTS,
    );
  server.onLink(async (link) => {
    for (const session of watched) await watch(link, session).catch(() => watched.delete(session));
  });

  const follow = async (session: string): Promise<string> => {
    if (watched.has(session)) return session;
    await watch(await server.link(), session);
    watched.add(session);
    return session;
  };
  const createSession = (folder: string, title: string | undefined): Promise<string> => {
    const created = server
      .call("sessionCreate", { cwd: folder, ...(title !== undefined && { title }) })
      .then(({ session }) => follow(session));
    current.set(folder, created);
    // The next call tries again.
    created.catch(() => current.delete(folder));
    return created;
  };
  const folderOf = (path: string | null): string =>
    folders
      .filter((folder) => path === folder || path?.startsWith(folder.endsWith("/") ? folder : `${folder}/`))
      .sort((one, other) => other.length - one.length)[0] ??
    folders[0] ??
    cwd;
  const currentView = (path: string | null): SessionView | undefined =>
    [...views.values()].findLast(({ cwd: folder }) => folder === folderOf(path));
  return {
    folderOf,
    sessionByFolder: currentView,
    for: (path) => current.get(folderOf(path)) ?? createSession(folderOf(path), undefined),
    create: (path, title) => createSession(folderOf(path), title),
    async adopt(session) {
      await follow(session);
      const view = views.get(session);
      if (!view) throw new Error(describeError("The session has no view."));
      current.set(view.cwd, Promise.resolve(session));
      // Of several views of a folder, the last one is current.
      views.delete(session);
      views.set(session, view);
      return view;
    },
    prompt: (session, text, more, attachments = []) =>
      server.call("turnPrompt", { session, text, attachments, settings: { ...settings(), ...more } }),
    view: (session) => views.get(session),
    views: () => [...views.values()],
    setFolders(next) {
      folders = next.map(resolveRealPath);
    },
    onEvent: (listener) => void eventListeners.push(listener),
    onView: (listener) => void viewListeners.push(listener),
  };
}
