/** The extension for VS Code: one more client of the server that all share. In a folder that is not trusted it starts nothing. */
import * as vscode from "vscode";
import { openServer, type Server } from "../client/kept.ts";
import { connectLocal, type LocalServer } from "../client/local.ts";
import type { SessionView } from "../protocol/view.ts";
import { registerChat } from "./chat.ts";
import { openTerminal, registerCommands } from "./commands.ts";
import { registerEditsTree } from "./edits-tree.ts";
import type { Ext } from "./ext.ts";
import { openFolder } from "./folder.ts";
import { handOver } from "./keys.ts";
import { registerLanguage } from "./language.ts";
import { registerLinksIn } from "./links-in.ts";
import { type Panel, registerPanel } from "./panel.ts";
import { findProgram, type Program } from "./program.ts";
import { registerReview } from "./review.ts";
import { registerStatus } from "./status.ts";
import type { Surroundings } from "./surroundings.ts";
import { listenToTerminals } from "./terminals.ts";

export function begin(context: vscode.ExtensionContext, around: Surroundings): void {
  if (vscode.workspace.isTrusted) start(context, around);
  else context.subscriptions.push(vscode.workspace.onDidGrantWorkspaceTrust(() => start(context, around)));
}

function start(context: vscode.ExtensionContext, around: Surroundings): void {
  const ext = open(context, around);
  const language = registerLanguage(ext, (session) => void panel.show({ type: "show", session }));
  const review = registerReview(ext, language);
  const panel: Panel = registerPanel(ext, {
    async review(session, path) {
      ext.look(session);
      await review.open(path);
    },
    terminal: (session) => openTerminal(ext, session),
  });
  registerStatus(ext, panel);
  registerEditsTree(ext);
  context.subscriptions.push(
    ...registerCommands(ext, panel, review),
    ...registerChat(ext),
    registerLinksIn(panel),
    listenToTerminals(),
  );
}

function open(context: vscode.ExtensionContext, { version, serverOf }: Surroundings): Ext {
  const emitter = new vscode.EventEmitter<SessionView | null>();
  const folder = openFolder(context);
  let program: Promise<Program> | null = null;
  let server: Server | null = null;
  let view: SessionView | null = null;
  let looked: string | null = null;

  const findOnce = (): Promise<Program> => {
    program ??= findProgram(context.extensionPath);
    program.catch(() => {
      program = null;
    });
    return program;
  };
  const local = async (): Promise<LocalServer> => {
    const { node, script, env } = await findOnce();
    const { socket, logFile } = serverOf(env);
    return { socket, start: { argv: [node, script, "serve"], logFile, env } };
  };
  const take = (): void => {
    view = looked === null ? null : (server?.take() ?? null);
    emitter.fire(view);
  };
  const connect = (): Server =>
    openServer(async () => connectLocal(await local(), { client: { name: "vscode", version }, answers: false }), {
      connection: () => undefined,
      connected: () => void handOver(ext).catch(() => undefined),
      changed: later(take),
      happened: () => undefined,
      present: () => undefined,
      problem: (text) => void vscode.window.showErrorMessage(`Tutti: ${text}`),
    });
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
    view: () => view,
    onView: emitter.event,
    look(session) {
      if (session === looked) return;
      looked = session;
      take();
      if (session === null) ext.server().leave();
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

/** What comes close together is looked at once. */
function later(work: () => void): () => void {
  let waits = false;
  return () => {
    if (waits) return;
    waits = true;
    setTimeout(() => {
      waits = false;
      work();
    }, 50);
  };
}
