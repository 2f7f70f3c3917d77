/** The `@tutti` chat participant and the language model tool, if the editor supports them. */
import * as vscode from "vscode";
import { printable } from "../protocol/printable.ts";
import type { Ext } from "./ext.ts";
import { runTurn } from "./turn.ts";

export function registerChat(ext: Ext): vscode.Disposable[] {
  // VS Code forks may not have these APIs.
  const { chat, lm } = vscode as { chat?: typeof vscode.chat; lm?: typeof vscode.lm };
  return [
    ...(chat?.createChatParticipant ? [createParticipant(ext, chat)] : []),
    ...(lm?.registerTool ? [lm.registerTool("tutti_ask", createTool(ext))] : []),
  ];
}

function createParticipant(ext: Ext, chat: typeof vscode.chat): vscode.Disposable {
  const chatParticipant = chat.createChatParticipant("tutti.agent", async (request, { history }, stream, token) => {
    const previous = history.findLast((turn) => turn instanceof vscode.ChatResponseTurn);
    const session = (previous?.result.metadata?.session as string | undefined) ?? null;
    const listener = {
      session: ext.watchSession,
      text: (piece: string) => stream.markdown(piece),
      call: (title: string) => stream.progress(escapeMarkdown(title).value),
      question(title: string, id: string) {
        stream.markdown(escapeMarkdown(`Needs your answer: ${title}`));
        stream.button({ title: "Answer", command: "tutti.showQuestion", arguments: [id] });
      },
    };
    const turn = await runTurn(ext, { text: request.prompt, session }, listener, toAbortSignal(token));
    if (turn.outcome !== "done") stream.markdown(`\n\n${turn.outcome}`);
    stream.button({ title: "Open in Tutti", command: "tutti.openSession", arguments: [turn.session] });
    return { metadata: { session: turn.session } };
  });
  chatParticipant.iconPath = vscode.Uri.joinPath(ext.context.extensionUri, "icon.png");
  return chatParticipant;
}

const createTool = (ext: Ext): vscode.LanguageModelTool<{ task: string }> => ({
  prepareInvocation: ({ input }) => ({
    invocationMessage: "Running Tutti",
    confirmationMessages: { title: "Run this task with Tutti?", message: escapeMarkdown(input.task) },
  }),
  async invoke({ input }, token) {
    const ignore = () => undefined;
    const listener = {
      session: ignore,
      text: ignore,
      call: ignore,
      question: (_: string, session: string) => void vscode.commands.executeCommand("tutti.showQuestion", session),
    };
    const { response, outcome } = await runTurn(
      ext,
      { text: input.task, session: null },
      listener,
      toAbortSignal(token),
    );
    const text = outcome === "done" ? response : `${response}\n\n${outcome}`;
    return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
  },
});

/** Chat renders strings as Markdown, so text is escaped. */
const escapeMarkdown = (text: string): vscode.MarkdownString =>
  new vscode.MarkdownString().appendText(printable(text, { keepNewlines: true }));

function toAbortSignal(token: vscode.CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}
