/** The status bar item: model, cost, changes to review and open questions. Notifies of a question if the view is hidden. */
import * as vscode from "vscode";
import { formatCost } from "../client/format.ts";
import type { Choice } from "../protocol/events.ts";
import type { Question } from "../protocol/parts.ts";
import { printable } from "../protocol/printable.ts";
import type { SessionView } from "../protocol/view.ts";
import { attempt, type Ext } from "./ext.ts";
import type { Panel } from "./panel.ts";

export function formatStatus(view: SessionView | null): string {
  if (!view) return "$(comment-discussion) Tutti";
  if (view.questions.length > 0) return "$(question) Tutti has a question";
  const icon = view.activity.state === "running" ? "$(sync~spin)" : "$(comment-discussion)";
  const pieces = [view.model || "Tutti", formatCost(view.usage) ?? "", formatPendingEdits(view.edits.length)];
  return `${icon} ${pieces
    .filter((one) => one !== "")
    .map((one) => printable(one))
    .join(" · ")}`;
}

const SHOW = "Show";
/** A notification is one line; VS Code truncates longer text. */
const MAX_MESSAGE = 200;

/** A notification offers no choices if the question cannot be shown completely, and never "always allow". */
function formatQuestion({ title, detail, choices }: Question): { text: string; choices: readonly Choice[] } {
  const whole = [title, ...(title.includes(detail) ? [] : [detail])].join(": ");
  const readable = whole.length <= MAX_MESSAGE && printable(whole) === whole;
  return {
    text: `Tutti: ${readable ? whole : printable(title).slice(0, MAX_MESSAGE)}`,
    choices: readable ? choices.filter(({ id }) => id !== "always" && id !== "session") : [],
  };
}

const formatPendingEdits = (count: number): string => (count === 0 ? "" : `${count} to review`);

export function registerStatus(ext: Ext, panel: Panel): void {
  const item = vscode.window.createStatusBarItem("tutti.status", vscode.StatusBarAlignment.Right, 90);
  item.name = "Tutti";
  let notifiedQuestion = "";
  const draw = (view: SessionView | null): void => {
    const question = view?.questions[0];
    item.text = formatStatus(view);
    item.tooltip = question ? question.title : view?.modelReason || "Open Tutti";
    item.command = question ? "tutti.showQuestion" : "tutti.open";
    item.backgroundColor = question ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    if (!question || question.id === notifiedQuestion) return;
    notifiedQuestion = question.id;
    if (panel.visible() || !vscode.workspace.getConfiguration("tutti").get("notifications")) return;
    void notify(view.id, question);
  };
  const notify = async (session: string, question: Question): Promise<void> => {
    const { text, choices } = formatQuestion(question);
    const chosen = await vscode.window.showInformationMessage(text, ...choices.map(({ label }) => label), SHOW);
    const choice = choices.find(({ label }) => label === chosen);
    const { id, digest } = question;
    if (choice)
      await attempt(() =>
        ext.server().call("questionAnswer", { session, question: id, digest, answer: { choice: choice.id } }),
      );
    else if (chosen === SHOW) await vscode.commands.executeCommand("tutti.showQuestion", session);
  };
  draw(null);
  item.show();
  ext.context.subscriptions.push(item, ext.onView(draw));
}
