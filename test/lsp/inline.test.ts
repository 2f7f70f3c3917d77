/** Completion at the cursor in an editor: debounced, cached and cancelled. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CancellationTokenSource } from "vscode-languageserver-protocol/node";
import { connectTo } from "../../client/local.ts";
import type { Link } from "../../protocol/link.ts";
import { type InlineEditor, openInlineEditor } from "../help/inline-editor.ts";
import { done, event, type Script, type ScriptedEndpoint, scriptedEndpoint } from "../help/scripted-endpoint.ts";
import { initializeParams, startTestServer, type TestServer } from "../help/test-server.ts";

const raw = (text: string): Script => ({ body: [event({ choices: [{ text }] }), done] });

describe("completion at the cursor, in an editor", () => {
  let at: TestServer;
  let link: Link;
  let endpoint: ScriptedEndpoint;
  let scripts: Script[] = [];
  let from = 0;
  let face: InlineEditor | null = null;
  before(async () => {
    at = await startTestServer();
    link = await connectTo(at.path, undefined, { client: initializeParams.client, answers: false });
    endpoint = await scriptedEndpoint([
      () => scripts[Math.min(endpoint.received.length - 1 - from, scripts.length - 1)] ?? raw(""),
    ]);
    const file = join(at.folder, ".config/tutti/tutti.jsonc");
    mkdirSync(join(file, ".."), { recursive: true });
    mkdirSync(join(at.folder, "work"));
    const { baseUrl } = endpoint;
    writeFileSync(file, JSON.stringify({ model: "here/starcoder2", providers: { here: { baseUrl } } }));
  });
  beforeEach(() => {
    from = endpoint.received.length;
  });
  afterEach(() => {
    face?.close();
    face = null;
  });
  after(async () => {
    await link.close();
    await at.close();
    await endpoint.close();
  });
  const open = async (hasInline = true): Promise<InlineEditor> => {
    face = await openInlineEditor(link, join(at.folder, "work"), hasInline);
    return face;
  };
  const asked = () => endpoint.received.slice(from);

  it("sends one request for ten quick keys, and completes the last one", async () => {
    scripts = [raw("b, c);")];
    const { write, inline } = await open();
    const found: Promise<string | null>[] = [];
    for (const typed of Array.from("call(a, a2", (_, count) => "call(a, a2".slice(0, count + 1)))
      found.push(inline(await write(`${typed}|\n`)));
    const texts = await Promise.all(found);
    assert.deepEqual(texts, [...Array.from({ length: 9 }, () => null), "b, c);"]);
    assert.equal(asked().length, 1);
    assert.match(String(asked()[0]?.body.prompt), /call\(a, a2/);
  });

  it("returns the remainder while the user types along a completion, without a request", async () => {
    scripts = [raw("a + b;"), raw("something else")];
    const { write, inline } = await open();
    assert.equal(await inline(await write("return |\n}")), "a + b;");
    assert.equal(await inline(await write("return a |\n}")), "+ b;");
    assert.equal(await inline(await write("return |\n}")), "a + b;");
    assert.equal(asked().length, 1);
    assert.equal(await inline(await write("return x|\n}")), "something else");
    assert.equal(asked().length, 2);
  });

  it("does not offer the text again that was just accepted, but the next one", async () => {
    scripts = [raw("1 + 1;"), raw("1 + 1;"), raw("\nconst three = 3;")];
    const { write, inline } = await open();
    assert.equal(await inline(await write("const two = |")), "1 + 1;");
    assert.equal(await inline(await write("const two = 1 + 1;|")), null);
    assert.equal(await inline(await write("const two = 1 + 1;|")), "\nconst three = 3;");
    assert.equal(asked().length, 3);
  });

  it("cancels a running request when the editor cancels it or sends another", async () => {
    scripts = [{ body: [event({ choices: [{ text: "a" }] })], end: "open" }, { end: "open" }, raw("done;")];
    const { write, inline } = await open();
    const cancellation = new CancellationTokenSource();
    const first = inline(await write("one |\n"), cancellation.token);
    const { closed } = await endpoint.request(from);
    cancellation.cancel();
    assert.equal(await first, null);
    await closed;
    const second = inline(await write("two |\n"));
    const later = await endpoint.request(from + 1);
    assert.equal(await inline(await write("three |\n")), "done;");
    assert.equal(await second, null);
    await later.closed;
    assert.equal(asked().length, 3);
  });

  it("adds one list item for an editor without inline completion, and none for others", async () => {
    scripts = [raw("Users(first);\n")];
    const plain = await open(false);
    const position = await plain.write("const x = load|\n");
    const [item, ...others] = await plain.list(position);
    assert.deepEqual(others, []);
    assert.equal(item?.filterText, "loadUsers(first);");
    assert.equal(item?.preselect, true);
    assert.deepEqual(item?.textEdit, {
      range: { start: { line: 0, character: 10 }, end: position },
      newText: "loadUsers(first);",
    });
    plain.close();
    const other = await open(true);
    assert.deepEqual(await other.list(await other.write("const x = load|\n")), []);
    assert.equal(asked().length, 1);
  });
});
