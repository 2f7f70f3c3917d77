/** The language server over real pipes, with the shared server that it starts and a scripted model. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type {
  ClientCapabilities,
  ShowMessageParams,
  ShowMessageRequestParams,
  WorkspaceEdit,
} from "vscode-languageserver-protocol/node";
import { connectTo } from "../../client/local.ts";
import type { Question } from "../../protocol/parts.ts";
import { allCapabilities, useEditors } from "../help/editor.ts";
import { answer } from "../help/scripted-endpoint.ts";
import { initializeParams } from "../help/test-server.ts";
import { callTools } from "../help/tutti.ts";

const ended = ({ value }: { value: { kind: string } }): boolean => value.kind === "end";

describe("turns from an editor", () => {
  const { home, endpoint, openWith } = useEditors();

  const file = (text: string): string => {
    const path = join(home().work, "a.ts");
    writeFileSync(path, text);
    return path;
  };
  const editOf = (path: string, old: string, by: string) => [
    callTools(["read", { path }]),
    callTools(["edit", { path, edits: [{ old, new: by }] }]),
    answer("Done."),
  ];

  it("change the editor's text, not the file on disk", async () => {
    const path = file("on the disk\n");
    const editor = await openWith(editOf(path, "unsaved", "edited"));
    const uri = editor.open(path, "first\nunsaved\nlast\n");
    const { session } = await editor.command<{ session: string }>("tutti.prompt", { text: "Edit it.", uri });
    assert.equal(await editor.waitForText(uri, (text) => text.includes("edited")), "first\nedited\nlast\n");
    assert.equal(readFileSync(path, "utf8"), "on the disk\n");
    const [applied] = editor.received.filter(({ method }) => method === "workspace/applyEdit");
    const range = { start: { line: 1, character: 0 }, end: { line: 2, character: 0 } };
    assert.deepEqual(applied?.params, {
      documentChanges: [
        { textDocument: { uri, version: 1 }, edits: [{ range, newText: "edited\n", annotationId: "tutti" }] },
      ],
      changeAnnotations: { tutti: { label: "Tutti: Edit it.", needsConfirmation: false } },
    });
    await editor.waitForMessage("$/progress", ended);
    assert.match(JSON.stringify(endpoint().received[1]?.body), /unsaved/);
    const { out } = await home().run(["sessions", "show", session]);
    assert.match(out, /Edit it\./);
  });

  it("request confirmation of edits if configured", async () => {
    const path = file("unsaved\n");
    const editor = await openWith(editOf(path, "unsaved", "edited"), { options: { mode: "auto", confirm: true } });
    editor.open(path, "unsaved\n");
    await editor.command("tutti.prompt", "Edit it.");
    const change = await editor.waitForMessage<WorkspaceEdit>("workspace/applyEdit");
    assert.equal(change.changeAnnotations?.tutti?.needsConfirmation, true);
  });

  it("continue with a new server after the old one stopped, with the editor's documents and session", async () => {
    const path = file("on the disk\n");
    const editor = await openWith([answer("Hello."), ...editOf(path, "unsaved", "edited")]);
    const uri = editor.open(path, "unsaved\n");
    const first = await editor.command<{ session: string }>("tutti.prompt", { text: "Hello.", uri });
    await editor.waitForMessage("$/progress", ended);
    await home().run(["stop"]);
    await editor.waitForMessage<ShowMessageParams>("window/showMessage", ({ message }) =>
      message.includes("The server was stopped. Your next command starts it again."),
    );
    const second = await editor.command<{ session: string }>("tutti.prompt", { text: "Edit it.", uri });
    assert.equal(second.session, first.session);
    await editor.waitForText(uri, (text) => text === "edited\n");
    assert.equal(readFileSync(path, "utf8"), "on the disk\n");
  });

  it("change the file on disk if it is open without unsaved changes and the editor reloads it", async () => {
    const path = file("saved\n");
    const editor = await openWith(
      [...editOf(path, "saved", "edited"), ...editOf(path, "unsaved", "edited"), ...editOf(path, "saved", "edited")],
      { options: { mode: "auto", hold: "dirty" } },
    );
    const uri = editor.open(path, "saved\n");
    // A turn may have ended for the editor a moment before the session takes the next, which then waits that long.
    const turn = async (): Promise<void> => {
      const before = new Set(editor.received.map(({ params }) => params));
      await editor.command("tutti.prompt", { text: "Edit it.", uri });
      await editor.waitForMessage<{ value: { kind: string } }>(
        "$/progress",
        (params) => ended(params) && !before.has(params),
      );
    };
    await turn();
    assert.equal(readFileSync(path, "utf8"), "edited\n");
    assert.equal(editor.text(uri), "saved\n");
    // Text reloaded from disk is not an unsaved change; text typed after that is.
    editor.type(uri, "edited\n");
    editor.type(uri, "unsaved\n");
    await turn();
    assert.equal(readFileSync(path, "utf8"), "edited\n");
    assert.equal(editor.text(uri), "edited\n");
    // Text that equals the file on disk again is not an unsaved change.
    writeFileSync(path, "saved\n");
    editor.type(uri, "saved\n");
    await turn();
    assert.equal(readFileSync(path, "utf8"), "edited\n");
    assert.equal(editor.received.filter(({ method }) => method === "workspace/applyEdit").length, 1);
  });

  it("change the file on disk if no editor has it open", async () => {
    const path = file("unsaved\n");
    const editor = await openWith(editOf(path, "unsaved", "edited"));
    await editor.command("tutti.prompt", "Edit it.");
    await editor.waitForMessage("$/progress", ended);
    assert.equal(readFileSync(path, "utf8"), "edited\n");
  });

  it("fail when the editor rejects the edit, and change nothing", async () => {
    const path = file("unsaved\n");
    const editor = await openWith(editOf(path, "unsaved", "edited"), { acceptEdit: () => false });
    editor.open(path, "unsaved\n");
    await editor.command("tutti.prompt", "Edit it.");
    await editor.waitForMessage("$/progress", ended);
    assert.equal(readFileSync(path, "utf8"), "unsaved\n");
    assert.match(
      JSON.stringify(endpoint().received[2]?.body),
      /The editor did not apply the edit to .*a\.ts: read-only/,
    );
  });

  it("work with a minimal editor: no versions, progress or annotations", async () => {
    const path = file("");
    const editor = await openWith(editOf(path, "unsaved", "edited"), {
      capabilities: { workspace: { applyEdit: true } },
    });
    const uri = editor.open(path, "unsaved\r\nlast\r\n");
    await editor.command("tutti.prompt", "Edit it.");
    await editor.waitForText(uri, (text) => text.includes("edited"));
    const edits = editor.received.filter(({ method }) => method === "workspace/applyEdit");
    assert.deepEqual(Object.keys(edits[0]?.params ?? {}), ["changes"]);
    assert.deepEqual(
      editor.received.filter(({ method }) => method.startsWith("$/progress") || method.endsWith("refresh")),
      [],
    );
  });

  for (const [encoding, character] of [
    ["utf-8", 11],
    ["utf-32", 5],
    ["utf-16", 6],
  ] as const)
    it(`use ${encoding} positions if the editor offers only that`, async () => {
      const path = file("");
      const editor = await openWith(
        [callTools(["read", { path }]), callTools(["write", { path, content: "ä😀 = twö;\n" }]), answer("Done.")],
        { capabilities: { ...allCapabilities, general: { positionEncodings: [encoding] } } },
      );
      assert.equal(editor.initialized.capabilities.positionEncoding, encoding);
      const uri = editor.open(path, "ä😀 = zwö;\n");
      // Types an x before the end of the line, counted as the editor counts.
      const end = { line: 0, character: character + (encoding === "utf-8" ? 2 : 3) };
      await editor.connection.sendNotification("textDocument/didChange", {
        textDocument: { uri, version: 2 },
        contentChanges: [{ range: { start: end, end }, text: "x" }],
      });
      await editor.command("tutti.prompt", "Edit it.");
      await editor.waitForMessage("$/progress", ended);
      assert.match(JSON.stringify(endpoint().received[1]?.body), /ä😀 = zwöx;/);
    });

  it("ask questions in the editor, and use the first answer", async () => {
    let asked: ShowMessageRequestParams | null = null;
    const editor = await openWith([callTools(["bash", { command: "touch made" }]), answer("Done.")], {
      options: { mode: "ask" },
      answerQuestion(params) {
        asked = params;
        return "Approve";
      },
    });
    await editor.command("tutti.prompt", "Make it.");
    await editor.waitForMessage("$/progress", ended);
    assert.match((asked as ShowMessageRequestParams | null)?.message ?? "", /touch made/);
    assert.equal(readFileSync(join(home().work, "made"), "utf8"), "");
  });

  const longCommand = `touch made # ${"x".repeat(6_000)} the end`;
  const showDocument = { support: true };
  const pageOf = (message: string): string => / characters in (\S+) first\./.exec(message)?.[1] ?? "";
  for (const [name, capabilities] of [
    [
      "a document of their own",
      { window: { workDoneProgress: true, showDocument }, workspace: { textDocumentContent: {} } },
    ],
    ["a file that is opened", { window: { workDoneProgress: true, showDocument } }],
    ["a file that is named", { window: { workDoneProgress: true } }],
  ] as [string, ClientCapabilities][])
    it(`show the beginning of a long question, and the whole in ${name}`, async () => {
      let message = "";
      const answered = Promise.withResolvers<string>();
      const editor = await openWith([callTools(["bash", { command: longCommand }]), answer("Done.")], {
        capabilities,
        options: { mode: "ask" },
        answerQuestion(params) {
          message = params.message;
          assert.deepEqual(params.actions?.map(({ title }) => title).toSpliced(1, 1), ["Approve", "Deny"]);
          return { when: answered.promise };
        },
      });
      await editor.command("tutti.prompt", "Make it.");
      await editor.waitForMessage("window/showMessageRequest");
      assert.match(message, /touch made # xxx/);
      assert.doesNotMatch(message, /the end/);
      const page = pageOf(message);
      const opened =
        capabilities.window?.showDocument && (await editor.waitForMessage<{ uri: string }>("window/showDocument"));
      if (opened) assert.equal(opened.uri, page.startsWith("/") ? pathToFileURL(page).href : page);
      const whole = page.startsWith("/")
        ? readFileSync(page, "utf8")
        : (await editor.connection.sendRequest<{ text: string }>("workspace/textDocumentContent", { uri: page })).text;
      assert.ok(whole.includes(longCommand));
      answered.resolve("Approve");
      await editor.waitForMessage("$/progress", ended);
      assert.equal(readFileSync(join(home().work, "made"), "utf8"), "");
    });

  it("cancel a question that was answered elsewhere, and report a late answer", async () => {
    const editor = await openWith([callTools(["bash", { command: "touch made" }]), answer("Done.")], {
      options: { mode: "ask" },
      answerQuestion: () => ({ late: "Approve" }),
    });
    const { session } = await editor.command<{ session: string }>("tutti.prompt", "Make it.");
    await editor.waitForMessage("window/showMessageRequest");
    const other = await connectTo(join(home().data, "run", "tutti.sock"), undefined, {
      ...initializeParams,
      answers: true,
    });
    const question = await new Promise<Question>((resolve) => {
      const look = (questions: readonly Question[]): void => void (questions[0] && resolve(questions[0]));
      void other.watch(session, { event: () => undefined, snapshot: (view) => look(view.questions) });
    });
    await other.call("questionAnswer", {
      session,
      question: question.id,
      digest: question.digest,
      answer: { choice: "no" },
    });
    await editor.waitForMessage("cancelled");
    // How the turn ended may be said before.
    const isLate = ({ message }: ShowMessageParams): boolean => /already decided by ada/.test(message);
    const { type } = await editor.waitForMessage<ShowMessageParams>("window/showMessage", isLate);
    assert.equal(type, 3);
    await assert.rejects(editor.command("tutti.answer", "yes"), /No such question is open/);
    await editor.waitForMessage("$/progress", ended);
    await other.close();
  });

  it("can be steered and cancelled", async () => {
    const editor = await openWith([{ silent: true }]);
    await assert.rejects(editor.command("tutti.steer", "More."), /No session yet/);
    await editor.command("tutti.prompt", "Wait.");
    await endpoint().request(0);
    await editor.command("tutti.steer", "Faster.");
    await editor.command("tutti.cancel");
    await editor.waitForMessage("$/progress", ended);
    await assert.rejects(editor.command("tutti.prompt", { text: 1 }), /tutti\.prompt: text: /);
  });

  it("report a failure", async () => {
    const editor = await openWith([{ status: 401, body: ["no"] }]);
    await editor.command("tutti.prompt", "Go.");
    const { type } = await editor.waitForMessage<ShowMessageParams>("window/showMessage");
    assert.equal(type, 1);
  });

  it("use one session per workspace folder until another is selected", async () => {
    const [one, two] = [join(home().root, "one"), join(home().root, "two")];
    const editor = await openWith([answer("Hello.")], { folders: [one, two] });
    const uri = (folder: string): string => editor.open(join(folder, "a.ts"), "x\n");
    const session = async (folder: string): Promise<string> =>
      (await editor.command<{ session: string }>("tutti.prompt", { text: "Hello.", uri: uri(folder) })).session;
    const first = await session(one);
    const second = await session(two);
    assert.notEqual(first, second);
    assert.equal(await session(one), first);
    const { session: fresh } = await editor.command<{ session: string }>("tutti.newSession", { uri: uri(one) });
    assert.equal(await session(one), fresh);
    assert.notEqual(fresh, first);
    await editor.command("tutti.useSession", first);
    assert.equal(await session(one), first);
    const three = join(home().root, "three");
    const folder = (path: string) => ({ uri: pathToFileURL(path).href, name: "x" });
    await editor.connection.sendNotification("workspace/didChangeWorkspaceFolders", {
      event: { added: [folder(three)], removed: [folder(two)] },
    });
    const third = await session(three);
    assert.equal([first, second, fresh].includes(third), false);
    assert.equal(await session(two), first);
  });
});
