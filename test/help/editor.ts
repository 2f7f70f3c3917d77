/** A minimal editor: `tutti lsp` as its language server over real pipes, documents, and applied edits. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { pathToFileURL } from "node:url";
import {
  ApplyWorkspaceEditRequest,
  type ClientCapabilities,
  createProtocolConnection,
  InitializeRequest,
  type InitializeResult,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  type PublishDiagnosticsParams,
  ShowMessageNotification,
  ShowMessageRequest,
  type ShowMessageRequestParams,
  StreamMessageReader,
  StreamMessageWriter,
  WorkDoneProgressCreateRequest,
  type WorkspaceEdit,
} from "vscode-languageserver-protocol/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import { bin } from "./build.ts";
import { type ScriptedEndpoint, scriptedEndpoint } from "./scripted-endpoint.ts";
import { type Home, useHomes } from "./tutti.ts";

export interface Editor {
  child: ChildProcess;
  connection: ProtocolConnection;
  initialized: InitializeResult;
  /** Received messages, in order. */
  received: { method: string; params: unknown }[];
  /** Resolves with the first matching notification or request of this method, including past ones. */
  waitForMessage<T>(method: string, fits?: (params: T) => boolean): Promise<T>;
  open(path: string, text: string, language?: string): string;
  /** Replaces the text of a document. */
  type(uri: string, text: string): void;
  save(uri: string): void;
  text(uri: string): string;
  /** Resolves when the text of the document matches. */
  waitForText(uri: string, fits: (text: string) => boolean): Promise<string>;
  command<T = unknown>(name: string, argument?: unknown): Promise<T>;
  /** Resolves when the process has exited. */
  ended: Promise<[code: number | null]>;
  close(): Promise<void>;
}

export interface EditorOptions {
  capabilities?: ClientCapabilities;
  options?: Record<string, unknown>;
  folders?: string[];
  env?: Record<string, string>;
  args?: string[];
  /** The answer to a message request; null closes it, `when` answers later, `late` after it was cancelled. */
  answerQuestion?(params: ShowMessageRequestParams): string | null | { late: string } | { when: Promise<string> };
  /** False rejects the edit, as for a read-only document. */
  acceptEdit?(edit: WorkspaceEdit): boolean;
  processId?: number;
}

export const allCapabilities: ClientCapabilities = {
  workspace: {
    applyEdit: true,
    workspaceEdit: { documentChanges: true, changeAnnotationSupport: { groupsOnLabel: true } },
    codeLens: { refreshSupport: true },
    workspaceFolders: true,
  },
  textDocument: { codeAction: { dataSupport: true, resolveSupport: { properties: ["edit", "command"] } } },
  window: { workDoneProgress: true },
};

