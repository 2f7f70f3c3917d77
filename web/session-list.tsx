/** The sessions of this folder, and search results from all sessions. */
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Summary } from "../protocol/methods.ts";
import { type App, attempt, showSession } from "./app.ts";
import { sanitize } from "./parts.tsx";
import { archiveSession, forkSession, renameSession, searchSessions, showArchived } from "./sessions.ts";
import { Skeleton } from "./skeleton.tsx";

export function SessionList({ app }: { app: App }): VNode {
  const { surface, sessions } = app.state();
  const { text, archived, rows, hits } = sessions;
  const Box = surface === "editor" ? "main" : "div";
  const shown = (rows ?? []).filter(({ title }) => title.toLowerCase().includes(text.trim().toLowerCase()));
  const isShown = (session: string): boolean => shown.some(({ id }) => id === session);
  const matches = hits?.filter(({ session, part }) => part !== undefined || !isShown(session)) ?? null;
  const open = (session: string | null): void => attempt(app, () => showSession(app, session));
  return (
    <Box class="sessions">
      <div class="tools">
        <input
          type="search"
          aria-label="Search sessions"
          placeholder="Search sessions"
          value={text}
          onInput={({ currentTarget }) => searchSessions(app, currentTarget.value)}
        />
        <label>
          <input
            type="checkbox"
            checked={archived}
            onChange={({ currentTarget }) => showArchived(app, currentTarget.checked)}
          />
          Archived
        </label>
        <button type="button" class="primary" onClick={() => open(null)}>
          New session
        </button>
      </div>
      <ul aria-label="Sessions">
        {shown.map((row) => (
          <SessionRow key={row.id} app={app} row={row} open={open} />
        ))}
      </ul>
      {matches && matches.length > 0 && <h2>Matches in conversations</h2>}
      {matches && (
        <ul aria-label="Matches in conversations">
          {matches.map(({ session, title, excerpt, part }) => (
            <li key={session + (part ?? "")}>
              <button type="button" class="session" onClick={() => open(session)}>
                <span>{sanitize(title)}</span>
                <span class="muted">{sanitize(excerpt)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {rows === null && <Skeleton label="Loading sessions" rows={6} />}
      {rows !== null && shown.length === 0 && !matches?.length && (
        <p class="muted empty">{describeEmpty(text, archived)}</p>
      )}
    </Box>
  );
}

function describeEmpty(text: string, archived: boolean): string {
  if (text.trim() !== "") return `No session matches “${sanitize(text.trim())}”.`;
  return archived ? "No archived sessions." : "No sessions yet. Send a prompt to start one.";
}

function SessionRow({ app, row, open }: { app: App; row: Summary; open(session: string): void }): VNode {
  const { id, title, cwd, updatedAt, turns, running, archived } = row;
  const { sessions, surface, view } = app.state();
  if (sessions.renaming === id) return <RenameField app={app} row={row} />;
  return (
    <li class="session-row">
      <button
        type="button"
        class="session"
        aria-current={surface === "browser" && view?.id === id ? "true" : undefined}
        onClick={() => open(id)}
      >
        <span>{`${running ? "● " : ""}${sanitize(title) || "(no prompt yet)"}`}</span>
        <span class="muted">{`${surface === "browser" ? `${sanitize(folderName(cwd))} · ` : ""}${new Date(updatedAt).toLocaleString()} · ${turns} turn${turns === 1 ? "" : "s"}`}</span>
      </button>
      <button type="button" onClick={() => forkSession(app, id)}>
        Fork
      </button>
      <button type="button" onClick={() => app.set({ sessions: { ...sessions, renaming: id } })}>
        Rename
      </button>
      <button type="button" onClick={() => archiveSession(app, id, !archived)}>
        {archived ? "Restore" : "Archive"}
      </button>
    </li>
  );
}

const folderName = (path: string): string => path.split(/[\\/]/).findLast((name) => name !== "") ?? path;

function RenameField({ app, row }: { app: App; row: Summary }): VNode {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), []);
  return (
    <li>
      <input
        ref={field}
        aria-label="Title"
        defaultValue={row.title}
        onKeyDown={({ key, currentTarget }) => {
          if (key === "Enter") renameSession(app, row.id, currentTarget.value);
          else if (key === "Escape") renameSession(app, row.id, "");
        }}
      />
    </li>
  );
}
