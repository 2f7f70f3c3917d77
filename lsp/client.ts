/** What an editor can do, and what its person set, read once from `initialize`. Pure: everything else asks this record. */
import { fileURLToPath } from "node:url";
import type { InitializeParams } from "vscode-languageserver/node";
import { z } from "zod";
import { type Encoding, encodings } from "./positions.ts";

export interface Client {
  /** What other participants of a session read of this editor. */
  name: string;
  encoding: Encoding;
  /** Absolute paths, most specific last. */
  folders: readonly string[];
  /** Edits may name the version that they are for. */
  versions: boolean;
  annotations: boolean;
  progress: boolean;
  showDocument: boolean;
  /** A command may be given when an action is chosen, not when it is listed. */
  resolvesActions: boolean;
  /** Shows them at all. */
  lenses: boolean;
  refreshesLenses: boolean;
  pullsDiagnostics: boolean;
  refreshesDiagnostics: boolean;
  /** Documents of a scheme of ours can be read from us. */
  content: boolean;
  inlineCompletion: boolean;
  configures: boolean;
  options: Options;
}

const options = z
  .object({
    /** `saved`: comment commands count in files that this editor has open, when it saves them. */
    comments: z.enum(["off", "saved"]),
    lenses: z.object({ symbols: z.boolean(), edits: z.boolean() }).partial(),
    /** Ask before an edit of an agent goes into an open document, where the editor can. */
    confirm: z.boolean(),
    /** `dirty`: the editor reads a file anew that changed on the disk, unless what it shows of it is not saved. */
    hold: z.enum(["open", "dirty"]),
    mode: z.enum(["plan", "ask", "edit", "auto"]),
    model: z.string(),
    /** False where the editor's own extension shows them: not every editor takes such a message back. */
    questions: z.boolean(),
  })
  .partial();
export type Options = z.infer<typeof options>;

export function clientOf(params: InitializeParams): Client {
  const { capabilities, clientInfo, workspaceFolders, rootUri, rootPath } = params;
  const { workspace, window, textDocument, general } = capabilities;
  const uris = workspaceFolders?.map(({ uri }) => uri) ?? (rootUri ? [rootUri] : []);
  const folders = uris.flatMap((uri) => pathOf(uri) ?? []);
  const resolvable = textDocument?.codeAction?.resolveSupport?.properties ?? [];
  return {
    name: clientInfo?.name ?? "editor",
    encoding: encodingOf(general?.positionEncodings ?? []),
    folders: folders.length > 0 || !rootPath ? folders : [rootPath],
    versions: workspace?.workspaceEdit?.documentChanges === true,
    annotations: workspace?.workspaceEdit?.changeAnnotationSupport !== undefined,
    progress: window?.workDoneProgress === true,
    showDocument: window?.showDocument?.support === true,
    resolvesActions: resolvable.includes("command"),
    lenses: (textDocument?.codeLens ?? workspace?.codeLens) !== undefined,
    refreshesLenses: workspace?.codeLens?.refreshSupport === true,
    pullsDiagnostics: textDocument?.diagnostic !== undefined,
    refreshesDiagnostics: workspace?.diagnostics?.refreshSupport === true,
    content: workspace?.textDocumentContent !== undefined,
    inlineCompletion: textDocument?.inlineCompletion !== undefined,
    configures: workspace?.workspaceFolders === true,
    options: options.catch({}).parse(params.initializationOptions ?? {}),
  };
}

/** UTF-16, which every editor must know, unless it says what it would rather have: two servers that count alike are spared trouble. */
function encodingOf(offered: readonly string[]): Encoding {
  if (offered.length === 0 || offered.includes("utf-16")) return "utf-16";
  return encodings.find((encoding) => offered.includes(encoding)) ?? "utf-16";
}

/** Null where it is no file. */
export function pathOf(uri: string): string | null {
  if (!uri.startsWith("file:")) return null;
  try {
    return fileURLToPath(uri);
  } catch {
    return null;
  }
}
