/** Finds the session that a user names. */
import { TuttiError } from "../protocol/errors.ts";
import type { Link } from "../protocol/link.ts";
import type { Summary } from "../protocol/methods.ts";

type Caller = Pick<Link, "call">;

/** `last` is the newest session of the folder. Any other text is an ID or the start of one. */
export async function findSession(link: Caller, named: string, cwd: string): Promise<Summary> {
  if (named === "last") {
    const newest = await findLastSession(link, cwd);
    if (!newest) throw new TuttiError("notFound", `No session exists for ${cwd}. Start one without --continue.`);
    return newest;
  }
  const found = await Promise.all(
    [false, true].map((archived) => link.call("sessionList", { idPrefix: named, archived, limit: 5 })),
  );
  const sessions = found.flatMap((page) => page.sessions);
  const exact = sessions.filter(({ id }) => id === named);
  const [only, ...others] = exact.length > 0 ? exact : sessions;
  if (only === undefined)
    throw new TuttiError(
      "notFound",
      `No session has the ID ${JSON.stringify(named)} or one that starts with it. List the sessions with \`tutti sessions list\`.`,
    );
  if (others.length > 0)
    throw new TuttiError(
      "usage",
      `Several sessions start with ${JSON.stringify(named)}: ${sessions.map(({ id }) => id).join(", ")}.`,
    );
  return only;
}

/** The newest session of the folder; undefined if it has none. */
async function findLastSession(link: Caller, cwd: string): Promise<Summary | undefined> {
  return (await link.call("sessionList", { cwd, limit: 1 })).sessions[0];
}

/** The session to start a UI with. Null starts a new session. If `last` finds none, calls `notify`. */
export async function findInitialSession(
  link: Caller,
  session: "last" | { id: string } | null,
  cwd: string,
  notify: (message: string) => void,
): Promise<string | null> {
  if (session === null) return null;
  const found = session === "last" ? await findLastSession(link, cwd) : await findSession(link, session.id, cwd);
  if (!found) notify("This folder has no sessions yet.");
  return found?.id ?? null;
}
