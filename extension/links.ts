/** A link of the page: opened once the person has seen where it really leads. */
import * as vscode from "vscode";
import { printable } from "../protocol/printable.ts";
import { targetOf } from "./addresses.ts";

export async function openLink(href: string): Promise<void> {
  const target = targetOf(href);
  if (!target) throw new Error(`This is opened by nothing: ${printable(href)}`);
  const uri = vscode.Uri.parse(target, true);
  const open = await vscode.window.showInformationMessage("Open this?", { modal: true, detail: target }, "Open");
  if (open !== "Open") return;
  if (uri.scheme === "file") await vscode.window.showTextDocument(uri);
  else await vscode.env.openExternal(uri);
}
