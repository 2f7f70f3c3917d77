/** `@tutti` in the chat of the editor, and a tool for its agents, where the editor has these. */
import * as vscode from "vscode";
import { printable } from "../protocol/printable.ts";
import type { Ext } from "./ext.ts";
import { runTurn } from "./turn.ts";

export function registerChat(ext: Ext): vscode.Disposable[] {
  // Editors that are made from the same source leave these out.
  const { chat, lm } = vscode as { chat?: typeof vscode.chat; lm?: typeof vscode.lm };
  return [
    ...(chat?.createChatParticipant ? [participant(ext, chat)] : []),
    ...(lm?.registerTool ? [lm.registerTool("tutti_ask", tool(ext))] : []),
  ];
}

function participant(ext: Ext, chat: typeof vscode.chat): vscode.Disposable {
  const made = chat.createChatParticipant("tutti.agent", async (request, { history }, stream, token) => {
    const before = history.findLast((turn) => turn instanceof vscode.ChatResponseTurn);
    const session = (before?.result.metadata?.session as string | undefined) ?? null;
    const told = {
      session: ext.look,
      text: (piece: string) => stream.markdown(piece),
      call: (title: string) => stream.progress(plain(title).value),
      question(title: string, id: string) {
        stream.markdown(plain(`Waits for you: ${title}`));
        stream.button({ title: "Answer", command: "tutti.showQuestion", arguments: [id] });
      },
    };
    const turn = await runTurn(ext, { text: request.prompt, session }, told, signalOf(token));
    if (turn.outcome !== "done") stream.markdown(`\n\n${turn.outcome}`);
    stream.button({ title: "Open in Tutti", command: "tutti.openSession", arguments: [turn.session] });
    return { metadata: { session: turn.session } };
  });
  made.iconPath = vscode.Uri.joinPath(ext.context.extensionUri, "icon.png");
  return made;
}

const tool = (ext: Ext): vscode.LanguageModelTool<{ task: string }> => ({
  prepareInvocation: ({ input }) => ({
    invocationMessage: "Asking Tutti",
    confirmationMessages: { title: "Give Tutti a task", message: plain(input.task) },
  }),
  async invoke({ input }, token) {
    const nothing = () => undefined;
    const told = {
      session: nothing,
      text: nothing,
      call: nothing,
      question: (_: string, session: string) => void vscode.commands.executeCommand("tutti.showQuestion", session),
    };
    const { said, outcome } = await runTurn(ext, { text: input.task, session: null }, told, signalOf(token));
    const text = outcome === "done" ? said : `${said}\n\n${outcome}`;
    return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
  },
});

/** The editor takes for Markdown what it is given as text. */
const plain = (text: string): vscode.MarkdownString =>
  new vscode.MarkdownString().appendText(printable(text, { keepNewlines: true }));

function signalOf(token: vscode.CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}
