/** The panels between conversation and prompt: the plan, queued prompts, and files to review. */
import type { VNode } from "preact";
import type { PlanItem } from "../protocol/events.ts";
import type { SessionView } from "../protocol/view.ts";
import { type App, attempt } from "./app.ts";
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

export function Edits({ app, view }: { app: App; view: SessionView }): VNode | null {
  const { edits, id: session, cwd } = view;
  if (edits.length === 0) return null;
  const name = (path: string): string => (path.startsWith(`${cwd}/`) ? path.slice(cwd.length + 1) : path);
  return (
    <div class="edits">
      <button type="button" onClick={() => app.host.post({ type: "review", session })}>
        {`Review ${edits.length} changed file${edits.length === 1 ? "" : "s"}`}
      </button>
      {edits.slice(-3).map(({ path }) => (
        <button
          type="button"
          class="link"
          key={path}
          title={path}
          onClick={() => app.host.post({ type: "review", session, path })}
        >
          {sanitize(name(path))}
        </button>
      ))}
    </div>
  );
}
