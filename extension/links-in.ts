/** Addresses of this extension: they only ever write into the prompt, after the person has read what, and nothing is sent. */
import * as vscode from "vscode";
import { promptOf } from "./addresses.ts";
import type { Panel } from "./panel.ts";

export function registerLinksIn(panel: Panel): vscode.Disposable {
  return vscode.window.registerUriHandler({
    async handleUri(uri) {
      const text = promptOf(uri);
      if (text === null)
        return void vscode.window.showWarningMessage("Tutti: this address asks for nothing that is done.");
      const take = "Write it into the prompt";
      const detail = `${text}\n\nIt is not sent.`;
      const answer = await vscode.window.showWarningMessage(
        "A link wants to write this into the prompt of Tutti.",
        { modal: true, detail },
        take,
      );
      if (answer === take) await panel.show({ type: "insert", text });
    },
  });
}
