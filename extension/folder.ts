/** The folder in which sessions are created: the window's, or the selected one of several. */
import { homedir } from "node:os";
import * as vscode from "vscode";

const SELECTED_FOLDER = "folder";

export interface Folder {
  path(): string;
  /** Its name if the window has several folders; otherwise undefined. */
  name(): string | undefined;
  /** Resolves with false if the user cancelled. */
  choose(): Promise<boolean>;
  onChange: vscode.Event<string>;
}

export function openFolder(context: vscode.ExtensionContext): Folder {
  const emitter = new vscode.EventEmitter<string>();
  const current = (): vscode.WorkspaceFolder | undefined => {
    const [first, ...more] = vscode.workspace.workspaceFolders ?? [];
    const chosen = context.workspaceState.get<string>(SELECTED_FOLDER);
    return more.find(({ uri }) => uri.fsPath === chosen) ?? first;
  };
  const path = (): string => current()?.uri.fsPath ?? homedir();
  let last = path();
  const update = (): void => {
    if (path() === last) return;
    last = path();
    emitter.fire(last);
  };
  context.subscriptions.push(emitter, vscode.workspace.onDidChangeWorkspaceFolders(update));
  return {
    path,
    name: () => ((vscode.workspace.workspaceFolders?.length ?? 0) > 1 ? current()?.name : undefined),
    async choose() {
      const picked = await vscode.window.showWorkspaceFolderPick({ placeHolder: "Select the folder for new sessions" });
      if (!picked) return false;
      await context.workspaceState.update(SELECTED_FOLDER, picked.uri.fsPath);
      update();
      return true;
    },
    onChange: emitter.event,
  };
}
