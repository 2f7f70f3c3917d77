/** Handles an entered line: a command, an answer, a choice from a menu, a message, a shell command or a note. */
import { resolveAlias } from "../../client/slash-names.ts";
import { TuttiError } from "../../protocol/errors.ts";
import type { Question } from "../../protocol/parts.ts";
import { toAnswer } from "../../protocol/questions.ts";
import { slashes } from "../actions.ts";
import { type ParsedPrompt, parsePrompt } from "../app/parse-prompt.ts";
import type { LineApp } from "./app.ts";
import { expandPluginCommand, findActionCommand, findLineCommand, findPluginCommand } from "./commands.ts";
import { formatMenu, type Menu, type MenuResult, narrowMenu, pickFromMenu } from "./menu.ts";
import { joinWithOr } from "./messages.ts";

export interface LineHandler {
  /** `announcedQuestion`: the question that was announced when the line was entered. Rejects if the line has no valid meaning. */
  handle(text: string, announcedQuestion: string | null): Promise<void>;
  openMenu: LineApp["openMenu"];
  /** A menu is waiting for a choice. */
  isChoosing(): boolean;
  /** The next line is no longer a choice from the menu. */
  closeMenu(): void;
}

type OnChoice = (id: string) => void | Promise<void>;

export function createLineHandler(app: LineApp): LineHandler {
  let open: { menu: Menu; onChoice: OnChoice } | null = null;

  const handleResult = async (menu: Menu, result: MenuResult, onChoice: OnChoice): Promise<void> => {
    if (result.kind === "choice") return onChoice(result.id);
    if (result.kind === "none") app.write("error", "No such entry in the list.");
    const next = result.kind === "menu" ? result.menu : menu;
    if (next.choices.length > 0) open = { menu: next, onChoice };
    app.write("status", formatMenu(next));
  };
  return {
    async handle(text, announcedQuestion) {
      const parsed = parsePrompt(text);
      const current = open;
      if (parsed.kind === "empty") return;
      open = null;
      if (parsed.kind === "action") return findActionCommand(parsed.action)(app, parsed.argument);
      if (parsed.kind === "unknown") {
        const command = findLineCommand(parsed.name);
        if (command) return command(app, parsed.argument);
        const found = await findPluginCommand(app, parsed.name);
        const alias = slashes.get(resolveAlias(parsed.name, [...slashes.keys()]) ?? "");
        if (!found && alias) return findActionCommand(alias)(app, parsed.argument);
        const expanded = await expandPluginCommand(app, parsed.name, parsed.argument);
        app.store.addPrompt(text);
        return sendPrompt(app, expanded, () => undefined);
      }
      const question = app.view()?.questions[0];
      if (question && question.id === announcedQuestion) return answerQuestion(app, question, text);
      if (!current || parsed.kind !== "message") return sendInput(app, parsed);
      if (text.trim() === "0") app.write("status", "Closed the list.");
      else await handleResult(current.menu, pickFromMenu(current.menu, text), current.onChoice);
    },
    async openMenu(menu, input, onChoice) {
      if (app.view()?.questions[0] && input === "")
        throw new TuttiError("conflict", "The agent is waiting for an answer. Answer it first.");
      await handleResult(menu, input === "" ? { kind: "menu", menu } : narrowMenu(menu, input), onChoice);
    },
    isChoosing: () => open !== null,
    closeMenu() {
      open = null;
    },
  };
}

async function answerQuestion(app: LineApp, question: Question, text: string): Promise<void> {
  const answer = parseAnswer(question, text);
  const view = app.view();
  if (answer === null || !view) {
    const numbers = question.choices.map((_, index) => String(index + 1));
    return app.write("error", `Not a valid answer. Type ${joinWithOr(numbers)}.`);
  }
  const { id, digest } = question;
  app.markAnswered(id);
  try {
    await app.server.call("questionAnswer", {
      session: view.id,
      question: id,
      digest,
      answer: toAnswer(question, answer),
    });
  } catch (error) {
    app.unmarkAnswered(id);
    throw error;
  }
}

/** The id of a choice, or text if the question allows it; null if the line is not an answer. */
function parseAnswer({ choices, freeText }: Question, line: string): string | null {
  const text = line.trim();
  if (/^\d+$/.test(text) && choices.length > 0) return choices[Number(text) - 1]?.id ?? null;
  const lower = text.toLowerCase();
  const choice = choices.find(({ id, label }) => [id, label].some((one) => one.toLowerCase() === lower));
  return choice?.id ?? (freeText && text !== "" ? text : null);
}

async function sendInput(
  app: LineApp,
  parsed: Extract<ParsedPrompt, { kind: "message" | "shell" | "note" }>,
): Promise<void> {
  if (parsed.kind === "message") {
    app.store.addPrompt(parsed.text);
    return sendPrompt(app, parsed.text, app.addTyped);
  }
  const session = await ensureSession(app);
  switch (parsed.kind) {
    case "shell": {
      const { command } = parsed;
      app.addTyped(`!${command}`);
      await app.server.call("shellRun", { session, command });
      return;
    }
    case "note": {
      const { path } = await app.server.call("noteAdd", { session, text: parsed.text });
      return app.write("status", `Added the note to ${path}.`);
    }
    default:
      return parsed satisfies never;
  }
}

/** `addTyped` registers the text as already visible, if it is. */
async function sendPrompt(app: LineApp, text: string, addTyped: LineApp["addTyped"]): Promise<void> {
  const session = await ensureSession(app);
  addTyped(text);
  await app.server.call("turnPrompt", { session, text, settings: app.settings() });
}

async function ensureSession(app: LineApp): Promise<string> {
  const view = app.view();
  if (view) return view.id;
  const { session } = await app.server.call("sessionCreate", { cwd: app.cwd });
  await app.showSession(session);
  return session;
}
