/**
 * Tutti line by line, for screen readers, braille, plain terminals and scripts: what happens is told once, from top to bottom, and
 * nothing is drawn again. Joins the server, the lines that are read and what is told.
 */
import type { Link } from "../../client/link.ts";
import { exitCode, TuttiError } from "../../protocol/errors.ts";
import type { Envelope } from "../../protocol/events.ts";
import type { Participant } from "../../protocol/method.ts";
import type { SessionView } from "../../protocol/view.ts";
import { readSettings } from "../app/configuration.ts";
import { type Meaning, meaningOf } from "../app/meaning.ts";
import { openMemory } from "../app/memory.ts";
import { openServer, sentence } from "../app/server.ts";
import type { TuiOptions } from "../main.ts";
import { answerTo, howToAnswer, looksLikeAnswer } from "./answers.ts";
import type { LineApp } from "./app.ts";
import { commandNamed, commandOf } from "./commands.ts";
import { exitOf } from "./ending.ts";
import { openInput } from "./input.ts";
import { type Menu, menuLines, narrowed, type Picked, pick } from "./menu.ts";
import { openPages } from "./pages.ts";
import type { Said, Speaker } from "./paper.ts";
import { foundAs, type Told, tell } from "./told.ts";
import { oneLine } from "./words.ts";

/** `question`: the one that had been told when the line was written. Null is the end of the input. */
type Line = { text: string; question: string | null } | null;

const SOON_MS = 50;
const TICK_MS = 500;
/** What comes while a person writes waits, but not for a line that was left standing. */
const WRITING_MS = 10_000;
/** One Ctrl+C may arrive twice: from the terminal, and from the program that started this one. */
const ECHO_MS = 100;

