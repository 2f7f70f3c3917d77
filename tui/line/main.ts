/**
 * Tutti line by line, for screen readers, braille, plain terminals and scripts: what happens is told once, from top to bottom, and
 * nothing is drawn again. Joins the server, the lines that are read and what is told.
 */

import { openServer } from "../../client/kept.ts";
import type { Link } from "../../client/link.ts";
import { sentence } from "../../client/words.ts";
import { exitCode, TuttiError } from "../../protocol/errors.ts";
import { readSettings } from "../app/configuration.ts";
import { openMemory } from "../app/memory.ts";
import type { TuiOptions } from "../main.ts";
import type { LineApp } from "./app.ts";
import { openInput } from "./input.ts";
import { openPages } from "./pages.ts";
import { isBusy, openQueue, waitsForQuestion } from "./queue.ts";
import { openTaker } from "./taker.ts";
import { openTeller } from "./teller.ts";

const SOON_MS = 50;
const TICK_MS = 500;
/** What comes while a person writes waits, but not for a line that was left standing. */
const WRITING_MS = 10_000;
/** One Ctrl+C may arrive twice: from the terminal, and from the program that started this one. */
const ECHO_MS = 100;

/** Resolves with the exit code: that of the last turn where the input has ended, 0 where a person left. */
export async function runLines(options: Omit<TuiOptions, "shape">): Promise<number> {
  const ended = Promise.withResolvers<number>();
  // The first time, a server that cannot be reached is a reason to end; later it is tried again and again.
  let first: Link | null = await options.connect();
  const memory = openMemory(options.dataDir);
  let settings = options.settings;
  let usual = { model: "", effort: "", mode: "ask" };
  let exit = 0;
  let left = false;

  const pages = openPages(
    (text) => void (left || process.stdout.write(text)),
    () => input.partial(),
  );
  let soon: NodeJS.Timeout | undefined;
  const schedule = (): void => {
    soon ??= setTimeout(() => {
      soon = undefined;
      if (input.partial() !== "" && performance.now() - keyAt < WRITING_MS) return;
      teller.now(server.take());
      void queue.look();
    }, SOON_MS);
  };
  const teller = openTeller(pages, {
    changed: schedule,
    asked: () => taker.forget(),
    began() {
      interrupted = false;
    },
    ended(code) {
      exit = code;
    },
  });
  const server = openServer(async () => {
    const link = first ?? (await options.connect());
    first = null;
    return link;
  }, teller.hears);

  const app: LineApp = {
    cwd: options.cwd,
    server,
    memory,
    view: server.take,
    say: (speaker, text) => pages.say([{ speaker, text }]),
    typed: teller.typed,
    answered: teller.answered,
    settings: () => settings,
    choose(chosen) {
      settings = chosen;
    },
    usual: () => usual,
    menu: (menu, words, then) => taker.menu(menu, words, then),
    async show(session) {
      await server.call("sessionOpen", { session });
      teller.follow(null);
      await server.watch(session);
      teller.follow(server.take());
    },
    leave() {
      server.leave();
      teller.follow(null);
    },
    quit: () => leave(input.echoes ? 0 : exit),
  };
  const taker = openTaker(app);
  const failed = (error: unknown): void => {
    exit = error instanceof TuttiError ? exitCode(error.code) : 1;
    app.say("error", sentence(error));
  };

  let begun = false;
  const queue = openQueue({
    tell: () => teller.now(server.take()),
    waits(line) {
      if (!begun || left) return true;
      const view = server.take();
      if (line !== null) return !input.echoes && !taker.isChoosing() && waitsForQuestion(line.text, view);
      refuse();
      return isBusy(view);
    },
    async take({ text, seen }) {
      if (!input.echoes) app.say("you", text);
      await taker.take(text, input.echoes ? seen : teller.question()).catch(failed);
    },
    end: () => leave(exit),
  });
  /** The input has ended: nobody can be asked any more. */
  function refuse(): void {
    const view = server.take();
    const question = view?.questions[0];
    if (!view || !question || teller.isAnswered(question.id)) return;
    teller.answered(question.id);
    app.say("question", "Nobody is there to answer, so the answer is no.");
    const { id, digest, choices } = question;
    const says = choices.some((choice) => choice.id === "no");
    (says
      ? server.call("questionAnswer", { session: view.id, question: id, digest, answer: "no" })
      : server.call("turnCancel", { session: view.id })
    ).catch(failed);
  }

  let keyAt = 0;
  const input = openInput(memory.prompts(), {
    line(text) {
      interrupted = false;
      pages.entered();
      queue.add({ text, seen: teller.question() });
    },
    key() {
      keyAt = performance.now();
      pages.key();
    },
    interrupt,
    end: () => queue.add(null),
  });

  let interrupted = false;
  let interruptedAt = Number.NEGATIVE_INFINITY;
  /** Stops what runs; at the second time, leaves. */
  function interrupt(): void {
    const again = interrupted;
    if (performance.now() - interruptedAt < ECHO_MS) return;
    interruptedAt = performance.now();
    if (input.echoes) pages.entered();
    if (again) leave(input.echoes ? 0 : 130);
    interrupted = true;
    const view = server.take();
    const runs = view?.activity.state === "running";
    app.say("status", `${runs ? "The turn is being stopped. " : ""}Ctrl+C again leaves.`);
    if (runs) server.call("turnCancel", { session: view.id }).catch(failed);
  }
  function leave(code: number): void {
    if (isBusy(server.take()))
      app.say("status", "The agent goes on in the server; `tutti --line --continue` comes back to it.");
    left = true;
    ended.resolve(code);
  }
  // Heard to the very end: an interrupt that comes while this leaves must not change the exit code.
  process.on("SIGINT", interrupt);
  process.once("SIGTERM", () => ended.resolve(143));
  process.once("SIGHUP", () => ended.resolve(129));
  process.stdout.once("error", () => ended.resolve(1));
  const ticks = setInterval(schedule, TICK_MS);

  app.say("status", `Tutti ${options.version} in ${options.cwd}. Write a prompt, or /help.`);
  await begin().catch(failed);
  if (options.prompt !== "") {
    app.say("you", options.prompt);
    await taker.take(options.prompt, null).catch(failed);
  }
  begun = true;
  void queue.look();

  async function begin(): Promise<void> {
    const { model, effort, mode } = await readSettings(server, options.cwd);
    usual = { model, effort, mode };
    const session = await firstSession();
    if (session === null) return;
    await app.show(options.fork ? (await server.call("sessionFork", { session })).session : session);
  }
  async function firstSession(): Promise<string | null> {
    if (options.session !== "last") return options.session?.id ?? null;
    const { sessions } = await server.call("sessionList", { cwd: options.cwd, limit: 1 });
    if (!sessions[0]) app.say("notice", "There is no session of this folder yet.");
    return sessions[0]?.id ?? null;
  }

  const code = await ended.promise;
  clearInterval(ticks);
  clearTimeout(soon);
  input.close();
  await server.close().catch(() => undefined);
  return code;
}
