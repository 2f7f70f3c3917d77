/** The terminal UI: joins the screen, the server and the state, and draws one from the other. */
import { dirname, join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { openServer } from "../client/kept.ts";
import type { Link } from "../client/link.ts";
import { sentence } from "../client/words.ts";
import type { Settings } from "../protocol/methods.ts";
import { printable } from "../protocol/printable.ts";
import type { App } from "./app/app.ts";
import { createAttention } from "./app/attention.ts";
import { createCompleter } from "./app/completion.ts";
import { type LoadedSettings, readSettings } from "./app/configuration.ts";
import { createDialogs } from "./app/dialogs.ts";
import { folderOf } from "./app/folder.ts";
import { createInput } from "./app/input.ts";
import { openMemory } from "./app/memory.ts";
import { createPassing } from "./app/passing.ts";
import { createPlugins } from "./app/plugins.ts";
import { questionShown } from "./app/questions.ts";
import { createSchedule } from "./app/schedule.ts";
import { createSeen } from "./app/seen.ts";
import { startState } from "./app/start.ts";
import type { State } from "./app/state.ts";
import { openThemes } from "./app/themes.ts";
import { lookForTrust } from "./dialogs/trust.ts";
import {
  bindingsFor,
  continuations,
  cursorShape,
  type Keyboard,
  openKeyboard,
  pause,
  selected,
  status,
} from "./keys/keyboard.ts";
import { openScreen } from "./screen.ts";
import { compose, type Drawers, promptColumns, transcriptColumns, transcriptRows } from "./screens/compose.ts";
import { createTexts } from "./screens/texts.ts";
import { createTranscript } from "./screens/transcript.ts";
import { colorDepth } from "./theme/depth.ts";
import { isGivenName } from "./theme/given.ts";
import { builtInThemes } from "./theme/load.ts";

export interface TuiOptions {
  cwd: string;
  version: string;
  dataDir: string;
  configFile: string;
  noColor: boolean;
  shape: "screen" | "inline";
  /** From the command line; empty where nothing was said. */
  theme: string;
  connect(): Promise<Link>;
  /** Which session to begin with: by id, the last one of this folder, or none yet. */
  session: { id: string } | "last" | null;
  fork: boolean;
  prompt: string;
  settings: Pick<Settings, "model" | "effort" | "mode">;
}

const TOAST_MS = 5_000;
const HINTS_MS = 400;
const TICK_MS = 120;
const PAUSE_MS = 1_000;
const HIGHLIGHT_MS = 500;
const LEAVE_MS = 2_000;

/** Resolves with the exit code when the person leaves. */
export function runTui(options: TuiOptions): Promise<number> {
  const ended = Promise.withResolvers<number>();
  const memory = openMemory(options.dataDir);
  const inline = options.shape === "inline";
  const screen = openScreen({ links: process.env.TERM !== "linux", mouse: !inline, inline });
  const schedule = createSchedule(() => draw());
  const folders = { builtIn: builtInThemes(), user: join(dirname(options.configFile), "themes") };
  const themes = openThemes({
    folders,
    depth: colorDepth(process.env, options.noColor),
    first: options.theme || memory.kept().theme,
    given: async () => (await server.call("themesList", { cwd: folderOf(state) })).themes,
    changed: () => schedule.change("key"),
  });
  let keyboard: Keyboard = openKeyboard("default", {}).keyboard;
  let state: State = startState(options, screen.size());
  const seen = createSeen(() => performance.now());
  let pending = false;
  const texts = createTexts(() => {
    transcript.restart(pens());
    schedule.change();
  });
  const pens = () => ({
    columns: transcriptColumns(state),
    split: state.diffs === "split" || (state.diffs === "auto" && transcriptColumns(state) >= 140),
    markdown: texts.markdown,
    diff: texts.diff,
  });
  const transcript = createTranscript(pens());
  const passing = inline ? createPassing(transcript) : () => null;

  const server = openServer(options.connect, {
    connection(connection) {
      const before = state.connection.state;
      app.set({ connection });
      if (connection.state === "lost" && before !== "lost") app.toast("warning", `${connection.why} Connecting again…`);
      if (connection.state === "connected" && before === "lost") app.toast("info", "There is a server again.");
    },
    connected(link) {
      link.configured?.(() => {
        void plugins.ask();
        app.attempt(async () => {
          configured(await readSettings(server, state.cwd));
          await lookForTrust(app);
        });
      });
      app.attempt(begin);
    },
    changed: () => schedule.change(),
    happened: (envelope, view) => attention.happened(envelope, view),
    present: (participants) => attention.present(participants),
    problem: (text) => app.toast("error", text),
  });

  const app: App = {
    state: () => state,
    set(change, key) {
      const before = pens();
      state = { ...state, ...change };
      const now = pens();
      if (before.columns !== now.columns || before.split !== now.split) transcript.restart(now);
      schedule.change(key);
    },
    server,
    memory,
    themes,
    transcript,
    screen,
    keyboard: () => keyboard,
    page: () => transcriptRows(state, drawers()),
    toast(level, text) {
      const toast = { id: ++toasts, level, text };
      app.set({ toasts: [...state.toasts, toast].slice(-4) });
      setTimeout(() => app.set({ toasts: state.toasts.filter(({ id }) => id !== toast.id) }), TOAST_MS).unref();
    },
    attempt(work) {
      const done = work().catch((error) => app.toast("error", sentence(error)));
      pendingWork.add(done);
      void done.finally(() => pendingWork.delete(done));
    },
    open: (spec, text) => dialogs.openList(spec, text),
    input: (title, hint, text, then) => dialogs.openInput(title, hint, text, then),
    openWidget: (widget) => dialogs.openWidget(widget),
    close: () => dialogs.close(),
    async show(session) {
      await server.call("sessionOpen", { session });
      app.set({ view: null, scroll: { follows: true }, search: null, participants: [], focus: "prompt", choice: 0 });
      await server.watch(session);
      app.set({ view: server.take() }, "key");
    },
    quit(code = 0) {
      // What was begun, a prompt that was just sent above all, reaches the server first.
      void Promise.race([Promise.all(pendingWork), after(LEAVE_MS, undefined, { ref: false })]).then(() =>
        ended.resolve(code),
      );
    },
  };
  const pendingWork = new Set<Promise<void>>();
  let toasts = 0;
  const dialogs = createDialogs(app, () => plugins.pressed());
  const plugins = createPlugins(app, () => completer.refresh());
  const completer = createCompleter(app, plugins);
  const attention = createAttention(app);

  let hintTimer: NodeJS.Timeout | undefined;
  const input = createInput(app, dialogs, completer, seen, (context) => {
    clearTimeout(hintTimer);
    const where = { context, columns: promptColumns(state) };
    const hints = continuations(keyboard, state.typing, where).map(({ keys, title }) => ({ key: keys, title }));
    if (state.hints.length > 0) app.set({ hints }, "key");
    else if (hints.length > 0) hintTimer = setTimeout(() => app.set({ hints }), HINTS_MS).unref();
  });

  const drawers = (): Drawers => {
    const { mode, pending: keys } = status(keyboard, state.typing);
    return {
      transcript,
      keysOf: (action) => bindingsFor(keyboard, action)[0] ?? "",
      keysStatus: [mode ?? "", keys].filter((one) => one !== "").join(" "),
      cursorShape: cursorShape(keyboard, state.typing),
      selected: selected(keyboard, state.typing),
      diff: (text, columns) => texts.diff(text, columns, false),
    };
  };
  function draw(): void {
    if (!screen.ready()) {
      pending = true;
      return;
    }
    const view = server.take() ?? state.view;
    state = { ...state, view, now: Date.now() };
    const [question] = view?.questions ?? [];
    if (question) questionShown(question.id, state.now);
    const frame = compose(state, drawers());
    seen.drawn(frame);
    screen.draw(frame, themes.palette(), passing(state, frame.scrolls?.height ?? 0));
    attention.shown(state);
    plugins.drawn(state);
    turning();
  }

  let turn: NodeJS.Timeout | undefined;
  /** A spinner turns only while something runs. */
  function turning(): void {
    const runs = state.view?.activity.state === "running" && state.view.questions.length === 0;
    if (runs && !turn) turn = setInterval(() => app.set({ tick: state.tick + 1 }), TICK_MS);
    else if (!runs) {
      clearInterval(turn);
      turn = undefined;
    }
  }

  const configured = (loaded: LoadedSettings): void => {
    const { keyboard: chosen, problems } = openKeyboard(loaded.keys, loaded.bindings);
    keyboard = chosen;
    for (const problem of problems) app.toast("warning", problem);
    attention.notifies(loaded.notify);
    app.set({ usual: { model: loaded.model, effort: loaded.effort, mode: loaded.mode } });
    if (options.theme === "" && loaded.theme !== memory.kept().theme) memory.change({ theme: loaded.theme });
    // One of a plugin could not be had before there was a server, and may be another one since.
    const again = options.theme === "" ? loaded.theme : isGivenName(themes.wanted()) ? themes.wanted() : null;
    app.attempt(async () => {
      const problem = again === null ? null : await themes.choose(again);
      if (problem !== null) app.toast("error", problem);
    });
  };

  let begun = false;
  /** Whenever there is a server: what it says of the configuration and the folder; the first time, the session to begin with. */
  async function begin(): Promise<void> {
    const { cwd } = state;
    const first = !begun;
    begun = true;
    if (first) await startSession();
    void plugins.ask();
    const [loaded, { branch }, { sessions }] = await Promise.all([
      readSettings(server, cwd),
      server.call("workspaceInfo", { cwd }),
      server.call("sessionList", { cwd, limit: 8 }),
    ]);
    configured(loaded);
    await lookForTrust(app);
    if (first && state.waits > 0 && state.view)
      app.toast("info", "What this folder's files ask for waits for your yes: /trust shows it.");
    app.set({ branch, recent: sessions.map(({ id, title, updatedAt }) => ({ id, title, updatedAt })) });
  }
  async function startSession(): Promise<void> {
    const id = await firstSession();
    if (id !== null) {
      const { session } = options.fork ? await server.call("sessionFork", { session: id }) : { session: id };
      await app.show(session);
    }
    if (options.prompt !== "") {
      await plugins.ask();
      const { write } = await import("./app/write.ts");
      const { act } = await import("./app/do.ts");
      write(app, options.prompt);
      act(app, "prompt.submit");
    }
  }
  async function firstSession(): Promise<string | null> {
    if (options.session === null) return null;
    if (options.session !== "last") return options.session.id;
    const { sessions } = await server.call("sessionList", { cwd: state.cwd, limit: 1 });
    if (!sessions[0]) app.toast("info", "There is no session of this folder yet.");
    return sessions[0]?.id ?? null;
  }

  let pauseTimer: NodeJS.Timeout | undefined;
  screen.start({
    input(event) {
      if (event.type === "focus") return attention.focused(event.focused);
      if (event.type === "background") return themes.background(event);
      input.event(event);
      clearTimeout(pauseTimer);
      pauseTimer = setTimeout(() => {
        state = { ...state, typing: pause(state.typing) };
      }, PAUSE_MS).unref();
    },
    resized() {
      const { columns, rows } = screen.size();
      app.set({ columns, rows }, "key");
    },
    drained() {
      if (pending) schedule.change();
      pending = false;
    },
    gone: () => ended.resolve(129),
  });
  draw();
  // Code is plain until then; nothing that is waited for has to wait for this.
  setTimeout(() => void texts.loadHighlighter(), HIGHLIGHT_MS).unref();
  const unwatch = themes.watch((problem) => problem !== null && app.toast("error", printable(problem)));
  for (const [signal, code] of [
    ["SIGTERM", 143],
    ["SIGHUP", 129],
    ["SIGINT", 130],
  ] as const)
    process.once(signal, () => ended.resolve(code));
  // What Node says of a fault then stands where it can be read.
  process.once("uncaughtExceptionMonitor", () => screen.stop());

  return ended.promise.then(async (code) => {
    schedule.stop();
    clearInterval(turn);
    screen.stop();
    await Promise.all([server.close(), unwatch()]).catch(() => undefined);
    return code;
  });
}
