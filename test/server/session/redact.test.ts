import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createRedactor } from "../../../server/session/redact.ts";
import { patch as patchTool } from "../../../server/tools/patch.ts";
import { ada, filterByType, openAgentBench, promptAndWait, readLog } from "../../help/agent-bench.ts";
import { call, calls, done, failed, reasoning, scriptedModel, text } from "../../help/scripted-model.ts";

const KEY = 'sk-test-0123456789"\\abcdefghij';

async function readAllFiles(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name), "utf8")));
  return texts.join("\n");
}

describe("known keys in a session", () => {
  const forms = [KEY, JSON.stringify(KEY).slice(1, -1), KEY.slice(4, 18)];

  it("reach neither the disk nor a client, from any source and in any pieces", async () => {
    const letters = [...`The key is ${KEY}, as you know.`].map(text);
    const model = scriptedModel([
      [reasoning(KEY.slice(0, 9)), reasoning(`${KEY.slice(9)}!`), ...letters, call("list", { path: KEY }), calls],
      [text(KEY.slice(0, 20)), text(KEY.slice(20)), failed("auth", `Incorrect key: ${KEY}.`)],
    ]);
    const bench = await openAgentBench({ model });
    bench.redactor.addSecret(KEY);
    const session = await bench.create();
    const shown: string[] = [];
    session.watch((envelope) => shown.push(JSON.stringify(envelope)));
    await session.prompt(`Use ${KEY}`, [{ name: KEY, mediaType: "text/plain", text: KEY }], {}, ada);
    await session.idle();
    await session.record({ type: "session.titled", title: KEY }, ada);
    const deltas = session.envelopes().filter(({ event }) => event.type === "text.delta");
    const streamed = deltas.map(({ event }) => (event.type === "text.delta" ? event.text : "")).join("");
    for (const output of [
      await readAllFiles(bench.dataDir),
      shown.join("\n"),
      JSON.stringify(model.requests),
      streamed,
    ]) {
      for (const form of forms) assert.ok(!output.includes(form), `${form} is in: ${output.slice(0, 2000)}`);
    }
    const part = session.view().parts.find(({ type }) => type === "text");
    assert.equal(part?.type === "text" && part.text, "The key is [redacted key], as you know.");
    await bench.close();
  });

  it("include the longer of two keys with the same prefix", () => {
    const redactor = createRedactor();
    redactor.addSecret("abcdefgh");
    redactor.addSecret("abcdefghijkl");
    assert.equal(redactor.text("x abcdefghijkl y"), "x [redacted key] y");
    assert.equal(redactor.holdBack("x abcdefghijk"), "abcdefghijk".length);
    assert.equal(redactor.holdBack("nothing"), 0);
  });

  it("include every encoding in which a program may print them", () => {
    const key = "ab/cd+ef==gh12&ij";
    const redactor = createRedactor();
    redactor.addSecret(key);
    const encodings = [
      key,
      JSON.stringify(JSON.stringify({ key })),
      key.replaceAll("/", "\\/"),
      encodeURIComponent(key),
      encodeURI(key),
      ...["", "u", "us", "user:", "x-token:"].map((before) => Buffer.from(`${before}${key}`).toString("base64")),
    ];
    for (const text of encodings) {
      assert.match(redactor.text(`<${text}>`), /\[redacted key\]/, text);
      assert.doesNotMatch(redactor.text(text), /ab.{1,3}cd|YWIvY2Qr/);
    }
  });

  it("are removed where they stand alone if they are short, unless they are words", () => {
    const redactor = createRedactor();
    for (const secret of ["pw1", "hunt3r", "a-b_c", "123456", "none", "ollama", "42", "x y1"])
      redactor.addSecret(secret);
    const hidden = "[redacted key]";
    for (const [text, expected] of [
      ["pass=hunt3r;", `pass=${hidden};`],
      ["hunt3r", hidden],
      ["hunt3rs and thunt3r", "hunt3rs and thunt3r"],
      ["a-b_c, a-b_c-d", `${hidden}, a-b_c-d`],
      ["code 123456", `code ${hidden}`],
      ["none pw1 ollama 42 x y1", "none pw1 ollama 42 x y1"],
    ] as const)
      assert.equal(redactor.text(text), expected);
    assert.equal(redactor.holdBack("pass=hunt3r"), "hunt3r".length);
  });

  it("are not in the stored output of a command, split over pieces and beyond what the log holds", async () => {
    const shape = "ghp_0123456789abcdefghijklmnopqrstuvwxyz";
    const lines = `seq 9000; printf 'a ${KEY.slice(0, 9)}'; sleep 0.1; printf '%s\\n' '${KEY.slice(9)}'; echo ${shape}; seq 9000`;
    const bench = await openAgentBench({
      model: scriptedModel([
        [call("bash", { command: lines }), calls],
        [text("Done."), done],
      ]),
    });
    bench.redactor.addSecret(KEY);
    const session = await bench.create();
    await promptAndWait(session);
    const [end] = filterByType(session.envelopes(), "call.done");
    const whole = Buffer.from((await bench.store.blobs(session.view().id).get(end?.blob ?? "")) ?? []).toString();
    assert.equal(whole.split("\n").length, 9000 + 2 + 9000 + 1);
    assert.match(whole, /\na \[redacted key\]\n\[redacted key\]\n1\n/);
    for (const secret of [...forms, shape]) assert.ok(!(await readAllFiles(bench.dataDir)).includes(secret), secret);
    await bench.close();
  });

  it("are not replaced in a file by the placeholder that the model saw", async () => {
    const shape = "ghp_0123456789abcdefghijklmnopqrstuvwxyz";
    const patch = "*** Begin Patch\n*** Update File: .npmrc\n@@\n-one\n+[redacted key]\n*** End Patch";
    const bench = await openAgentBench({
      model: scriptedModel([
        [call("read", { path: ".npmrc" }), calls],
        [call("write", { path: ".npmrc", content: "one\ntoken=[redacted key]\ntwo\n" }), calls],
        [call("edit", { path: ".npmrc", old: "one", new: "x [redacted key]" }), calls],
        [call("patch", { patch }), calls],
        [call("edit", { path: ".npmrc", old: "one", new: "1" }), calls],
        [text("Done."), done],
      ]),
      tools: [patchTool],
    });
    const path = join(bench.cwd, ".npmrc");
    await writeFile(path, `one\ntoken=${shape}\n`);
    const session = await bench.create();
    await promptAndWait(session);
    const ended = filterByType(session.envelopes(), "call.done");
    assert.deepEqual(
      ended.map(({ state }) => state),
      ["done", "failed", "failed", "failed", "done"],
      ended.map(({ output }) => output).join("\n"),
    );
    for (const { output } of ended.slice(1, 4)) assert.match(output, /stands for a secret that is not shown to you/);
    assert.equal(await readFile(path, "utf8"), `1\ntoken=${shape}\n`);
    await bench.close();
  });

  it("stay in a file that contains the placeholder itself, also when a patch moves it", async () => {
    const patch = "*** Begin Patch\n*** Update File: a.md\n*** Move to: b.md\n@@\n-one\n+two\n*** End Patch";
    const bench = await openAgentBench({
      model: scriptedModel([
        [call("read", { path: "a.md" }), calls],
        [call("patch", { patch }), calls],
        [text("Done."), done],
      ]),
      tools: [patchTool],
    });
    await writeFile(join(bench.cwd, "a.md"), "one\nshown as [redacted key]\n");
    await promptAndWait(await bench.create());
    assert.equal(await readFile(join(bench.cwd, "b.md"), "utf8"), "two\nshown as [redacted key]\n");
    await bench.close();
  });

  it("are ignored if they are short", async () => {
    const bench = await openAgentBench({ model: scriptedModel([[text("a cat"), done]]) });
    bench.redactor.addSecret("a");
    bench.redactor.addSecret("");
    const session = await bench.create();
    await promptAndWait(session, "a cat");
    assert.match(await readLog(bench.store, session.view().id), /"text":"a cat"/);
    await bench.close();
  });
});
