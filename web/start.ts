/** Starts the page: connects host, server and state, and renders at most once per animation frame. */

import { h, render } from "preact";
import type { MessageReader, MessageWriter } from "vscode-jsonrpc";
import { DEFAULT_AGENT } from "../client/agents.ts";
import { openReconnectingClient } from "../client/reconnecting-client.ts";
import { openLink } from "../client/remote.ts";
import type { GuestRole } from "../protocol/share-methods.ts";
import type { SessionView } from "../protocol/view.ts";
import { handlePageKeys } from "./action-handlers.ts";
import { type App, attempt, showNotice, showSession } from "./app.ts";
import { handleBack } from "./go-back.ts";
import type { Host } from "./host-transport.ts";
import { addAttachments } from "./images.tsx";
import { Page } from "./page.tsx";
import { openSessionList, refreshSessionList } from "./sessions.ts";
import { initialState, type State } from "./state.ts";
import { createReporter } from "./together.tsx";

/** Saved by the host while the page is unloaded: the current session and the unsent draft. */
export interface SavedState {
  session: string | null;
  draft: string;
}

export interface StartOptions {
  host: Host;
  root: Element;
  client: { name: string; version: string };
  saved: SavedState | null;
  save(state: SavedState): void;
  /** `mayStart`: a server may be started if none is running. */
  openTransport(mayStart: boolean): Promise<{ reader: MessageReader; writer: MessageWriter }>;
  /** What shows the page. In a browser, the folder is that of the session, and the list has the sessions of all folders. */
  surface: State["surface"];
  /** The role of a guest of a shared session. */
  guest?: GuestRole;
}

export function startPage({ host, root, client, saved, save, openTransport, surface, guest }: StartOptions): App {
  let state: State = { ...initialState, surface, guest: guest ?? null, draft: saved?.draft ?? "" };
  let frame = 0;
  let lastSaved = "";
  const renderPage = (): void => {
    frame = 0;
    const view = app.server.currentView();
    if (view !== state.view) showView(view);
    render(h(Page, { app }), root);
    const now: SavedState = { session: state.view?.id ?? null, draft: state.draft };
    const text = JSON.stringify(now);
    if (text !== lastSaved && state.connection.state === "connected") save(now);
    lastSaved = text;
  };
  const showView = (view: SessionView | null): void => {
    const before = state.view;
    state = { ...state, view };
    if (surface !== "browser") return;
    if (view && view.cwd !== state.cwd) {
      state = { ...state, cwd: view.cwd };
      attempt(app, () => loadDefaults(app));
    }
    if (before?.title !== view?.title || before?.activity.state !== view?.activity.state) refreshSessionList(app);
  };
  const scheduleRender = (): void => {
    if (frame === 0) frame = requestAnimationFrame(renderPage);
  };
  const server = openReconnectingClient(
    async (mayStart) => openLink(await openTransport(mayStart), { client, answers: true }, "The server"),
    {
      connectionChanged: (connection) => app.set({ connection }),
      connected: (link) => {
        app.set({ self: link.participant ?? null });
        if (surface === "browser") refreshSessionList(app);
        if (state.cwd !== "") attempt(app, () => loadDefaults(app));
        link.onConfigChanged?.(() => attempt(app, () => loadDefaults(app)));
      },
      viewChanged: scheduleRender,
      eventReceived: () => undefined,
      participantsChanged: (participants) => app.set({ participants }),
      errorReported: (text) => showNotice(app, "error", text),
    },
  );
  const app: App = {
    state: () => state,
    set(change) {
      state = { ...state, ...change };
      if (change.draft !== undefined) reporter.typed(change.draft);
      scheduleRender();
    },
    server,
    host,
  };
  const reporter = createReporter(app);
  let opening: Promise<unknown> = Promise.resolve();
  const open = (session: string | null): Promise<void> => {
    const shown = showSession(app, session);
    opening = shown.catch(() => undefined);
    return shown;
  };
  host.onMessage((message) => {
    switch (message.type) {
      case "initialize": {
        app.set({ cwd: message.cwd });
        if (state.connection.state === "connected") attempt(app, () => loadDefaults(app));
        const session = message.session ?? saved?.session ?? null;
        // The saved session may have been deleted: start a new one without an error.
        if (session !== null) open(session).catch(() => open(null));
        return;
      }
      case "folder": {
        app.set({ cwd: message.cwd, completion: null });
        return attempt(app, async () => {
          await open(null);
          await loadDefaults(app);
        });
      }
      case "show":
        return attempt(app, () => open(message.session));
      case "showSessions":
        return openSessionList(app);
      case "insert": {
        const { draft } = state;
        return app.set({ draft: draft === "" ? message.text : `${draft}\n${message.text}` });
      }
      case "attach":
        return addAttachments(app, message.attachments);
      case "focus":
        // The session that is being opened may have a question, which must be rendered first.
        return void opening.then(() => requestAnimationFrame(() => focusControl(message.target)));
      case "notice":
        return showNotice(app, message.level, message.text);
      default:
    }
  });
  if (surface === "browser") {
    handleBack(app);
    if (guest === undefined) handlePageKeys(app);
  }
  host.post({ type: "ready" });
  scheduleRender();
  return app;
}

function focusControl(target: "prompt" | "question"): void {
  const question = target === "question" ? document.querySelector<HTMLElement>(".question button") : null;
  (question ?? document.getElementById("prompt"))?.focus();
}

/** Loads the configured defaults, and the models and commands to choose from. */
async function loadDefaults(app: App): Promise<void> {
  const { cwd } = app.state();
  const [{ values }, { models }, { commands }, { agents }] = await Promise.all([
    app.server.call("configRead", { cwd }),
    app.server.call("modelList", {}),
    app.server.call("commandsList", { cwd }),
    app.server.call("agentList", { cwd }),
  ]);
  const text = (key: string, fallback: string): string => {
    const value = values.find((one) => one.key === key)?.value;
    return typeof value === "string" ? value : fallback;
  };
  app.set({
    models: models.filter(({ ready }) => ready),
    commands,
    agents,
    defaults: {
      agent: text("agent", "") || DEFAULT_AGENT,
      model: text("model", ""),
      effort: text("effort", ""),
      mode: text("permissions.mode", "ask"),
    },
  });
}
