import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createRedactor } from "../../../server/session/redact.ts";
import { ada, openAgentBench, promptAndWait, readLog } from "../../help/agent-bench.ts";
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