/** Resolves with the exit code: of the last turn where the input has ended, else 0. */
export async function runLines(options: TuiOptions): Promise<number> {
  const ended = Promise.withResolvers<number>();
  const memory = openMemory(options.dataDir);
  const { cwd } = options;

  let told: Told | null = null;
  let settings = options.settings;
  let usual = { model: "", effort: "", mode: "ask" };
  let open: { menu: Menu; then(id: string): Promise<void> } | null = null;
  let exit = 0;
  let interrupted = false;
  const lines: Line[] = [];
  const later: Said[] = [];
  const answered = new Set<string>();

  let soon: NodeJS.Timeout | undefined;
  const schedule = (): void => {
    soon ??= setTimeout(() => {
      soon = undefined;
      if (isWriting()) return;
      tellNow();
      void work();
    }, SOON_MS);
  };
  let keyAt = 0;
  const isWriting = (): boolean => input.partial() !== "" && performance.now() - keyAt < WRITING_MS;

  // The first time, a server that cannot be reached is a reason to end; later it is tried again and again.
  let first: Link | null = await options.connect();
  const server = openServer(
    async () => {
      const link = first ?? (await options.connect());
      first = null;
      return link;
    },
    {
      connection({ state, ...more }) {
        if (state === "lost" && connected) afterwards("notice", `${"why" in more ? more.why : ""} Connecting again.`);
        if (state === "connected" && lost) afterwards("notice", "Connected again.");
        lost = state === "lost";
        connected = state === "connected";
        present = null;
      },
      connected: () => undefined,
      changed: schedule,
      happened,
      present: tellPresent,
      problem: (text) => afterwards("error", text),
    },
  );
  let connected = false;
  let lost = false;
  let present: readonly Participant[] | null = null;

  const input = openInput(memory.prompts(), {
    line(text) {
      interrupted = false;
      pages.entered();
      lines.push({ text, question: told?.question ?? null });
      void work();
    },
    key() {
      keyAt = performance.now();
      pages.key();
    },
    interrupt,
    end() {
      lines.push(null);
      void work();
    },
  });
  const pages = openPages((text) => void process.stdout.write(text), input.partial);
  const say = (speaker: Speaker, text: string): void => pages.say([{ speaker, text }]);
  const afterwards = (speaker: Speaker, text: string): void => {
    later.push({ speaker, text });
    schedule();
  };

  const app: LineApp = {
    cwd,
    server,
    view: () => server.take(),
    say,
    settings: () => settings,
    choose(chosen) {
      settings = chosen;
    },
    usual: () => usual,
    async menu(menu, words, then) {
      const question = server.take()?.questions[0];
      if (question && words === "") throw new TuttiError("conflict", "The agent has a question; answer it first.");
      open = null;
      await picked(menu, words === "" ? { kind: "menu", menu } : narrowed(menu, words), then);
    },
    async show(session) {
      await server.call("sessionOpen", { session });
      told = null;
      await server.watch(session);
      const view = server.take();
      if (!view) return;
      const found = foundAs(view, Date.now());
      told = found.told;
      pages.say(found.said);
    },
    leave() {
      server.leave();
      told = null;
    },
    quit: () => quit(input.echoes ? 0 : exit),
  };

  function tellNow(): void {
    pages.say(later.splice(0));
    const view = server.take();
    if (!view || !told) return;
    const before: Told = told;
    const next = tell(before, view, Date.now());
    told = next.told;
    pages.say(next.said);
    if (told.question !== before.question) open = null;
    if (before.turn && before.turn.id !== told.turn?.id && view.lastEnd) exit = exitOf(view.lastEnd);
    if (told.turn && told.turn.id !== before.turn?.id) interrupted = false;
  }
  function happened({ by, event }: Envelope, _view: SessionView): void {
    if (event.type === "question.answered" && !answered.has(event.question))
      afterwards("question", `${oneLine(by.name)} answered: ${oneLine(event.answer)}`);
    if (event.type === "question.expired") afterwards("question", `It is not asked any more: ${event.reason}.`);
  }
  function tellPresent(now: readonly Participant[]): void {
    const names = (all: readonly Participant[], than: readonly Participant[]): string[] =>
      all
        .filter(({ id }) => !than.some((one) => one.id === id))
        .map(({ name, client }) => `${oneLine(name)} at a ${oneLine(client)}`);
    for (const name of present ? names(now, present) : []) afterwards("notice", `${name} is here now.`);
    for (const name of names(present ?? [], now)) afterwards("notice", `${name} has left.`);
    present = now;
  }

  let working = false;
  /** Takes up lines in their order, each when it can mean something. */
  async function work(): Promise<void> {
    if (working) return;
    working = true;
    try {
      for (let line = lines[0]; line !== undefined; line = lines[0]) {
        tellNow();
        if (line === null ? !(await canEnd()) : hasToWait(line.text)) return;
        lines.shift();
        if (line === null) return quit(exit);
        await attempt(line);
      }
    } finally {
      working = false;
    }
    tellNow();
  }
  const isRunning = (): boolean => {
    const view = server.take();
    return view !== null && (view.activity.state === "running" || view.queue.length > 0);
  };
  /** A script may write its answers before they are asked for; a person answers what was read. */
  function hasToWait(text: string): boolean {
    const asked = told?.question !== null && told?.question !== undefined;
    return !input.echoes && looksLikeAnswer(text) && isRunning() && !asked && !open;
  }
  /** The input has ended: what runs goes on to its end, but nobody can be asked any more. */
  async function canEnd(): Promise<boolean> {
    const view = server.take();
    const question = view?.questions[0];
    if (!view || !question) return !isRunning();
    if (answered.has(question.id)) return false;
    say("question", "Nobody is there to answer: it is refused.");
    answered.add(question.id);
    const { id, digest, choices } = question;
    const refused = choices.some((choice) => choice.id === "no");
    await (refused
      ? server.call("questionAnswer", { session: view.id, question: id, digest, answer: "no" })
      : server.call("turnCancel", { session: view.id })
    ).catch((error) => say("error", sentence(error)));
    return false;
  }

  async function attempt({ text, question }: NonNullable<Line>): Promise<void> {
    try {
      if (!input.echoes) say("you", text);
      await take(text, input.echoes ? question : (told?.question ?? null));
    } catch (error) {
      exit = error instanceof TuttiError ? exitCode(error.code) : 1;
      say("error", sentence(error));
    }
  }
  async function take(text: string, seen: string | null): Promise<void> {
    const meaning = meaningOf(text);
    if (meaning.kind === "action") return commandOf(meaning.action)(app, meaning.argument);
    if (meaning.kind === "unknown") return commandNamed(meaning.name)(app, meaning.argument);
    const view = server.take();
    const question = view?.questions[0];
    if (view && question && question.id === seen) {
      const answer = answerTo(question, text);
      if (answer === null) return say("error", howToAnswer(question));
      answered.add(question.id);
      const { id, digest } = question;
      await server.call("questionAnswer", { session: view.id, question: id, digest, answer });
      return;
    }
    if (open && meaning.kind !== "nothing") {
      const { menu, then } = open;
      open = null;
      return text.trim() === "0" ? say("status", "Left as it is.") : picked(menu, pick(menu, text), then);
    }
    await send(meaning);
  }
  async function picked(menu: Menu, found: Picked, then: (id: string) => Promise<void>): Promise<void> {
    if (found.kind === "choice") return then(found.id);
    if (found.kind === "none") say("error", "That is none of the list.");
    const shorter = found.kind === "menu" ? found.menu : menu;
    if (shorter.choices.length > 0) open = { menu: shorter, then };
    say("status", menuLines(shorter));
  }
  async function send(meaning: Exclude<Meaning, { kind: "action" | "unknown" }>): Promise<void> {
    if (meaning.kind === "nothing") return;
    const session = await ensureSession();
    switch (meaning.kind) {
      case "shell":
        typed(`!${meaning.command}`);
        await server.call("shellRun", { session, command: meaning.command });
        return;
      case "note": {
        const { path } = await server.call("noteAdd", { session, text: meaning.text });
        return say("status", `Noted in ${path}.`);
      }
      case "words":
        typed(meaning.text);
        memory.sent(meaning.text);
        await server.call("turnPrompt", { session, text: meaning.text, settings });
        return;
      default:
        return meaning satisfies never;
    }
  }
  function typed(text: string): void {
    if (told) told = { ...told, typed: [...told.typed, text] };
  }
  async function ensureSession(): Promise<string> {
    const view = server.take();
    if (view) return view.id;
    const { session } = await server.call("sessionCreate", { cwd });
    await app.show(session);
    return session;
  }

  let interruptedAt = Number.NEGATIVE_INFINITY;
  function interrupt(): void {
    const now = performance.now();
    if (now - interruptedAt < ECHO_MS) return;
    interruptedAt = now;
    pages.entered();
    if (interrupted) {
      quit(input.echoes ? 0 : 130);
      return;
    }
    interrupted = true;
    const view = server.take();
    const runs = view?.activity.state === "running";
    say("status", runs ? "The turn is being stopped. Ctrl+C again leaves." : "Ctrl+C again leaves.");
    if (runs) server.call("turnCancel", { session: view.id }).catch((error) => afterwards("error", sentence(error)));
  }
  function quit(code: number): void {
    if (isRunning()) say("status", "The agent goes on in the server; `tutti --line --continue` comes back to it.");
    ended.resolve(code);
  }
  process.on("SIGINT", interrupt);
  process.once("SIGTERM", () => ended.resolve(143));
  process.once("SIGHUP", () => ended.resolve(129));
  process.stdout.once("error", () => ended.resolve(1));
  const ticks = setInterval(schedule, TICK_MS);

  async function begin(): Promise<void> {
    say("status", `Tutti ${options.version} in ${cwd}. Write a prompt, or /help.`);
    const loaded = await readSettings(server, cwd);
    usual = { model: loaded.model, effort: loaded.effort, mode: loaded.mode };
    const session = await firstSession();
    if (session === null) return;
    await app.show(options.fork ? (await server.call("sessionFork", { session })).session : session);
  }
  async function firstSession(): Promise<string | null> {
    if (options.session !== "last") return options.session?.id ?? null;
    const { sessions } = await server.call("sessionList", { cwd, limit: 1 });
    if (!sessions[0]) say("notice", "There is no session of this folder yet.");
    return sessions[0]?.id ?? null;
  }
  working = true;
  await begin().catch((error) => {
    exit = error instanceof TuttiError ? exitCode(error.code) : 1;
    say("error", sentence(error));
  });
  working = false;
  if (options.prompt !== "") lines.unshift({ text: options.prompt, question: null });
  void work();

  const code = await ended.promise;
  clearInterval(ticks);
  clearTimeout(soon);
  process.off("SIGINT", interrupt);
  input.close();
  await server.close().catch(() => undefined);
  return code;
}
