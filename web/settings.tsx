/** The controls below the prompt: context, mode, model and effort of the next turn, and the session's usage. */

import type { VNode } from "preact";
import { listSelectable } from "../client/agents.ts";
import { formatCost, formatCount } from "../client/format.ts";
import { nextSettings } from "../client/next-settings.ts";
import { type ContextKind, contextKinds } from "../client/webview-messages.ts";
import { type Effort, efforts, type Mode, modes } from "../protocol/settings.ts";
import type { SessionView } from "../protocol/view.ts";
import { type App, attempt } from "./app.ts";
import { sanitize } from "./parts.tsx";
import { submit } from "./prompt.ts";
import type { State } from "./state.ts";

const contextLabels: Record<ContextKind, string> = {
  selection: "Selection",
  files: "Open files",
  problems: "Problems",
  terminal: "Terminal",
  changes: "Git changes",
};

export function Settings({ app, view }: { app: App; view: SessionView | null }): VNode {
  const { surface, guest, settings, defaults, models, agents } = app.state();
  const set = (change: Partial<State["settings"]>): void => app.set({ settings: { ...settings, ...change } });
  const next = nextSettings({ settings, view, defaults, agents });
  const selectable = listSelectable(agents).map(({ name }) => name);
  const names = selectable.includes(next.agent) ? selectable : [next.agent, ...selectable];
  const model = next.model || view?.model || "";
  const ready = models.map(({ id }) => id);
  const known = model === "" || ready.includes(model) ? ready : [model, ...ready];
  const running = view?.activity.state === "running";
  return (
    <div class="settings">
      {surface === "editor" && <AddContext app={app} />}
      {/* A guest can choose neither: both decide what runs on the owner's machine. */}
      {guest === null && (
        <>
          <Choice label="Agent" value={next.agent} values={names} onChoose={(agent) => set({ agent })} />
          <Choice label="Mode" value={next.mode} values={modes} onChoose={(mode) => set({ mode: mode as Mode })} />
        </>
      )}
      {/* The models of the owner are not listed for guests. */}
      {guest === null && (
        <select
          aria-label="Model"
          class="model"
          title={model === view?.model ? sanitize(view.modelReason) : ""}
          value={model}
          onChange={({ currentTarget }) => set({ model: currentTarget.value })}
        >
          {model === "" && <option value="">No model</option>}
          {known.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      )}
      <select
        aria-label="Effort"
        value={next.effort}
        onChange={({ currentTarget }) => set({ effort: currentTarget.value as Effort })}
      >
        {next.effort === "" && <option value="">Effort</option>}
        {efforts.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
      <span class="grow" />
      {view && <SessionStats view={view} />}
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

interface ChoiceProps {
  label: string;
  value: string;
  values: readonly string[];
  onChoose(value: string): void;
}

function Choice({ label, value, values, onChoose }: ChoiceProps): VNode {
  return (
    <select aria-label={label} value={value} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
      {values.map((one) => (
        <option key={one}>{one}</option>
      ))}
    </select>
  );
}

function AddContext({ app }: { app: App }): VNode {
  return (
    <select
      aria-label="Add context"
      value=""
      onChange={({ currentTarget }) => {
        app.host.post({ type: "addContext", kind: currentTarget.value as ContextKind });
        currentTarget.value = "";
      }}
    >
      <option value="">+ Context</option>
      {contextKinds.map((one) => (
        <option key={one} value={one}>
          {contextLabels[one]}
        </option>
      ))}
    </select>
  );
}

export function SessionStats({ view }: { view: SessionView }): VNode {
  const { context, contextUsed, usage, modelReason } = view;
  const filled =
    context === null ? `${formatCount(contextUsed)} tokens` : `${Math.round((contextUsed / context) * 100)}%`;
  const cost = formatCost(usage);
  return (
    <span class="muted stats" title={sanitize(modelReason)}>
      {contextUsed > 0 && <span title="of the context window used">{filled}</span>}
      {cost !== null && <span class="cost">{cost}</span>}
    </span>
  );
}
