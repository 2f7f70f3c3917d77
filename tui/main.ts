/** Runs the terminal UI: connects the screen, the server and the state. */

import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { SERVER_STOPPED } from "../client/errors.ts";
import { type ClientEvents, openReconnectingClient } from "../client/reconnecting-client.ts";
import { describeError } from "../protocol/errors.ts";
import { nobody } from "../protocol/participants.ts";
import { printable } from "../protocol/printable.ts";
import type { App } from "./app/app.ts";
import { createCompleter } from "./app/completion.ts";
import { createDialogs } from "./app/dialogs.ts";
import { createInitialState } from "./app/initial-state.ts";
import { createInputHandler, type InputHandler } from "./app/input.ts";
import { openLocalStore } from "./app/local-store.ts";
import { createNotifier, type Notifier } from "./app/notifier.ts";
import { createPluginContributions } from "./app/plugin-contributions.ts";
import { createQuestionGate } from "./app/questions.ts";
import { createRecentFrames } from "./app/recent-frames.ts";
import { createRenderScheduler, type RenderScheduler } from "./app/render-scheduler.ts";
import { createRenderer, type Renderer } from "./app/renderer.ts";
import { createScrollback } from "./app/scrollback.ts";
import { createStartup, type Startup } from "./app/startup.ts";
import { currentFolder, type State, type Toast } from "./app/state.ts";
import { createThemeManager } from "./app/themes.ts";
import { createReporter } from "./app/together.ts";
import { ensureExit } from "./ensure-exit.ts";
import type { Focus } from "./keys/input-state.ts";
import { listContinuations, openKeyboard, pauseTyping } from "./keys/keyboard.ts";
import type { TuiOptions } from "./options.ts";
import { openScreen, type Screen, type ScreenListener } from "./screen.ts";
import { promptColumns, questionDetail, transcriptColumns, transcriptRows } from "./screens/compose.ts";
import { createTextRenderer } from "./screens/text-renderer.ts";
import { createTranscript } from "./screens/transcript.ts";
import { colorDepth } from "./theme/depth.ts";
import { builtInThemeFolder } from "./theme/load.ts";

const TOAST_MS = 5_000;
const MAX_TOASTS = 4;
const HINTS_MS = 400;
const PAUSE_MS = 1_000;
const HIGHLIGHT_MS = 500;
const QUIT_MS = 2_000;
const SPLIT_DIFF_COLUMNS = 140;
const signals = [
  ["SIGTERM", 143],
  ["SIGHUP", 129],
  ["SIGINT", 130],
] as const;

/** Lets pending work, such as a prompt that was just sent, reach the server before the program ends. */
const settleWork = (settled: Promise<unknown>): Promise<unknown> =>
  Promise.race([settled, delay(QUIT_MS, undefined, { ref: false })]);

