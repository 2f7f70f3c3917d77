/** The whole page: in an editor one column; in a browser with the sessions on the left, and what the session is doing on the right. */
import type { VNode } from "preact";
import { SERVER_STOPPED } from "../client/errors.ts";
import type { Outcome } from "../protocol/events.ts";
import type { SessionView } from "../protocol/view.ts";
import { type App, attempt, showSession } from "./app.ts";
import { GuestSidebar, mayPrompt, WatchingNote } from "./guest-notes.tsx";
import { PageDialog } from "./palette.tsx";
import { sanitize } from "./parts.tsx";
import { PromptBox } from "./prompt-box.tsx";
import { QuestionBox } from "./question-box.tsx";
import { Review } from "./review.tsx";
import { SessionList } from "./session-list.tsx";
import { Edits, Plan, Queue, Tasks } from "./session-panels.tsx";
import { openSessionList } from "./sessions.ts";
import { SessionStats } from "./settings.tsx";
import { Skeleton } from "./skeleton.tsx";
import type { State } from "./state.ts";
import { chooseTheme, chosenTheme, listThemes } from "./themes.ts";
import { Together } from "./together.tsx";
import { Transcript } from "./transcript.tsx";

export function Page({ app }: { app: App }): VNode {
  const { surface, screen, view, guest } = app.state();
  if (surface === "editor") return <Column app={app} />;
  return (
    <div class="layout" data-screen={screen}>
      <nav class="sidebar" aria-label="Sessions of all folders">
        {guest === null ? <SessionList app={app} /> : <GuestSidebar guest={guest} />}
        {screen === "sessions" && (
          <button type="button" class="back" onClick={() => app.set({ screen: "session" })}>
            ← Back to the session
          </button>
        )}
        <ThemePicker />
      </nav>
      <Column app={app} />
      {view && <Details app={app} view={view} />}
      <PageDialog app={app} />
    </div>
  );
}

/** Shown where there is room for it: what is otherwise between the conversation and the prompt. */
function Details({ app, view }: { app: App; view: SessionView }): VNode {
  return (
    <aside class="details" aria-label="Session details">
      <section>
        <h2>{sanitize(view.title) || "New session"}</h2>
        <p class="muted">{sanitize(view.cwd)}</p>
        {view.model !== "" && <p title={sanitize(view.modelReason)}>{sanitize(view.model)}</p>}
        {view.modelReason !== "" && <p class="muted">{sanitize(view.modelReason)}</p>}
        <SessionStats view={view} />
      </section>
      <Plan view={view} />
      <Tasks app={app} view={view} />
      {app.state().guest === null && <Edits app={app} view={view} />}
    </aside>
  );
}

