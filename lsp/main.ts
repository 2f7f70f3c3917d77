/** The language server: connects an editor, over standard input and output, to the shared server. */
import { join } from "node:path";
import {
  createConnection,
  ErrorCodes,
  MessageType,
  ProposedFeatures,
  ResponseError,
  ShowMessageNotification,
} from "vscode-languageserver/node";
import { describeError, TuttiError } from "../protocol/errors.ts";
import type { Link } from "../protocol/link.ts";
import { provideActions, resolveAction } from "./actions.ts";
import { capabilitiesFor } from "./capabilities.ts";
import { type EditorClient, pathOf, readClient } from "./client.ts";
import { type CommandContext, runCommand, showResponse } from "./commands.ts";
import { watchComments } from "./comment-watch.ts";
import type { LspContext } from "./context.ts";
import { syncDocuments } from "./document-sync.ts";
import { openDocuments } from "./documents.ts";
import { openEditReviews } from "./edits.ts";
import { openFindings } from "./findings.ts";
import { provideHover } from "./hover.ts";
import { registerInlineCompletion } from "./inline.ts";
import { provideLenses, refreshLensesOnChange } from "./lenses.ts";
import { openPages } from "./pages.ts";
import { showTurnProgress } from "./progress.ts";
import { formatCommentPrompt } from "./prompts.ts";
import { showQuestions } from "./questions.ts";
import { openServerConnection } from "./server-connection.ts";
import { openFolderSessions } from "./sessions.ts";
import { trackTurns } from "./turns.ts";

export interface LspOptions {
  version: string;
  cwd: string;
  /** For pages that an editor can only show as files. */
  cacheDir: string;
  /** `client`: the name that other participants see. `mayStart`: a server may be started if none is running. */
  connect(client: string, mayStart: boolean): Promise<Link>;
}

/**
 * These do not start a server that was stopped: the extension for VS Code runs the first without the user, and without a server no turn is
 * left to cancel.
 */
const commandsThatDoNotResume: ReadonlySet<string> = new Set(["tutti.useSession", "tutti.cancel"]);

const levels = { info: MessageType.Info, warning: MessageType.Warning, error: MessageType.Error } as const;

/** Never resolves: the process exits when the editor requests it, closes the connection, or exits. */
export function runLsp(options: LspOptions): Promise<number> {
  const connection = createConnection(ProposedFeatures.all, process.stdin, process.stdout);
  const { client, begin: setClient } = createClientHolder();
  const documents = openDocuments(() => client().encoding);
  const server = openServerConnection((mayStart) => options.connect(client().name, mayStart));
  const sessions = openFolderSessions(server, options.cwd, () => settingsOf(client()));
  const lsp: LspContext = {
    connection,
    client,
    documents,
    server,
    sessions,
    showMessage(level, message) {
      void connection.sendNotification(ShowMessageNotification.type, { type: levels[level], message });
    },
  };
  const documentSync = syncDocuments(lsp);
  const turns = trackTurns(sessions, documentSync.synced);
  const edits = openEditReviews(lsp);
  const pages = openPages(lsp, join(options.cacheDir, "lsp", String(process.pid)));
  const commandContext: CommandContext = { ...lsp, edits, pages, turns, findings: openFindings(lsp) };
  const comments = watchComments(lsp, async ({ path }, command) => {
    server.resume();
    const session = await sessions.for(path);
    return turns.prompt(
      session,
      formatCommentPrompt(path, command),
      command.kind === "ask" ? { ended: showResponse(pages) } : {},
    );
  });
  showTurnProgress(lsp);
  showQuestions(lsp, pages);
  refreshLensesOnChange(lsp);
  registerInlineCompletion({
    connection,
    documents,
    async link(explicit) {
      if (explicit) server.resume();
      return server.isStopped() ? null : server.link();
    },
    folderOf: sessions.folderOf,
    hasInline: () => client().inlineCompletion,
    notify: (reason) => lsp.showMessage("info", reason),
  });
  server.onLost((reason) => lsp.showMessage("warning", reason));

  connection.onInitialize((params) => {
    setClient(readClient(params));
    sessions.setFolders(client().folders);
    return {
      capabilities: capabilitiesFor(client()),
      serverInfo: { name: "tutti", version: options.version },
    };
  });
  connection.onInitialized(() => {
    server.link().catch((error: unknown) => lsp.showMessage("error", `Tutti: ${describeError(error)}`));
    if (!client().workspaceFolders) return;
    let { folders } = client();
    connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
      const [addedPaths, removedPaths] = [added, removed].map((list) => list.flatMap(({ uri }) => pathOf(uri) ?? []));
      folders = [...folders.filter((path) => !removedPaths?.includes(path)), ...(addedPaths ?? [])];
      sessions.setFolders(folders);
    });
  });
  connection.onDidOpenTextDocument(({ textDocument }) => {
    const document = documents.open(textDocument);
    comments.opened(document);
    documentSync.update(document);
  });
  connection.onDidChangeTextDocument(({ textDocument: { uri, version }, contentChanges }) => {
    const document = documents.change(uri, version, contentChanges);
    if (!document) return;
    comments.changed(document);
    documentSync.update(document);
  });
  connection.onDidSaveTextDocument(async ({ textDocument: { uri } }) => {
    const document = documents.get(uri);
    if (!document) return;
    documentSync.update(document);
    await comments.saved(document);
  });
  connection.onDidCloseTextDocument(({ textDocument: { uri } }) => {
    const document = documents.close(uri);
    if (!document) return;
    comments.closed(document);
    documentSync.closed(document);
  });
  connection.onCodeAction((params) => provideActions(lsp, edits, params));
  connection.onCodeActionResolve((action) => resolveAction(lsp, action));
  connection.onCodeLens(({ textDocument: { uri } }) => {
    const document = documents.get(uri);
    return document ? provideLenses(lsp, edits, document) : [];
  });
  connection.onHover((params) => provideHover(lsp, edits, params));
  connection.onExecuteCommand(async ({ command, arguments: args = [] }) => {
    if (!commandsThatDoNotResume.has(command)) server.resume();
    try {
      return await runCommand(commandContext, command, args);
    } catch (error) {
      const code = error instanceof TuttiError && error.code === "usage" ? ErrorCodes.InvalidParams : -32000;
      throw new ResponseError(code, describeError(error));
    }
  });
  connection.languages.diagnostics.on(({ textDocument: { uri } }) => {
    const document = documents.get(uri);
    return { kind: "full", items: document ? commandContext.findings.diagnosticsOf(document) : [] };
  });
  connection.workspace.textDocumentContent.on(async ({ uri }) => ({ text: (await pages.read(uri)) ?? "" }));
  connection.onShutdown(() => server.close());
  connection.listen();
  return new Promise(() => undefined);
}

function createClientHolder(): { client: () => EditorClient; begin(client: EditorClient): void } {
  let known: EditorClient | null = null;
  return {
    client() {
      if (!known) throw new Error("The editor has not sent `initialize`.");
      return known;
    },
    begin(client) {
      known = client;
    },
  };
}

const settingsOf = ({ options: { mode, model } }: EditorClient) => ({
  ...(mode !== undefined && { mode }),
  ...(model !== undefined && { model }),
});
