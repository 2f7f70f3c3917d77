/** The commands of the palette, each one row. */
import * as vscode from "vscode";
import { type Context, contexts, type ToPage } from "../client/frame.ts";
import type { Hunk } from "../client/hunks.ts";
import { gather } from "./context.ts";
import { attempt, type Ext } from "./ext.ts";
import { forgetKey, giveKey } from "./keys.ts";
import type { Panel } from "./panel.ts";
import { baseUri, type Review } from "./review.ts";

export function registerCommands(ext: Ext, panel: Panel, review: Review): vscode.Disposable[] {
  const table: Record<string, (...given: never[]) => Promise<unknown>> = {
    "tutti.open": () => panel.show({ type: "focus", on: "prompt" }),
    "tutti.showQuestion": (session = ext.view()?.id) =>
      panel.show(...(session === undefined ? [] : [showing(session)]), { type: "focus", on: "question" }),
    "tutti.begin": () => panel.show({ type: "show", session: null }, { type: "focus", on: "prompt" }),
    "tutti.folder": async () => {
      if (await ext.folder.choose()) await panel.show({ type: "focus", on: "prompt" });
    },
    "tutti.sessions": () => panel.show({ type: "list" }),
    "tutti.openSession": (session: string) => panel.show(showing(session)),
    "tutti.openInTerminal": () => openTerminal(ext, ext.view()?.id ?? null),
    "tutti.stop": async () => {
      const view = ext.view();
      if (view) await ext.server().call("turnCancel", { session: view.id });
    },
    "tutti.reviewAll": () => review.open(),
    "tutti.reviewFile": (path: string) => review.open(path),
    "tutti.nextChange": () => review.go(1),
    "tutti.previousChange": () => review.go(-1),
    "tutti.compare": (path: string) =>
      Promise.resolve(
        vscode.commands.executeCommand("vscode.diff", baseUri(path), vscode.Uri.file(path), "Before ↔ now"),
      ),
    "tutti.keepFile": (path: Parameters<typeof pathOf>[0]) => review.keep(pathOf(path)),
    "tutti.undoFile": (path: Parameters<typeof pathOf>[0]) => review.undo(pathOf(path)),
    "tutti.keepHunk": (path: string, hunk: Hunk) => review.keep(path, hunk),
    "tutti.undoHunk": (path: string, hunk: Hunk) => review.undo(path, hunk),
    "tutti.keepAll": async () => {
      for (const { path } of ext.view()?.edits ?? []) await review.keep(path);
    },
    "tutti.giveKey": () => giveKey(ext),
    "tutti.forgetKey": () => forgetKey(ext),
  };
  const adds = contexts.map((what) => [`tutti.add.${what}`, () => add(what)] as const);
  const add = async (what: Context): Promise<void> =>
    panel.show(await gather(what, ext.cwd()), { type: "focus", on: "prompt" });
  return [...Object.entries(table), ...adds].map(([name, does]) =>
    vscode.commands.registerCommand(name, (...given: unknown[]) => attempt(() => does(...(given as never[])))),
  );
}

const showing = (session: string): ToPage => ({ type: "show", session });

/** A row of the list, what a lens names, or the file whose title has the button. */
const pathOf = (what: string | { path: string } | vscode.Uri | undefined): string => {
  const named = what instanceof vscode.Uri ? what.fsPath : typeof what === "string" ? what : what?.path;
  const path = named ?? vscode.window.activeTextEditor?.document.uri.fsPath;
  if (path === undefined) throw new Error("No file is open.");
  return path;
};

/** The program itself is what the terminal runs: nothing is typed into a shell. */
export async function openTerminal(ext: Ext, session: string | null): Promise<void> {
  const { node, script, env } = await ext.program();
  const { ELECTRON_RUN_AS_NODE: asNode, TUTTI_RIPGREP: rg } = env;
  const settings = vscode.workspace.getConfiguration("tutti.server").get<Record<string, string>>("environment") ?? {};
  vscode.window
    .createTerminal({
      name: "Tutti",
      shellPath: node,
      shellArgs: [script, ...(session === null ? [] : ["--session", session])],
      cwd: ext.cwd(),
      env: { ...settings, ELECTRON_RUN_AS_NODE: asNode ?? null, TUTTI_RIPGREP: rg ?? null },
    })
    .show();
}
