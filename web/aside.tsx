/** What stands between the conversation and the prompt: the plan, what waits, and what was changed and nobody looked through. */
import type { VNode } from "preact";
import type { PlanItem } from "../protocol/events.ts";
import type { SessionView } from "../protocol/view.ts";
import { type App, attempt } from "./app.ts";
import { visible } from "./parts.tsx";

const signs: Record<PlanItem["state"], string> = { pending: "○", active: "●", done: "✓", dropped: "–" };

export function Plan({ view }: { view: SessionView }): VNode | null {
  if (view.plan.length === 0 || view.plan.every(({ state }) => state === "done" || state === "dropped")) return null;
  const done = view.plan.filter(({ state }) => state === "done").length;
  return (
    <details class="plan" open={view.plan.length <= 6}>
      <summary>{`Plan · ${done} of ${view.plan.length}`}</summary>
      <ul>
        {view.plan.map(({ text, state }) => (
          <li class={state}>
            <span aria-hidden="true">{signs[state]}</span> {visible(text)}
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
  return (
    <ol class="queue" aria-label="Waiting prompts">
      {view.queue.map(({ id, text, steers }, index) => (
        <li key={id}>
          <span class="grow">{`${steers === undefined ? "" : "→ "}${visible(text)}`}</span>
          {index > 0 && (
            <button
              type="button"
              aria-label="Earlier"
              onClick={() => attempt(app, () => app.server.call("queueMove", { session, prompt: id, to: index - 1 }))}
            >
              ↑
            </button>
          )}
          <button
            type="button"
            aria-label="Change"
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
            aria-label="Drop"
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
      <button type="button" onClick={() => app.host.tell({ type: "review", session })}>
        {`Review ${edits.length} changed file${edits.length === 1 ? "" : "s"}`}
      </button>
      {edits.slice(-3).map(({ path }) => (
        <button
          type="button"
          class="link"
          key={path}
          title={path}
          onClick={() => app.host.tell({ type: "review", session, path })}
        >
          {visible(name(path))}
        </button>
      ))}
    </div>
  );
}
