/** The editor's capabilities and options, read once from `initialize`. Pure. */
import { fileURLToPath } from "node:url";
import type { InitializeParams } from "vscode-languageserver/node";
import { z } from "zod";
import { modes } from "../protocol/settings.ts";
import { type Encoding, encodings } from "./positions.ts";

export interface EditorClient {
  /** The editor's name that other participants see. */
  name: string;
  encoding: Encoding;
  /** Absolute paths, most specific last. */
  folders: readonly string[];
  /** Edits can specify the document version. */
  documentVersions: boolean;
  annotations: boolean;
  progress: boolean;
  showDocument: boolean;
  /** The command of a code action can be resolved when it is selected. */
  resolvesActions: boolean;
  /** The editor supports code lenses. */
  lenses: boolean;
  refreshesLenses: boolean;
  pullsDiagnostics: boolean;
  refreshesDiagnostics: boolean;
  /** The editor can request documents of our own URI scheme. */
  textDocumentContent: boolean;
  inlineCompletion: boolean;
  workspaceFolders: boolean;
  options: Options;
}

const options = z
  .object({
    /** `saved`: comment commands run when this editor saves an open file. */
    comments: z.enum(["off", "saved"]),
    lenses: z.object({ symbols: z.boolean(), edits: z.boolean() }).partial(),
    /** Ask before an agent's edit is applied to an open document, if the editor supports it. */
    confirm: z.boolean(),
    /** `dirty`: the editor reloads files changed on disk unless they have unsaved changes, so only those are claimed. */
    hold: z.enum(["open", "dirty"]),
    mode: z.enum(modes),
    model: z.string(),
    /** False if the editor's own extension shows questions: not every editor can cancel a message request. */
    questions: z.boolean(),
  })
  .partial();
export type Options = z.infer<typeof options>;

export function readClient(params: InitializeParams): EditorClient {
  const { capabilities, clientInfo, workspaceFolders, rootUri, rootPath } = params;
  const { workspace, window, textDocument, general } = capabilities;
  const uris = workspaceFolders?.map(({ uri }) => uri) ?? (rootUri ? [rootUri] : []);
  const folders = uris.flatMap((uri) => pathOf(uri) ?? []);
  const resolvable = textDocument?.codeAction?.resolveSupport?.properties ?? [];
  return {
    name: clientInfo?.name ?? "editor",
    encoding: chooseEncoding(general?.positionEncodings ?? []),
    folders: folders.length > 0 || !rootPath ? folders : [rootPath],
    documentVersions: workspace?.workspaceEdit?.documentChanges === true,
    annotations: workspace?.workspaceEdit?.changeAnnotationSupport !== undefined,
    progress: window?.workDoneProgress === true,
    showDocument: window?.showDocument?.support === true,
    resolvesActions: resolvable.includes("command"),
    lenses: (textDocument?.codeLens ?? workspace?.codeLens) !== undefined,
    refreshesLenses: workspace?.codeLens?.refreshSupport === true,
    pullsDiagnostics: textDocument?.diagnostic !== undefined,
    refreshesDiagnostics: workspace?.diagnostics?.refreshSupport === true,
    textDocumentContent: workspace?.textDocumentContent !== undefined,
    inlineCompletion: textDocument?.inlineCompletion !== undefined,
    workspaceFolders: workspace?.workspaceFolders === true,
    options: options.catch({}).parse(params.initializationOptions ?? {}),
  };
}

/** Prefers UTF-16, which every editor supports, so that several language servers use the same encoding. */
function chooseEncoding(offered: readonly string[]): Encoding {
  if (offered.length === 0 || offered.includes("utf-16")) return "utf-16";
  return encodings.find((encoding) => offered.includes(encoding)) ?? "utf-16";
}

/** Null if the URI is not a file. */
export function pathOf(uri: string): string | null {
  if (!uri.startsWith("file:")) return null;
  try {
    return fileURLToPath(uri);
  } catch {
    return null;
  }
}
