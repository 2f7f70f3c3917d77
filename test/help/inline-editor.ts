/** A minimal language server with completion at the cursor, and its editor, in one process over real connections. */
import { PassThrough } from "node:stream";
import {
  createConnection,
  type InlineCompletionItem,
  type InlineCompletionList,
  type Position,
  ProposedFeatures,
  StreamMessageReader,
  StreamMessageWriter,
  TextDocumentSyncKind,
} from "vscode-languageserver/node";
import {
  type CancellationToken,
  type CompletionItem,
  CompletionTriggerKind,
  createProtocolConnection,
  InlineCompletionTriggerKind,
} from "vscode-languageserver-protocol/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import { inlineCapabilities, registerInlineCompletion } from "../../lsp/inline.ts";
import type { Link } from "../../protocol/link.ts";

export interface InlineEditor {
  /** Messages to the user. */
  notifications: string[];
  /** Sets the text, in which `|` marks the cursor, and returns the position. */
  write(text: string): Promise<Position>;
  inline(position: Position, token?: CancellationToken): Promise<string | null>;
  list(position: Position): Promise<CompletionItem[]>;
  close(): void;
}

export const uri = "file:///work/add.ts";

export async function openInlineEditor(link: Pick<Link, "call">, cwd: string, hasInline = true): Promise<InlineEditor> {
  const [toServer, toEditor] = [new PassThrough(), new PassThrough()];
  const notifications: string[] = [];
  const texts = new Map<string, TextDocument>();
  const connection = createConnection(
    ProposedFeatures.all,
    new StreamMessageReader(toServer),
    new StreamMessageWriter(toEditor),
  );
  registerInlineCompletion({
    connection,
    documents: {
      get(name) {
        const text = texts.get(name);
        return (
          text && {
            path: new URL(name).pathname,
            language: text.languageId,
            text: () => text.getText(),
            offsetAt: (at) => text.offsetAt(at),
          }
        );
      },
    },
    link: async () => link,
    folderOf: () => cwd,
    hasInline: () => hasInline,
    notify: (why) => notifications.push(why),
  });
  connection.onInitialize(() => ({
    capabilities: { textDocumentSync: TextDocumentSyncKind.Full, ...inlineCapabilities(hasInline) },
  }));
  connection.onDidOpenTextDocument(({ textDocument: { uri: name, languageId, version, text } }) => {
    texts.set(name, TextDocument.create(name, languageId, version, text));
  });
  connection.listen();

  const editor = createProtocolConnection(new StreamMessageReader(toEditor), new StreamMessageWriter(toServer));
  editor.listen();
  await editor.sendRequest("initialize", { processId: null, rootUri: null, capabilities: {} });
  await editor.sendNotification("initialized", {});
  let version = 0;
  return {
    notifications,
    async write(text) {
      const at = text.indexOf("|");
      const before = text.slice(0, at);
      const textDocument = { uri, languageId: "typescript", version: ++version, text: before + text.slice(at + 1) };
      await editor.sendNotification("textDocument/didOpen", { textDocument });
      const lines = before.split("\n");
      return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
    },
    async inline(position, token) {
      const params = {
        textDocument: { uri },
        position,
        context: { triggerKind: InlineCompletionTriggerKind.Automatic },
      };
      const given = token ? [token] : [];
      const found = await editor.sendRequest<InlineCompletionItem[] | InlineCompletionList | null>(
        "textDocument/inlineCompletion",
        params,
        ...given,
      );
      const [item] = Array.isArray(found) ? found : (found?.items ?? []);
      return typeof item?.insertText === "string" ? item.insertText : null;
    },
    list: (position) =>
      editor.sendRequest("textDocument/completion", {
        textDocument: { uri },
        position,
        context: { triggerKind: CompletionTriggerKind.Invoked },
      }),
    close() {
      editor.dispose();
      connection.dispose();
    },
  };
}