function ThemePicker(): VNode {
  return (
    <label class="theme">
      <span class="muted">Theme</span>
      <select value={chosenTheme()} onChange={({ currentTarget }) => chooseTheme(currentTarget.value)}>
        <option value="">System</option>
        {listThemes().map(({ name, title }) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}

function Column({ app }: { app: App }): VNode {
  const { surface, screen, view, notice, connection } = app.state();
  return (
    <div class="page">
      <Head app={app} view={view} />
      {connection.state === "ended" && (
        <div class="notice warning" role="alert">
          {`${sanitize(connection.reason)} What you see here is how the session was then.`}
        </div>
      )}
      {(connection.state === "lost" || connection.state === "stopped") && (
        <div class="notice warning" role="alert">
          {connection.state === "lost"
            ? sanitize(connection.reason)
            : surface === "browser"
              ? SERVER_STOPPED
              : `${SERVER_STOPPED} Your next prompt starts it again.`}
        </div>
      )}
      {surface === "editor" && screen === "sessions" ? (
        <SessionList app={app} />
      ) : view && screen === "review" ? (
        <Review app={app} view={view} />
      ) : (
        <Session app={app} view={view} />
      )}
      {notice && (
        <div class={`notice ${notice.level}`} role="status">
          <span class="grow">{sanitize(notice.text)}</span>
          <button type="button" aria-label="Close" onClick={() => app.set({ notice: null })}>
            ×
          </button>
        </div>
      )}
      <div class="sr" role="status" aria-live="polite">
        {describeStatus(app.state())}
      </div>
    </div>
  );
}

function Head({ app, view }: { app: App; view: SessionView | null }): VNode {
  const { guest, participants: list } = app.state();
  const { participants, count } = list;
  // The page and the extension of one editor are two clients.
  const listed = new Set(participants.map(({ id, client }) => (client.startsWith("vscode") ? "vscode" : id)));
  const here = listed.size + count - participants.length;
  return (
    <header>
      <h1>{view?.title ? sanitize(view.title) : "New session"}</h1>
      {here > 1 && <span class="muted">{`${here} here`}</span>}
      <button type="button" class="list" aria-label="Sessions" title="Sessions" onClick={() => openSessionList(app)}>
        ☰
      </button>
      {guest === null && (
        <button
          type="button"
          aria-label="New session"
          title="New session"
          onClick={() => attempt(app, () => showSession(app, null))}
        >
          +
        </button>
      )}
    </header>
  );
}

function Session({ app, view }: { app: App; view: SessionView | null }): VNode {
  const question = view?.questions[0];
  const { guest, connection } = app.state();
  return (
    <main class="session-view">
      <h2 class="sr">Conversation</h2>
      {view ? <Transcript key={view.id} app={app} view={view} /> : <Welcome app={app} />}
      {view && <TurnOutcome view={view} />}
      {view && <Plan view={view} />}
      {view && guest === null && <Edits app={app} view={view} />}
      {view && <Tasks app={app} view={view} />}
      {view && <Queue app={app} view={view} />}
      {view && question && (
        <QuestionBox key={question.id} app={app} question={question} waiting={view.questions.length} />
      )}
      {view && <Together app={app} view={view} />}
      {connection.state !== "ended" &&
        (guest === null || mayPrompt(guest) ? <PromptBox app={app} view={view} /> : <WatchingNote guest={guest} />)}
    </main>
  );
}

function Welcome({ app }: { app: App }): VNode {
  const { surface, cwd, connection, opening } = app.state();
  if (opening || connection.state === "connecting")
    return (
      <div class="transcript loading">
        <Skeleton label={opening ? "Loading the session" : "Connecting"} rows={5} />
      </div>
    );
  return (
    <div class="transcript empty">
      <p class="welcome">What should be done?</p>
      {surface === "browser" && cwd !== "" && <p>{`In ${sanitize(cwd)}`}</p>}
    </div>
  );
}

/** A progress bar while a turn runs, and the outcome of the last turn if it did not complete. */
function TurnOutcome({ view: { activity, lastEnd } }: { view: SessionView }): VNode | null {
  if (activity.state === "running") return <div class="working" aria-hidden="true" />;
  if (!lastEnd || lastEnd.outcome === "done") return null;
  return (
    <div class={`notice ${lastEnd.outcome === "failed" ? "error" : "warning"}`}>
      {`${outcomeLabels[lastEnd.outcome]}.`}
    </div>
  );
}

const outcomeLabels: Readonly<Record<Outcome, string>> = {
  done: "The turn is done",
  cancelled: "The turn was cancelled",
  interrupted: "The turn was interrupted",
  failed: "The turn failed",
  limit: "The turn reached a limit",
};

/** Announced by screen readers when it changes. Responses are not announced: they are too long. */
function describeStatus({ view, connection }: State): string {
  if (connection.state === "ended") return connection.reason;
  if (connection.state !== "connected")
    return connection.state === "connecting" ? "Connecting." : "Disconnected from the server.";
  const question = view?.questions[0];
  if (question) return `Question: ${question.title}`;
  if (view?.activity.state === "running") return "Working.";
  return view?.lastEnd ? `${outcomeLabels[view.lastEnd.outcome]}.` : "";
}
