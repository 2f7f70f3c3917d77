/** The language client: starts `tutti lsp`, which holds unsaved text for the agents and shows what they do beside the code. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as vscode from "vscode";
import { LanguageClient, type LanguageClientOptions, TransportKind } from "vscode-languageclient/node";
import { attempt, type Ext } from "./ext.ts";

export interface Language {
  /** Agents read and write what editors show, where it is not saved. */
  holds(): boolean;
}

/** What is drawn and asked by the extension itself is left out; the editor reads files anew by itself. */
const initializationOptions = { hold: "dirty", lenses: { edits: false }, questions: false };

/** `begun` is told of the session in which something that was chosen beside the code is done. */
export function registerLanguage(ext: Ext, begun: (session: string) => void): Language {
  let client: LanguageClient | null = null;
  const settings = vscode.workspace.getConfiguration("tutti");
  if (settings.get<boolean>("languageServer") ?? true)
    void attempt(async () => {
      client = await start(ext, begun);
    });
  return { holds: () => client?.isRunning() ?? false };
}

async function start(ext: Ext, begun: (session: string) => void): Promise<LanguageClient | null> {
  const { node, script, env } = await ext.program();
  // Another program may be named in the settings, and be one that has none.
  const has = await promisify(execFile)(node, [script, "lsp", "--help"], { env }).catch(() => null);
  if (!has) return null;
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
      async executeCommand(command, given, next) {
        const result = (await next(command, given)) as { session?: string } | null;
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

/** What is chosen beside the code goes on in the session that is looked at. */
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
