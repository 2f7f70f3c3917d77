/** The view in the side bar: a frame around the page of web/, and what the page asks of the editor. */
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import type { ToHost, ToPage } from "../client/frame.ts";
import { pageHtml } from "../client/page.ts";
import { filesToAttach, gather } from "./context.ts";
import { attempt, type Ext } from "./ext.ts";
import { openLink } from "./links.ts";
import { openRelay } from "./relay.ts";

export const VIEW = "tutti.session";
const TITLE = "Session";
const LAST = "session";

export interface Panel {
  /** Shows the view, and tells the page this once it is there. */
  show(...messages: ToPage[]): Promise<void>;
  visible(): boolean;
}

export interface Asked {
  review(session: string, path?: string): Promise<void>;
  terminal(session: string): Promise<void>;
}

export function registerPanel(ext: Ext, asked: Asked): Panel {
  const { context } = ext;
  let view: vscode.WebviewView | null = null;
  let ready = false;
  let waiting: ToPage[] = [];
  const tell = (message: ToPage): void => void view?.webview.postMessage(message);

  /** Where there are several folders, the view says which it works in. Its description would not be shown while it is alone. */
  const name = (): void => {
    const folder = ext.folder.name();
    if (view) view.title = folder === undefined ? TITLE : `${TITLE} · ${folder}`;
  };

  const hear = async (message: Exclude<ToHost, { type: "dial" | "message" | "hang" }>): Promise<void> => {
    switch (message.type) {
      case "ready": {
        ready = true;
        tell({ type: "hello", cwd: ext.cwd(), session: context.workspaceState.get<string | null>(LAST) ?? null });
        for (const one of waiting.splice(0)) tell(one);
        return;
      }
      case "shown":
        ext.look(message.session);
        return context.workspaceState.update(LAST, message.session);
      case "link":
        return openLink(message.href);
      case "file": {
        const at = new vscode.Position((message.line ?? 1) - 1, 0);
        await vscode.window.showTextDocument(vscode.Uri.file(message.path), {
          selection: new vscode.Range(at, at),
          preserveFocus: true,
        });
        return;
      }
      case "review":
        return asked.review(message.session, message.path);
      case "terminal":
        return asked.terminal(message.session);
      case "take":
        for (const one of await filesToAttach(message.uris, ext.cwd())) tell(one);
        return;
      case "context":
        return tell(await gather(message.what, ext.cwd()));
      default:
        message satisfies never;
    }
  };

  const provider: vscode.WebviewViewProvider = {
    resolveWebviewView(resolved) {
      view = resolved;
      ready = false;
      name();
      const { webview } = resolved;
      const folder = vscode.Uri.joinPath(context.extensionUri, "web");
      const file = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(folder, name)).toString();
      webview.options = { enableScripts: true, localResourceRoots: [folder] };
      const relay = openRelay(ext.local, tell);
      webview.onDidReceiveMessage((message: ToHost) => {
        if (!relay.take(message)) void attempt(async () => hear(message as Parameters<typeof hear>[0]));
      });
      resolved.onDidDispose(() => {
        relay.close();
        view = null;
        ready = false;
      });
      webview.html = pageHtml({
        nonce: randomBytes(16).toString("hex"),
        script: file("webview.js"),
        grammars: file("grammars.js"),
        style: file("style.css"),
        source: webview.cspSource,
      });
    },
  };
  context.subscriptions.push(
    vscode.workspace.onDidChangeWorkspaceFolders(name),
    ext.folder.onChange((cwd) => {
      name();
      tell({ type: "folder", cwd });
    }),
    vscode.window.registerWebviewViewProvider(VIEW, provider, { webviewOptions: { retainContextWhenHidden: true } }),
  );
  return {
    async show(...messages) {
      waiting = ready ? [] : [...waiting, ...messages];
      await vscode.commands.executeCommand(`${VIEW}.focus`);
      if (ready) for (const message of messages) tell(message);
    },
    visible: () => view?.visible ?? false,
  };
}
