/**
 * Reviews agents' changes in the editor: highlights added lines, shows removed text at its place, and adds Keep and Undo lenses above
 * each change. The server has both texts; this file only draws them.
 */
import * as vscode from "vscode";
import { diffHunks, type Hunk, isSameHunk, keepHunk, undoHunk } from "../client/hunks.ts";
import type { PendingEdit } from "../protocol/parts.ts";
import { printable } from "../protocol/printable.ts";
import type { Ext } from "./ext.ts";
import type { Language } from "./language.ts";

export const BASE_SCHEME = "tutti-base";

export interface Review {
  /** Opens this file, or all changed files in a multi-diff editor. */
  open(path?: string): Promise<void>;
  keep(path: string, hunk?: Hunk): Promise<void>;
  undo(path: string, hunk?: Hunk): Promise<void>;
  /** Moves the cursor to the next (1) or previous (-1) change, across all files. */
  go(by: 1 | -1): Promise<void>;
}

/** The base text of a file, for one state of its edits. */
interface KnownBase {
  base: string | null;
  /** The session and hashes that it was requested for. */
  state: string;
}

export function registerReview(ext: Ext, language: Language): Review {
  const known = new Map<string, KnownBase>();
  const changed = new vscode.EventEmitter<void>();
  const baseChanged = new vscode.EventEmitter<vscode.Uri>();

  const edits = (): readonly PendingEdit[] => ext.view()?.edits ?? [];
  const session = (): string => ext.view()?.id ?? "";
  const read = (path: string) => ext.server().call("editsRead", { session: session(), path });
  const loadBase = async (edit: PendingEdit): Promise<void> => {
    const state = `${session()} ${edit.base} ${edit.after}`;
    if (known.get(edit.path)?.state === state) return;
    known.set(edit.path, { base: known.get(edit.path)?.base ?? null, state });
    const { base } = await read(edit.path);
    known.set(edit.path, { base, state });
    baseChanged.fire(baseUri(edit.path));
    changed.fire();
  };
  /** The changes in a document to review. */
  const hunksIn = (document: vscode.TextDocument): Hunk[] => {
    const path = document.uri.fsPath;
    const waits = document.uri.scheme === "file" && edits().some((edit) => edit.path === path);
    const base = known.get(path);
    return waits && base ? diffHunks(base.base, document.getText()) : [];
  };

  const registered = [
    ext.onView((view) => {
      for (const path of known.keys()) if (!view?.edits.some((edit) => edit.path === path)) known.delete(path);
      for (const edit of view?.edits ?? []) loadBase(edit).catch(() => undefined);
      changed.fire();
    }),
    vscode.workspace.registerTextDocumentContentProvider(BASE_SCHEME, {
      onDidChange: baseChanged.event,
      provideTextDocumentContent: async ({ fsPath }) => (await read(fsPath)).base ?? "",
    }),
    vscode.languages.registerCodeLensProvider(
      { scheme: "file" },
      {
        onDidChangeCodeLenses: changed.event,
        provideCodeLenses: (document) => createLenses(document, hunksIn(document)),
      },
    ),
    ...registerDecorations(changed.event, hunksIn),
  ];
  ext.context.subscriptions.push(...registered);

  /** Finds the change that the user saw in the current differences. */
  const findHunk = async (path: string, shown: Hunk) => {
    const now = await read(path);
    const hunk = diffHunks(now.base, now.current).find((one) => isSameHunk(one, shown));
    if (!hunk) throw new Error("This change is out of date. Review the file again.");
    return { ...now, hunk };
  };
  /** Without the language server, undo writes to the disk, which must not overwrite unsaved changes. */
  const requireSaved = (path: string): void => {
    if (language.syncsDocuments()) return;
    const open = vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === "file" && uri.fsPath === path);
    if (open?.isDirty) throw new Error("The file has unsaved changes. Save or revert them first.");
  };
  const showNothingToReview = (): void =>
    void vscode.window.showInformationMessage("Tutti: There are no changes to review.");
  return {
    async open(path) {
      const all = edits();
      if (all.length === 0) return showNothingToReview();
      if (path !== undefined) return openDiff(path);
      if (all.length === 1 && all[0]) return openDiff(all[0].path);
      const rows = all.map(({ path: one, after }) => {
        const uri = vscode.Uri.file(one);
        return [uri, baseUri(one), after === null ? undefined : uri];
      });
      await vscode.commands.executeCommand("vscode.changes", "Changes by Agents", rows);
    },
    async keep(path, seen) {
      if (!seen) return void (await ext.server().call("editsAccept", { session: session(), path }));
      const { base, current, hunk } = await findHunk(path, seen);
      const baseText = keepHunk(base, current, hunk);
      const whole = baseText === null || baseText === current;
      await ext.server().call("editsAccept", { session: session(), path, ...(!whole && { baseText }) });
    },
    async undo(path, seen) {
      requireSaved(path);
      if (!seen) {
        const { currentHash } = await read(path);
        return void (await ext.server().call("editsUndo", { session: session(), path, currentHash }));
      }
      const { base, current, currentHash, hunk } = await findHunk(path, seen);
      const text = undoHunk(base, current, hunk);
      const whole = text === null || text === base;
      await ext.server().call("editsUndo", { session: session(), path, currentHash, ...(!whole && { text }) });
    },
    async go(by) {
      const paths = edits().map(({ path }) => path);
      if (paths.length === 0) return showNothingToReview();
      const editor = vscode.window.activeTextEditor;
      const at = editor ? paths.indexOf(editor.document.uri.fsPath) : -1;
      const linesIn = (document: vscode.TextDocument) => hunksIn(document).map((hunk) => lineOf(hunk, document));
      const from = editor?.selection.active.line ?? 0;
      const hunkLines = editor && at >= 0 ? linesIn(editor.document) : [];
      const next = by > 0 ? hunkLines.find((line) => line > from) : hunkLines.findLast((line) => line < from);
      if (editor && next !== undefined) return reveal(editor, next);
      // Outside these files, the previous change is in the last one.
      await openDiff(paths.at(((at < 0 && by < 0 ? 0 : at) + by) % paths.length) ?? "");
      const opened = vscode.window.activeTextEditor;
      const line = opened && linesIn(opened.document).at(by > 0 ? 0 : -1);
      if (opened && line !== undefined) reveal(opened, line);
    },
  };
}

