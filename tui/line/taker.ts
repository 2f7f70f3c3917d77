/** What a line does: a command, an answer, a choice from a list, a prompt, a command line of one's own, a note. */
import { TuttiError } from "../../protocol/errors.ts";
import type { Question } from "../../protocol/parts.ts";
import { type Meaning, meaningOf } from "../app/meaning.ts";
import { answerTo, howToAnswer } from "./answers.ts";
import type { LineApp } from "./app.ts";
import { commandOf, commandText, ownCommand } from "./commands.ts";
import { type Menu, menuLines, narrowed, type Picked, pick } from "./menu.ts";

export interface Taker {
  /** `seen`: the question that had been told when the line was written. Rejects where it cannot be done. */
  take(text: string, seen: string | null): Promise<void>;
  menu: LineApp["menu"];
  /** A list waits for a choice. */
  isChoosing(): boolean;
  /** What comes next is no choice any more. */
  forget(): void;
}

type Then = (id: string) => void | Promise<void>;

export function openTaker(app: LineApp): Taker {
  let open: { menu: Menu; then: Then } | null = null;

  const picked = async (menu: Menu, found: Picked, then: Then): Promise<void> => {
    if (found.kind === "choice") return then(found.id);
    if (found.kind === "none") app.say("error", "That is none of the list.");
    const shorter = found.kind === "menu" ? found.menu : menu;
    if (shorter.choices.length > 0) open = { menu: shorter, then };
    app.say("status", menuLines(shorter));
  };
  return {
    async take(text, seen) {
      const meaning = meaningOf(text);
      const chosen = open;
      if (meaning.kind === "nothing") return;
      open = null;
      if (meaning.kind === "action") return commandOf(meaning.action)(app, meaning.argument);
      if (meaning.kind === "unknown") {
        const own = ownCommand(meaning.name);
        if (own) return own(app, meaning.argument);
        const words = await commandText(app, meaning.name, meaning.argument);
        app.memory.sent(text);
        return prompt(app, words, () => undefined);
      }
      const question = app.view()?.questions[0];
      if (question && question.id === seen) return answer(app, question, text);
      if (!chosen || meaning.kind !== "words") return send(app, meaning);
      if (text.trim() === "0") app.say("status", "Left as it is.");
      else await picked(chosen.menu, pick(chosen.menu, text), chosen.then);
    },
    async menu(menu, words, then) {
      if (app.view()?.questions[0] && words === "")
        throw new TuttiError("conflict", "The agent has a question; answer it first.");
      await picked(menu, words === "" ? { kind: "menu", menu } : narrowed(menu, words), then);
    },
    isChoosing: () => open !== null,
    forget() {
      open = null;
    },
  };
}

async function answer(app: LineApp, question: Question, text: string): Promise<void> {
  const said = answerTo(question, text);
  const view = app.view();
  if (said === null || !view) return app.say("error", howToAnswer(question));
  const { id, digest } = question;
  app.answered(id);
  await app.server.call("questionAnswer", { session: view.id, question: id, digest, answer: said });
}

async function send(app: LineApp, meaning: Extract<Meaning, { kind: "words" | "shell" | "note" }>): Promise<void> {
  if (meaning.kind === "words") {
    app.memory.sent(meaning.text);
    return prompt(app, meaning.text, app.typed);
  }
  const session = await ensureSession(app);
  switch (meaning.kind) {
    case "shell": {
      const { command } = meaning;
      app.typed(`!${command}`);
      await app.server.call("shellRun", { session, command });
      return;
    }
    case "note": {
      const { path } = await app.server.call("noteAdd", { session, text: meaning.text });
      return app.say("status", `Noted in ${path}.`);
    }
    default:
      return meaning satisfies never;
  }
}

/** `typed` is told of the text where it need not be told again. */
async function prompt(app: LineApp, text: string, typed: LineApp["typed"]): Promise<void> {
  const session = await ensureSession(app);
  typed(text);
  await app.server.call("turnPrompt", { session, text, settings: app.settings() });
}

async function ensureSession(app: LineApp): Promise<string> {
  const view = app.view();
  if (view) return view.id;
  const { session } = await app.server.call("sessionCreate", { cwd: app.cwd });
  await app.show(session);
  return session;
}
