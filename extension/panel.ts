/** The side bar view: a webview that loads web/, and the requests of that page to the editor. */
import * as vscode from "vscode";
import type { MessageToHost, MessageToPage } from "../client/webview-messages.ts";
import { filesToAttach, gatherContext } from "./context.ts";
import { attempt, type Ext } from "./ext.ts";
import { openExternalLink, showPage } from "./page.ts";
import { createLocalDial, openRelay } from "./relay.ts";

export const VIEW = "tutti.session";
const TITLE = "Session";
const LAST_SESSION = "session";

export interface Panel {
  /** Shows the view, and posts the messages once the page has loaded. */
  show(...messages: MessageToPage[]): Promise<void>;
  visible(): boolean;
}

export interface PanelActions {
  review(session: string, path?: string): Promise<void>;
  terminal(session: string): Promise<void>;
}

export function registerPanel(ext: Ext, actions: PanelActions): Panel {
  const { context } = ext;
  let view: vscode.WebviewView | null = null;
  let ready = false;
  let waiting: MessageToPage[] = [];
  const post = (message: MessageToPage): void => void view?.webview.postMessage(message);

  /** With several folders, shows the folder in the title: VS Code hides the description of a container's only view. */
  const updateTitle = (): void => {
    const folder = ext.folder.name();
    if (view) view.title = folder === undefined ? TITLE : `${TITLE} · ${folder}`;
  };

  const handleMessage = async (
    message: Exclude<MessageToHost, { type: "connect" | "message" | "disconnect" }>,
  ): Promise<void> => {
    switch (message.type) {
      case "ready": {
        ready = true;
        post({
          type: "initialize",
          cwd: ext.cwd(),
          session: context.workspaceState.get<string | null>(LAST_SESSION) ?? null,
        });
        for (const one of waiting.splice(0)) post(one);
        return;
      }
      case "sessionChanged":
        ext.watchSession(message.session);
        return context.workspaceState.update(LAST_SESSION, message.session);
      case "link":
        return openExternalLink(message.href);
      case "file": {
        const at = new vscode.Position((message.line ?? 1) - 1, 0);
        await vscode.window.showTextDocument(vscode.Uri.file(message.path), {
          selection: new vscode.Range(at, at),
          preserveFocus: true,
        });
        return;
      }
      case "review":
        return actions.review(message.session, message.path);
      case "terminal":
        return actions.terminal(message.session);
      case "attachFiles":
        for (const one of await filesToAttach(message.uris, ext.cwd())) post(one);
        return;
      case "addContext":
        return post(await gatherContext(message.kind, ext.cwd()));
      default:
        message satisfies never;
    }
  };

  const provider: vscode.WebviewViewProvider = {
    resolveWebviewView(resolved) {
      view = resolved;
      ready = false;
      updateTitle();
      const { webview } = resolved;
      const relay = openRelay(createLocalDial(ext.local), post);
      webview.onDidReceiveMessage((message: MessageToHost) => {
        if (!relay.handle(message))
          void attempt(async () => handleMessage(message as Parameters<typeof handleMessage>[0]));
      });
      resolved.onDidDispose(() => {
        relay.close();
        view = null;
        ready = false;
      });
      showPage(webview, context.extensionUri);
    },
  };
  context.subscriptions.push(
    vscode.workspace.onDidChangeWorkspaceFolders(updateTitle),
    ext.folder.onChange((cwd) => {
      updateTitle();
      post({ type: "folder", cwd });
    }),
    vscode.window.registerWebviewViewProvider(VIEW, provider, { webviewOptions: { retainContextWhenHidden: true } }),
  );
  return {
    async show(...messages) {
      waiting = ready ? [] : [...waiting, ...messages];
      await vscode.commands.executeCommand(`${VIEW}.focus`);
      if (ready) for (const message of messages) post(message);
    },
    visible: () => view?.visible ?? false,
  };
}
