/** The status bar: what runs and why, what it cost, and that a question waits; and a word when one comes and nobody looks. */
import * as vscode from "vscode";
import { costOf } from "../client/figures.ts";
import { printable } from "../protocol/printable.ts";
import type { SessionView } from "../protocol/view.ts";
import type { Ext } from "./ext.ts";
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

const waits = (count: number): string => (count === 0 ? "" : `${count} to review`);

export function registerStatus(ext: Ext, panel: Panel): void {
  const item = vscode.window.createStatusBarItem("tutti.status", vscode.StatusBarAlignment.Right, 90);
  item.name = "Tutti";
  item.command = "tutti.open";
  let told = "";
  const draw = (view: SessionView | null): void => {
    const question = view?.questions[0];
    item.text = statusText(view);
    item.tooltip = question ? question.title : view?.modelWhy || "An AI coding agent that every client plays together";
    item.backgroundColor = question ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    if (!question || question.id === told) return;
    told = question.id;
    if (panel.visible() || !vscode.workspace.getConfiguration("tutti").get("notifications")) return;
    const title = printable(question.title).slice(0, 300);
    vscode.window.showInformationMessage(`Tutti asks: ${title}`, "Show").then((shown) => {
      if (shown === "Show") void panel.show({ type: "focus", on: "question" });
    });
  };
  draw(null);
  item.show();
  ext.context.subscriptions.push(item, ext.onView(draw));
}
