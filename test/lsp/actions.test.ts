/** Code actions, lenses, hovers, findings and pages in an editor. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type {
  CodeAction,
  CodeLens,
  Diagnostic,
  Hover,
  PublishDiagnosticsParams,
  ShowDocumentParams,
  ShowMessageParams,
} from "vscode-languageserver-protocol/node";
import { allCapabilities, type Editor, useEditors } from "../help/editor.ts";
import { answer, chunk, done, finish } from "../help/scripted-endpoint.ts";
import { callTools } from "../help/tutti.ts";

const ended = ({ value }: { value: { kind: string } }): boolean => value.kind === "end";
const at = (line: number, character = 0) => ({ line, character });
const whole = { start: at(0), end: at(2) };
const diagnostic = (line: number, message: string): Diagnostic => ({
  range: { start: at(line), end: at(line, 3) },
  message,
  source: "lint",
  code: "E1",
});
const actionsOf = (editor: Editor, uri: string, diagnostics: Diagnostic[], only?: string[]): Promise<CodeAction[]> =>
  editor.connection.sendRequest("textDocument/codeAction", {
    textDocument: { uri },
    range: whole,
    context: { diagnostics, ...(only && { only }) },
  });
const lensesOf = (editor: Editor, uri: string): Promise<CodeLens[]> =>
  editor.connection.sendRequest("textDocument/codeLens", { textDocument: { uri } });

/** A response with text and a tool call. */
const textThenCall = (text: string, name: string, input: unknown) => ({
  body: [
    chunk({ role: "assistant", content: text }),
    chunk({
      tool_calls: [{ index: 0, id: "c0", type: "function", function: { name, arguments: JSON.stringify(input) } }],
    }),
    finish("tool_calls"),
    done,
  ],
});

