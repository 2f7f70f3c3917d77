/** A link of the page: opened once the person has seen where it really leads. */
import * as vscode from "vscode";
import { printable } from "../protocol/printable.ts";

/** Null for what no text may open. */
export function targetOf(href: string): vscode.Uri | null {
  if (printable(href) !== href || !URL.canParse(href)) return null;
  const url = new URL(href);
  // The host as it is asked for, so that letters that look like others are seen.
  return ["http:", "https:", "file:"].includes(url.protocol) ? vscode.Uri.parse(url.href, true) : null;
}

export async function openLink(href: string): Promise<void> {
  const target = targetOf(href);
  if (!target) throw new Error(`This is opened by nothing: ${printable(href)}`);
  const shown = target.toString(true);
  const open = await vscode.window.showInformationMessage("Open this?", { modal: true, detail: shown }, "Open");
  if (open !== "Open") return;
  if (target.scheme === "file") await vscode.window.showTextDocument(target);
  else await vscode.env.openExternal(target);
}
