/** Context from the editor for a prompt: the selection, open files, problems, terminal output and Git changes. */
import { basename, relative } from "node:path";
import * as vscode from "vscode";
import { quoteMention } from "../client/format.ts";
import { imageTypeOf, MAX_IMAGE_BYTES } from "../client/images.ts";
import type { ContextKind, MessageToPage, PendingAttachment } from "../client/webview-messages.ts";
import { readLastCommand } from "./terminals.ts";

const MAX_BYTES = 256 * 1024;

export async function gatherContext(kind: ContextKind, cwd: string): Promise<MessageToPage> {
  switch (kind) {
    case "selection":
      return readSelection(cwd);
    case "files":
      return listOpenFiles(cwd);
    case "problems":
      return readProblems(cwd);
    case "terminal":
      return readTerminal();
    case "changes":
      return readGitChanges();
    default:
      return kind satisfies never;
  }
}

const attachText = (name: string, text: string): MessageToPage => {
  return { type: "attach", attachments: [{ name, mediaType: "text/plain", text: text.slice(0, MAX_BYTES) }] };
};
const infoNotice = (text: string): MessageToPage => ({ type: "notice", level: "info", text });
const displayPath = (path: string, cwd: string): string => {
  const inside = relative(cwd, path);
  return inside.startsWith("..") ? path : inside;
};

/** The whole file if nothing is selected, including unsaved changes. */
function readSelection(cwd: string): MessageToPage {
  const editor = vscode.window.activeTextEditor ?? vscode.window.visibleTextEditors[0];
  if (!editor) return infoNotice("No editor is open.");
  const { document, selection: range } = editor;
  const name = displayPath(document.uri.fsPath, cwd);
  if (range.isEmpty) return attachText(name, document.getText());
  return attachText(`${name}:${range.start.line + 1}-${range.end.line + 1}`, document.getText(range));
}

function listOpenFiles(cwd: string): MessageToPage {
  const inputs = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ input }) => input));
  const paths = inputs.flatMap((input) =>
    input instanceof vscode.TabInputText && input.uri.scheme === "file" ? [displayPath(input.uri.fsPath, cwd)] : [],
  );
  if (paths.length === 0) return infoNotice("No file is open.");
  const named = [...new Set(paths)].map((path) => `@${quoteMention(path)}`);
  return { type: "insert", text: `${named.join(" ")} ` };
}

const severities = ["error", "warning", "information", "hint"];

function readProblems(cwd: string): MessageToPage {
  const lines = vscode.languages.getDiagnostics().flatMap(([uri, all]) =>
    all.map(({ range, severity, message, source }) => {
      const location = `${displayPath(uri.fsPath, cwd)}:${range.start.line + 1}:${range.start.character + 1}`;
      return `${location} ${severities[severity] ?? ""}: ${message}${source === undefined ? "" : ` (${source})`}`;
    }),
  );
  return lines.length === 0 ? infoNotice("No problems were found.") : attachText("problems", lines.join("\n"));
}

async function readTerminal(): Promise<MessageToPage> {
  const from = vscode.window.activeTerminal;
  const text = from ? await readLastCommand(from) : null;
  if (text === null) return infoNotice("No terminal command was recorded yet. Shell integration is required.");
  return attachText(`terminal ${from?.name ?? ""}`.trim(), text);
}

interface Git {
  getAPI(version: 1): { repositories: readonly { rootUri: vscode.Uri; diff(cached?: boolean): Promise<string> }[] };
}

async function readGitChanges(): Promise<MessageToPage> {
  const git = vscode.extensions.getExtension<Git>("vscode.git");
  const repository = (await git?.activate())?.getAPI(1).repositories[0];
  if (!repository) return infoNotice("This folder has no Git repository.");
  const text = [await repository.diff(true), await repository.diff(false)].filter((one) => one !== "").join("\n");
  return text === "" ? infoNotice("There are no Git changes.") : attachText("changes.diff", text);
}

/** Attaches text and images; mentions files that are too large or of another type. */
export async function filesToAttach(uris: readonly string[], cwd: string): Promise<MessageToPage[]> {
  const paths = uris.map((one) => vscode.Uri.parse(one).fsPath);
  const read = await Promise.all(paths.map(readAttachment));
  const attachments = read.filter((one) => one !== null);
  const named = paths
    .filter((_, index) => read[index] === null)
    .map((path) => `@${quoteMention(displayPath(path, cwd))}`);
  return [
    ...(attachments.length > 0 ? [{ type: "attach", attachments } as const] : []),
    ...(named.length > 0 ? [{ type: "insert", text: `${named.join(" ")} ` } as const] : []),
  ];
}

async function readAttachment(path: string): Promise<PendingAttachment | null> {
  const name = basename(path);
  const mediaType = imageTypeOf(path);
  try {
    const file = vscode.Uri.file(path);
    const { size } = await vscode.workspace.fs.stat(file);
    if (size > (mediaType === undefined ? MAX_BYTES : MAX_IMAGE_BYTES)) return null;
    const bytes = await vscode.workspace.fs.readFile(file);
    if (mediaType !== undefined) return { name, mediaType, data: Buffer.from(bytes).toString("base64") };
    if (bytes.includes(0)) return null;
    return { name, mediaType: "text/plain", text: new TextDecoder().decode(bytes) };
  } catch {
    return null;
  }
}
