/** The tree view of files with changes to review. */
import { basename, dirname, relative } from "node:path";
import * as vscode from "vscode";
import type { PendingEdit } from "../protocol/parts.ts";
import type { Ext } from "./ext.ts";

export function registerEditsTree(ext: Ext): void {
  const changed = new vscode.EventEmitter<undefined>();
  const provider: vscode.TreeDataProvider<PendingEdit> = {
    onDidChangeTreeData: changed.event,
    getChildren: (edit) => (edit ? [] : [...(ext.view()?.edits ?? [])]),
    getTreeItem({ path, base, after, by, edits }) {
      const item = new vscode.TreeItem(basename(path));
      item.resourceUri = vscode.Uri.file(path);
      const kind = base === null ? "new" : after === null ? "deleted" : "";
      item.description = [relative(ext.cwd(), dirname(path)), kind].filter((one) => one !== "").join(" · ");
      item.tooltip = `${path}\n${edits} change${edits === 1 ? "" : "s"}, the last by ${by.name}`;
      item.contextValue = "edit";
      item.command = { title: "Review", command: "tutti.reviewFile", arguments: [path] };
      return item;
    },
  };
  const tree = vscode.window.createTreeView("tutti.edits", { treeDataProvider: provider });
  ext.context.subscriptions.push(
    tree,
    ext.onView((view) => {
      const count = view?.edits.length ?? 0;
      tree.badge = count === 0 ? undefined : { value: count, tooltip: `${count} to review` };
      void vscode.commands.executeCommand("setContext", "tutti.edits", count);
      const paths = view?.edits.map(({ path }) => path) ?? [];
      void vscode.commands.executeCommand("setContext", "tutti.editedFiles", paths);
      changed.fire(undefined);
    }),
  );
}