/** Resolves with the exit code when the user leaves. */
export function runTui(options: TuiOptions): Promise<number> {
  const ended = Promise.withResolvers<number>();
  const store = openLocalStore(options.dataDir);
  const isInline = options.screenMode === "inline";
  const screen = openScreen({ links: process.env.TERM !== "linux", mouse: !isInline, inline: isInline });
  const scheduler = createRenderScheduler(() => renderer.draw());
  const themes = createThemeManager({
    folders: { builtIn: builtInThemeFolder(), user: join(dirname(options.configFile), "themes") },
    depth: colorDepth(process.env, options.noColor),
    initial: options.theme || store.get().theme,
    pluginThemes: async () => (await server.call("themesList", { cwd: currentFolder(state) })).themes,
    onChange: () => scheduler.requestRender("key"),
  });
  let { keyboard } = openKeyboard("default", {});
  let state: State = createInitialState(options, screen.size());
  const frames = createRecentFrames(() => performance.now());
  const texts = createTextRenderer(() => {
    transcript.reset(renderOptions());
    scheduler.requestRender();
  });
  const renderOptions = () => ({
    columns: transcriptColumns(state),
    split: state.diffs === "split" || (state.diffs === "auto" && transcriptColumns(state) >= SPLIT_DIFF_COLUMNS),
    markdown: texts.markdown,
    diff: texts.diff,
  });
  const transcript = createTranscript(renderOptions());
  const update = (change: Partial<State>): void => {
    state = { ...state, ...change };
  };
  const server = openReconnectingClient(
    options.connect,
    createClientEvents(() => ({ app, notifier, startup, scheduler })),
  );
  const feedback = createFeedback(
    () => state.toasts,
    (toasts) => app.set({ toasts }),
  );
  const app: App = {
    state: () => state,
    now: Date.now,
    set(change, key) {
      const before = renderOptions();
      update(change);
      const after = renderOptions();
      if (before.columns !== after.columns || before.split !== after.split) transcript.reset(after);
      scheduler.requestRender(key);
    },
    server,
    store,
    themes,
    transcript,
    screen,
    keyboard: () => keyboard,
    pageRows: () => transcriptRows(state, renderer.composeOptions()),
    questionDetail: () => questionDetail(state, renderer.composeOptions()),
    splitsDiffs: () => renderOptions().split,
    toast: feedback.toast,
    attempt: feedback.attempt,
    openList: (spec, text) => dialogs.openList(spec, text),
    openInput: (...input) => dialogs.openInput(...input),
    openSecretInput: (...input) => dialogs.openSecretInput(...input),
    openWidget: (widget) => dialogs.openWidget(widget),
    closeDialog: () => dialogs.close(),
    async showSession(session) {
      await server.call("sessionOpen", { session, cwd: options.cwd });
      const scroll = { follows: true } as const;
      app.set({ view: null, scroll, search: null, participants: nobody, focus: "prompt", selectedChoice: 0 });
      await server.watch(session);
      app.set({ view: server.currentView() }, "key");
    },
    openBrowser: options.openBrowser,
    quit: (code = 0) => void settleWork(feedback.settled()).then(() => ended.resolve(code)),
  };
  const dialogs = createDialogs(app, () => plugins.refreshDialogWidgets());
  const plugins = createPluginContributions(app, () => completer.refresh());
  const completer = createCompleter(app, plugins);
  const notifier = createNotifier(app);
  const reporter = createReporter(app);
  const setKeyboard = (next: typeof keyboard): void => {
    keyboard = next;
  };
  const startup = createStartup({ app, options, notifier, plugins, setKeyboard });
  const updateQuestion = createQuestionGate(app, (callback, ms) => void setTimeout(callback, ms).unref());
  const renderer = createRenderer({
    app,
    screen,
    frames,
    texts,
    update,
    scrollback: isInline ? createScrollback(transcript) : () => null,
    afterDraw(drawn) {
      updateQuestion(drawn);
      for (const part of [notifier, reporter, plugins, dialogs]) part.afterDraw(drawn);
    },
  });

  const inputHandler = createInputHandler(app, dialogs, completer, frames, createChordHints(app), reporter.typed);
  const close = (): void => ended.resolve(129);
  screen.start(createScreenListener({ app, screen, renderer, scheduler, notifier, inputHandler, update, close }));
  renderer.draw();
  // Until then code is shown without colors. Loading the highlighter must not delay the start.
  setTimeout(() => void texts.loadHighlighter(), HIGHLIGHT_MS).unref();
  const unwatch = themes.watch((problem) => problem !== null && app.toast("error", printable(problem)));
  for (const [signal, code] of signals) process.once(signal, () => ended.resolve(code));
  // Restore the terminal first, so that Node's error message can be read.
  process.once("uncaughtExceptionMonitor", () => screen.stop());

  return ended.promise.then(async (code) => {
    ensureExit(code);
    scheduler.stop();
    renderer.stop();
    screen.stop();
    await Promise.all([server.close(), unwatch()]).catch(() => undefined);
    return code;
  });
}

interface ClientEventDeps {
  app: App;
  notifier: Notifier;
  startup: Startup;
  scheduler: RenderScheduler;
}

