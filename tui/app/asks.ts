/** What keys ask of the menu, the question and the transcript; the lists of dialogs answer for themselves. */
import type { ActionName } from "../actions.ts";
import type { AskName } from "../keys/asks.ts";
import type { App } from "./app.ts";
import type { Completer } from "./completion.ts";
import { act } from "./do.ts";
import { answer, answerBy, stepChoice } from "./questions.ts";
import { scrollBy, scrollTo } from "./scrolling.ts";

type OfDialogs = Extract<AskName, `list.${string}` | `search.${string}`>;

export function ask(app: App, completer: Completer, name: Exclude<AskName, ActionName>, argument: string): void {
  if (!isDialogs(name)) table[name](app, argument, completer);
}

const isDialogs = (name: AskName): name is OfDialogs => name.startsWith("list.") || name.startsWith("search.");

const table: Record<Exclude<AskName, OfDialogs>, (app: App, argument: string, completer: Completer) => void> = {
  "question.previous": (app) => stepChoice(app, -1),
  "question.next": (app) => stepChoice(app, 1),
  "question.accept": (app) => answer(app, app.state().choice),
  "question.choose": (app, number) => answer(app, Number(number) - 1),
  "question.allow": (app) => answerBy(app, "yes"),
  "question.always": (app) => answerBy(app, "always"),
  "question.deny": (app) => answerBy(app, "no"),
  "question.details": (app) => app.set({ focus: "transcript" }, "key"),
  "completion.previous": (_, __, completer) => completer.step(-1),
  "completion.next": (_, __, completer) => completer.step(1),
  "completion.accept": (_, __, completer) => completer.accept(),
  "completion.run": (app, _, completer) => {
    if (completer.accept()) act(app, "prompt.submit");
  },
  "completion.close": (_, __, completer) => completer.close(),
  "transcript.leave": (app) => app.set({ focus: "prompt", search: null }, "key"),
  "transcript.previousCall": (app) => scrollTo(app, "previousCall"),
  "transcript.nextCall": (app) => scrollTo(app, "nextCall"),
  "transcript.center": (app) => scrollBy(app, -Math.floor(app.page() / 2)),
  "clipboard.write": (app, text) => app.screen.copy(text),
};
