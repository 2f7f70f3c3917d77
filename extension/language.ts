/** The language client: starts `tutti lsp`, which holds unsaved text for the agents and shows what they do beside the code. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as vscode from "vscode";
import { LanguageClient, TransportKind } from "vscode-languageclient/node";
import type { Ext } from "./ext.ts";

export async function startLanguageClient(ext: Ext): Promise<void> {
  const { node, script, env } = await ext.program();
  // Another program may be named in the settings, and be one that has none.
  const has = await promisify(execFile)(node, [script, "lsp", "--help"], { env }).catch(() => null);
  if (!has) return;
  const server = {
    command: node,
    args: [script, "lsp"],
    transport: TransportKind.stdio,
    options: { env, cwd: ext.cwd() },
  };
  const client = new LanguageClient("tutti", "Tutti", server, { documentSelector: [{ scheme: "file" }] });
  ext.context.subscriptions.push(client);
  await client.start();
}

export const wantsLanguageClient = (): boolean =>
  vscode.workspace.getConfiguration("tutti").get<boolean>("languageServer") ?? true;
