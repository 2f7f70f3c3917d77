/** Below the prompt: what the next one runs with and what goes along, and how the session stands. */
import type { VNode } from "preact";
import { costOf, short } from "../client/figures.ts";
import { type Context, contexts } from "../client/frame.ts";
import type { SessionView } from "../protocol/view.ts";
import { type App, attempt } from "./app.ts";
import { visible } from "./parts.tsx";
import { submit } from "./prompt.ts";
import type { State } from "./state.ts";

const modes = ["plan", "ask", "edit", "auto"] as const;
const efforts = ["none", "low", "medium", "high"] as const;
const gives: Record<Context, string> = {
  selection: "Selection",
  files: "Open files",
  problems: "Problems",
  terminal: "Terminal",
  changes: "Git changes",
};

export function Settings({ app, view }: { app: App; view: SessionView | null }): VNode {
  const { settings, usual, models } = app.state();
  const set = (change: Partial<State["settings"]>): void => app.set({ settings: { ...settings, ...change } });
  const model = settings.model ?? (view?.model || usual.model);
  const ready = models.map(({ id }) => id);
  const known = model === "" || ready.includes(model) ? ready : [model, ...ready];
  const running = view?.activity.state === "running";
  return (
    <div class="settings">
      <select
        aria-label="Add context"
        value=""
        onChange={({ currentTarget }) => {
          app.host.tell({ type: "context", what: currentTarget.value as Context });
          currentTarget.value = "";
        }}
      >
        <option value="">+ Context</option>
        {contexts.map((one) => (
          <option key={one} value={one}>
            {gives[one]}
          </option>
        ))}
      </select>
      <select
        aria-label="What is allowed without asking"
        value={settings.mode ?? usual.mode}
        onChange={({ currentTarget }) => set({ mode: currentTarget.value as (typeof modes)[number] })}
      >
        {modes.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
      <select
        aria-label="Model"
        class="model"
        title={view?.modelWhy ?? ""}
        value={model}
        onChange={({ currentTarget }) => set({ model: currentTarget.value })}
      >
        {model === "" && <option value="">no model yet</option>}
        {known.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
      <select
        aria-label="Effort"
        value={settings.effort ?? ""}
        onChange={({ currentTarget }) => set({ effort: currentTarget.value as (typeof efforts)[number] })}
      >
        {settings.effort === undefined && <option value="">effort</option>}
        {efforts.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
      <span class="grow" />
      {view && <Standing view={view} />}
      {running ? (
        <button
          type="button"
          onClick={() => view && attempt(app, () => app.server.call("turnCancel", { session: view.id }))}
        >
          ■ Stop
        </button>
      ) : (
        <button type="button" class="primary" onClick={() => submit(app, "send")}>
          Send
        </button>
      )}
    </div>
  );
}

function Standing({ view }: { view: SessionView }): VNode {
  const { context, contextUsed, usage, modelWhy } = view;
  const filled = context === null ? `${short(contextUsed)} tokens` : `${Math.round((contextUsed / context) * 100)}%`;
  const cost = costOf(usage);
  return (
    <span class="muted standing" title={visible(modelWhy)}>
      {contextUsed > 0 && <span title="of the model's context">{filled}</span>}
      {cost !== null && <span class="cost">{cost}</span>}
    </span>
  );
}
