/** The VS Code extension: a client of the shared server. It starts nothing in an untrusted workspace. */
import * as vscode from "vscode";
import { connectLocal, type LocalServer } from "../client/local.ts";
import { openReconnectingClient, type ReconnectingClient } from "../client/reconnecting-client.ts";
import type { SessionView } from "../protocol/view.ts";
import { registerChat } from "./chat.ts";
import { openTerminal, registerCommands } from "./commands.ts";
import { registerEditsTree } from "./edits-tree.ts";
import type { Ext } from "./ext.ts";
import { openFolder } from "./folder.ts";
import { sendStoredKeys } from "./keys.ts";
import { startLanguageServer } from "./language.ts";
import { type Panel, registerPanel } from "./panel.ts";
import { findProgram, type Program } from "./program.ts";
import { registerReview } from "./review.ts";
import { registerStatus } from "./status.ts";
import { watchTerminals } from "./terminals.ts";
import { registerUriHandler } from "./uri-handler.ts";
import { registerUsage } from "./usage.ts";

export interface ExtensionDeps {
  version: string;
  /** The socket and the log file of the server that runs with this environment. */
  serverOf(env: NodeJS.ProcessEnv): { socket: string; logFile: string };
}

export function activateExtension(context: vscode.ExtensionContext, deps: ExtensionDeps): void {
  if (vscode.workspace.isTrusted) start(context, deps);
  else context.subscriptions.push(vscode.workspace.onDidGrantWorkspaceTrust(() => start(context, deps)));
}

function start(context: vscode.ExtensionContext, deps: ExtensionDeps): void {
  const ext = createExt(context, deps);
  const language = startLanguageServer(ext, (session) => void panel.show({ type: "show", session }));
  const review = registerReview(ext, language);
  const panel: Panel = registerPanel(ext, {
    async review(session, path) {
      ext.watchSession(session);
      await review.open(path);
    },
    terminal: (session) => openTerminal(ext, session),
  });
  const usage = registerUsage(ext);
  registerStatus(ext, panel);
  registerEditsTree(ext);
  context.subscriptions.push(
    usage,
    ...registerCommands(ext, panel, review, usage),
    ...registerChat(ext),
    registerUriHandler(panel),
    watchTerminals(),
  );
}

function createExt(context: vscode.ExtensionContext, { version, serverOf }: ExtensionDeps): Ext {
  const emitter = new vscode.EventEmitter<SessionView | null>();
  const folder = openFolder(context);
  let program: Promise<Program> | null = null;
  let server: ReconnectingClient | null = null;
  let view: SessionView | null = null;
  let watchedSession: string | null = null;

  const findOnce = (): Promise<Program> => {
    program ??= findProgram(context.extensionPath);
    program.catch(() => {
      program = null;
    });
    return program;
  };
  const local = async (mayStart: boolean): Promise<LocalServer> => {
    const { node, script, env } = await findOnce();
    const { socket, logFile } = serverOf(env);
    return { socket, ...(mayStart && { start: { argv: [node, script, "serve"], logFile, env } }) };
  };
  const updateView = (): void => {
    view = watchedSession === null ? null : (server?.currentView() ?? null);
    emitter.fire(view);
  };
  const connect = (): ReconnectingClient =>
    openReconnectingClient(
      async (mayStart) => connectLocal(await local(mayStart), { client: { name: "vscode", version }, answers: false }),
      {
        connectionChanged: () => undefined,
        connected: () => void sendStoredKeys(ext).catch(() => undefined),
        viewChanged: throttle(updateView),
        eventReceived: () => undefined,
        participantsChanged: () => undefined,
        errorReported: (text) => void vscode.window.showErrorMessage(`Tutti: ${text}`),
      },
    );
  const ext: Ext = {
    context,
    version,
    folder,
    cwd: folder.path,
    program: findOnce,
    local,
    server() {
      server ??= connect();
      return server;
    },
    resume: () => server?.resume(),
    view: () => view,
    onView: emitter.event,
    watchSession(session) {
      if (session === watchedSession) return;
      watchedSession = session;
      updateView();
      if (session === null) ext.server().unwatch();
      else
        ext
          .server()
          .watch(session)
          .catch(() => undefined);
    },
  };
  context.subscriptions.push(
    emitter,
    { dispose: () => void server?.close() },
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("tutti.server")) program = null;
    }),
  );
  return ext;
}

/** Calls `work` at most once in 50 ms. */
function throttle(work: () => void): () => void {
  let scheduled = false;
  return () => {
    if (scheduled) return;
    scheduled = true;
    setTimeout(() => {
      scheduled = false;
      work();
    }, 50);
  };
}
