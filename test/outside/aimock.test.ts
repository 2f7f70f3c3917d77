/** The built program against a third-party OpenAI-compatible server: streams, tool calls, errors and truncated responses. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type FixtureFileResponse, LLMock, type MockServerOptions } from "@copilotkit/aimock";
import { checkEnds } from "../help/invariants.ts";
import { type Home, useHomes } from "../help/tutti.ts";

const key = "key-that-only-this-test-has";
const calling = (id: string, name: string, input: Record<string, unknown>): FixtureFileResponse => ({
  toolCalls: [{ id, name, arguments: JSON.stringify(input) }],
});

describe("Tutti with a third-party endpoint", () => {
  let home: Home;
  let mock: LLMock;
  useHomes(
    (fresh) => {
      home = fresh;
    },
    () => mock?.stop(),
  );
  const serve = async (options: MockServerOptions = {}): Promise<string[]> => {
    mock = await LLMock.create({ host: "127.0.0.1", port: 0, chunkSize: 7, ...options });
    return ["run", "--base-url", `${mock.url}/v1`, "--model", "m", "--mode", "auto"];
  };
  const statuses = (): number[] => mock.getRequests().map(({ response }) => response.status);
  const allEnds = async (): Promise<void> => checkEnds(await home.events(await home.lastSession()));

  it("prints the streamed text and the reported usage", async () => {
    const run = await serve();
    const reply = "Grüße, 世界 👋🏽: twelve words that come in pieces.\n\nAnd a second paragraph.";
    const usage = { prompt_tokens: 321, completion_tokens: 45 };
    mock.onMessage("Say it", { content: reply, usage }, { latency: 20 });
    const text = await home.run([...run, "Say it."]);
    assert.deepEqual([text.code, text.out, text.err], [0, `${reply}\n`, ""]);
    const stream = await home.run([...run, "--format", "stream-json", "--include-partial-messages", "Say it."]);
    const lines = stream.out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string; result?: string; usage?: Record<string, number> });
    assert.ok(lines.filter(({ type }) => type === "stream_event").length > 1, stream.out);
    assert.equal(lines.at(-1)?.result, reply);
    assert.deepEqual([lines.at(-1)?.usage?.input_tokens, lines.at(-1)?.usage?.output_tokens], [321, 45]);
    assert.deepEqual(statuses(), [200, 200]);
  });

  it("reads a file, edits it and runs a command, one after another", async () => {
    const run = await serve();
    const file = join(home.work, "sum.js");
    await writeFile(file, "console.log(1 - 1);\n");
    const steps: FixtureFileResponse[] = [
      calling("c1", "read", { path: "sum.js" }),
      calling("c2", "edit", { path: "sum.js", edits: [{ old: "1 - 1", new: "1 + 1" }] }),
      calling("c3", "bash", { command: `"${process.execPath}" sum.js` }),
      { content: "It prints 2 now." },
    ];
    for (const [turnIndex, step] of steps.entries()) mock.on({ userMessage: "Fix", turnIndex }, step);
    const { code, out, err } = await home.run([...run, "Fix the sum."]);
    assert.deepEqual([code, out], [0, "It prints 2 now.\n"], err);
    assert.equal(await readFile(file, "utf8"), "console.log(1 + 1);\n");
    const events = await home.events(await home.lastSession());
    checkEnds(events);
    const states = events.flatMap(({ event }) => (event.type === "call.done" ? [event.state] : []));
    assert.deepEqual(states, ["done", "done", "done"]);
    const last = mock.getLastRequest()?.body?.messages as {
      role: string;
      content: string;
      tool_call_id?: string;
      tool_calls?: { id: string }[];
    }[];
    const results = last.filter(({ role }) => role === "tool");
    assert.deepEqual(
      results.map((result) => result.tool_call_id),
      last.flatMap(({ tool_calls = [] }) => tool_calls.map(({ id }) => id)),
    );
    assert.match(results[0]?.content ?? "", /1 - 1/);
    assert.match(results[2]?.content ?? "", /^2\b/m);
  });

  it("runs several calls of one response, with text before them", async () => {
    const run = await serve();
    await writeFile(join(home.work, "a.txt"), "first\n");
    await writeFile(join(home.work, "b.txt"), "second\n");
    mock.on(
      { userMessage: "both", hasToolResult: false },
      {
        content: "I look at both.",
        toolCalls: ["a.txt", "b.txt"].map((path, at) => ({
          id: `p${at}`,
          name: "read",
          arguments: JSON.stringify({ path }),
        })),
      },
    );
    mock.on({ userMessage: "both", hasToolResult: true }, { content: "They differ." });
    const { code, out, err } = await home.run([...run, "Read both."]);
    assert.deepEqual([code, out], [0, "They differ.\n"], err);
    const messages = JSON.stringify(mock.getLastRequest()?.body?.messages);
    assert.match(messages, /first.*second/);
  });

  it("retries after 429, after 503 and after a truncated response", async () => {
    const run = await serve();
    mock.on(
      { userMessage: "Go", sequenceIndex: 0 },
      { content: "never received completely" },
      { truncateAfterChunks: 1 },
    );
    mock.onMessage("Go", { content: "Here." });
    mock.nextRequestError(503, { message: "still starting" });
    mock.nextRequestError(429, { message: "slow down", type: "rate_limit_error" });
    const { code, out, err } = await home.run([...run, "Go."]);
    assert.deepEqual([code, out], [0, "Here.\n"], err);
    assert.deepEqual(
      statuses()
        .filter((status) => status !== 200)
        .toSorted(),
      [429, 503],
    );
    await allEnds();
  });

  it("exits with 3 and the server's message if the request is rejected, without a retry", async () => {
    const run = await serve();
    mock.onMessage("Go", { error: { message: "model m is not for you", type: "invalid_request_error" }, status: 400 });
    const { code, err } = await home.run([...run, "Go."]);
    assert.equal(code, 3);
    assert.match(err, /model m is not for you/);
    assert.deepEqual(statuses(), [400]);
    await allEnds();
  });

  it("exits with 41 if the key is wrong, and shows no key", async () => {
    const run = await serve({ auth: { apiKeys: [key] } });
    mock.onMessage("Go", { content: "Welcome." });
    const flags = ["--api-key-env", "MOCK_KEY", "Go."];
    const right = await home.run([...run, ...flags], { env: { MOCK_KEY: key } });
    assert.deepEqual([right.code, right.out], [0, "Welcome.\n"], right.err);
    const wrong = await home.run([...run, ...flags], { env: { MOCK_KEY: "wrong-key-of-this-test" } });
    assert.equal(wrong.code, 41, wrong.err);
    assert.doesNotMatch(wrong.err, /wrong-key-of-this-test/);
  });

  it("tests the endpoint and reports what works", async () => {
    await serve();
    const call = (name: string) => ({ name, arguments: '{"city":"Paris"}' });
    mock.on({ userMessage: "Count from" }, { content: "one two three four five six", reasoning: "Simple." });
    mock.on({ userMessage: "population" }, { toolCalls: [call("weather"), call("population")] });
    const file = join(home.root, "own.jsonc");
    await writeFile(file, JSON.stringify({ providers: { mine: { baseUrl: `${mock.url}/v1` } } }));
    const tested = await home.run(["--config", file, "providers", "test", "mine", "--model", "m", "--format", "json"]);
    assert.equal(tested.code, 0, tested.err);
    const { checks } = JSON.parse(tested.out) as { checks: { name: string; state: string; detail: string }[] };
    assert.deepEqual(
      checks.map(({ name, state }) => `${name}: ${state}`),
      ["streaming: ok", "tools: ok", "parallel calls: ok", "usage: ok", "reasoning: ok"],
    );
  });
});
