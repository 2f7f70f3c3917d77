/** The language server: joins an editor, over standard input and output, to the shared server. */
import { join } from "node:path";
import {
  createConnection,
  ErrorCodes,
  MessageType,
  ProposedFeatures,
  ResponseError,
  ShowMessageNotification,
} from "vscode-languageserver/node";
import type { Link } from "../client/link.ts";
import { sentence } from "../client/words.ts";
import { TuttiError } from "../protocol/errors.ts";
import { actionsFor, resolveAction } from "./actions.ts";
import { capabilitiesFor } from "./capabilities.ts";
import { type Client, clientOf, pathOf } from "./client.ts";
import { type Doing, runCommand, showsAnswer } from "./commands.ts";
import { watchComments } from "./comment-watch.ts";
import { openDocuments } from "./documents.ts";
import { openEdits } from "./edits.ts";
import type { Face } from "./face.ts";
import { showFindings } from "./findings.ts";
import { holdDocuments } from "./holding.ts";
import { hoverAt } from "./hover.ts";
import { offerInline } from "./inline.ts";
import { lensesFor, refreshLenses } from "./lenses.ts";
import { openPages } from "./pages.ts";
import { showTurns } from "./progress.ts";
import { commentText } from "./prompts.ts";
import { showQuestions } from "./questions.ts";
import { openServer } from "./server.ts";
import { openSessions } from "./sessions.ts";
import { followTurns } from "./turns.ts";

export interface LspOptions {
  version: string;
  cwd: string;
  /** For pages that an editor can show only as files. */
  cacheDir: string;
  /** `client`: what others read of this one. */
  connect(client: string): Promise<Link>;
}

const levels = { info: MessageType.Info, warning: MessageType.Warning, error: MessageType.Error } as const;

/** Never resolves: the process ends when the editor says so, closes its end, or is gone. */
export function runLsp(options: LspOptions): Promise<number> {
  const connection = createConnection(ProposedFeatures.all, process.stdin, process.stdout);
  const { client, begin } = introduced();
  const documents = openDocuments(() => client().encoding);
  const server = openServer(() => options.connect(client().name));
  const sessions = openSessions(server, options.cwd, () => settingsOf(client()));
  const face: Face = {
    connection,
    client,
    documents,
    server,
    sessions,
    say(level, message) {
      void connection.sendNotification(ShowMessageNotification.type, { type: levels[level], message });
    },
  };
  const holding = holdDocuments(face);
  const turns = followTurns(sessions, holding.told);
  const edits = openEdits(face);
  const pages = openPages(face, join(options.cacheDir, "lsp", String(process.pid)));
  const doing: Doing = { ...face, edits, pages, turns, findings: showFindings(face) };
  const comments = watchComments(face, async ({ path }, command) => {
    const session = await sessions.for(path);
    return turns.prompt(
      session,
      commentText(path, command),
      command.kind === "ask" ? { ended: showsAnswer(pages) } : {},
    );
  });
  showTurns(face);
  showQuestions(face);
  refreshLenses(face);
  offerInline({
    connection,
    documents,
    link: server.link,
    folderOf: sessions.folderOf,
    hasInline: () => client().inlineCompletion,
    say: (why) => face.say("info", why),
  });
  server.onLost((why) => face.say("warning", why));

  connection.onInitialize((params) => {
    begin(clientOf(params));
    sessions.setFolders(client().folders);
    return {
      capabilities: capabilitiesFor(client()),
      serverInfo: { name: "tutti", version: options.version },
    };
  });
  connection.onInitialized(() => {
    server.link().catch((error: unknown) => face.say("error", `Tutti: ${sentence(error)}`));
    if (!client().configures) return;
    let { folders } = client();
    connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
      const [more, less] = [added, removed].map((list) => list.flatMap(({ uri }) => pathOf(uri) ?? []));
      folders = [...folders.filter((path) => !less?.includes(path)), ...(more ?? [])];
      sessions.setFolders(folders);
    });
  });
  connection.onDidOpenTextDocument(({ textDocument }) => {
    const document = documents.open(textDocument);
    comments.opened(document);
    holding.look(document);
  });
  connection.onDidChangeTextDocument(({ textDocument: { uri, version }, contentChanges }) => {
    const document = documents.change(uri, version, contentChanges);
    if (!document) return;
    comments.changed(document);
    holding.look(document);
  });
  connection.onDidSaveTextDocument(async ({ textDocument: { uri } }) => {
    const document = documents.get(uri);
    if (!document) return;
    holding.look(document);
    await comments.saved(document);
  });
  connection.onDidCloseTextDocument(({ textDocument: { uri } }) => {
    const document = documents.close(uri);
    if (!document) return;
    comments.closed(document);
    holding.closed(document);
  });
  connection.onCodeAction((params) => actionsFor(face, edits, params));
  connection.onCodeActionResolve((action) => resolveAction(face, action));
  connection.onCodeLens(({ textDocument: { uri } }) => {
    const document = documents.get(uri);
    return document ? lensesFor(face, edits, document) : [];
  });
  connection.onHover((params) => hoverAt(face, edits, params));
  connection.onExecuteCommand(async ({ command, arguments: given = [] }) => {
    try {
      return await runCommand(doing, command, given);
    } catch (error) {
      const code = error instanceof TuttiError && error.code === "usage" ? ErrorCodes.InvalidParams : -32000;
      throw new ResponseError(code, sentence(error));
    }
  });
  connection.languages.diagnostics.on(({ textDocument: { uri } }) => {
    const document = documents.get(uri);
    return { kind: "full", items: document ? doing.findings.of(document) : [] };
  });
  connection.workspace.textDocumentContent.on(async ({ uri }) => ({ text: (await pages.read(uri)) ?? "" }));
  connection.onShutdown(() => server.close());
  connection.listen();
  return new Promise(() => undefined);
}

function introduced(): { client: () => Client; begin(client: Client): void } {
  let known: Client | null = null;
  return {
    client() {
      if (!known) throw new Error("The editor has not said what it can do.");
      return known;
    },
    begin(client) {
      known = client;
    },
  };
}

const settingsOf = ({ options: { mode, model } }: Client) => ({
  ...(mode !== undefined && { mode }),
  ...(model !== undefined && { model }),
});
