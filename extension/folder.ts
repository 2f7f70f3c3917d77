/** The folder that sessions are made in: the window's, or the one of several that a person chose. */
import { homedir } from "node:os";
import * as vscode from "vscode";

const CHOSEN = "folder";

export interface Folder {
  path(): string;
  /** What it is called, where the window has several; undefined where there is nothing to tell apart. */
  name(): string | undefined;
  /** False where the person chose none. */
  choose(): Promise<boolean>;
  onChange: vscode.Event<string>;
}

export function openFolder(context: vscode.ExtensionContext): Folder {
  const emitter = new vscode.EventEmitter<string>();
  const current = (): vscode.WorkspaceFolder | undefined => {
    const [first, ...more] = vscode.workspace.workspaceFolders ?? [];
    const chosen = context.workspaceState.get<string>(CHOSEN);
    return more.find(({ uri }) => uri.fsPath === chosen) ?? first;
  };
  const path = (): string => current()?.uri.fsPath ?? homedir();
  let last = path();
  const look = (): void => {
    if (path() === last) return;
    last = path();
    emitter.fire(last);
  };
  context.subscriptions.push(emitter, vscode.workspace.onDidChangeWorkspaceFolders(look));
  return {
    path,
    name: () => ((vscode.workspace.workspaceFolders?.length ?? 0) > 1 ? current()?.name : undefined),
    async choose() {
      const picked = await vscode.window.showWorkspaceFolderPick({ placeHolder: "Where new sessions work" });
      if (!picked) return false;
      await context.workspaceState.update(CHOSEN, picked.uri.fsPath);
      look();
      return true;
    },
    onChange: emitter.event,
  };
}
