/**
 * Looking through what agents did to files, in the editor: what was added is coloured, what was taken away is shown where it stood,
 * and above each change stands what keeps it and what undoes it. The server holds both texts; here is only what is drawn.
 */
import * as vscode from "vscode";
import { type Hunk, hunksOf, keepHunk, sameHunk, undoHunk } from "../client/hunks.ts";
import type { PendingEdit } from "../protocol/parts.ts";
import { printable } from "../protocol/printable.ts";
import type { Ext } from "./ext.ts";
import type { Language } from "./language.ts";

export const BASE = "tutti-base";

export interface Review {
  /** The next file, or all of them beside what they were. */
  open(path?: string): Promise<void>;
  keep(path: string, hunk?: Hunk): Promise<void>;
  undo(path: string, hunk?: Hunk): Promise<void>;
  /** Puts the cursor at the next change from there, through all files, or at the one before. */
  go(by: 1 | -1): Promise<void>;
}

/** What a file was, as the server said for this state of it. */
interface Known {
  base: string | null;
  /** The hashes that it was asked for. */
  state: string;
}

export function registerReview(ext: Ext, language: Language): Review {
  const known = new Map<string, Known>();
  const changed = new vscode.EventEmitter<void>();
  const baseChanged = new vscode.EventEmitter<vscode.Uri>();

  const edits = (): readonly PendingEdit[] => ext.view()?.edits ?? [];
  const session = (): string => ext.view()?.id ?? "";
  const read = (path: string) => ext.server().call("editsRead", { session: session(), path });
  const learn = async (edit: PendingEdit): Promise<void> => {
    const state = `${session()} ${edit.base} ${edit.after}`;
    if (known.get(edit.path)?.state === state) return;
    known.set(edit.path, { base: known.get(edit.path)?.base ?? null, state });
    const { base } = await read(edit.path);
    known.set(edit.path, { base, state });
    baseChanged.fire(baseUri(edit.path));
    changed.fire();
  };
  /** The lines of a document that wait to be looked through. */
  const hunksIn = (document: vscode.TextDocument): Hunk[] => {
    const path = document.uri.fsPath;
    const waits = document.uri.scheme === "file" && edits().some((edit) => edit.path === path);
    const base = known.get(path);
    return waits && base ? hunksOf(base.base, document.getText()) : [];
  };

  const registered = [
    ext.onView((view) => {
      for (const path of known.keys()) if (!view?.edits.some((edit) => edit.path === path)) known.delete(path);
      for (const edit of view?.edits ?? []) learn(edit).catch(() => undefined);
      changed.fire();
    }),
    vscode.workspace.registerTextDocumentContentProvider(BASE, {
      onDidChange: baseChanged.event,
      provideTextDocumentContent: async ({ fsPath }) => (await read(fsPath)).base ?? "",
    }),
    vscode.languages.registerCodeLensProvider(
      { scheme: "file" },
      {
        onDidChangeCodeLenses: changed.event,
        provideCodeLenses: (document) => lensesOf(document, hunksIn(document)),
      },
    ),
    ...registerDecorations(changed.event, hunksIn),
  ];
  ext.context.subscriptions.push(...registered);

  /** What a person pressed was about the change that they saw: it is looked for in what is there by now. */
  const again = async (path: string, seen: Hunk) => {
    const now = await read(path);
    const hunk = hunksOf(now.base, now.now).find((one) => sameHunk(one, seen));
    if (!hunk) throw new Error("This change is not there any more as it was shown; look at it again.");
    return { ...now, hunk };
  };
  /** Nothing is written below an editor that is not asked. */
  const undoable = (path: string): void => {
    if (language.holds()) return;
    const open = vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === "file" && uri.fsPath === path);
    if (open?.isDirty) throw new Error("The file has changes of yours that are not saved; save or undo them first.");
  };
  const nothing = (): void => void vscode.window.showInformationMessage("Tutti: nothing waits to be reviewed.");
  return {
    async open(path) {
      const all = edits();
      if (all.length === 0) return nothing();
      if (path !== undefined) return openDiff(path);
      if (all.length === 1 && all[0]) return openDiff(all[0].path);
      const rows = all.map(({ path: one, after }) => {
        const uri = vscode.Uri.file(one);
        return [uri, baseUri(one), after === null ? undefined : uri];
      });
      await vscode.commands.executeCommand("vscode.changes", "Changes by agents", rows);
    },
    async keep(path, seen) {
      if (!seen) return void (await ext.server().call("editsKeep", { session: session(), path }));
      const { base, now, hunk } = await again(path, seen);
      const kept = keepHunk(base, now, hunk);
      const whole = kept === null || kept === now;
      await ext.server().call("editsKeep", { session: session(), path, ...(!whole && { kept }) });
    },
    async undo(path, seen) {
      undoable(path);
      if (!seen) {
        const { over } = await read(path);
        return void (await ext.server().call("editsUndo", { session: session(), path, over }));
      }
      const { base, now, over, hunk } = await again(path, seen);
      const text = undoHunk(base, now, hunk);
      const whole = text === null || text === base;
      await ext.server().call("editsUndo", { session: session(), path, over, ...(!whole && { text }) });
    },
    async go(by) {
      const paths = edits().map(({ path }) => path);
      if (paths.length === 0) return nothing();
      const editor = vscode.window.activeTextEditor;
      const at = editor ? paths.indexOf(editor.document.uri.fsPath) : -1;
      const linesIn = (document: vscode.TextDocument) => hunksIn(document).map((hunk) => lineOf(hunk, document));
      const from = editor?.selection.active.line ?? 0;
      const here = editor && at >= 0 ? linesIn(editor.document) : [];
      const next = by > 0 ? here.find((line) => line > from) : here.findLast((line) => line < from);
      if (editor && next !== undefined) return reveal(editor, next);
      // From nowhere, the one before is the last.
      await openDiff(paths.at(((at < 0 && by < 0 ? 0 : at) + by) % paths.length) ?? "");
      const opened = vscode.window.activeTextEditor;
      const line = opened && linesIn(opened.document).at(by > 0 ? 0 : -1);
      if (opened && line !== undefined) reveal(opened, line);
    },
  };
}

