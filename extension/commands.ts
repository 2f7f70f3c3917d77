/** The extension's commands, as one table. */
import * as vscode from "vscode";
import type { Hunk } from "../client/hunks.ts";
import { type ContextKind, contextKinds, type MessageToPage } from "../client/webview-messages.ts";
import { gatherContext } from "./context.ts";
import { attempt, type Ext } from "./ext.ts";
import { removeProviderKey, setProviderKey } from "./keys.ts";
import type { Panel } from "./panel.ts";
import { baseUri, type Review } from "./review.ts";
import { shareSession } from "./share.ts";
import { joinSharedSession } from "./shared-tab.ts";
import type { UsageDocument } from "./usage.ts";

export function registerCommands(ext: Ext, panel: Panel, review: Review, usage: UsageDocument): vscode.Disposable[] {
  const handlers: Record<string, (...args: never[]) => Promise<unknown>> = {
    "tutti.open": () => panel.show({ type: "focus", target: "prompt" }),
    "tutti.showQuestion": (session = ext.view()?.id) =>
      panel.show(...(session === undefined ? [] : [showMessage(session)]), { type: "focus", target: "question" }),
    "tutti.begin": () => panel.show({ type: "show", session: null }, { type: "focus", target: "prompt" }),
    "tutti.folder": async () => {
      if (await ext.folder.choose()) await panel.show({ type: "focus", target: "prompt" });
    },
    "tutti.sessions": () => panel.show({ type: "showSessions" }),
    "tutti.openSession": (session: string) => panel.show(showMessage(session)),
    "tutti.openInTerminal": () => openTerminal(ext, ext.view()?.id ?? null),
    "tutti.stop": async () => {
      const view = ext.view();
      if (view) await ext.server().call("turnCancel", { session: view.id });
    },
    "tutti.compact": async () => {
      const view = ext.view();
      if (view) await ext.server().call("sessionCompact", { session: view.id });
    },
    "tutti.share": () => shareSession(ext),
    "tutti.join": () => joinSharedSession(ext.context),
    "tutti.showUsage": () => usage.show(),
    "tutti.reviewAll": () => review.open(),
    "tutti.reviewFile": (path: string) => review.open(path),
    "tutti.nextChange": () => review.go(1),
    "tutti.previousChange": () => review.go(-1),
    "tutti.compare": (path: string) =>
      Promise.resolve(
        vscode.commands.executeCommand("vscode.diff", baseUri(path), vscode.Uri.file(path), "Before ↔ Now"),
      ),
    "tutti.keepFile": (path: Parameters<typeof pathOf>[0]) => review.keep(pathOf(path)),
    "tutti.undoFile": (path: Parameters<typeof pathOf>[0]) => review.undo(pathOf(path)),
    "tutti.keepHunk": (path: string, hunk: Hunk) => review.keep(path, hunk),
    "tutti.undoHunk": (path: string, hunk: Hunk) => review.undo(path, hunk),
    "tutti.keepAll": async () => {
      for (const { path } of ext.view()?.edits ?? []) await review.keep(path);
    },
    "tutti.findProblems": () => reviewChanges(),
    "tutti.giveKey": () => setProviderKey(ext),
    "tutti.forgetKey": () => removeProviderKey(ext),
  };
  const addCommands = contextKinds.map(
    (contextKind) => [`tutti.add.${contextKind}`, () => addContext(contextKind)] as const,
  );
  const addContext = async (kind: ContextKind): Promise<void> =>
    panel.show(await gatherContext(kind, ext.cwd()), { type: "focus", target: "prompt" });
  return [...Object.entries(handlers), ...addCommands].map(([name, handler]) =>
    vscode.commands.registerCommand(name, (...args: unknown[]) =>
      attempt(() => {
        // Where the server was stopped, no turn is left to stop.
        if (name !== "tutti.stop") ext.resume();
        return handler(...(args as never[]));
      }),
    ),
  );
}

/** The language server does it, and publishes the findings as problems. */
async function reviewChanges(): Promise<void> {
  const command = "tutti.reviewChanges";
  if (!(await vscode.commands.getCommands(true)).includes(command))
    throw new Error(
      "A review needs the language server. Enable the setting tutti.languageServer, and reload the window.",
    );
  await vscode.commands.executeCommand(command, {});
}

const showMessage = (session: string): MessageToPage => ({ type: "show", session });

/** The file of a tree item, a code lens or an editor title button; the active editor's by default. */
const pathOf = (target: string | { path: string } | vscode.Uri | undefined): string => {
  const named = target instanceof vscode.Uri ? target.fsPath : typeof target === "string" ? target : target?.path;
  const path = named ?? vscode.window.activeTextEditor?.document.uri.fsPath;
  if (path === undefined) throw new Error("No file is open.");
  return path;
};

/** The terminal runs Tutti directly, not through a shell. */
export async function openTerminal(ext: Ext, session: string | null): Promise<void> {
  const { node, script, env } = await ext.program();
  const { ELECTRON_RUN_AS_NODE: electronAsNode, TUTTI_RIPGREP: ripgrep } = env;
  const settings = vscode.workspace.getConfiguration("tutti.server").get<Record<string, string>>("environment") ?? {};
  vscode.window
    .createTerminal({
      name: "Tutti",
      shellPath: node,
      shellArgs: [script, ...(session === null ? [] : ["--session", session])],
      cwd: ext.cwd(),
      env: { ...settings, ELECTRON_RUN_AS_NODE: electronAsNode ?? null, TUTTI_RIPGREP: ripgrep ?? null },
    })
    .show();
}