describe("language features", () => {
  const { home, endpoint, openWith, openAnother } = useEditors();
  const path = (): string => join(home().work, "a.ts");

  it("offers a fix for each diagnostic of any source, and runs it", async () => {
    writeFileSync(path(), "let a = 1;\nlet b = 2;\n");
    const editor = await openWith([
      callTools(["read", { path: path() }]),
      callTools(["edit", { path: path(), edits: [{ old: "let a", new: "const a" }] }]),
      answer("Done."),
    ]);
    const uri = editor.open(path(), "let a = 1;\nlet b = 2;\n");
    const actions = await actionsOf(editor, uri, [diagnostic(0, "use const"), diagnostic(1, "b is not used")]);
    assert.deepEqual(
      actions.map(({ title, kind }) => `${kind}: ${title}`),
      [
        "quickfix: Tutti: Fix “use const (lint E1)”",
        "quickfix: Tutti: Fix “b is not used (lint E1)”",
        "quickfix: Tutti: Fix all 2 problems here",
        "source.tutti.fixAll: Tutti: Fix all 2 problems here",
        "refactor.tutti.explain: Tutti: Explain this",
        "refactor.rewrite.tutti: Tutti: Simplify this",
        "refactor.tutti.document: Tutti: Document this",
        "source.tutti.test: Tutti: Write tests for this",
        "refactor.tutti.instruct: Tutti: Write an instruction here…",
      ],
    );
    const { command } = await editor.connection.sendRequest<CodeAction>("codeAction/resolve", actions[0]);
    await editor.connection.sendRequest("workspace/executeCommand", command);
    assert.equal(await editor.waitForText(uri, (text) => text.includes("const")), "const a = 1;\nlet b = 2;\n");
    assert.match(JSON.stringify(endpoint().received[0]?.body), /a\.ts:1: use const \(lint E1\)/);
  });

  it("includes commands for an editor that cannot resolve actions, and only the requested kinds", async () => {
    const editor = await openWith([answer("Hello.")], { capabilities: {} });
    const uri = editor.open(path(), "let a = 1;\n");
    const [only, ...more] = await actionsOf(editor, uri, [diagnostic(0, "use const")], ["quickfix"]);
    assert.deepEqual(more, []);
    assert.equal(only?.command?.command, "tutti.prompt");
    assert.deepEqual(await actionsOf(editor, uri, [diagnostic(0, "use const")], ["source.fixAll"]), []);
  });

  it("inserts a comment for an instruction, which runs on save and is removed", async () => {
    writeFileSync(path(), "export const a = 1;\n");
    const editor = await openWith([answer("Done.")]);
    const uri = editor.open(path(), "  export const a = 1;\n");
    const actions = await actionsOf(editor, uri, [], ["refactor.tutti.instruct"]);
    const { edit: change } = await editor.connection.sendRequest<CodeAction>("codeAction/resolve", actions[0]);
    const [first] = change?.documentChanges ?? [];
    assert.deepEqual(first && "edits" in first && first.edits[0], {
      range: { start: at(0), end: at(0) },
      newText: "  // tutti! \n",
      annotationId: "tutti",
    });
    editor.type(uri, "  // tutti! make it 2\n  export const a = 1;\n");
    editor.save(uri);
    assert.equal(await editor.waitForText(uri, (text) => !text.includes("tutti!")), "  export const a = 1;\n");
    const { body } = await endpoint().request(0);
    assert.match(JSON.stringify(body), /A comment at .*a\.ts:1.*make it 2/);
  });

  it("shows and explains each change, which can be kept or undone", async () => {
    const before = "one\ntwo\nthree\nfour\nfive\nsix\n";
    writeFileSync(path(), before);
    const editor = await openWith([
      callTools(["read", { path: path() }]),
      textThenCall("I make two lines louder.", "edit", {
        path: path(),
        edits: [
          { old: "two", new: "TWO" },
          { old: "five", new: "FIVE" },
        ],
      }),
      answer("Done."),
    ]);
    const uri = editor.open(path(), before);
    await editor.command("tutti.prompt", "Louder, please.");
    await editor.waitForMessage("workspace/codeLens/refresh");
    await editor.waitForMessage("$/progress", ended);
    assert.deepEqual(
      (await lensesOf(editor, uri)).map(({ range, command }) => `${range.start.line} ${command?.title}`),
      ["1 1 edit by tutti: Keep", "1 Undo", "1 Explain", "1 Keep this", "1 Undo this", "4 Keep this", "4 Undo this"],
    );
    const hover = await editor.connection.sendRequest<Hover>("textDocument/hover", {
      textDocument: { uri },
      position: at(4),
    });
    assert.match(JSON.stringify(hover.contents), /I make two lines louder\.[\s\S]*Louder, please\./);
    assert.equal(
      await editor.connection.sendRequest("textDocument/hover", { textDocument: { uri }, position: at(0) }),
      null,
    );
    await editor.command("tutti.undo", { path: path(), hunk: 1 });
    assert.equal(await editor.waitForText(uri, (text) => !text.includes("FIVE")), before.replace("two", "TWO"));
    await lensesOf(editor, uri);
    await editor.command("tutti.keep", path());
    assert.deepEqual(await lensesOf(editor, uri), []);
    await assert.rejects(editor.command("tutti.undo", path()), /has no changes to review/);
  });

  it("offers the edit lenses as code actions if the editor has no lenses", async () => {
    const before = "one\ntwo\nthree\nfour\nfive\nsix\n";
    writeFileSync(path(), before);
    const edits = [
      { old: "two", new: "TWO" },
      { old: "five", new: "FIVE" },
    ];
    const { codeLens: _, ...workspace } = allCapabilities.workspace ?? {};
    const editor = await openWith(
      [callTools(["read", { path: path() }]), callTools(["edit", { path: path(), edits }]), answer("Done.")],
      { capabilities: { ...allCapabilities, workspace } },
    );
    const uri = editor.open(path(), before);
    await editor.command("tutti.prompt", "Louder, please.");
    await editor.waitForMessage("$/progress", ended);
    const at = async (first: number, last: number): Promise<CodeAction[]> =>
      editor.connection.sendRequest("textDocument/codeAction", {
        textDocument: { uri },
        range: { start: { line: first, character: 0 }, end: { line: last, character: 0 } },
        context: { diagnostics: [], only: ["refactor.tutti.review"] },
      });
    const titles = async (first: number, last: number): Promise<string[]> =>
      (await at(first, last)).map(({ title }) => title.replace("Tutti: ", ""));
    const all = ["Keep 1 edit by tutti", "Undo 1 edit by tutti"];
    assert.deepEqual(await titles(0, 1), all);
    const [keep, undo, explain] = ["Keep", "Undo", "Explain"].map((verb) => `${verb} the change at line 5`);
    assert.deepEqual(await titles(2, 5), [keep, undo, explain, ...all]);
    const [, undoes] = await at(4, 4);
    await editor.connection.sendRequest("workspace/executeCommand", undoes?.command);
    assert.equal(await editor.waitForText(uri, (text) => !text.includes("FIVE")), before.replace("two", "TWO"));
    assert.deepEqual(await titles(0, 5), ["Explain the change at line 2", ...all]);
    const [, keeps] = await at(1, 1);
    await editor.connection.sendRequest("workspace/executeCommand", keeps?.command);
    assert.deepEqual(await titles(0, 5), []);
  });

  it("undoes all changes in a file, in the editor's text", async () => {
    writeFileSync(path(), "one\n");
    const editor = await openWith([
      callTools(["read", { path: path() }]),
      callTools(["write", { path: path(), content: "two\n" }]),
      answer("Done."),
    ]);
    const uri = editor.open(path(), "one\n");
    await editor.command("tutti.prompt", "Two.");
    await editor.waitForText(uri, (text) => text === "two\n");
    await editor.waitForMessage("$/progress", ended);
    await editor.command("tutti.undo", path());
    await editor.waitForText(uri, (text) => text === "one\n");
    assert.equal(readFileSync(path(), "utf8"), "one\n");
  });

  it("shows actions above symbols", async () => {
    const editor = await openWith([answer("It adds.")]);
    const uri = editor.open(path(), "export function add(a, b) {\n  return a + b;\n}\n");
    const lenses = await lensesOf(editor, uri);
    assert.deepEqual(
      lenses.map(({ command }) => command?.title),
      ["Tutti: Explain add", "Test add", "Document add"],
    );
    await editor.connection.sendRequest("workspace/executeCommand", lenses[0]?.command);
    // If the editor cannot show documents, the response is a message.
    const shown = await editor.waitForMessage<ShowMessageParams>("window/showMessage");
    assert.equal(shown.message, "It adds.\n");
  });

  it("reviews a file: findings are diagnostics that move with their lines", async () => {
    const findings = [{ line: 2, severity: "warning", message: "b is never used." }];
    const editor = await openWith([callTools(["bash", { command: "git log" }]), answer(JSON.stringify({ findings }))]);
    const uri = editor.open(path(), "let a = 1;\nlet b = 2;\n");
    await editor.command("tutti.review", { uri });
    const found = await editor.waitForMessage<PublishDiagnosticsParams>("textDocument/publishDiagnostics");
    assert.deepEqual(found.diagnostics, [
      { range: { start: at(1), end: at(1, 10) }, severity: 2, source: "tutti review", message: "b is never used." },
    ]);
    assert.ok("response_format" in (endpoint().received[0]?.body ?? {}));
    await editor.command("tutti.clearReview");
    await editor.waitForMessage<PublishDiagnosticsParams>(
      "textDocument/publishDiagnostics",
      ({ diagnostics }) => diagnostics.length === 0,
    );
  });

  it("reviews changes: findings of several files, until their line is edited or a new review starts", async () => {
    const git = (...words: string[]): void =>
      void execFileSync("git", ["-C", home().work, "-c", "user.name=a", "-c", "user.email=a@b", ...words], {
        env: home().env,
      });
    git("init", "--quiet");
    writeFileSync(path(), "first\n");
    git("add", "--all");
    git("commit", "--quiet", "-m", "first");
    writeFileSync(path(), "first\nsecond\nthird\nfourth\n");
    const other = join(home().work, "other.txt");
    writeFileSync(other, "new\n");
    const name = basename(path());
    const findings = [
      {
        file: name,
        line: 2,
        endLine: 3,
        severity: "error",
        title: "Wrong order",
        message: "Fails.",
        suggestion: "Swap.",
      },
      { file: "other.txt", line: 1, severity: "information", title: "Why?", message: "Why?" },
      { file: "other.txt", line: 7, severity: "hint", title: "Later", message: "Later." },
      { file: "none.txt", line: 1, severity: "warning", title: "Nowhere", message: "It is nowhere." },
    ];
    const editor = await openWith([answer(JSON.stringify({ findings, summary: "" }))]);
    const uri = editor.open(path(), readFileSync(path(), "utf8"));
    await editor.command("tutti.reviewChanges");
    const publishes = (one: string, fits: (of: PublishDiagnosticsParams) => boolean) =>
      editor.waitForMessage<PublishDiagnosticsParams>(
        "textDocument/publishDiagnostics",
        (params) => params.uri === one && fits(params),
      );
    const found = await publishes(uri, ({ diagnostics }) => diagnostics.length > 0);
    assert.deepEqual(found.diagnostics, [
      {
        range: { start: at(1), end: at(2, 5) },
        severity: 1,
        source: "tutti review",
        message: "Wrong order\nFails.\nSuggestion: Swap.",
      },
    ]);
    const otherUri = pathToFileURL(other).href;
    const elsewhere = await publishes(otherUri, ({ diagnostics }) => diagnostics.length > 0);
    assert.deepEqual(
      elsewhere.diagnostics.map(({ severity, message }) => [severity, message]),
      [
        [3, "Why?"],
        [4, "Later.\nThe review names line 7, but the file has no such line."],
      ],
    );
    await editor.waitForMessage<ShowMessageParams>("window/showMessage", ({ message }) =>
      message.includes("none.txt:1 (there is no such file): Nowhere"),
    );
    assert.match(JSON.stringify(endpoint().received[0]?.body.messages), /\+second/);
    editor.type(uri, "zeroth\nfirst\nsecond\nthird\n");
    await publishes(uri, ({ diagnostics }) => diagnostics[0]?.range.start.line === 2);
    editor.type(uri, "zeroth\nfirst\nchanged\nthird\n");
    await publishes(uri, ({ diagnostics }) => diagnostics.length === 0);
    await editor.command("tutti.reviewChanges", { base: "HEAD" });
    await publishes(otherUri, ({ diagnostics }) => diagnostics.length === 0);
  });

  it("returns findings to an editor that pulls diagnostics", async () => {
    const findings = [{ line: 2, severity: "error", message: "b is never used." }];
    const capabilities = {
      workspace: { ...allCapabilities.workspace, diagnostics: { refreshSupport: true } },
      textDocument: { diagnostic: {} },
    };
    const editor = await openWith([answer(JSON.stringify({ findings }))], { capabilities });
    const uri = editor.open(path(), "let a = 1;\nlet b = 2;\n");
    await editor.command("tutti.review", { uri });
    await editor.waitForMessage("workspace/diagnostic/refresh");
    editor.type(uri, "// new\nlet a = 1;\nlet b = 2;\n");
    const report = await editor.connection.sendRequest<{ items: Diagnostic[] }>("textDocument/diagnostic", {
      textDocument: { uri },
    });
    assert.deepEqual(
      report.items.map(({ range, severity }) => [range.start.line, severity]),
      [[2, 1]],
    );
  });

  it("shows transcripts as its own documents if the editor supports that, otherwise as temporary files", async () => {
    const showDocument = { support: true };
    const editor = await openWith([answer("Hello.")], {
      capabilities: { window: { ...allCapabilities.window, showDocument } },
    });
    const { session } = await editor.command<{ session: string }>("tutti.prompt", "Say hello.");
    await editor.waitForMessage("$/progress", ended);
    await editor.command("tutti.transcript");
    const { uri } = await editor.waitForMessage<ShowDocumentParams>("window/showDocument");
    const shown = fileURLToPath(uri);
    assert.match(readFileSync(shown, "utf8"), /Say hello\.[\s\S]*Hello\./);
    await editor.close();
    assert.equal(existsSync(shown), false);
    const knowing = await openAnother({
      capabilities: { window: { showDocument }, workspace: { textDocumentContent: {} } },
    });
    await knowing.command("tutti.useSession", session);
    await knowing.command("tutti.transcript", { session });
    const own = await knowing.waitForMessage<ShowDocumentParams>("window/showDocument");
    assert.equal(own.uri, `tutti:/${session}/transcript.md`);
    const { text } = await knowing.connection.sendRequest<{ text: string }>("workspace/textDocumentContent", {
      uri: own.uri,
    });
    assert.match(text, /Say hello\.[\s\S]*Hello\./);
  });
});
