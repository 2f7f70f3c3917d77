/** Another extension: it provides a language model, and calls our tool as agents do. */
const vscode = require("vscode");

const model = {
  id: "mute",
  name: "Mute",
  family: "mute",
  version: "1",
  maxInputTokens: 1_000,
  maxOutputTokens: 1_000,
  capabilities: { toolCalling: true },
};

async function ask() {
  const input = { task: "Do *it*" };
  const { content } = await vscode.lm.invokeTool("tutti_ask", { input, toolInvocationToken: undefined });
  await vscode.window.showInformationMessage(`Told: ${content.map(({ value }) => value).join("")}`);
}

exports.activate = async ({ subscriptions }) => {
  subscriptions.push(
    vscode.commands.registerCommand("neighbour.ask", ask),
    vscode.lm.registerLanguageModelChatProvider("neighbour", {
      provideLanguageModelChatInformation: () => [model],
      provideLanguageModelChatResponse: () => Promise.reject(new Error("Nobody should ask this model.")),
      provideTokenCount: () => Promise.resolve(1),
    }),
  );
  // Otherwise the editor learns of a model when it is first asked for.
  await vscode.lm.selectChatModels({ vendor: "neighbour" });
};
