/** Completion at the cursor, over a real socket and against a scripted endpoint: the model used, its cost, and cancellation. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectTo } from "../../../client/local.ts";
import type { Link } from "../../../protocol/link.ts";
import type { ParamsOf } from "../../../protocol/methods.ts";
import {
  answer,
  done,
  event,
  type Script,
  type ScriptedEndpoint,
  scriptedEndpoint,
} from "../../help/scripted-endpoint.ts";
import { initializeParams, startTestServer, type TestServer } from "../../help/test-server.ts";

const raw = (...texts: string[]): Script => ({
  body: [...texts.map((text) => event({ choices: [{ index: 0, text, finish_reason: null }] })), done],
});

describe("completion at the cursor", () => {
  let at: TestServer;
  let link: Link;
  let endpoint: ScriptedEndpoint | undefined;
  let cwd: string;
  before(async () => {
    at = await startTestServer();
    link = await connectTo(at.path, undefined, { client: initializeParams.client, answers: false });
    cwd = join(at.folder, "work");
    mkdirSync(cwd);
  });
  afterEach(async () => {
    await endpoint?.close();
    endpoint = undefined;
  });
  after(async () => {
    await link.close();
    await at.close();
  });
  /** The model is `here/NAME`; each test has an endpoint of its own, so that nothing learnt of it counts elsewhere. */
  const configured = async (model: string, config: object, ...scripts: Script[]): Promise<ScriptedEndpoint> => {
    endpoint = await scriptedEndpoint(scripts);
    const { models = {}, compat, ...more } = config as { models?: object; compat?: object };
    const here = { baseUrl: endpoint.baseUrl, models, ...(compat && { compat }) };
    const file = join(at.folder, ".config/tutti/tutti.jsonc");
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, JSON.stringify({ model: `here/${model}`, providers: { here }, ...more }));
    return endpoint;
  };
  const ask = (more: Partial<ParamsOf<"completionInline">> = {}, signal?: AbortSignal) =>
    link.call(
      "completionInline",
      {
        cwd,
        path: join(cwd, "add.ts"),
        language: "typescript",
        before: "function add(a, b) {\n  return ",
        after: "\n}\n",
        automatic: true,
        ...more,
      },
      signal,
    );

  it("uses the markers of the model family, and stops at the end of the insertion", async () => {
    const { request, received } = await configured(
      "qwen2.5-coder:7b",
      {},
      {
        body: ["a + ", "b;", "\n}\n\nfunction next() {"].map((text) => event({ choices: [{ text }] })),
        end: "open",
      },
    );
    assert.deepEqual(await ask(), { text: "a + b;", model: "here/qwen2.5-coder:7b" });
    const { path, body, closed } = await request(0);
    assert.equal(path, "/v1/completions");
    assert.equal(body.prompt, "<|fim_prefix|>function add(a, b) {\n  return <|fim_suffix|>\n}\n<|fim_middle|>");
    assert.ok((body.max_tokens as number) <= 128 && (body.temperature as number) <= 0.2);
    await closed;
    assert.equal(received.length, 1);
  });

  it("uses the endpoint's fill-in-the-middle field", async () => {
    const one = await configured("any", { compat: { completions: "suffix" } }, raw("a + b;"));
    assert.equal((await ask()).text, "a + b;");
    assert.equal(one.received[0]?.body.suffix, "\n}\n");
    await one.close();
    const chunk = event({ choices: [{ delta: { content: "a + b;" } }] });
    const two = await configured("codestral", { compat: { completions: "fim" } }, { body: [chunk, done] });
    assert.equal((await ask()).text, "a + b;");
    assert.equal(two.received[0]?.path, "/v1/fim/completions");
  });

  it("falls back to chat, and remembers an endpoint that supports only chat", async () => {
    const refusal: Script = { status: 400, body: ['{"error":{"message":"does not support insert"}}'] };
    const { received } = await configured(
      "qwen2.5-coder",
      {},
      refusal,
      answer("```ts\na + b;\n```"),
      answer("return a - b;"),
    );
    assert.equal((await ask()).text, "a + b;");
    assert.equal((await ask()).text, "a - b;");
    assert.deepEqual(
      received.map(({ path }) => path),
      ["/v1/completions", "/v1/chat/completions", "/v1/chat/completions"],
    );
    assert.match(JSON.stringify(received[1]?.body.messages), /return <CURSOR>\\n}/);
  });

  it("cancels the model request when the client cancels", async () => {
    const { request, received } = await configured(
      "starcoder2",
      {},
      { body: [event({ choices: [{ text: "a" }] })], end: "open" },
    );
    const controller = new AbortController();
    const refused = assert.rejects(ask({}, controller.signal), { code: "failed" });
    const { closed } = await request(0);
    controller.abort();
    await refused;
    await closed;
    assert.equal(received.length, 1);
    assert.deepEqual(at.reports, []);
  });

  it("cancels the model request when the client disconnects", async () => {
    const { request } = await configured(
      "starcoder2",
      {},
      { body: [event({ choices: [{ text: "a" }] })], end: "open" },
    );
    const going = await connectTo(at.path, undefined, { client: initializeParams.client, answers: false });
    const params = { cwd, path: join(cwd, "a.ts"), before: "x", after: "", automatic: true };
    const refused = assert.rejects(going.call("completionInline", params));
    const { closed } = await request(0);
    await going.close();
    await refused;
    await closed;
    assert.deepEqual(at.reports, []);
  });

  it("uses only free models by default, and respects the budget", async () => {
    const models = { "qwen2.5-coder": { cost: { input: 1_000, output: 1_000 } } };
    const one = await configured("qwen2.5-coder", { models }, raw("a + b;"));
    assert.match((await ask()).reason ?? "", /costs money.*completion\.inline/);
    assert.match((await ask({ automatic: false })).reason ?? "", /costs money/);
    assert.equal(one.received.length, 0);
    await one.close();
    const two = await configured(
      "qwen2.5-coder",
      { models, completion: { inline: "on", budget: 0.01 } },
      raw("a + b;"),
    );
    assert.equal((await ask()).text, "a + b;");
    assert.match((await ask()).reason ?? "", /Completions cost \$0\.\d+ today, and completion\.budget is \$0\.01/);
    assert.equal(two.received.length, 1);
  });

  it("keeps the cost of the day across a restart", async () => {
    const models = { "qwen2.5-coder": { cost: { input: 1_000, output: 1_000 } } };
    const { received } = await configured(
      "qwen2.5-coder",
      { models, completion: { inline: "on", budget: 0.01 } },
      raw("a + b;"),
    );
    const params = { cwd, path: join(cwd, "add.ts"), before: "return ", after: "\n", automatic: true };
    const home = mkdtempSync(join(tmpdir(), "tutti-served-"));
    cpSync(join(at.folder, ".config"), join(home, ".config"), { recursive: true });
    const answers: (string | undefined)[] = [];
    for (let start = 0; start < 2; start++) {
      const one = await startTestServer(undefined, home);
      const client = await connectTo(one.path, undefined, { client: initializeParams.client, answers: false });
      const { text, reason } = await client.call("completionInline", params);
      answers.push(text ?? reason);
      await client.close();
      await one.close();
    }
    rmSync(home, { recursive: true });
    assert.equal(answers[0], "a + b;");
    assert.match(answers[1] ?? "", /Completions cost \$0\.\d+ today/);
    assert.equal(received.length, 1);
  });

  it("uses the completion model, then the quick tier", async () => {
    const one = await configured("big", { tiers: { quick: "here/starcoder2" } }, raw("a;"));
    assert.equal((await ask()).model, "here/starcoder2");
    await one.close();
    const completion = { model: "here/codellama" };
    await configured("big", { tiers: { quick: { model: "here/starcoder2" } }, completion }, raw("a;"));
    assert.equal((await ask()).model, "here/codellama");
  });

  it("returns the reason why there is no completion", async () => {
    const off = await configured("m", { completion: { inline: "off" } }, raw("a"));
    assert.match((await ask()).reason ?? "", /completion\.inline is "off"/);
    await off.close();
    const secret = await configured("starcoder2", {}, raw("a"));
    assert.match((await ask({ path: join(cwd, ".env") })).reason ?? "", /secrets/);
    assert.equal(secret.received.length, 0);
    await secret.close();
    await configured("starcoder2", {}, { status: 401, body: ['{"error":{"message":"no"}}'] });
    assert.match((await ask()).reason ?? "", /key/);
    await configured("x", { model: "nowhere/x" }, raw("a"));
    assert.match((await ask()).reason ?? "", /Unknown provider "nowhere"/);
  });
});
