/** The usage of the last days and the budgets, as a read-only document that follows the session. */
import * as vscode from "vscode";
import { formatUsageReport } from "../client/usage.ts";
import type { Ext } from "./ext.ts";

const SCHEME = "tutti-usage";
const DAYS = 30;

export interface UsageDocument extends vscode.Disposable {
  show(): Promise<void>;
}

export function registerUsage(ext: Ext): UsageDocument {
  const uri = vscode.Uri.from({ scheme: SCHEME, path: "/Tutti Usage" });
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const isOpen = () => vscode.workspace.textDocuments.some((document) => document.uri.scheme === SCHEME);
  let usage = ext.view()?.usage;
  const registered = vscode.Disposable.from(
    changed,
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
      onDidChange: changed.event,
      provideTextDocumentContent: () => readReport(ext),
    }),
    ext.onView((view) => {
      if (view?.usage === usage) return;
      usage = view?.usage;
      if (isOpen()) changed.fire(uri);
    }),
  );
  return {
    async show() {
      const document = await vscode.workspace.openTextDocument(uri);
      // An open document is not read again by itself.
      changed.fire(uri);
      await vscode.window.showTextDocument(document, { preview: true });
    },
    dispose: () => registered.dispose(),
  };
}

async function readReport(ext: Ext): Promise<string> {
  const session = ext.view()?.id;
  const [{ rows }, { budgets }] = await Promise.all([
    ext.server().call("statsRead", { days: DAYS }),
    ext.server().call("budgetRead", { cwd: ext.cwd(), ...(session && { session }) }),
  ]);
  return rows.length === 0 ? `No usage in the last ${DAYS} days.\n` : formatUsageReport(rows, budgets);
}
