/** The status bar: what runs and why, what it cost, and that a question waits; and a word when one comes and nobody looks. */
import * as vscode from "vscode";
import { costOf } from "../client/figures.ts";
import type { Choice } from "../protocol/events.ts";
import type { Question } from "../protocol/parts.ts";
import { printable } from "../protocol/printable.ts";
import type { SessionView } from "../protocol/view.ts";
import { attempt, type Ext } from "./ext.ts";
import type { Panel } from "./panel.ts";

export function statusText(view: SessionView | null): string {
  if (!view) return "$(comment-discussion) Tutti";
  if (view.questions.length > 0) return "$(question) Tutti waits for you";
  const sign = view.activity.state === "running" ? "$(sync~spin)" : "$(comment-discussion)";
  const pieces = [view.model || "Tutti", costOf(view.usage) ?? "", waits(view.edits.length)];
  return `${sign} ${pieces
    .filter((one) => one !== "")
    .map((one) => printable(one))
    .join(" · ")}`;
}

const SHOW = "Show";
/** A notification is one line, and cuts what is longer. */
const MOST = 200;

/** What is asked, and what may be answered to it there: nothing to what cannot be read whole, and no rule is made in passing. */
function messageOf({ title, detail, choices }: Question): { text: string; choices: readonly Choice[] } {
  const whole = [title, ...(title.includes(detail) ? [] : [detail])].join(": ");
  const readable = whole.length <= MOST && printable(whole) === whole;
  return {
    text: `Tutti asks: ${readable ? whole : printable(title).slice(0, MOST)}`,
    choices: readable ? choices.filter(({ id }) => id !== "always") : [],
  };
}

const waits = (count: number): string => (count === 0 ? "" : `${count} to review`);

export function registerStatus(ext: Ext, panel: Panel): void {
  const item = vscode.window.createStatusBarItem("tutti.status", vscode.StatusBarAlignment.Right, 90);
  item.name = "Tutti";
  let told = "";
  const draw = (view: SessionView | null): void => {
    const question = view?.questions[0];
    item.text = statusText(view);
    item.tooltip = question ? question.title : view?.modelWhy || "An AI coding agent that every client plays together";
    item.command = question ? "tutti.showQuestion" : "tutti.open";
    item.backgroundColor = question ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    if (!question || question.id === told) return;
    told = question.id;
    if (panel.visible() || !vscode.workspace.getConfiguration("tutti").get("notifications")) return;
    void notify(view.id, question);
  };
  const notify = async (session: string, question: Question): Promise<void> => {
    const { text, choices } = messageOf(question);
    const chosen = await vscode.window.showInformationMessage(text, ...choices.map(({ label }) => label), SHOW);
    const choice = choices.find(({ label }) => label === chosen);
    const { id, digest } = question;
    if (choice)
      await attempt(() => ext.server().call("questionAnswer", { session, question: id, digest, answer: choice.id }));
    else if (chosen === SHOW) await vscode.commands.executeCommand("tutti.showQuestion", session);
  };
  draw(null);
  item.show();
  ext.context.subscriptions.push(item, ext.onView(draw));
}