/** `deps` is read when an event arrives: the server connects before everything is created. */
function createClientEvents(deps: () => ClientEventDeps): ClientEvents {
  return {
    connectionChanged(connection) {
      const { app } = deps();
      const before = app.state().connection.state;
      app.set({ connection });
      if (connection.state === "lost" && before !== "lost") app.toast("warning", `${connection.reason} Reconnecting…`);
      if (connection.state === "ended") app.toast("error", connection.reason);
      if (connection.state === "stopped" && before !== "stopped")
        app.toast("warning", `${SERVER_STOPPED} Your next prompt starts it again.`);
      if (connection.state === "connected" && (before === "lost" || before === "stopped"))
        app.toast("info", "Reconnected to the server.");
    },
    connected(link) {
      const { app, startup } = deps();
      app.set({ self: link.participant ?? null });
      link.onConfigChanged?.(() => app.attempt(startup.onConfigChanged));
      app.attempt(startup.onConnected);
    },
    viewChanged: () => deps().scheduler.requestRender(),
    eventReceived: (envelope, view) => deps().notifier.onEvent(envelope, view),
    participantsChanged: (participants) => deps().notifier.updateParticipants(participants),
    errorReported: (text) => deps().app.toast("error", text),
  };
}

interface ScreenListenerDeps {
  app: App;
  screen: Pick<Screen, "size">;
  renderer: Renderer;
  scheduler: RenderScheduler;
  notifier: Notifier;
  inputHandler: InputHandler;
  update(change: Partial<State>): void;
  close(): void;
}

function createScreenListener(deps: ScreenListenerDeps): ScreenListener {
  const { app, renderer, scheduler, notifier, inputHandler } = deps;
  let pauseTimer: NodeJS.Timeout | undefined;
  return {
    input(event) {
      if (event.type === "focus") return notifier.setFocused(event.focused);
      if (event.type === "background") return app.themes.setBackground(event);
      inputHandler.handle(event);
      clearTimeout(pauseTimer);
      const endTyping = (): void => deps.update({ input: pauseTyping(app.state().input) });
      pauseTimer = setTimeout(endTyping, PAUSE_MS).unref();
    },
    resized() {
      const { columns, rows } = deps.screen.size();
      app.set({ columns, rows }, "key");
    },
    drained() {
      if (renderer.takeSkipped()) scheduler.requestRender();
    },
    closed: deps.close,
  };
}

/** Toasts that disappear by themselves, and background work whose failures become toasts. */
function createFeedback(toasts: () => readonly Toast[], setToasts: (toasts: readonly Toast[]) => void) {
  const pending = new Set<Promise<void>>();
  let lastId = 0;
  const toast: App["toast"] = (level, text) => {
    const id = ++lastId;
    setToasts([...toasts(), { id, level, text }].slice(-MAX_TOASTS));
    setTimeout(() => setToasts(toasts().filter((one) => one.id !== id)), TOAST_MS).unref();
  };
  const attempt: App["attempt"] = (work) => {
    const done = work().catch((error) => toast("error", describeError(error)));
    pending.add(done);
    void done.finally(() => pending.delete(done));
  };
  return { toast, attempt, settled: () => Promise.all(pending) };
}

/** Shows the possible next keys of a pending chord after a delay, and hides them with the next key. */
function createChordHints(app: App): (focus: Focus) => void {
  let timer: NodeJS.Timeout | undefined;
  return (focus) => {
    clearTimeout(timer);
    const { input, hints: shown } = app.state();
    const keyContext = { focus, columns: promptColumns(app.state()) };
    const continuations = listContinuations(app.keyboard(), input, keyContext);
    const hints = continuations.map(({ keys, title }) => ({ key: keys, title }));
    if (shown.length > 0) app.set({ hints }, "key");
    else if (hints.length > 0) timer = setTimeout(() => app.set({ hints }), HINTS_MS).unref();
  };
}
