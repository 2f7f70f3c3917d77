/** The sessions of this folder, and what a search found in all of them. */
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Summary } from "../protocol/methods.ts";
import { type App, attempt, show } from "./app.ts";
import { visible } from "./parts.tsx";
import { archive, fork, rename, search, showArchived } from "./sessions.ts";

export function SessionList({ app }: { app: App }): VNode {
  const { text, archived, rows, hits } = app.state().sessions;
  const shown = rows.filter(({ title }) => title.toLowerCase().includes(text.trim().toLowerCase()));
  const open = (session: string | null): void => attempt(app, () => show(app, session));
  return (
    <main class="sessions">
      <div class="tools">
        <input
          type="search"
          aria-label="Search sessions"
          placeholder="Search in sessions"
          value={text}
          onInput={({ currentTarget }) => search(app, currentTarget.value)}
        />
        <label>
          <input
            type="checkbox"
            checked={archived}
            onChange={({ currentTarget }) => showArchived(app, currentTarget.checked)}
          />
          archived
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
      {hits && hits.length > 0 && <h2>Found inside</h2>}
      {hits && (
        <ul aria-label="Found inside">
          {hits.map(({ session, title, excerpt, part }) => (
            <li key={session + part}>
              <button type="button" class="session" onClick={() => open(session)}>
                <span>{visible(title)}</span>
                <span class="muted">{visible(excerpt)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {shown.length === 0 && (hits === null || hits.length === 0) && <p class="muted">There is none.</p>}
    </main>
  );
}

function SessionRow({ app, row, open }: { app: App; row: Summary; open(session: string): void }): VNode {
  const { id, title, updatedAt, turns, running, archived } = row;
  const { sessions } = app.state();
  if (sessions.naming === id) return <Naming app={app} row={row} />;
  return (
    <li>
      <button type="button" class="session" onClick={() => open(id)}>
        <span>{`${running ? "● " : ""}${visible(title) || "(no prompt yet)"}`}</span>
        <span class="muted">{`${new Date(updatedAt).toLocaleString()} · ${turns} turn${turns === 1 ? "" : "s"}`}</span>
      </button>
      <button type="button" onClick={() => fork(app, id)}>
        Fork
      </button>
      <button type="button" onClick={() => app.set({ sessions: { ...sessions, naming: id } })}>
        Rename
      </button>
      <button type="button" onClick={() => archive(app, id, !archived)}>
        {archived ? "Take back" : "Archive"}
      </button>
    </li>
  );
}

function Naming({ app, row }: { app: App; row: Summary }): VNode {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), []);
  return (
    <li>
      <input
        ref={field}
        aria-label="Title"
        defaultValue={row.title}
        onKeyDown={({ key, currentTarget }) => {
          if (key === "Enter") rename(app, row.id, currentTarget.value);
          else if (key === "Escape") rename(app, row.id, "");
        }}
      />
    </li>
  );
}
