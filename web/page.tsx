/** The whole page, from the state. */
import type { VNode } from "preact";
import type { SessionView } from "../protocol/view.ts";
import { type App, attempt, show } from "./app.ts";
import { Edits, Plan, Queue } from "./aside.tsx";
import { visible } from "./parts.tsx";
import { PromptBox } from "./prompt-box.tsx";
import { QuestionBox } from "./question-box.tsx";
import { SessionList } from "./session-list.tsx";
import { openSessions } from "./sessions.ts";
import type { State } from "./state.ts";
import { Transcript } from "./transcript.tsx";

export function Page({ app }: { app: App }): VNode {
  const { screen, view, said, connection } = app.state();
  return (
    <div class="page">
      <Head app={app} view={view} />
      {connection.state === "lost" && (
        <div class="notice warning" role="alert">
          {visible(connection.why)}
        </div>
      )}
      {screen === "sessions" ? <SessionList app={app} /> : <Session app={app} view={view} />}
      {said && (
        <div class={`notice ${said.level}`} role="status">
          <span class="grow">{visible(said.text)}</span>
          <button type="button" aria-label="Close" onClick={() => app.set({ said: null })}>
            ×
          </button>
        </div>
      )}
      <div class="sr" role="status" aria-live="polite">
        {standing(app.state())}
      </div>
    </div>
  );
}

function Head({ app, view }: { app: App; view: SessionView | null }): VNode {
  const others = new Set(
    app.state().participants.map(({ id, client }) => (client.startsWith("vscode") ? "vscode" : id)),
  );
  return (
    <header>
      <h1>{view?.title ? visible(view.title) : "New session"}</h1>
      {others.size > 1 && <span class="muted">{`${others.size} here`}</span>}
      <button type="button" aria-label="Sessions" title="Sessions" onClick={() => openSessions(app)}>
        ☰
      </button>
      <button
        type="button"
        aria-label="New session"
        title="New session"
        onClick={() => attempt(app, () => show(app, null))}
      >
        +
      </button>
    </header>
  );
}

function Session({ app, view }: { app: App; view: SessionView | null }): VNode {
  const question = view?.questions[0];
  return (
    <main class="session-view">
      {view ? (
        <Transcript key={view.id} app={app} view={view} />
      ) : (
        <div class="transcript empty">
          <p>What should be done?</p>
        </div>
      )}
      {view && <End view={view} />}
      {view && <Plan view={view} />}
      {view && <Edits app={app} view={view} />}
      {view && <Queue app={app} view={view} />}
      {view && question && (
        <QuestionBox key={question.id} app={app} question={question} waiting={view.questions.length} />
      )}
      <PromptBox app={app} view={view} />
    </main>
  );
}

/** How the last turn ended, where it did not end well, or what goes on. */
function End({ view: { activity, lastEnd } }: { view: SessionView }): VNode | null {
  if (activity.state === "running") return <div class="working" aria-hidden="true" />;
  if (!lastEnd || lastEnd.outcome === "done") return null;
  const why = lastEnd.failure ? `: ${lastEnd.failure.message}` : ".";
  return (
    <div class={`notice ${lastEnd.outcome === "failed" ? "error" : "warning"}`}>
      {visible(`The turn was ${lastEnd.outcome}${why}`)}
    </div>
  );
}

/** What is told aloud when it changes; the words of the answer are not, for there are too many. */
function standing({ view, connection }: State): string {
  if (connection.state !== "connected") return connection.state === "lost" ? "The server is gone." : "Connecting.";
  const question = view?.questions[0];
  if (question) return `Question: ${question.title}`;
  if (view?.activity.state === "running") return "Working.";
  return view?.lastEnd ? `The turn has ended: ${view.lastEnd.outcome}.` : "";
}
