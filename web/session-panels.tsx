/** The panels between conversation and prompt: the plan, queued prompts, and files to review. */
import type { VNode } from "preact";
import { countRunning, describeTask, listTaskRows, taskIcon } from "../client/task-tree.ts";
import type { PlanItem } from "../protocol/events.ts";
import type { SessionView } from "../protocol/view.ts";
import { type App, attempt, showSession } from "./app.ts";
import { sanitize } from "./parts.tsx";

const stateIcons: Record<PlanItem["state"], string> = { pending: "○", active: "●", done: "✓", dropped: "–" };

export function Plan({ view }: { view: SessionView }): VNode | null {
  if (view.plan.length === 0 || view.plan.every(({ state }) => state === "done" || state === "dropped")) return null;
  const done = view.plan.filter(({ state }) => state === "done").length;
  return (
    <details class="plan" open={view.plan.length <= 6}>
      <summary>{`Plan · ${done} of ${view.plan.length}`}</summary>
      <ul>
        {view.plan.map(({ text, state }) => (
          <li class={state}>
            <span aria-hidden="true">{stateIcons[state]}</span> {sanitize(text)}
            <span class="sr">{`, ${state}`}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** The subagents of the session as a tree, while any runs; and the way back in the session of one. */
export function Tasks({ app, view }: { app: App; view: SessionView }): VNode | null {
  const { task } = view;
  const rows = countRunning(view.tasks) === 0 ? [] : listTaskRows(view.tasks);
  if (rows.length === 0 && !task) return null;
  return (
    <ul class="tasks" aria-label="Subagents">
      {task && (
        <li>
          <button type="button" class="link" onClick={() => attempt(app, () => showSession(app, task.session))}>
            {`↑ Back from ${sanitize(task.agent)}`}
          </button>
        </li>
      )}
      {rows.map(({ task: row, depth }) => (
        <li key={row.id} class={row.state} style={{ paddingInlineStart: `${depth}em` }}>
          <span aria-hidden="true">{taskIcon(row)}</span>
          <button type="button" class="link" onClick={() => attempt(app, () => showSession(app, row.id))}>
            {`${sanitize(row.agent)}: ${sanitize(row.title)}`}
          </button>
          <span class="grow muted">{sanitize(describeTask(row))}</span>
          {row.state === "running" && (
            <button
              type="button"
              aria-label={`Interrupt ${sanitize(row.agent)}`}
              onClick={() => attempt(app, () => app.server.call("turnCancel", { session: row.id }))}
            >
              ■
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

export function Queue({ app, view }: { app: App; view: SessionView }): VNode | null {
  if (view.queue.length === 0) return null;
  const { id: session } = view;
  const isWaiting = view.queueWaits && view.activity.state === "idle";
  return (
    <ol class="queue" aria-label={isWaiting ? "Waiting prompts" : "Queued prompts"}>
      {isWaiting && (
        <li>
          <span class="grow muted">Waiting since you stopped the turn.</span>
          <button type="button" onClick={() => attempt(app, () => app.server.call("queueResume", { session }))}>
            Send
          </button>
        </li>
      )}
      {view.queue.map(({ id, text, steers }, index) => (
        <li key={id}>
          <span class="grow">{`${steers === undefined ? "" : "→ "}${sanitize(text)}`}</span>
          {index > 0 && (
            <button
              type="button"
              aria-label="Move up"
              onClick={() => attempt(app, () => app.server.call("queueMove", { session, prompt: id, to: index - 1 }))}
            >
              ↑
            </button>
          )}
          <button
            type="button"
            aria-label="Edit"
            onClick={() =>
              attempt(app, async () => {
                await app.server.call("queueDrop", { session, prompt: id });
                app.set({ draft: text });
              })
            }
          >
            ✎
          </button>
          <button
            type="button"
            aria-label="Remove"
            onClick={() => attempt(app, () => app.server.call("queueDrop", { session, prompt: id }))}
          >
            ×
          </button>
        </li>
      ))}
    </ol>
  );
}

/** In the editor's own review, where the page is part of an editor. */
export function openReview(app: App, session: string, path?: string): void {
  if (app.state().surface === "browser") app.set({ screen: "review" });
  else app.host.post({ type: "review", session, ...(path !== undefined && { path }) });
}

export function Edits({ app, view }: { app: App; view: SessionView }): VNode | null {
  const { edits, id: session, cwd } = view;
  if (edits.length === 0) return null;
  const name = (path: string): string => (path.startsWith(`${cwd}/`) ? path.slice(cwd.length + 1) : path);
  return (
    <div class="edits">
      <button type="button" onClick={() => openReview(app, session)}>
        {`Review ${edits.length} changed file${edits.length === 1 ? "" : "s"}`}
      </button>
      {edits.slice(-3).map(({ path }) => (
        <button type="button" class="link" key={path} title={path} onClick={() => openReview(app, session, path)}>
          {sanitize(name(path))}
        </button>
      ))}
    </div>
  );
}
