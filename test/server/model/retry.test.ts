/** Retries, endpoint quirks, idle timeouts and cancellation. */
import assert from "node:assert/strict";
import { openModel } from "../../../server/model/model-client.ts";
import type { Clock } from "../../../server/ports.ts";
import {
  ask,
  collect,
  collectAll,
  createTestClock,
  endOf,
  failureOf,
  filterByType,
  readTool,
  targetFor,
  textOf,
} from "../../help/model-client.ts";
import {
  answer,
  chunk,
  done,
  finish,
  type Received,
  type Script,
  scriptedEndpoint,
} from "../../help/scripted-endpoint.ts";

type Scripts = Parameters<typeof scriptedEndpoint>[0];

async function run(scripts: Scripts, more: Parameters<typeof collect>[2] = {}, request = ask("hi")) {
  const endpoint = await scriptedEndpoint(scripts);
  const clock = createTestClock();
  const events = await collect(targetFor(endpoint.baseUrl), request, { clock, ...more });
  await endpoint.close();
  return { events, clock, requests: endpoint.received.length, received: endpoint.received };
}

const limited = (after: string): Script => ({ status: 429, headers: { "retry-after": after }, body: ["{}"] });
const failing: Script = { status: 500, body: ["oops"] };

describe("retries", () => {
  it("wait as long as a 429 requests, and report until when", async () => {
    const { events, clock, requests } = await run([limited("3"), answer("ok")]);
    assert.equal(endOf(events), "done");
    assert.equal(requests, 2);
    assert.ok(clock.slept.every((ms) => ms >= 3_000 && ms <= 4_000));
    assert.equal(filterByType(events, "retry")[0]?.until, 1_700_000_000_000 + (clock.slept[0] ?? 0));
  });

  it("do not wait more than a minute, but report the retry time", async () => {
    for (const after of ["86400", new Date(1_700_086_400_000).toUTCString()]) {
      const { events, clock, requests } = await run([limited(after)]);
      assert.equal(requests, 1);
      assert.deepEqual(clock.slept, []);
      const last = events.at(-1);
      assert.ok(last?.type === "stop" && last.reason === "failed");
      assert.equal(last.failure.kind, "rate");
      assert.equal(last.failure.retryAt, 1_700_086_400_000);
    }
  });

  it("end after five attempts with 429", async () => {
    const { events, requests } = await run([limited("1")]);
    assert.deepEqual([endOf(events), requests], ["rate", 5]);
  });

  it("end after five minutes of 429", async () => {
    let now = 0;
    const sleep = async (ms: number) => {
      now += ms + 90_000;
    };
    const clock: Clock = { now: () => now, monotonic: () => now, sleep };
    const { events, requests } = await run([limited("60")], { clock });
    assert.deepEqual([endOf(events), requests], ["rate", 3]);
  });

  it("survive two server errors, with growing delays", async () => {
    const { events, clock, requests } = await run([failing, failing, answer("ok")]);
    assert.deepEqual([endOf(events), textOf(events), requests], ["done", "ok", 3]);
    assert.ok((clock.slept[1] ?? 0) > (clock.slept[0] ?? 0));
  });

  it("end after five server errors with a message without HTML", async () => {
    const { events, requests } = await run([
      { status: 503, headers: { "content-type": "text/html" }, body: ["<html><h1>Bad gateway</h1></html>"] },
    ]);
    assert.deepEqual([endOf(events), requests], ["server", 5]);
    assert.doesNotMatch(JSON.stringify(events), /<h1>/);
  });

  for (const [name, script, kind] of [
    ["a refused key", { status: 401, body: ["{}"] }, "auth"],
    ["no money", { status: 429, body: ['{"error":{"code":"insufficient_quota","message":"quota"}}'] }, "quota"],
    ["a bad request", { status: 400, body: ['{"error":{"message":"no"}}'] }, "request"],
  ] as const) {
    it(`are not made for ${name}`, async () => {
      const { events, requests } = await run([script]);
      assert.deepEqual([endOf(events), requests], [kind, 1]);
    });
  }

  it("use a new key without reopening the model", async () => {
    const endpoint = await scriptedEndpoint([
      ({ headers }) => (headers.authorization === "Bearer new-key" ? answer("ok") : { status: 401, body: ["{}"] }),
    ]);
    let key = "old-key";
    const model = openModel(targetFor(endpoint.baseUrl, { key: async () => key }), { clock: createTestClock() });
    const once = () => collectAll(model.stream(ask("hi"), new AbortController().signal));
    assert.equal(endOf(await once()), "auth");
    key = "new-key";
    assert.equal(endOf(await once()), "done");
    await endpoint.close();
  });

  it("are made twice without response headers, then end", async () => {
    const { events, requests } = await run([{ silent: true }], { limits: { headersMs: 30 } });
    assert.deepEqual([endOf(events), requests], ["timeout", 3]);
    assert.match(failureOf(events), /did not start a response within 30 ms/);
  });

  it("are not made after output: the response is interrupted", async () => {
    const { events, requests } = await run([{ body: [chunk({ content: "par" })], end: "open" }], {
      limits: { dataMs: 40 },
    });
    assert.deepEqual([endOf(events), textOf(events), requests], ["cut", "par", 1]);
    assert.match(failureOf(events), /cut off.*sent nothing for/);
  });

  it("ignore comments and empty chunks that keep a dead stream alive", async () => {
    async function* beats() {
      for (let beat = 0; ; beat += 1) {
        yield beat % 2 === 0 ? ": keep-alive\n\n" : chunk({ content: "" });
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
    const { events, requests } = await run([{ body: beats() }, answer("ok")], {
      limits: { dataMs: 60, reasoningFirstMs: 60 },
    });
    assert.deepEqual([endOf(events), textOf(events), requests], ["done", "ok", 2]);
    assert.match(filterByType(events, "retry")[0]?.reason ?? "", /sent nothing/);
  });

  it("give a local server time to load its model", async () => {
    const loaded = new Promise((resolve) => setTimeout(resolve, 80));
    const endpoint = await scriptedEndpoint([{ body: [loaded.then(() => chunk({ content: "ok" })), finish(), done] }]);
    const target = targetFor(endpoint.baseUrl, { local: true });
    const events = await collect(target, ask("hi"), {
      limits: { dataMs: 20, reasoningFirstMs: 20, localFirstMs: 5_000 },
    });
    assert.equal(textOf(events), "ok");
    assert.equal(endpoint.received.length, 1);
    await endpoint.close();
  });
});

describe("endpoint quirks", () => {
  const refusing =
    (field: string, message: string) =>
    ({ body }: Received): Script =>
      field in body ? { status: 400, body: [JSON.stringify({ error: { message } })] } : answer("ok");

  async function twice(say: (received: Received) => Script, request = ask("hi")) {
    const endpoint = await scriptedEndpoint([say]);
    const model = openModel(targetFor(endpoint.baseUrl), { clock: createTestClock() });
    const first = await collectAll(model.stream(request, new AbortController().signal));
    const second = await collectAll(model.stream(request, new AbortController().signal));
    await endpoint.close();
    return { first, second, requests: endpoint.received };
  }

  it("learn to omit stream_options", async () => {
    const { first, second, requests } = await twice(refusing("stream_options", "Unknown field: stream_options"));
    assert.deepEqual([endOf(first), endOf(second), requests.length], ["done", "done", 3]);
    assert.deepEqual(filterByType(first, "notice"), []);
  });

  it("learn to turn off reasoning with tools, with one notice", async () => {
    const say = ({ body }: Received): Script =>
      body.reasoning_effort === "none"
        ? answer("ok")
        : {
            status: 400,
            body: [
              '{"error":{"message":"Function tools with reasoning_effort are not supported for gpt-5.4 in /v1/chat/completions. Please use /v1/responses instead."}}',
            ],
          };
    const { first, second, requests } = await twice(say, ask("hi", { tools: [readTool], effort: "high" }));
    assert.deepEqual([endOf(first), endOf(second), requests.length], ["done", "done", 3]);
    assert.match(filterByType(first, "notice")[0]?.text ?? "", /Reasoning is off/);
    assert.deepEqual(filterByType(second, "notice"), []);
  });

  it("learn the other name of the output limit", async () => {
    const { first, requests } = await twice(
      refusing(
        "max_tokens",
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      ),
      ask("hi", { maxOutput: 7 }),
    );
    assert.equal(endOf(first), "done");
    assert.equal(requests.at(-1)?.body.max_completion_tokens, 7);
  });

  it("end when a quirk does not help", async () => {
    const { first, requests } = await twice(() => ({
      status: 400,
      body: ['{"error":{"message":"Unknown field: stream_options"}}'],
    }));
    assert.equal(endOf(first), "request");
    assert.equal(requests.length, 3);
  });

  it("retry a failed generation once with feedback", async () => {
    const say = ({ body }: Received): Script =>
      JSON.stringify(body.messages).includes("<tool>broken")
        ? answer("ok")
        : {
            status: 400,
            body: [
              '{"error":{"message":"Failed to call a function.","code":"tool_use_failed","failed_generation":"<tool>broken"}}',
            ],
          };
    const { first } = await twice(say);
    assert.equal(endOf(first), "done");
  });
});

describe("cancelling", () => {
  const places: [string, Script][] = [
    ["before the headers", { silent: true }],
    ["before the first text", { end: "open" }],
    ["in the middle of text", { body: [chunk({ content: "x" })], end: "open" }],
  ];
  for (const [name, script] of places) {
    it(`ends at once ${name}, and closes the connection`, async () => {
      const endpoint = await scriptedEndpoint([script]);
      const controller = new AbortController();
      const stream = collect(targetFor(endpoint.baseUrl), ask("hi"), {}, controller.signal);
      const received = await endpoint.request(0);
      controller.abort();
      assert.equal(endOf(await stream), "cancelled");
      await received.closed;
      await endpoint.close();
    });
  }

  it("ends a flood, also without a reader", async () => {
    function* flood() {
      for (;;) yield chunk({ content: "x".repeat(10_000) });
    }
    const endpoint = await scriptedEndpoint([{ body: flood() }]);
    const model = openModel(targetFor(endpoint.baseUrl), { clock: createTestClock() });
    for await (const event of model.stream(ask("hi"), new AbortController().signal)) if (event.type === "text") break;
    await endpoint.received[0]?.closed;
    await endpoint.close();
  });

  it("ends while waiting for a retry", async () => {
    const endpoint = await scriptedEndpoint([failing]);
    const controller = new AbortController();
    const clock = { ...createTestClock(), sleep: async () => controller.abort() };
    const events = await collect(targetFor(endpoint.baseUrl), ask("hi"), { clock }, controller.signal);
    assert.deepEqual([endOf(events), endpoint.received.length], ["cancelled", 1]);
    await endpoint.close();
  });

  it("ends before a request is sent", async () => {
    const events = await collect(targetFor("http://127.0.0.1:1"), ask("hi"), {}, AbortSignal.abort());
    assert.deepEqual(events, [{ type: "stop", reason: "cancelled" }]);
  });

  it("ends while the key is resolved", async () => {
    const controller = new AbortController();
    const keyRequested = Promise.withResolvers<void>();
    const key = () => {
      keyRequested.resolve();
      return new Promise<string>(() => undefined);
    };
    const stream = collect(targetFor("http://127.0.0.1:1", { key }), ask("hi"), {}, controller.signal);
    await keyRequested.promise;
    controller.abort();
    assert.equal(endOf(await stream), "cancelled");
  });
});

describe("an endless response", () => {
  it("is cut at the limit with reason length, and its connection is closed", async () => {
    function* flood() {
      for (;;) yield chunk({ content: "x".repeat(1_000) });
    }
    const endpoint = await scriptedEndpoint([{ body: flood() }]);
    const target = targetFor(endpoint.baseUrl, { limits: { context: null, output: 1_000 } });
    const events = await collect(target, ask("hi"), { limits: { outputBytes: 20_000 } });
    assert.equal(endOf(events), "length");
    assert.ok(textOf(events).length < 200_000);
    await endpoint.received[0]?.closed;
    await endpoint.close();
  });

  it("fails if a line has no end", async () => {
    function* line() {
      yield "data: ";
      for (;;) yield "x".repeat(10_000);
    }
    const { events } = await run([{ body: line() }], { limits: { lineBytes: 100_000 } });
    assert.equal(endOf(events), "protocol");
  });
});
