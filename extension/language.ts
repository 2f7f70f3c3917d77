/** The language client: starts `tutti lsp`, which gives agents access to unsaved changes and adds code actions and lenses. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as vscode from "vscode";
import { LanguageClient, type LanguageClientOptions, TransportKind } from "vscode-languageclient/node";
import { attempt, type Ext } from "./ext.ts";

export interface Language {
  /** True while agents read and write unsaved changes through the language server. */
  syncsDocuments(): boolean;
}

/** The extension shows edits and questions itself. VS Code reloads unmodified files by itself, so only dirty ones are claimed. */
const initializationOptions = { hold: "dirty", lenses: { edits: false }, questions: false };

/** `sessionStarted` is called with the session in which a code action or lens runs. */
export function startLanguageServer(ext: Ext, sessionStarted: (session: string) => void): Language {
  let client: LanguageClient | null = null;
  const settings = vscode.workspace.getConfiguration("tutti");
  if (settings.get<boolean>("languageServer") ?? true)
    void attempt(async () => {
      client = await startClient(ext, sessionStarted);
    });
  return { syncsDocuments: () => client?.isRunning() ?? false };
}

async function startClient(ext: Ext, begun: (session: string) => void): Promise<LanguageClient | null> {
  const { node, script, env } = await ext.program();
  // The program from the settings may be a version without a language server.
  const isAvailable = await promisify(execFile)(node, [script, "lsp", "--help"], { env }).catch(() => null);
  if (!isAvailable) return null;
  const server = {
    command: node,
    args: [script, "lsp"],
    transport: TransportKind.stdio,
    options: { env, cwd: ext.cwd() },
  };
  const options: LanguageClientOptions = {
    documentSelector: [{ scheme: "file" }],
    initializationOptions,
    middleware: {
      async executeCommand(command, args, next) {
        const result = (await next(command, args)) as { session?: string } | null;
        const session = command === "tutti.useSession" ? undefined : result?.session;
        if (session !== undefined && session !== ext.view()?.id) begun(session);
        return result;
      },
    },
  };
  const client = new LanguageClient("tutti", "Tutti", server, options);
  ext.context.subscriptions.push(client);
  await client.start();
  shareSession(ext);
  return client;
}

/** Makes code actions and lenses use the session that the side bar shows. */
function shareSession(ext: Ext): void {
  let shared: string | undefined;
  const share = (session: string | undefined): void => {
    if (session === undefined || session === shared) return;
    shared = session;
    void attempt(async () => vscode.commands.executeCommand("tutti.useSession", { session }));
  };
  share(ext.view()?.id);
  ext.context.subscriptions.push(ext.onView((view) => share(view?.id)));
}
