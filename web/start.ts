/** Begins the page: joins the host, the server and the state, and draws once a frame at most. */
import { h, render } from "preact";
import { openServer } from "../client/kept.ts";
import { openLink } from "../client/remote.ts";
import { type App, attempt, say, show } from "./app.ts";
import { Page } from "./page.tsx";
import { attach } from "./pictures.tsx";
import { openSessions } from "./sessions.ts";
import { firstState, type State } from "./state.ts";
import { dial, type Host } from "./wire.ts";

/** What is kept of a page that is put away: which session it shows, and what was not sent yet. */
export interface Kept {
  session: string | null;
  draft: string;
}

export interface Surroundings {
  host: Host;
  root: Element;
  client: { name: string; version: string };
  kept: Kept | null;
  keep(kept: Kept): void;
}

export function start({ host, root, client, kept, keep }: Surroundings): void {
  let state: State = { ...firstState, draft: kept?.draft ?? "" };
  let frame = 0;
  let saved = "";
  const draw = (): void => {
    frame = 0;
    const view = app.server.take();
    if (view !== state.view) state = { ...state, view };
    render(h(Page, { app }), root);
    const now: Kept = { session: state.view?.id ?? null, draft: state.draft };
    const text = JSON.stringify(now);
    if (text !== saved && state.connection.state === "connected") keep(now);
    saved = text;
  };
  const soon = (): void => {
    if (frame === 0) frame = requestAnimationFrame(draw);
  };
  const server = openServer(async () => openLink(await dial(host), { client, answers: true }, "The server"), {
    connection: (connection) => app.set({ connection }),
    connected: (link) => {
      if (state.cwd !== "") attempt(app, () => usual(app));
      link.configured?.(() => attempt(app, () => usual(app)));
    },
    changed: soon,
    happened: () => undefined,
    present: (participants) => app.set({ participants }),
    problem: (text) => say(app, "error", text),
  });
  const app: App = {
    state: () => state,
    set(change) {
      state = { ...state, ...change };
      soon();
    },
    server,
    host,
  };
  let opening: Promise<unknown> = Promise.resolve();
  const open = (session: string | null): Promise<void> => {
    const shown = show(app, session);
    opening = shown.catch(() => undefined);
    return shown;
  };
  host.hear((message) => {
    switch (message.type) {
      case "hello": {
        app.set({ cwd: message.cwd });
        if (state.connection.state === "connected") attempt(app, () => usual(app));
        const session = message.session ?? kept?.session ?? null;
        // One that is gone by now is no reason to say so: a new one begins.
        if (session !== null) open(session).catch(() => open(null));
        return;
      }
      case "folder": {
        app.set({ cwd: message.cwd, completion: null });
        return attempt(app, async () => {
          await open(null);
          await usual(app);
        });
      }
      case "show":
        return attempt(app, () => open(message.session));
      case "list":
        return openSessions(app);
      case "insert": {
        const { draft } = state;
        return app.set({ draft: draft === "" ? message.text : `${draft}\n${message.text}` });
      }
      case "attach":
        return attach(app, message.attachments);
      case "focus":
        // What is being opened may ask something, and is drawn first.
        return void opening.then(() => requestAnimationFrame(() => focus(message.on)));
      case "say":
        return say(app, message.level, message.text);
      default:
    }
  });
  host.tell({ type: "ready" });
  soon();
}

function focus(on: "prompt" | "question"): void {
  const question = on === "question" ? document.querySelector<HTMLElement>(".question button") : null;
  (question ?? document.getElementById("prompt"))?.focus();
}

/** What a prompt runs with where nothing else is chosen, and what can be chosen. */
async function usual(app: App): Promise<void> {
  const { cwd } = app.state();
  const [{ values }, { models }, { commands }] = await Promise.all([
    app.server.call("configRead", { cwd }),
    app.server.call("modelList", {}),
    app.server.call("commandsList", { cwd }),
  ]);
  const text = (key: string, otherwise: string): string => {
    const value = values.find((one) => one.key === key)?.value;
    return typeof value === "string" ? value : otherwise;
  };
  app.set({
    models: models.filter(({ ready }) => ready),
    commands,
    usual: { model: text("model", ""), mode: text("permissions.mode", "ask") },
  });
}
