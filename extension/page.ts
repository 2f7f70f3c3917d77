/** Shows the web page in a webview, and opens its links. */
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { renderPageHtml } from "../client/page.ts";
import { printable } from "../protocol/printable.ts";
import { resolveLinkTarget } from "./addresses.ts";

/** Its messages must be listened to before. */
export function showPage(webview: vscode.Webview, extensionUri: vscode.Uri): void {
  const folder = vscode.Uri.joinPath(extensionUri, "web");
  const file = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(folder, name)).toString();
  webview.options = { enableScripts: true, localResourceRoots: [folder] };
  webview.html = renderPageHtml({
    nonce: randomBytes(16).toString("hex"),
    script: file("webview.js"),
    grammars: file("grammars.js"),
    style: file("style.css"),
    source: webview.cspSource,
  });
}

/** Opens a link of the page after the user has confirmed its actual target. */
export async function openExternalLink(href: string): Promise<void> {
  const target = resolveLinkTarget(href);
  if (!target) throw new Error(`Cannot open ${printable(href)}. Only http, https and file links are supported.`);
  const uri = vscode.Uri.parse(target, true);
  const choice = await vscode.window.showInformationMessage("Open this link?", { modal: true, detail: target }, "Open");
  if (choice !== "Open") return;
  if (uri.scheme === "file") await vscode.window.showTextDocument(uri);
  else await vscode.env.openExternal(uri);
}
