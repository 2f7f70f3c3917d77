/** What the editor gives along with a prompt: the selection, open files, problems, what a terminal said, what git has changed. */
import { basename, relative } from "node:path";
import * as vscode from "vscode";
import type { Context, Given, ToPage } from "../client/frame.ts";
import { imageTypeOf, MOST_IMAGE_BYTES } from "../client/images.ts";
import { quoted } from "../client/mention.ts";
import { lastCommand } from "./terminals.ts";

const MOST = 256 * 1024;

export async function gather(what: Context, cwd: string): Promise<ToPage> {
  switch (what) {
    case "selection":
      return selection(cwd);
    case "files":
      return openFiles(cwd);
    case "problems":
      return problems(cwd);
    case "terminal":
      return terminal();
    case "changes":
      return changes();
    default:
      return what satisfies never;
  }
}

const attach = (name: string, text: string): ToPage => {
  return { type: "attach", attachments: [{ name, mediaType: "text/plain", text: text.slice(0, MOST) }] };
};
const nothing = (text: string): ToPage => ({ type: "say", level: "info", text });
const short = (path: string, cwd: string): string => {
  const inside = relative(cwd, path);
  return inside.startsWith("..") ? path : inside;
};

/** The whole file where nothing is selected. Unsaved text counts. */
function selection(cwd: string): ToPage {
  const editor = vscode.window.activeTextEditor ?? vscode.window.visibleTextEditors[0];
  if (!editor) return nothing("No editor is open.");
  const { document, selection: range } = editor;
  const name = short(document.uri.fsPath, cwd);
  if (range.isEmpty) return attach(name, document.getText());
  return attach(`${name}:${range.start.line + 1}-${range.end.line + 1}`, document.getText(range));
}

function openFiles(cwd: string): ToPage {
  const inputs = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ input }) => input));
  const paths = inputs.flatMap((input) =>
    input instanceof vscode.TabInputText && input.uri.scheme === "file" ? [short(input.uri.fsPath, cwd)] : [],
  );
  if (paths.length === 0) return nothing("No file is open.");
  const named = [...new Set(paths)].map((path) => `@${quoted(path)}`);
  return { type: "insert", text: `${named.join(" ")} ` };
}

const severities = ["error", "warning", "information", "hint"];

function problems(cwd: string): ToPage {
  const lines = vscode.languages.getDiagnostics().flatMap(([uri, all]) =>
    all.map(({ range, severity, message, source }) => {
      const place = `${short(uri.fsPath, cwd)}:${range.start.line + 1}:${range.start.character + 1}`;
      return `${place} ${severities[severity] ?? ""}: ${message}${source === undefined ? "" : ` (${source})`}`;
    }),
  );
  return lines.length === 0 ? nothing("There are no problems.") : attach("problems", lines.join("\n"));
}

async function terminal(): Promise<ToPage> {
  const from = vscode.window.activeTerminal;
  const text = from ? await lastCommand(from) : null;
  if (text === null) return nothing("No terminal told of a command yet.");
  return attach(`terminal ${from?.name ?? ""}`.trim(), text);
}

interface Git {
  getAPI(version: 1): { repositories: readonly { rootUri: vscode.Uri; diff(cached?: boolean): Promise<string> }[] };
}

async function changes(): Promise<ToPage> {
  const git = vscode.extensions.getExtension<Git>("vscode.git");
  const repository = (await git?.activate())?.getAPI(1).repositories[0];
  if (!repository) return nothing("There is no Git repository here.");
  const text = [await repository.diff(true), await repository.diff(false)].filter((one) => one !== "").join("\n");
  return text === "" ? nothing("Git has no changes.") : attach("changes.diff", text);
}

/** Text and pictures go along; what is large, or neither, is named instead. */
export async function filesToAttach(uris: readonly string[], cwd: string): Promise<ToPage[]> {
  const paths = uris.map((one) => vscode.Uri.parse(one).fsPath);
  const read = await Promise.all(paths.map(givenOf));
  const attachments = read.filter((one) => one !== null);
  const named = paths.filter((_, index) => read[index] === null).map((path) => `@${quoted(short(path, cwd))}`);
  return [
    ...(attachments.length > 0 ? [{ type: "attach", attachments } as const] : []),
    ...(named.length > 0 ? [{ type: "insert", text: `${named.join(" ")} ` } as const] : []),
  ];
}

async function givenOf(path: string): Promise<Given | null> {
  const name = basename(path);
  const mediaType = imageTypeOf(path);
  try {
    const file = vscode.Uri.file(path);
    const { size } = await vscode.workspace.fs.stat(file);
    if (size > (mediaType === undefined ? MOST : MOST_IMAGE_BYTES)) return null;
    const bytes = await vscode.workspace.fs.readFile(file);
    if (mediaType !== undefined) return { name, mediaType, data: Buffer.from(bytes).toString("base64") };
    if (bytes.includes(0)) return null;
    return { name, mediaType: "text/plain", text: new TextDecoder().decode(bytes) };
  } catch {
    return null;
  }
}
