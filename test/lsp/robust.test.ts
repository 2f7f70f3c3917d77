/** Robustness: large texts, many diagnostics, invalid messages, and an editor that is killed. Other clients are served throughout. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CodeAction } from "vscode-languageserver-protocol/node";
import { connectTo } from "../../client/local.ts";
import { bin } from "../help/build.ts";
import { allCapabilities, configFor, useEditors } from "../help/editor.ts";
import { answer } from "../help/scripted-endpoint.ts";
import { frameMessage, initializeParams } from "../help/test-server.ts";
import { callTools } from "../help/tutti.ts";

const ended = ({ value }: { value: { kind: string } }): boolean => value.kind === "end";

describe("the language server under load, and with an editor that is killed", () => {
  const { home, endpoint, openWith, openAnother } = useEditors();
  const path = (): string => join(home().work, "a.txt");
  const socket = (): string => join(home().data, "run", "tutti.sock");
  /** Asserts that another client gets a response within this time. */
  const assertResponsive = async (most: number): Promise<void> => {
    const other = await connectTo(socket(), undefined, { ...initializeParams, answers: false });
    const begun = performance.now();
    await other.call("serverStatus", {});
    assert.ok(performance.now() - begun < most, `${performance.now() - begun} ms`);
    await other.close();
  };

  it("edits a text of 20 MB", async () => {
    const line = "a line of a long log, with some words in it\n";
    const text = line.repeat(Math.ceil((20 * 1024 * 1024) / line.length));
    const editor = await openWith([callTools(["grep", { pattern: "needle", path: path() }]), answer("Done.")]);
    writeFileSync(path(), "");
    const uri = editor.open(path(), text);
    for (let version = 2; version < 102; version++)
      await editor.connection.sendNotification("textDocument/didChange", {
        textDocument: { uri, version },
        contentChanges: [
          { range: { start: { line: version, character: 0 }, end: { line: version, character: 0 } }, text: "needle " },
        ],
      });
    const begun = performance.now();
    assert.equal(
      await editor.connection.sendRequest("textDocument/hover", {
        textDocument: { uri },
        position: { line: 0, character: 0 },
      }),
      null,
    );
    assert.ok(performance.now() - begun < 5_000);
    await assertResponsive(2_000);
  });

  it("reports a text that is too large for a message", async () => {
    writeFileSync(path(), "");
    const editor = await openWith([callTools(["read", { path: path() }]), answer("Done.")]);
    editor.open(path(), "\u0001".repeat(6 * 1024 * 1024));
    await editor.command("tutti.prompt", "Read it.");
    await editor.waitForMessage("$/progress", ended);
    assert.match(JSON.stringify(endpoint().received[1]?.body), /too large to read from there/);
    await assertResponsive(2_000);
  });

  it("offers fixes for 5,000 diagnostics", async () => {
    const editor = await openWith([answer("Done.")]);
    const uri = editor.open(path(), "x\n".repeat(5_000));
    const diagnostics = Array.from({ length: 5_000 }, (_, line) => ({
      range: { start: { line, character: 0 }, end: { line, character: 1 } },
      message: `problem ${line}`,
    }));
    const range = { start: { line: 0, character: 0 }, end: { line: 5_000, character: 0 } };
    const actions = await editor.connection.sendRequest<CodeAction[]>("textDocument/codeAction", {
      textDocument: { uri },
      range,
      context: { diagnostics },
    });
    const all = actions.find(({ title }) => title.includes("Fix all 5000"));
    const { command } = await editor.connection.sendRequest<CodeAction>("codeAction/resolve", all);
    await editor.connection.sendRequest("workspace/executeCommand", command);
    const body = JSON.stringify((await endpoint().request(0)).body);
    assert.match(body, /problem 99\b[\s\S]*and 4900 more in this file/);
  });

  it("continues after invalid JSON, invalid requests and unknown methods", async () => {
    const editor = await openWith([answer("Done.")]);
    editor.child.stdin?.write(frameMessage("{ this is no JSON"));
    editor.child.stdin?.write(frameMessage("[]"));
    editor.child.stdin?.write(frameMessage('{"jsonrpc":"2.0","id":"x","method":"textDocument/codeAction","params":7}'));
    editor.child.stdin?.write(
      frameMessage(
        '{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":{"uri":"file:///nowhere","version":3},"contentChanges":[{"text":"x"}]}}',
      ),
    );
    await assert.rejects(editor.connection.sendRequest("no/such", {}), /Unhandled method/);
    await assert.rejects(editor.command("tutti.nothing"), /Unknown command/);
    await editor.command("tutti.prompt", "Still there?");
    await editor.waitForMessage("$/progress", ended);
    await assertResponsive(2_000);
  });

  it("exits when the editor is killed during an edit; the tool fails, and other clients are served", async () => {
    writeFileSync(path(), "one\n");
    const dying = await openWith(
      [
        callTools(["read", { path: path() }]),
        callTools(["edit", { path: path(), edits: [{ old: "one", new: "two" }] }]),
        answer("Done."),
      ],
      {
        acceptEdit() {
          dying.child.stdin?.destroy();
          return false;
        },
      },
    );
    dying.open(path(), "one\n");
    const { session } = await dying.command<{ session: string }>("tutti.prompt", "Edit it.");
    const [code] = await dying.ended;
    assert.equal(code, 1);
    await assertResponsive(2_000);
    await endpoint().request(2);
    assert.match(JSON.stringify(endpoint().received[2]?.body), /The editor with the open file disconnected/);
    assert.equal(readFileSync(path(), "utf8"), "one\n");
    assert.ok(session);
  });

  it("exits when its parent process exits, even if the pipe stays open", async () => {
    const parent: ChildProcess = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    const editor = await openWith([answer("Done.")], { processId: parent.pid ?? 0 });
    parent.kill("SIGKILL");
    await once(parent, "exit");
    const [code] = await editor.ended;
    assert.equal(code, 1);
  });

  it("leaves no files, and exits with 0 on request", async () => {
    const showDocument = { support: true };
    const editor = await openWith([answer("Done.")], {
      capabilities: { window: { ...allCapabilities.window, showDocument } },
    });
    await editor.command("tutti.prompt", "Go.");
    await editor.waitForMessage("$/progress", ended);
    await editor.command("tutti.transcript");
    await editor.waitForMessage("window/showDocument");
    await editor.close();
    assert.deepEqual(await editor.ended, [0, null]);
    // A killed server cleans up, or its files are removed by the next one.
    for (const signal of ["SIGTERM", "SIGKILL", "SIGTERM"] as const) {
      const other = await openAnother({ capabilities: { window: { showDocument } } });
      await other.command("tutti.prompt", "Go.");
      await other.command("tutti.transcript");
      await other.waitForMessage("window/showDocument");
      other.child.kill(signal);
      await other.ended;
    }
    const left = readdirSync(home().root, { recursive: true, encoding: "utf8" });
    assert.deepEqual(
      left.filter((name) => name.endsWith("transcript.md")),
      [],
    );
  });

  it("reports in one line why it cannot connect", async () => {
    await openWith([answer("Done.")]);
    const child = spawn(process.execPath, [bin, "lsp", "--attach", "/no/such.sock"], {
      env: { ...home().env, ...configFor(endpoint().baseUrl) },
      stdio: ["pipe", "pipe", "pipe"],
    });
    child.stdin.write(
      frameMessage(
        '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{}}}',
      ),
    );
    child.stdin.write(frameMessage('{"jsonrpc":"2.0","method":"initialized","params":{}}'));
    let out = "";
    await new Promise<void>((resolve) => {
      child.stdout.on("data", (piece) => {
        out += piece;
        if (out.includes("window/showMessage")) resolve();
      });
    });
    assert.match(out, /No server is listening at \/no\/such\.sock/);
    child.stdin.end();
    await once(child, "exit");
  });
});
