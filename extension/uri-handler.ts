/** Handles `vscode://tutti.tutti/prompt` URIs: inserts text into the prompt after the user has confirmed it. Never sends it. */
import * as vscode from "vscode";
import { readPromptUri } from "./addresses.ts";
import type { Panel } from "./panel.ts";

export function registerUriHandler(panel: Panel): vscode.Disposable {
  return vscode.window.registerUriHandler({
    async handleUri(uri) {
      const text = readPromptUri(uri);
      if (text === null)
        return void vscode.window.showWarningMessage("Tutti: Unsupported link. Only /prompt?text=… is supported.");
      const insert = "Insert";
      const detail = `${text}\n\nThe text is not sent.`;
      const choice = await vscode.window.showWarningMessage(
        "Insert this text from a link into the Tutti prompt?",
        { modal: true, detail },
        insert,
      );
      if (choice === insert) await panel.show({ type: "insert", text });
    },
  });
}
