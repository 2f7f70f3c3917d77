/** Runs the commands of keys/focus-commands.ts for questions, the completion menu and the transcript. Dialogs handle their own. */
import type { ActionName } from "../actions.ts";
import type { FocusCommandName } from "../keys/focus-commands.ts";
import { runAction } from "./action-handlers.ts";
import type { App } from "./app.ts";
import type { Completer } from "./completion.ts";
import {
  answerById,
  answerByIndex,
  editRule,
  moveChoice,
  pageQuestion,
  questionScroll,
  scrollQuestion,
  toggleFullScreen,
} from "./questions.ts";
import { scrollBy, scrollTo } from "./scrolling.ts";

type DialogCommandName = Extract<FocusCommandName, `list.${string}` | `search.${string}`>;
type Handler = (app: App, argument: string, completer: Completer) => unknown;

export function runFocusCommand(
  app: App,
  completer: Completer,
  name: Exclude<FocusCommandName, ActionName>,
  argument: string,
): void {
  if (!isDialogCommand(name)) handlers[name](app, argument, completer);
}

const isDialogCommand = (name: FocusCommandName): name is DialogCommandName =>
  name.startsWith("list.") || name.startsWith("search.");

const handlers: Record<Exclude<FocusCommandName, DialogCommandName>, Handler> = {
  "question.previous": (app) => moveChoice(app, -1),
  "question.next": (app) => moveChoice(app, 1),
  "question.accept": (app) => answerByIndex(app, app.state().selectedChoice),
  "question.choose": (app, number) => answerByIndex(app, Number(number) - 1),
  "question.allow": (app) => answerById(app, "yes"),
  "question.always": (app) => answerById(app, "always"),
  "question.editRule": editRule,
  "question.deny": (app) => answerById(app, "no"),
  "question.back": (app) => (questionScroll(app.state()).isFullScreen ? toggleFullScreen(app) : answerById(app, "no")),
  "question.details": toggleFullScreen,
  "question.scrollUp": (app) => scrollQuestion(app, -1) || scrollBy(app, -1),
  "question.scrollDown": (app) => scrollQuestion(app, 1) || scrollBy(app, 1),
  "question.pageUp": (app) => pageQuestion(app, -1) || runAction(app, "transcript.pageUp"),
  "question.pageDown": (app) => pageQuestion(app, 1) || runAction(app, "transcript.pageDown"),
  "question.top": (app) => scrollQuestion(app, Number.NEGATIVE_INFINITY),
  "question.bottom": (app) => scrollQuestion(app, Number.POSITIVE_INFINITY),
  "completion.previous": (_, __, completer) => completer.step(-1),
  "completion.next": (_, __, completer) => completer.step(1),
  "completion.accept": (_, __, completer) => completer.accept(),
  "completion.run": (app, _, completer) => {
    const { completion } = app.state();
    // A command runs by its name: what the list happens to select first may be another one.
    const isTyped = completion?.kind === "slash" && !completion.isMoved;
    if (isTyped) completer.hide();
    if (isTyped || completer.accept()) runAction(app, "prompt.submit");
  },
  "completion.close": (_, __, completer) => completer.close(),
  "transcript.leave": (app) => app.set({ focus: "prompt", search: null }, "key"),
  "transcript.previousCall": (app) => scrollTo(app, "previousCall"),
  "transcript.nextCall": (app) => scrollTo(app, "nextCall"),
  "transcript.center": (app) => scrollBy(app, -Math.floor(app.pageRows() / 2)),
  "clipboard.write": (app, text) => app.screen.copy(text),
};
