/** Unsaved text of an editor, as a session's tools meet it: currentHash a real socket, with a scripted model. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Link } from "../../../protocol/link.ts";
import { connectTo } from "../../../client/local.ts";
import type { DocumentRequest } from "../../../protocol/document-methods.ts";
import type { EventOf } from "../../../protocol/events.ts";
import { ofType } from "../../help/agent-bench.ts";
import { checkEnds } from "../../help/laws.ts";
import { answer, type ScriptedEndpoint, scriptedEndpoint } from "../../help/scripted-endpoint.ts";
import { hello, type Served, served } from "../../help/served.ts";
import { calling } from "../../help/tutti.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

describe("files that an editor holds", () => {
  let at: Served;
  let editor: Link;
  let other: Link;
  let endpoint: ScriptedEndpoint | null = null;
  let cwd: string;
  let session: string;
  /** What the editor shows, and what it was asked. */
  let texts: Map<string, string>;
  let asked: DocumentRequest[];
  let refuses: string | null;
  /** Models of some names get `patch` instead of `edit`. */
  let model: string;

  const open = () => connectTo(at.path, undefined, { client: hello.client, answers: false });
  const hold = async (): Promise<void> => {
    editor.onDocumentRequest?.((wanted) => {
      asked.push(wanted);
      const text = texts.get(wanted.path);
      const stale = wanted.action === "write" && sha256(text ?? "") !== wanted.baseHash;
      if (refuses !== null || stale || text === undefined) {
        const problem = refuses ?? `${wanted.path} is not as it was.`;
        void editor.call("documentRespond", { request: wanted.request, problem });
        return;
      }
      if (wanted.action === "write") texts.set(wanted.path, wanted.text);
      void editor.call("documentRespond", { request: wanted.request, text: texts.get(wanted.path) ?? "" });
    });
    await editor.call("documentClaim", { paths: [...texts.keys()] });
  };
  before(async () => {
    at = await served();
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
    asked = [];
    refuses = null;
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

  /** One turn of these calls, each in an answer of its own; gives their ends. */
  async function turn(...calls: [name: string, input: unknown][]): Promise<EventOf<"call.done">[]> {
    endpoint = await scriptedEndpoint([...calls.map((call) => calling(call)), answer("Done.")]);
    const providers = { t: { baseUrl: endpoint.baseUrl, models: { [model]: {} } } };
    await at.configure({ model: `t/${model}`, providers });
    await other.call("turnPrompt", { session, text: "go", settings: { mode: "auto" } });
    await at.server.sessions.live(session)?.idle();
    const { envelopes } = await other.call("sessionRead", { session, limit: 10_000 });
    checkEnds(envelopes);
    return ofType(envelopes, "call.done");
  }
  const a = (): string => join(cwd, "src", "a.ts");
  const view = async () => (await other.call("sessionWatch", { session })).view;

  it("are read as the editor shows them", async () => {
    await hold();
    const [held, free] = await turn(["read", { path: "src/a.ts" }], ["read", { path: "src/b.ts" }]);
    assert.match(held?.output ?? "", /unsaved[\s\S]*second line/);
    assert.match(free?.output ?? "", /on the disk, too/);
    assert.ok(asked.every(({ path, action }) => path === a() && action === "read"));
  });

  it("are searched as the editor shows them, and within what was asked for", async () => {
    await hold();
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

  it("are changed in the editor, and not on the disk", async () => {
    await hold();
    const [edited] = await turn(["edit", { path: "src/a.ts", edits: [{ old: "second line", new: "2nd line" }] }]);
    assert.equal(edited?.state, "done", edited?.output);
    assert.equal(texts.get(a()), "unsaved\n2nd line\n");
    assert.equal(readFileSync(a(), "utf8"), "on the disk\n");
    const writes = asked.filter(({ action }) => action === "write");
    assert.deepEqual(
      writes.map((one) => one.action === "write" && one.baseHash),
      [sha256("unsaved\nsecond line\n")],
    );
  });

  it("are named to the model where a command has seen something else on the disk", async () => {
    await hold();
    const [first] = await turn(["bash", { command: "cat src/a.ts" }]);
    assert.match(first?.output ?? "", /^on the disk\n\(the command saw what is on the disk; .* text of src\/a\.ts\)$/);
    texts.set(a(), "on the disk\n");
    assert.equal((await turn(["bash", { command: "cat src/a.ts" }]))[1]?.output, "on the disk");
  });

  it("are written where there is nothing on the disk yet", async () => {
    texts.set(join(cwd, "new.ts"), "never saved\n");
    await hold();
    const [read, edited] = await turn(
      ["read", { path: "new.ts" }],
      ["edit", { path: "new.ts", edits: [{ old: "never", new: "not yet" }] }],
    );
    assert.match(read?.output ?? "", /never saved/);
    assert.equal(edited?.state, "done", edited?.output);
    assert.equal(texts.get(join(cwd, "new.ts")), "not yet saved\n");
  });

  it("are left alone where the editor refuses, and the model is told why", async () => {
    model = "gpt-5";
    await hold();
    await turn(["read", { path: "src/a.ts" }]);
    refuses = "The buffer is locked.";
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

  it("are the disk's again when the editor lets go of them, or is gone", async () => {
    await hold();
    await editor.call("documentClaim", { paths: [] });
    assert.match((await turn(["read", { path: "src/a.ts" }]))[0]?.output ?? "", /on the disk/);
    await hold();
    await editor.close();
    assert.match((await turn(["read", { path: "src/a.ts" }]))[1]?.output ?? "", /on the disk/);
    assert.deepEqual(asked, []);
  });

  it("fail a call whose editor goes while it is asked, and nothing else", async () => {
    editor.onDocumentRequest?.(() => void editor.close());
    await editor.call("documentClaim", { paths: [a()] });
    const [failed, again] = await turn(["read", { path: "src/a.ts" }], ["read", { path: "src/a.ts" }]);
    assert.equal(failed?.state, "failed");
    assert.match(failed?.output ?? "", /The editor with the open file disconnected/);
    assert.match(again?.output ?? "", /on the disk/);
  });

  it("are asked of the editor that said so last, for its session alone where it named one", async () => {
    await hold();
    const later = await open();
    later.onDocumentRequest?.(({ request }) => void later.call("documentRespond", { request, text: "of another session" }));
    await later.call("documentClaim", { paths: [], folders: [cwd], session: "another" });
    assert.match((await turn(["read", { path: "src/b.ts" }]))[0]?.output ?? "", /on the disk/);
    await later.call("documentClaim", { paths: [], folders: [cwd], session });
    const [, free, held] = await turn(["read", { path: "src/b.ts" }], ["read", { path: "src/a.ts" }]);
    assert.match(free?.output ?? "", /of another session/);
    assert.match(held?.output ?? "", /unsaved/);
    await later.close();
  });

  it("cannot be answered for by another client, or twice", async () => {
    await assert.rejects(other.call("documentRespond", { request: "w1", text: "" }), /no longer pending/);
  });

  describe("and edits that are looked through", () => {
    const change = (from: string, to: string): [string, unknown] => [
      "edit",
      { path: "src/a.ts", edits: [{ old: from, new: to }] },
    ];
    const b = (): string => join(cwd, "src", "b.ts");
    const changeB = (from: string, to: string): [string, unknown] => [
      "edit",
      { path: "src/b.ts", edits: [{ old: from, new: to }] },
    ];

    it("are kept, or put back through the editor", async () => {
      await hold();
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
      await assert.rejects(other.call("editsUndo", { session, path: a(), currentHash: sha256("else") }), /changed since/);
      await other.call("editsUndo", { session, path: a(), currentHash: found.currentHash });
      assert.equal(texts.get(a()), "unsaved\nsecond line\n");
      await other.call("editsAccept", { session, path: b() });
      assert.equal(readFileSync(b(), "utf8"), "on the table, too\n");
      assert.deepEqual((await view()).edits, []);
      await assert.rejects(other.call("editsAccept", { session, path: b() }), /waits to be looked through/);
    });

    it("are kept and undone in part, across a restart of the session", async () => {
      writeFileSync(b(), "one\ntwo\nthree\n");
      await turn(changeB("one", "1"), changeB("three", "3"));
      await other.call("editsAccept", { session, path: b(), baseText: "1\ntwo\nthree\n" });
      const { base, current, currentHash } = await other.call("editsRead", { session, path: b() });
      assert.deepEqual([base, current], ["1\ntwo\nthree\n", "1\ntwo\n3\n"]);
      await other.call("sessionClose", { session });
      const fork = (await other.call("sessionFork", { session })).session;
      assert.equal((await other.call("editsRead", { session: fork, path: b() })).base, "1\ntwo\nthree\n");
      await other.call("editsUndo", { session, path: b(), currentHash: currentHash, text: "1\ntwo\nthree\n" });
      assert.equal(readFileSync(b(), "utf8"), "1\ntwo\nthree\n");
      assert.deepEqual((await view()).edits, []);
      await turn(["read", { path: "src/b.ts" }]);
      const told = JSON.stringify(endpoint?.received[0]?.body);
      assert.match(told, /I undid changes of yours in [^"]*b\.ts/);
    });

    it("of a new file are put back by removing it, and of a removed one by writing it", async () => {
      model = "gpt-5";
      await turn(
        ["write", { path: "made.ts", content: "made\n" }],
        ["read", { path: "src/b.ts" }],
        ["patch", { patch: "*** Begin Patch\n*** Delete File: src/b.ts\n*** End Patch" }],
      );
      const gone = await other.call("editsRead", { session, path: b() });
      assert.deepEqual([gone.base, gone.current, gone.currentHash], ["on the disk, too\n", null, null]);
      await other.call("editsUndo", { session, path: b(), currentHash: null });
      assert.equal(readFileSync(b(), "utf8"), "on the disk, too\n");
      const made = join(cwd, "made.ts");
      const { base, currentHash } = await other.call("editsRead", { session, path: made });
      assert.equal(base, null);
      await other.call("editsUndo", { session, path: made, currentHash: currentHash });
      assert.throws(() => readFileSync(made), /ENOENT/);
      assert.deepEqual((await view()).edits, []);
    });
  });
});
