/** What this face offers an editor: one piece for each feature, put together in one place. Pure. */
import { type ServerCapabilities, TextDocumentSyncKind } from "vscode-languageserver/node";
import { actionKinds } from "./actions.ts";
import type { Client } from "./client.ts";
import { commandNames } from "./commands.ts";
import { inlineCapabilities } from "./inline.ts";
import { pageScheme } from "./pages.ts";

const always: ServerCapabilities = {
  textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: { includeText: false } },
  hoverProvider: true,
  codeLensProvider: { resolveProvider: false },
  codeActionProvider: { codeActionKinds: actionKinds, resolveProvider: true },
  executeCommandProvider: { commands: commandNames },
};

/** Each looks at what the editor can do, and gives what is offered to it. */
const pieces: readonly ((client: Client) => ServerCapabilities)[] = [
  () => always,
  ({ inlineCompletion }) => inlineCapabilities(inlineCompletion),
  ({ encoding }) => ({ positionEncoding: encoding }),
  ({ pullsDiagnostics }) =>
    pullsDiagnostics
      ? { diagnosticProvider: { identifier: "tutti", interFileDependencies: false, workspaceDiagnostics: false } }
      : {},
  ({ configures, content }) => ({
    workspace: {
      ...(configures && { workspaceFolders: { supported: true, changeNotifications: true } }),
      ...(content && { textDocumentContent: { schemes: [pageScheme] } }),
    },
  }),
];

export const capabilitiesFor = (client: Client): ServerCapabilities =>
  Object.assign({}, ...pieces.map((piece) => piece(client)));
