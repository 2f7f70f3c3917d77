/** An editor of few words: `tutti lsp` as its language server over real pipes, documents that it shows, edits that it takes. */
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
import { bin } from "./built.ts";
import { type ScriptedEndpoint, scriptedEndpoint } from "./scripted-endpoint.ts";
import { eachInItsHome, type Home } from "./tutti.ts";

export interface Editor {
  child: ChildProcess;
  connection: ProtocolConnection;
  initialized: InitializeResult;
  /** What it was sent, in order, by method. */
  heard: { method: string; params: unknown }[];
  /** Resolves with the first notification or request of this method that fits, already heard or still to come. */
  hear<T>(method: string, fits?: (params: T) => boolean): Promise<T>;
  open(path: string, text: string, language?: string): string;
  /** Types over the whole of a document. */
  type(uri: string, text: string): void;
  save(uri: string): void;
  text(uri: string): string;
  /** Resolves when the document says this. */
  shows(uri: string, fits: (text: string) => boolean): Promise<string>;
  command<T = unknown>(name: string, argument?: unknown): Promise<T>;
  /** Resolves when a turn has ended of which this was the answer. */
  ended: Promise<[code: number | null]>;
  close(): Promise<void>;
}

export interface EditorOptions {
  capabilities?: ClientCapabilities;
  options?: Record<string, unknown>;
  folders?: string[];
  env?: Record<string, string>;
  args?: string[];
  /** Of the questions it is asked; null closes one without an answer, `late` answers when it was withdrawn. */
  chooses?(params: ShowMessageRequestParams): string | null | { late: string };
  /** False refuses, like an editor whose text is read-only. */
  takes?(edit: WorkspaceEdit): boolean;
  processId?: number;
}

export const able: ClientCapabilities = {
  workspace: {
    applyEdit: true,
    workspaceEdit: { documentChanges: true, changeAnnotationSupport: { groupsOnLabel: true } },
    codeLens: { refreshSupport: true },
    workspaceFolders: true,
  },
  textDocument: { codeAction: { dataSupport: true, resolveSupport: { properties: ["edit", "command"] } } },
  window: { workDoneProgress: true },
};

export async function openEditor(home: Home, how: EditorOptions = {}): Promise<Editor> {
  const child = spawn(process.execPath, [bin, "lsp", ...(how.args ?? [])], {
    cwd: home.work,
    env: { ...home.env, ...how.env },
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
  const heard: Editor["heard"] = [];
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
    heard.push({ method, params });
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
    const title = how.chooses?.(params) ?? null;
    if (title === null || typeof title === "string") return title === null ? null : { title };
    return new Promise((resolve) => {
      token.onCancellationRequested(() => {
        note("cancelled", params);
        resolve({ title: title.late });
      });
    });
  });
  connection.onRequest(ApplyWorkspaceEditRequest.type, ({ edit }) => {
    note("workspace/applyEdit", edit);
    if (how.takes?.(edit) === false) return { applied: false, failureReason: "read-only" };
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
    processId: how.processId ?? process.pid,
    clientInfo: { name: "test editor" },
    rootUri: null,
    capabilities: how.capabilities ?? able,
    workspaceFolders: (how.folders ?? [home.work]).map((path) => ({ uri: pathToFileURL(path).href, name: "work" })),
    initializationOptions: how.options ?? { mode: "auto" },
  });
  await connection.sendNotification("initialized", {});
  return {
    child,
    connection,
    initialized,
    heard,
    ended,
    hear: <T>(method: string, fits: (params: T) => boolean = () => true) =>
      until(() => heard.find((one) => one.method === method && fits(one.params as T))?.params as T | undefined),
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
    shows: (uri, fits) =>
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

/** The configuration that leads to an endpoint; nothing is completed as one types, which would ask it, too. */
export const leadingTo = (baseUrl: string, more: Record<string, unknown> = {}): Record<string, string> => ({
  TUTTI_KEYCHAIN: "off",
  TUTTI_CONFIG_CONTENT: JSON.stringify({
    model: "t/m",
    providers: { t: { baseUrl, models: { m: {}, starcoder2: {} } } },
    completion: { inline: "off" },
    ...more,
  }),
});

export interface Editing {
  home(): Home;
  endpoint(): ScriptedEndpoint;
  /** An editor whose agent is scripted; another one of the same test shares its server. */
  edit(scripts: Parameters<typeof scriptedEndpoint>[0], how?: EditorOptions): Promise<Editor>;
  another(how?: EditorOptions): Promise<Editor>;
}

/** For each test of a suite a home, a server and editors that are gone with it. */
export function editing(): Editing {
  let home: Home;
  let endpoint: ScriptedEndpoint | null = null;
  let editors: Editor[] = [];
  eachInItsHome(
    (made) => {
      home = made;
    },
    async () => {
      for (const editor of editors) await editor.close();
      editors = [];
      await home.run(["stop"]);
      await endpoint?.close();
      endpoint = null;
    },
  );
  const made = (): ScriptedEndpoint => {
    if (!endpoint) throw new Error("No endpoint was scripted yet.");
    return endpoint;
  };
  const another = async (how: EditorOptions = {}): Promise<Editor> => {
    const editor = await openEditor(home, { ...how, env: { ...leadingTo(made().baseUrl), ...how.env } });
    editors.push(editor);
    return editor;
  };
  return {
    home: () => home,
    endpoint: made,
    async edit(scripts, how) {
      endpoint = await scriptedEndpoint(scripts);
      return another(how);
    },
    another,
  };
}