export const baseUri = (path: string): vscode.Uri => vscode.Uri.file(path).with({ scheme: BASE });

async function openDiff(path: string): Promise<void> {
  const uri = vscode.Uri.file(path);
  const there = await vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
  if (!there) return void (await vscode.window.showTextDocument(baseUri(path)));
  await vscode.window.showTextDocument(uri, { preview: false });
}

function reveal(editor: vscode.TextEditor, line: number): void {
  editor.selection = new vscode.Selection(line, 0, line, 0);
  editor.revealRange(editor.selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

/** Where a change stands; at the line before its place where it only took lines away at the end. */
function lineOf({ now }: Hunk, document: vscode.TextDocument): number {
  return Math.min(now.start, Math.max(0, document.lineCount - 1));
}

function lensesOf(document: vscode.TextDocument, hunks: readonly Hunk[]): vscode.CodeLens[] {
  if (hunks.length === 0) return [];
  const path = document.uri.fsPath;
  const top = new vscode.Range(0, 0, 0, 0);
  const lens = (range: vscode.Range, title: string, command: string, ...more: unknown[]): vscode.CodeLens =>
    new vscode.CodeLens(range, { title, command, arguments: [path, ...more] });
  const count = `${hunks.length} change${hunks.length === 1 ? "" : "s"} by an agent`;
  return [
    lens(top, `${count}: keep all`, "tutti.keepFile"),
    lens(top, "undo all", "tutti.undoFile"),
    lens(top, "compare", "tutti.compare"),
    ...hunks.flatMap((hunk) => {
      const line = lineOf(hunk, document);
      const range = new vscode.Range(line, 0, line, 0);
      return [
        lens(range, "$(check) Keep", "tutti.keepHunk", hunk),
        lens(range, "$(discard) Undo", "tutti.undoHunk", hunk),
      ];
    }),
  ];
}

function registerDecorations(
  changed: vscode.Event<void>,
  hunksIn: (document: vscode.TextDocument) => readonly Hunk[],
): vscode.Disposable[] {
  const added = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor("diffEditor.insertedLineBackground"),
    overviewRulerColor: new vscode.ThemeColor("editorOverviewRuler.addedForeground"),
    overviewRulerLane: vscode.OverviewRulerLane.Left,
  });
  const removed = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    borderWidth: "1px 0 0 0",
    borderStyle: "solid",
    borderColor: new vscode.ThemeColor("editorGutter.deletedBackground"),
    overviewRulerColor: new vscode.ThemeColor("editorOverviewRuler.deletedForeground"),
    overviewRulerLane: vscode.OverviewRulerLane.Left,
    after: { margin: "0 0 0 3ch", color: new vscode.ThemeColor("gitDecoration.deletedResourceForeground") },
  });
  const draw = (editor: vscode.TextEditor): void => {
    const hunks = vscode.workspace.getConfiguration("tutti").get("review.inline") ? hunksIn(editor.document) : [];
    const here = (hunk: Hunk): vscode.Range => {
      const line = lineOf(hunk, editor.document);
      return new vscode.Range(line, 0, Math.max(line, line + hunk.now.lines.length - 1), 0);
    };
    editor.setDecorations(added, hunks.filter(({ now }) => now.lines.length > 0).map(here));
    editor.setDecorations(
      removed,
      hunks
        .filter(({ base }) => base.lines.length > 0)
        .map((hunk) => ({
          range: here(hunk),
          hoverMessage: was(hunk.base.lines),
          renderOptions: { after: { contentText: taken(hunk.base.lines) } },
        })),
    );
  };
  const all = (): void => {
    for (const editor of vscode.window.visibleTextEditors) draw(editor);
  };
  return [
    added,
    removed,
    changed(all),
    vscode.window.onDidChangeVisibleTextEditors(all),
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      for (const editor of vscode.window.visibleTextEditors) if (editor.document === document) draw(editor);
    }),
  ];
}

const MOST_TAKEN = 80;

/** What was taken away, as far as it fits behind a line. */
function taken(lines: readonly string[]): string {
  const said = lines.map((line) => printable(line.trim())).filter((line) => line !== "");
  const [first = ""] = said;
  const shown = first.length > MOST_TAKEN ? `${first.slice(0, MOST_TAKEN)}…` : first;
  return `− ${shown}${said.length > 1 ? ` … and ${said.length - 1} more` : ""}`;
}

/** Text of a file as code, never as Markdown. */
function was(lines: readonly string[]): vscode.MarkdownString {
  const text = new vscode.MarkdownString("Was:");
  text.appendCodeblock(lines.join(""), "");
  return text;
}
