/**
 * Runs the line mode, for screen readers, braille displays, plain terminals and scripts: everything is announced once, from top to bottom,
 * and nothing is redrawn. Connects the server, the input and the announcements.
 */
import { DEFAULT_AGENT } from "../../client/agents.ts";
import { findInitialSession } from "../../client/find-session.ts";
import { openReconnectingClient, type ReconnectingClient } from "../../client/reconnecting-client.ts";
import { exitCode, TuttiError } from "../../protocol/errors.ts";
import type { Link } from "../../protocol/link.ts";
import { readSettings, type TerminalSettings } from "../app/configuration.ts";
import { openLocalStore } from "../app/local-store.ts";
import { ensureExit } from "../ensure-exit.ts";
import type { TuiOptions } from "../options.ts";
import { type Announcer, createAnnouncer } from "./announcer.ts";
import type { LineApp } from "./app.ts";
import { openLineInput } from "./input.ts";
import { createLineHandler } from "./line-handler.ts";
import { createLineQueue, isBusy, waitsForQuestion } from "./queue.ts";
import { announceMissingModel, describeLineError } from "./setup.ts";
import { createWriter, type Writer } from "./writer.ts";

export type LineOptions = Omit<TuiOptions, "screenMode" | "openBrowser">;

const TERMINAL_CLOSED = 129;
const ANNOUNCE_DELAY_MS = 50;
const TICK_MS = 500;
/** Announcements wait while the user types, but not for a line that was left unfinished this long ago. */
const TYPING_MS = 10_000;
/** One Ctrl+C can arrive twice: from the terminal, and from the program that started this one. */
const DUPLICATE_MS = 100;

/** Resolves with the exit code: that of the last turn if the input has ended, 0 if the user leaves. */
export async function runLines(options: LineOptions): Promise<number> {
  const ended = Promise.withResolvers<number>();
  // At the start, an unreachable server is an error. Later the client keeps reconnecting.
  let firstLink: Link | null = await options.connect(true);
  const store = openLocalStore(options.dataDir);
  let lastExitCode = 0;
  let isStarted = false;
  let isLeaving = false;
  let isInterrupted = false;
  let keyAt = 0;

  const writer = createWriter(
    (text) => void (isLeaving || process.stdout.write(text)),
    () => input.partial(),
  );
  const announcements = createDelayedTask(() => {
    if (input.partial() !== "" && performance.now() - keyAt < TYPING_MS) return;
    announcer.announce(server.currentView());
    void queue.process();
  });
  const announcer = createAnnouncer(writer, {
    changed: announcements.schedule,
    questionChanged: () => handler.closeMenu(),
    turnStarted() {
      isInterrupted = false;
    },
    turnEnded(code) {
      lastExitCode = code;
    },
  });
  const connect = async (mayStart: boolean): Promise<Link> => {
    const link = firstLink ?? (await options.connect(mayStart));
    firstLink = null;
    return link;
  };
  const server = openReconnectingClient(connect, announcer.events);
  const quit = (): void => leave(input.isEchoed ? 0 : lastExitCode);
  const openMenu: LineApp["openMenu"] = (menu, text, onChoice) => handler.openMenu(menu, text, onChoice);
  const { app, setDefaults } = createLineApp({ options, server, store, writer, announcer, openMenu, quit });
  const handler = createLineHandler(app);
  const fail = (error: unknown): void => {
    lastExitCode = error instanceof TuttiError ? exitCode(error.code) : 1;
    app.write("error", describeLineError(error));
  };
  const leave = (code: number): void => {
    if (isBusy(server.currentView()))
      app.write("status", "The agent continues in the background. Return to it with `tutti --line --continue`.");
    isLeaving = true;
    ended.resolve(code);
  };
  const queue = createLineQueue({
    announce: () => announcer.announce(server.currentView()),
    mustWait(line) {
      if (!isStarted || isLeaving) return true;
      const view = server.currentView();
      if (line !== null) return !input.isEchoed && !handler.isChoosing() && waitsForQuestion(line.text, view);
      denyOpenQuestion(app, announcer).catch(fail);
      return isBusy(view);
    },
    async handle({ text, announcedQuestion }) {
      if (!input.isEchoed) app.write("you", text);
      server.resume();
      await handler.handle(text, input.isEchoed ? announcedQuestion : announcer.openQuestion()).catch(fail);
    },
    end: () => leave(lastExitCode),
  });
  const interrupt = ignoreDuplicates(() => {
    const isSecond = isInterrupted;
    if (input.isEchoed) writer.lineEntered();
    if (isSecond) leave(input.isEchoed ? 0 : 130);
    isInterrupted = true;
    interruptTurn(app).catch(fail);
  });
  const input = openLineInput(store.promptHistory(), {
    line(text) {
      isInterrupted = false;
      writer.lineEntered();
      queue.add({ text, announcedQuestion: announcer.openQuestion() });
    },
    key() {
      keyAt = performance.now();
      writer.keyPressed();
    },
    interrupt,
    end: () => queue.add(null),
    lost: () => ended.resolve(TERMINAL_CLOSED),
  });
  // Handled until the process ends: an interrupt during shutdown must not change the exit code.
  process.on("SIGINT", interrupt);
  process.once("SIGTERM", () => ended.resolve(143));
  process.once("SIGHUP", () => ended.resolve(TERMINAL_CLOSED));
  process.stdout.on("error", () => ended.resolve(input.isEchoed ? TERMINAL_CLOSED : 1));
  const ticks = setInterval(announcements.schedule, TICK_MS);

  app.write("status", `Tutti ${options.version} in ${options.cwd}. Type a prompt, or /help.`);
  const start = async (): Promise<void> => {
    setDefaults(await readSettings(server, options.cwd));
    await openInitialSession(app, options);
    // In a script, the first prompt says it.
    if (input.isEchoed) announceMissingModel(app).catch(fail);
  };
  await start().catch(fail);
  if (options.prompt !== "") {
    app.write("you", options.prompt);
    await handler.handle(options.prompt, null).catch(fail);
  }
  isStarted = true;
  void queue.process();

  const code = await ended.promise;
  ensureExit(code);
  clearInterval(ticks);
  announcements.cancel();
  input.close();
  await server.close().catch(() => undefined);
  return code;
}