export const baseUri = (path: string): vscode.Uri => vscode.Uri.file(path).with({ scheme: BASE_SCHEME });

async function openDiff(path: string): Promise<void> {
  const uri = vscode.Uri.file(path);
  const exists = await vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
  if (!exists) return void (await vscode.window.showTextDocument(baseUri(path)));
  await vscode.window.showTextDocument(uri, { preview: false });
}

function reveal(editor: vscode.TextEditor, line: number): void {
  editor.selection = new vscode.Selection(line, 0, line, 0);
  editor.revealRange(editor.selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

/** The line of a change; the last line if it only removed lines at the end. */
function lineOf({ now }: Hunk, document: vscode.TextDocument): number {
  return Math.min(now.start, Math.max(0, document.lineCount - 1));
}

function createLenses(document: vscode.TextDocument, hunks: readonly Hunk[]): vscode.CodeLens[] {
  if (hunks.length === 0) return [];
  const path = document.uri.fsPath;
  const top = new vscode.Range(0, 0, 0, 0);
  const lens = (range: vscode.Range, title: string, command: string, ...more: unknown[]): vscode.CodeLens =>
    new vscode.CodeLens(range, { title, command, arguments: [path, ...more] });
  const count = `${hunks.length} change${hunks.length === 1 ? "" : "s"} by an agent`;
  return [
    lens(top, `${count}: Keep All`, "tutti.keepFile"),
    lens(top, "Undo All", "tutti.undoFile"),
    lens(top, "Compare", "tutti.compare"),
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
          hoverMessage: formatBase(hunk.base.lines),
          renderOptions: { after: { contentText: formatRemoved(hunk.base.lines) } },
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

const MAX_REMOVED = 80;

/** A summary of removed lines, short enough for the end of a line. */
function formatRemoved(lines: readonly string[]): string {
  const texts = lines.map((line) => printable(line.trim())).filter((line) => line !== "");
  const [first = ""] = texts;
  const shown = first.length > MAX_REMOVED ? `${first.slice(0, MAX_REMOVED)}…` : first;
  return `− ${shown}${texts.length > 1 ? ` … and ${texts.length - 1} more` : ""}`;
}

/** The removed text as a code block, so that it is not rendered as Markdown. */
function formatBase(lines: readonly string[]): vscode.MarkdownString {
  const text = new vscode.MarkdownString("Before:");
  text.appendCodeblock(lines.join(""), "");
  return text;
}