export async function openEditor(home: Home, options: EditorOptions = {}): Promise<Editor> {
  const child = spawn(process.execPath, [bin, "lsp", ...(options.args ?? [])], {
    cwd: home.work,
    env: { ...home.env, ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const ended = once(child, "exit") as Promise<[number | null]>;
  child.stdin.on("error", () => undefined);
  let err = "";
  child.stderr.on("data", (piece) => {
    err += piece;
  });
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const received: Editor["received"] = [];
  const listeners = new Set<() => void>();
  const documents = new Map<string, TextDocument>();
  const changed = (): void => {
    for (const listener of [...listeners]) listener();
  };
  const until = <T>(look: () => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      const listener = (): void => {
        const found = look();
        if (found === undefined) return;
        listeners.delete(listener);
        resolve(found);
      };
      void ended.then(([code]) => reject(new Error(`tutti lsp ended with ${code}: ${err}`)));
      listeners.add(listener);
      listener();
    });
  const note = (method: string, params: unknown): void => {
    received.push({ method, params });
    changed();
  };
  const replace = (uri: string, changes: { range: { start: never; end: never } | undefined; text: string }[]): void => {
    const document = documents.get(uri)!;
    const version = document.version + 1;
    for (const change of changes)
      documents.set(
        uri,
        TextDocument.update(document, [change.range ? (change as never) : { text: change.text }], version),
      );
    void connection.sendNotification("textDocument/didChange", {
      textDocument: { uri, version },
      contentChanges: changes.map(({ range, text }) => (range ? { range, text } : { text })),
    });
    changed();
  };
  connection.onNotification(ShowMessageNotification.type, (params) => note("window/showMessage", params));
  connection.onNotification(PublishDiagnosticsNotification.type, (params: PublishDiagnosticsParams) =>
    note("textDocument/publishDiagnostics", params),
  );
  connection.onNotification("$/progress", (params: unknown) => note("$/progress", params));
  connection.onRequest(WorkDoneProgressCreateRequest.type, () => undefined);
  connection.onRequest("workspace/codeLens/refresh", () => note("workspace/codeLens/refresh", {}));
  connection.onRequest("workspace/diagnostic/refresh", () => note("workspace/diagnostic/refresh", {}));
  connection.onRequest("window/showDocument", (params: unknown) => {
    note("window/showDocument", params);
    return { success: true };
  });
  connection.onRequest(ShowMessageRequest.type, (params, token) => {
    note("window/showMessageRequest", params);
    const title = options.answerQuestion?.(params) ?? null;
    if (title === null || typeof title === "string") return title === null ? null : { title };
    if ("when" in title) return title.when.then((chosen) => ({ title: chosen }));
    return new Promise((resolve) => {
      token.onCancellationRequested(() => {
        note("cancelled", params);
        resolve({ title: title.late });
      });
    });
  });
  connection.onRequest(ApplyWorkspaceEditRequest.type, ({ edit }) => {
    note("workspace/applyEdit", edit);
    if (options.acceptEdit?.(edit) === false) return { applied: false, failureReason: "read-only" };
    const edits = edit.documentChanges?.flatMap((one) => ("textDocument" in one ? [one] : [])) ?? [];
    const plain = Object.entries(edit.changes ?? {}).map(([uri, list]) => ({
      textDocument: { uri, version: null },
      edits: list,
    }));
    for (const { textDocument, edits: list } of [...edits, ...plain]) {
      const document = documents.get(textDocument.uri);
      if (!document) return { applied: false, failureReason: "not open" };
      if (textDocument.version !== null && textDocument.version !== document.version)
        return { applied: false, failureReason: "another version" };
      // From the end, so that the earlier places stay right.
      const ordered = list
        .map((one) => one as { range: { start: never; end: never }; newText: string })
        .sort((one, other) => document.offsetAt(other.range.start) - document.offsetAt(one.range.start));
      replace(
        textDocument.uri,
        ordered.map(({ range, newText }) => ({ range, text: newText })),
      );
    }
    return { applied: true };
  });
  connection.onError(() => undefined);
  connection.listen();
  const initialized = await connection.sendRequest(InitializeRequest.type, {
    processId: options.processId ?? process.pid,
    clientInfo: { name: "test editor" },
    rootUri: null,
    capabilities: options.capabilities ?? allCapabilities,
    workspaceFolders: (options.folders ?? [home.work]).map((path) => ({ uri: pathToFileURL(path).href, name: "work" })),
    initializationOptions: options.options ?? { mode: "auto" },
  });
  await connection.sendNotification("initialized", {});
  return {
    child,
    connection,
    initialized,
    received,
    ended,
    waitForMessage: <T>(method: string, fits: (params: T) => boolean = () => true) =>
      until(() => received.find((one) => one.method === method && fits(one.params as T))?.params as T | undefined),
    open(path, text, language = "typescript") {
      const uri = pathToFileURL(path).href;
      documents.set(uri, TextDocument.create(uri, language, 1, text));
      void connection.sendNotification("textDocument/didOpen", {
        textDocument: { uri, languageId: language, version: 1, text },
      });
      return uri;
    },
    type: (uri, text) => replace(uri, [{ range: undefined, text }]),
    save: (uri) => void connection.sendNotification("textDocument/didSave", { textDocument: { uri } }),
    text: (uri) => documents.get(uri)!.getText(),
    waitForText: (uri, fits) =>
      until(() => {
        const text = documents.get(uri)!.getText();
        return fits(text) ? text : undefined;
      }),
    command: (name, argument) =>
      connection.sendRequest("workspace/executeCommand", {
        command: name,
        ...(argument !== undefined && { arguments: [argument] }),
      }),
    async close() {
      if (child.exitCode === null && child.signalCode === null) {
        await connection.sendRequest("shutdown").catch(() => undefined);
        await connection.sendNotification("exit").catch(() => undefined);
        child.stdin.end();
      }
      await ended;
      connection.dispose();
    },
  };
}

/** The configuration for an endpoint, without completion, which would send requests, too. */
export const configFor = (baseUrl: string, more: Record<string, unknown> = {}): Record<string, string> => ({
  TUTTI_KEYCHAIN: "off",
  TUTTI_CONFIG_CONTENT: JSON.stringify({
    model: "t/m",
    providers: { t: { baseUrl, models: { m: {}, starcoder2: {} } } },
    completion: { inline: "off" },
    ...more,
  }),
});

export interface EditorSuite {
  home(): Home;
  endpoint(): ScriptedEndpoint;
  /** Opens an editor with a scripted agent. */
  openWith(scripts: Parameters<typeof scriptedEndpoint>[0], how?: EditorOptions): Promise<Editor>;
  openAnother(how?: EditorOptions): Promise<Editor>;
}

/** Gives each test of a suite a home, a server and editors, and closes them afterwards. */
export function useEditors(): EditorSuite {
  let home: Home;
  let endpoint: ScriptedEndpoint | null = null;
  let editors: Editor[] = [];
  useHomes(
    (made) => {
      home = made;
    },
    async () => {
      for (const editor of editors) await editor.close();
      editors = [];
      await home.stop();
      await endpoint?.close();
      endpoint = null;
    },
  );
  const made = (): ScriptedEndpoint => {
    if (!endpoint) throw new Error("Call openWith first: there is no endpoint.");
    return endpoint;
  };
  const openAnother = async (how: EditorOptions = {}): Promise<Editor> => {
    const editor = await openEditor(home, { ...how, env: { ...configFor(made().baseUrl), ...how.env } });
    editors.push(editor);
    return editor;
  };
  return {
    home: () => home,
    endpoint: made,
    async openWith(scripts, how) {
      endpoint = await scriptedEndpoint(scripts);
      return openAnother(how);
    },
    openAnother,
  };
}
