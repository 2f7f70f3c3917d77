/** A server that the user stopped is started again by what the user does, and not by what an editor requests by itself. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  CodeLensRequest,
  CompletionRequest,
  CompletionTriggerKind,
  HoverRequest,
  InlineCompletionRequest,
  InlineCompletionTriggerKind,
  type ShowMessageParams,
} from "vscode-languageserver-protocol/node";
import { type Editor, useEditors } from "../help/editor.ts";
import { answer } from "../help/scripted-endpoint.ts";

describe("a stopped server, in an editor", () => {
  const { home, openWith } = useEditors();
  const position = { line: 1, character: 0 };
  const isRunning = async (): Promise<boolean> => (await home().run(["status"])).code === 0;

  /** An editor with a session, whose server was stopped. */
  const openStopped = async (): Promise<{ editor: Editor; uri: string; session: string }> => {
    const path = join(home().work, "a.ts");
    writeFileSync(path, "let a;\n");
    const editor = await openWith([answer("Hello."), answer("Again.")]);
    const uri = editor.open(path, "let a;\n");
    const { session } = await editor.command<{ session: string }>("tutti.prompt", { text: "Hello.", uri });
    await editor.waitForMessage("$/progress", ({ value }: { value: { kind: string } }) => value.kind === "end");
    await home().run(["stop"]);
    await editor.waitForMessage<ShowMessageParams>("window/showMessage", ({ message }) =>
      message.includes("The server was stopped. Your next command starts it again."),
    );
    return { editor, uri, session };
  };
  const requestInline = (editor: Editor, uri: string, triggerKind: InlineCompletionTriggerKind): Promise<unknown> =>
    editor.connection.sendRequest(InlineCompletionRequest.type, {
      textDocument: { uri },
      position,
      context: { triggerKind },
    });

  it("stays stopped while the editor opens, changes and saves documents, and requests completions and lenses", async () => {
    const { editor, uri, session } = await openStopped();
    editor.type(uri, "let a;\nlet b;\n");
    editor.save(uri);
    editor.open(join(home().work, "b.ts"), "let b;\n");
    const textDocument = { uri };
    assert.deepEqual(await requestInline(editor, uri, InlineCompletionTriggerKind.Automatic), []);
    for (const triggerKind of [CompletionTriggerKind.Invoked, CompletionTriggerKind.TriggerCharacter]) {
      const request = { textDocument, position, context: { triggerKind } };
      assert.deepEqual(await editor.connection.sendRequest(CompletionRequest.type, request), []);
    }
    await editor.connection.sendRequest(CodeLensRequest.type, { textDocument });
    await editor.connection.sendRequest(HoverRequest.type, { textDocument, position });
    // The extension for VS Code runs this when its view changes.
    await assert.rejects(editor.command("tutti.useSession", { session: `${session}x` }), /The server was stopped/);
    assert.equal(await isRunning(), false);
  });

  const actions: Record<string, (editor: Editor, uri: string) => Promise<unknown>> = {
    "a command": (editor, uri) => editor.command("tutti.prompt", { text: "Again.", uri }),
    "a completion that the user asks for": (editor, uri) =>
      requestInline(editor, uri, InlineCompletionTriggerKind.Invoked),
    async "a comment command"(editor, uri) {
      const before = editor.received.length;
      editor.type(uri, "let a;\n// tutti? why\n");
      editor.save(uri);
      await editor.waitForMessage("$/progress", (params) =>
        editor.received.slice(before).some((one) => one.params === params),
      );
    },
  };
  for (const [name, act] of Object.entries(actions))
    it(`is started by ${name}`, async () => {
      const { editor, uri } = await openStopped();
      await act(editor, uri);
      assert.equal(await isRunning(), true);
    });
});
