/** Joins a session that someone shares: the page in an editor tab, whose connection is sealed by the extension. */
import { userInfo } from "node:os";
import * as vscode from "vscode";
import { openSharedTransport, type SharedTransport } from "../client/shared-session.ts";
import type { MessageToHost, MessageToPage } from "../client/webview-messages.ts";
import { describeError } from "../protocol/errors.ts";
import { parseShareLink, type ShareLink } from "../protocol/share/share-link.ts";
import { attempt } from "./ext.ts";
import { openExternalLink, showPage } from "./page.ts";
import { openRelay } from "./relay.ts";

const MAX_NAME = 40;

export async function joinSharedSession(context: vscode.ExtensionContext): Promise<void> {
  const link = await vscode.window.showInputBox({
    title: "Join a Shared Session",
    prompt: "The link that you were given. It is not stored.",
    placeHolder: "https://…/s/…#…",
    ignoreFocusOut: true,
    validateInput: (text) => (text === "" ? null : describeMistake(text)),
  });
  if (!link) return;
  const name = await vscode.window.showInputBox({
    title: "Join a Shared Session",
    prompt: "Your name, as others see it",
    value: userInfo().username,
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === "" || text.length > MAX_NAME ? `1 to ${MAX_NAME} characters` : null),
  });
  if (!name) return;
  const share = parseShareLink(link);
  const first = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: `Joining through ${new URL(share.hub).host}…` },
    () => openSharedTransport(share, name.trim()),
  );
  openTab(context, { share, name: name.trim(), first });
}

function openTab(
  context: vscode.ExtensionContext,
  joined: { share: ShareLink; name: string; first: SharedTransport },
): void {
  const { share, name, first } = joined;
  const { session, cwd, role } = first;
  const panel = vscode.window.createWebviewPanel("tutti.shared", `Shared: ${role}`, vscode.ViewColumn.Active, {
    retainContextWhenHidden: true,
  });
  const { webview } = panel;
  const post = (message: MessageToPage): void => void webview.postMessage(message);
  let next: SharedTransport | null = first;
  const relay = openRelay(async () => {
    const opened = next ?? (await openSharedTransport(share, name));
    next = null;
    return opened;
  }, post);
  webview.onDidReceiveMessage((message: MessageToHost) => {
    if (relay.handle(message)) return;
    if (message.type === "ready") post({ type: "initialize", cwd, session });
    else if (message.type === "link") void attempt(() => openExternalLink(message.href));
    else if (message.type === "file" || message.type === "review" || message.type === "terminal")
      post({ type: "notice", level: "info", text: "The files and the server are on the owner's machine." });
  });
  panel.onDidDispose(() => relay.close());
  showPage(webview, context.extensionUri);
}

function describeMistake(link: string): string | null {
  try {
    parseShareLink(link);
    return null;
  } catch (error) {
    return describeError(error);
  }
}
