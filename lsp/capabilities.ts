/** The server capabilities for an editor, combined from one piece per feature. Pure. */
import { type ServerCapabilities, TextDocumentSyncKind } from "vscode-languageserver/node";
import { actionKinds } from "./actions.ts";
import type { EditorClient } from "./client.ts";
import { commandNames } from "./commands.ts";
import { inlineCapabilities } from "./inline.ts";
import { pageScheme } from "./pages.ts";

const baseCapabilities: ServerCapabilities = {
  textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: { includeText: false } },
  hoverProvider: true,
  codeLensProvider: { resolveProvider: false },
  codeActionProvider: { codeActionKinds: actionKinds, resolveProvider: true },
  executeCommandProvider: { commands: commandNames },
};

/** Each returns the capabilities of a feature for an editor's capabilities. */
const features: readonly ((client: EditorClient) => ServerCapabilities)[] = [
  () => baseCapabilities,
  ({ inlineCompletion }) => inlineCapabilities(inlineCompletion),
  ({ encoding }) => ({ positionEncoding: encoding }),
  ({ pullsDiagnostics }) =>
    pullsDiagnostics
      ? { diagnosticProvider: { identifier: "tutti", interFileDependencies: false, workspaceDiagnostics: false } }
      : {},
  ({ workspaceFolders, textDocumentContent }) => ({
    workspace: {
      ...(workspaceFolders && { workspaceFolders: { supported: true, changeNotifications: true } }),
      ...(textDocumentContent && { textDocumentContent: { schemes: [pageScheme] } }),
    },
  }),
];

export const capabilitiesFor = (client: EditorClient): ServerCapabilities =>
  Object.assign({}, ...features.map((feature) => feature(client)));
