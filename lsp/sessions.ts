/** The sessions of this editor: one for each folder that it works in, made when it is first needed, and what they look like by now. */
import type { Link } from "../client/link.ts";
import { sentence } from "../client/words.ts";
import type { Envelope } from "../protocol/events.ts";
import type { ResultOf, Settings } from "../protocol/methods.ts";
import { reduceAll, type SessionView } from "../protocol/view.ts";
import { realPath } from "./documents.ts";
import type { Server } from "./server.ts";

export interface Sessions {
  /** The session of the folder that a file lies in, or of the first folder. */
  for(path: string | null): Promise<string>;
  /** The same where there is one by now. */
  known(path: string | null): SessionView | undefined;
  fresh(path: string | null, title: string | undefined): Promise<string>;
  /** Takes up a session that others began, for its folder. */
  take(session: string): Promise<SessionView>;
  prompt(session: string, text: string, more?: Settings): Promise<ResultOf<"turnPrompt">>;
  view(session: string): SessionView | undefined;
  views(): SessionView[];
  folderOf(path: string | null): string;
  setFolders(folders: readonly string[]): void;
  onEvent(listener: (envelope: Envelope, view: SessionView) => void): void;
  /** A view came as a whole: what happened before it was not told. */
  onView(listener: (view: SessionView) => void): void;
}

/** Parts that a view is asked with. */
const PARTS = 300;

export function openSessions(server: Server, cwd: string, settings: () => Settings): Sessions {
  let folders: string[] = [];
  const current = new Map<string, Promise<string>>();
  const views = new Map<string, SessionView>();
  const watched = new Set<string>();
  const events: ((envelope: Envelope, view: SessionView) => void)[] = [];
  const wholes: ((view: SessionView) => void)[] = [];

  const watch = (link: Link, session: string): Promise<void> =>
    link.watch(
      session,
      {
        event(envelope) {
          const before = views.get(session);
          if (!before) return;
          const view = reduceAll(before, [envelope]);
          views.set(session, view);
          for (const listener of events) listener(envelope, view);
        },
        snapshot(view) {
          views.set(session, view);
          for (const listener of wholes) listener(view);
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
  const make = (folder: string, title: string | undefined): Promise<string> => {
    const made = server
      .call("sessionCreate", { cwd: folder, ...(title !== undefined && { title }) })
      .then(({ session }) => follow(session));
    current.set(folder, made);
    // The next one who asks tries anew.
    made.catch(() => current.delete(folder));
    return made;
  };
  const folderOf = (path: string | null): string =>
    folders
      .filter((folder) => path === folder || path?.startsWith(folder.endsWith("/") ? folder : `${folder}/`))
      .sort((one, other) => other.length - one.length)[0] ??
    folders[0] ??
    cwd;
  const known = (path: string | null): SessionView | undefined =>
    [...views.values()].findLast(({ cwd: folder }) => folder === folderOf(path));
  return {
    folderOf,
    known,
    for: (path) => current.get(folderOf(path)) ?? make(folderOf(path), undefined),
    fresh: (path, title) => make(folderOf(path), title),
    async take(session) {
      await follow(session);
      const view = views.get(session);
      if (!view) throw new Error(sentence("The session has no view."));
      current.set(view.cwd, Promise.resolve(session));
      // The last one of a folder is the one that is known there.
      views.delete(session);
      views.set(session, view);
      return view;
    },
    prompt: (session, text, more) => server.call("turnPrompt", { session, text, settings: { ...settings(), ...more } }),
    view: (session) => views.get(session),
    views: () => [...views.values()],
    setFolders(next) {
      folders = next.map(realPath);
    },
    onEvent: (listener) => void events.push(listener),
    onView: (listener) => void wholes.push(listener),
  };
}
