/** Open documents of an editor in a session's tools, with a real socket and a scripted model. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connectTo } from "../../../client/local.ts";
import type { DocumentRequest } from "../../../protocol/document-methods.ts";
import type { EventOf } from "../../../protocol/events.ts";
import type { Link } from "../../../protocol/link.ts";
import { filterByType } from "../../help/agent-bench.ts";
import { checkEnds } from "../../help/invariants.ts";
import { answer, type ScriptedEndpoint, scriptedEndpoint } from "../../help/scripted-endpoint.ts";
import { initializeParams, startTestServer, type TestServer } from "../../help/test-server.ts";
import { callTools } from "../../help/tutti.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

describe("open documents", () => {
  let at: TestServer;
  let editor: Link;
  let other: Link;
  let endpoint: ScriptedEndpoint | null = null;
  let cwd: string;
  let session: string;
  /** The editor's documents, and the requests that it received. */
  let texts: Map<string, string>;
  let requests: DocumentRequest[];
  let refusal: string | null;
  /** Models with certain names get `patch` instead of `edit`. */
  let model: string;

  const open = () => connectTo(at.path, undefined, { client: initializeParams.client, answers: false });
  const claimAll = async (): Promise<void> => {
    editor.onDocumentRequest?.((request) => {
      requests.push(request);
      const text = texts.get(request.path);
      const stale = request.action === "write" && sha256(text ?? "") !== request.baseHash;
      if (refusal !== null || stale || text === undefined) {
        const problem = refusal ?? `${request.path} has changed.`;
        void editor.call("documentRespond", { request: request.request, problem });
        return;
      }
      if (request.action === "write") texts.set(request.path, request.text);
      void editor.call("documentRespond", { request: request.request, text: texts.get(request.path) ?? "" });
    });
    await editor.call("documentClaim", { paths: [...texts.keys()] });
  };
  before(async () => {
    at = await startTestServer();
    other = await open();
  });
  beforeEach(async () => {
    cwd = join(at.folder, "work");
    rmSync(cwd, { recursive: true, force: true });
    mkdirSync(join(cwd, "src"), { recursive: true });
    writeFileSync(join(cwd, "src", "a.ts"), "on the disk\n");
    writeFileSync(join(cwd, "src", "b.ts"), "on the disk, too\n");
    editor = await open();
    texts = new Map([[join(cwd, "src", "a.ts"), "unsaved\nsecond line\n"]]);
    requests = [];
    refusal = null;
    model = "m";
    ({ session } = await other.call("sessionCreate", { cwd }));
  });
  afterEach(async () => {
    await editor.close();
    await endpoint?.close();
  });
  after(async () => {
    await other.close();
    await at.close();
  });

  /** Runs one turn with these calls, each in its own response; returns their ends. */
  async function turn(...calls: [name: string, input: unknown][]): Promise<EventOf<"call.done">[]> {
    endpoint = await scriptedEndpoint([...calls.map((call) => callTools(call)), answer("Done.")]);
    const providers = { t: { baseUrl: endpoint.baseUrl, models: { [model]: {} } } };
    await at.configure({ model: `t/${model}`, providers });
    await other.call("turnPrompt", { session, text: "go", settings: { mode: "auto" } });
    await at.server.sessions.live(session)?.idle();
    const { envelopes } = await other.call("sessionRead", { session, limit: 10_000 });
    checkEnds(envelopes);
    return filterByType(envelopes, "call.done");
  }
  const a = (): string => join(cwd, "src", "a.ts");
  const view = async () => (await other.call("sessionWatch", { session })).view;

  it("are read with their unsaved changes", async () => {
    await claimAll();
    const [unsaved, closed] = await turn(["read", { path: "src/a.ts" }], ["read", { path: "src/b.ts" }]);
    assert.match(unsaved?.output ?? "", /unsaved[\s\S]*second line/);
    assert.match(closed?.output ?? "", /on the disk, too/);
    assert.ok(requests.every(({ path, action }) => path === a() && action === "read"));
  });

  it("are searched with their unsaved changes, within the given scope", async () => {
    await claimAll();
    const found = await turn(
      ["grep", { pattern: "unsaved|disk" }],
      ["grep", { pattern: "unsaved", glob: "*.md" }],
      ["grep", { pattern: "line", path: "src/a.ts" }],
      ["grep", { pattern: "unsaved", files: true }],
    );
    const outputs = found.map(({ output }) => output);
    assert.deepEqual(outputs, [
      "src/b.ts:1:on the disk, too\nsrc/a.ts:1:unsaved",
      "(no matches)",
      "src/a.ts:2:second line",
      "src/a.ts",
    ]);
  });

  it("are changed in the editor, not on disk", async () => {
    await claimAll();
    const [edited] = await turn(["edit", { path: "src/a.ts", edits: [{ old: "second line", new: "2nd line" }] }]);
    assert.equal(edited?.state, "done", edited?.output);
    assert.equal(texts.get(a()), "unsaved\n2nd line\n");
    assert.equal(readFileSync(a(), "utf8"), "on the disk\n");
    const writes = requests.filter(({ action }) => action === "write");
    assert.deepEqual(
      writes.map((request) => request.action === "write" && request.baseHash),
      [sha256("unsaved\nsecond line\n")],
    );
  });

  it("are reported to the model if a command saw other content on disk", async () => {
    await claimAll();
    const [first] = await turn(["bash", { command: "cat src/a.ts" }]);
    assert.match(
      first?.output ?? "",
      /^on the disk\n\(the command saw the files on disk; .* unsaved changes in src\/a\.ts\)$/,
    );
    texts.set(a(), "on the disk\n");
    assert.equal((await turn(["bash", { command: "cat src/a.ts" }]))[1]?.output, "on the disk");
  });

  it("can be edited before they exist on disk", async () => {
    texts.set(join(cwd, "new.ts"), "never saved\n");
    await claimAll();
    const [read, edited] = await turn(
      ["read", { path: "new.ts" }],
      ["edit", { path: "new.ts", edits: [{ old: "never", new: "not yet" }] }],
    );
    assert.match(read?.output ?? "", /never saved/);
    assert.equal(edited?.state, "done", edited?.output);
    assert.equal(texts.get(join(cwd, "new.ts")), "not yet saved\n");
  });

  it("stay unchanged if the editor refuses, with the reason for the model", async () => {
    model = "gpt-5";
    await claimAll();
    await turn(["read", { path: "src/a.ts" }]);
    refusal = "The buffer is locked.";
    const [, edited, removed] = await turn(
      ["write", { path: "src/a.ts", content: "new\n" }],
      ["patch", { patch: "*** Begin Patch\n*** Delete File: src/a.ts\n*** End Patch" }],
    );
    assert.equal(edited?.state, "failed");
    assert.match(edited?.output ?? "", /The buffer is locked\./);
    assert.match(removed?.output ?? "", /open in an editor with unsaved changes|The buffer is locked/);
    assert.notEqual(removed?.state, "done");
    assert.equal(readFileSync(a(), "utf8"), "on the disk\n");
  });

  it("are read from disk again when the editor releases them or disconnects", async () => {
    await claimAll();
    await editor.call("documentClaim", { paths: [] });
    assert.match((await turn(["read", { path: "src/a.ts" }]))[0]?.output ?? "", /on the disk/);
    await claimAll();
    await editor.close();
    assert.match((await turn(["read", { path: "src/a.ts" }]))[1]?.output ?? "", /on the disk/);
    assert.deepEqual(requests, []);
  });

  it("fail only the call during which the editor disconnects", async () => {
    editor.onDocumentRequest?.(() => void editor.close());
    await editor.call("documentClaim", { paths: [a()] });
    const [failed, again] = await turn(["read", { path: "src/a.ts" }], ["read", { path: "src/a.ts" }]);
    assert.equal(failed?.state, "failed");
    assert.match(failed?.output ?? "", /The editor with the open file disconnected/);
    assert.match(again?.output ?? "", /on the disk/);
  });

  it("are requested from the editor that claimed them last, limited to its session", async () => {
    await claimAll();
    const later = await open();
    later.onDocumentRequest?.(
      ({ request }) => void later.call("documentRespond", { request, text: "of another session" }),
    );
    await later.call("documentClaim", { paths: [], folders: [cwd], session: "another" });
    assert.match((await turn(["read", { path: "src/b.ts" }]))[0]?.output ?? "", /on the disk/);
    await later.call("documentClaim", { paths: [], folders: [cwd], session });
    const [, closed, unsaved] = await turn(["read", { path: "src/b.ts" }], ["read", { path: "src/a.ts" }]);
    assert.match(closed?.output ?? "", /of another session/);
    assert.match(unsaved?.output ?? "", /unsaved/);
    await later.close();
  });

  it("cannot be provided by another client, or twice", async () => {
    await assert.rejects(other.call("documentRespond", { request: "w1", text: "" }), /no longer pending/);
  });

  describe("and edit review", () => {
    const change = (from: string, to: string): [string, unknown] => [
      "edit",
      { path: "src/a.ts", edits: [{ old: from, new: to }] },
    ];
    const b = (): string => join(cwd, "src", "b.ts");
    const changeB = (from: string, to: string): [string, unknown] => [
      "edit",
      { path: "src/b.ts", edits: [{ old: from, new: to }] },
    ];

    it("accepts edits, or undoes them through the editor", async () => {
      await claimAll();
      await turn(change("unsaved", "changed"), changeB("disk", "table"));
      assert.deepEqual(
        (await view()).edits.map(({ path, edits }) => [path, edits]),
        [
          [a(), 1],
          [b(), 1],
        ],
      );
      const found = await other.call("editsRead", { session, path: a() });
      assert.deepEqual([found.base, found.current], ["unsaved\nsecond line\n", "changed\nsecond line\n"]);
      await assert.rejects(
        other.call("editsUndo", { session, path: a(), currentHash: sha256("else") }),
        /changed since/,
      );
      await other.call("editsUndo", { session, path: a(), currentHash: found.currentHash });
      assert.equal(texts.get(a()), "unsaved\nsecond line\n");
      await other.call("editsAccept", { session, path: b() });
      assert.equal(readFileSync(b(), "utf8"), "on the table, too\n");
      assert.deepEqual((await view()).edits, []);
      await assert.rejects(other.call("editsAccept", { session, path: b() }), /There is no pending change/);
    });

    it("accepts and undoes parts, across a restart of the session", async () => {
      writeFileSync(b(), "one\ntwo\nthree\n");
      await turn(changeB("one", "1"), changeB("three", "3"));
      await other.call("editsAccept", { session, path: b(), baseText: "1\ntwo\nthree\n" });
      const { base, current, currentHash } = await other.call("editsRead", { session, path: b() });
      assert.deepEqual([base, current], ["1\ntwo\nthree\n", "1\ntwo\n3\n"]);
      await other.call("sessionClose", { session });
      const fork = (await other.call("sessionFork", { session })).session;
      assert.equal((await other.call("editsRead", { session: fork, path: b() })).base, "1\ntwo\nthree\n");
      await other.call("editsUndo", { session, path: b(), currentHash, text: "1\ntwo\nthree\n" });
      assert.equal(readFileSync(b(), "utf8"), "1\ntwo\nthree\n");
      assert.deepEqual((await view()).edits, []);
      await turn(["read", { path: "src/b.ts" }]);
      const prompt = JSON.stringify(endpoint?.received[0]?.body);
      assert.match(prompt, /I undid changes of yours in [^"]*b\.ts/);
    });

    it("changes nothing by an undo whose stored content is missing, truncated or changed on disk", async () => {
      const before = "precious\n".repeat(3000);
      for (const damage of [
        (blob: string) => truncateSync(blob, 100),
        (blob: string) => writeFileSync(blob, before.replace("p", "q")),
        rmSync,
      ]) {
        writeFileSync(b(), before);
        await turn(["read", { path: "src/b.ts" }], ["write", { path: "src/b.ts", content: "new\n" }]);
        const [edit] = (await view()).edits;
        const { currentHash } = await other.call("editsRead", { session, path: b() });
        damage(join(at.folder, "data", "blobs", session, edit?.base ?? ""));
        for (const method of ["editsUndo", "editsRead"] as const)
          await assert.rejects(other.call(method, { session, path: b(), currentHash }), {
            code: "storage",
            message: /previous content of .*b\.ts .* is missing or damaged on disk\. The file was not changed/,
          });
        assert.equal(readFileSync(b(), "utf8"), "new\n");
        await other.call("editsAccept", { session, path: b() });
      }
    });

    it("undoes a new file by removing it, and a removed file by writing it", async () => {
      model = "gpt-5";
      await turn(
        ["write", { path: "made.ts", content: "made\n" }],
        ["read", { path: "src/b.ts" }],
        ["patch", { patch: "*** Begin Patch\n*** Delete File: src/b.ts\n*** End Patch" }],
      );
      const removed = await other.call("editsRead", { session, path: b() });
      assert.deepEqual([removed.base, removed.current, removed.currentHash], ["on the disk, too\n", null, null]);
      await other.call("editsUndo", { session, path: b(), currentHash: null });
      assert.equal(readFileSync(b(), "utf8"), "on the disk, too\n");
      const created = join(cwd, "made.ts");
      const { base, currentHash } = await other.call("editsRead", { session, path: created });
      assert.equal(base, null);
      await other.call("editsUndo", { session, path: created, currentHash });
      assert.throws(() => readFileSync(created), /ENOENT/);
      assert.deepEqual((await view()).edits, []);
    });
  });
});