interface LineAppDeps extends Pick<LineApp, "server" | "store" | "openMenu" | "quit"> {
  options: LineOptions;
  writer: Writer;
  announcer: Announcer;
}

function createLineApp({ options, server, store, writer, announcer, openMenu, quit }: LineAppDeps) {
  let { settings } = options;
  let defaults = { agent: DEFAULT_AGENT, model: "", effort: "", mode: "ask" };
  const app: LineApp = {
    cwd: options.cwd,
    server,
    store,
    view: server.currentView,
    write: (speaker, text) => writer.write([{ speaker, text }]),
    addTyped: announcer.addTyped,
    markAnswered: announcer.markAnswered,
    unmarkAnswered: announcer.unmarkAnswered,
    settings: () => settings,
    setSettings(next) {
      settings = next;
    },
    defaults: () => defaults,
    openMenu,
    showSession: (session) => followSession(server, announcer, session, options.cwd),
    leaveSession() {
      server.unwatch();
      announcer.follow(null);
    },
    quit,
  };
  return {
    app,
    setDefaults({ agent, model, effort, mode }: TerminalSettings): void {
      defaults = { agent, model, effort, mode };
    },
  };
}

/** Runs the task once after a delay, however often it is scheduled until then. */
function createDelayedTask(run: () => void) {
  let timer: NodeJS.Timeout | undefined;
  return {
    schedule(): void {
      timer ??= setTimeout(() => {
        timer = undefined;
        run();
      }, ANNOUNCE_DELAY_MS);
    },
    cancel: (): void => clearTimeout(timer),
  };
}

function ignoreDuplicates(run: () => void): () => void {
  let lastAt = Number.NEGATIVE_INFINITY;
  return () => {
    const now = performance.now();
    if (now - lastAt < DUPLICATE_MS) return;
    lastAt = now;
    run();
  };
}

async function followSession(
  server: ReconnectingClient,
  announcer: Announcer,
  session: string,
  cwd: string,
): Promise<void> {
  await server.call("sessionOpen", { session, cwd });
  announcer.follow(null);
  await server.watch(session);
  announcer.follow(server.currentView());
}

async function openInitialSession(app: LineApp, { session, fork, cwd }: LineOptions): Promise<void> {
  const id = await findInitialSession(app.server, session, cwd, (message) => app.write("notice", message));
  if (id === null) return;
  await app.showSession(fork ? (await app.server.call("sessionFork", { session: id })).session : id);
}

/** Stops the running turn, if any. */
async function interruptTurn(app: LineApp): Promise<void> {
  const view = app.view();
  const isRunning = view?.activity.state === "running";
  app.write("status", `${isRunning ? "Stopping the turn. " : ""}Press Ctrl+C again to quit.`);
  if (isRunning) await app.server.call("turnCancel", { session: view.id });
}

/** The input has ended, so no one can answer anymore. */
async function denyOpenQuestion(app: LineApp, announcer: Announcer): Promise<void> {
  const view = app.view();
  const question = view?.questions[0];
  if (!view || !question || announcer.isAnswered(question.id)) return;
  announcer.markAnswered(question.id);
  app.write("question", "Not interactive: denied.");
  const { id, digest, choices } = question;
  const session = view.id;
  if (choices.some((choice) => choice.id === "no"))
    await app.server.call("questionAnswer", { session, question: id, digest, answer: { choice: "no" } });
  else await app.server.call("turnCancel", { session });
}
