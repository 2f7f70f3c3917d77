/** When a request is made again, and when not; what endpoints teach; silence and cancelling. */
import assert from "node:assert/strict";
import { openModel } from "../../../server/model/adapter.ts";
import type { Clock } from "../../../server/ports.ts";
import {
  all,
  ask,
  collect,
  endOf,
  failureOf,
  ofType,
  quickClock,
  readTool,
  targetFor,
  textOf,
} from "../../help/door.ts";
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
  const clock = quickClock();
  const events = await collect(targetFor(endpoint.baseUrl), request, { clock, ...more });
  await endpoint.close();
  return { events, clock, requests: endpoint.received.length, received: endpoint.received };
}

const limited = (after: string): Script => ({ status: 429, headers: { "retry-after": after }, body: ["{}"] });
const failing: Script = { status: 500, body: ["oops"] };

describe("retries", () => {
  it("wait as long as a 429 asks, and tell until when", async () => {
    const { events, clock, requests } = await run([limited("3"), answer("ok")]);
    assert.equal(endOf(events), "done");
    assert.equal(requests, 2);
    assert.ok(clock.slept.every((ms) => ms >= 3_000 && ms <= 4_000));
    assert.equal(ofType(events, "retry")[0]?.until, 1_700_000_000_000 + (clock.slept[0] ?? 0));
  });

  it("do not wait more than a minute, but say when to come back", async () => {
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

  it("end after five tries of a 429", async () => {
    const { events, requests } = await run([limited("1")]);
    assert.deepEqual([endOf(events), requests], ["rate", 5]);
  });

  it("end after five minutes of a 429", async () => {
    let now = 0;
    const sleep = async (ms: number) => {
      now += ms + 90_000;
    };
    const clock: Clock = { now: () => now, monotonic: () => now, sleep };
    const { events, requests } = await run([limited("60")], { clock });
    assert.deepEqual([endOf(events), requests], ["rate", 3]);
  });

  it("get over two server errors, waiting longer each time", async () => {
    const { events, clock, requests } = await run([failing, failing, answer("ok")]);
    assert.deepEqual([endOf(events), textOf(events), requests], ["done", "ok", 3]);
    assert.ok((clock.slept[1] ?? 0) > (clock.slept[0] ?? 0));
  });

  it("end after five server errors with a sentence and no HTML", async () => {
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

  it("use a new key without opening the model again", async () => {
    const endpoint = await scriptedEndpoint([
      ({ headers }) => (headers.authorization === "Bearer new-key" ? answer("ok") : { status: 401, body: ["{}"] }),
    ]);
    let key = "old-key";
    const model = openModel(targetFor(endpoint.baseUrl, { key: async () => key }), { clock: quickClock() });
    const once = () => all(model.stream(ask("hi"), new AbortController().signal));
    assert.equal(endOf(await once()), "auth");
    key = "new-key";
    assert.equal(endOf(await once()), "done");
    await endpoint.close();
  });

  it("are made twice where no headers come, then end", async () => {
    const { events, requests } = await run([{ silent: true }], { limits: { headersMs: 30 } });
    assert.deepEqual([endOf(events), requests], ["timeout", 3]);
    assert.match(failureOf(events), /did not start an answer within 30 ms/);
  });

  it("are not made after something was said: the answer is cut", async () => {
    const { events, requests } = await run([{ body: [chunk({ content: "par" })], end: "open" }], {
      limits: { dataMs: 40 },
    });
    assert.deepEqual([endOf(events), textOf(events), requests], ["cut", "par", 1]);
    assert.match(failureOf(events), /cut off.*sent nothing for/);
  });

  it("are not fooled by comments and empty chunks that keep a dead stream alive", async () => {
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
    assert.match(ofType(events, "retry")[0]?.why ?? "", /sent nothing/);
  });

  it("give a server on this machine time to load its model", async () => {
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

describe("what endpoints teach", () => {
  const refusing =
    (field: string, message: string) =>
    ({ body }: Received): Script =>
      field in body ? { status: 400, body: [JSON.stringify({ error: { message } })] } : answer("ok");

  async function twice(say: (received: Received) => Script, request = ask("hi")) {
    const endpoint = await scriptedEndpoint([say]);
    const model = openModel(targetFor(endpoint.baseUrl), { clock: quickClock() });
    const first = await all(model.stream(request, new AbortController().signal));
    const second = await all(model.stream(request, new AbortController().signal));
    await endpoint.close();
    return { first, second, requests: endpoint.received };
  }

  it("no stream_options, remembered", async () => {
    const { first, second, requests } = await twice(refusing("stream_options", "Unknown field: stream_options"));
    assert.deepEqual([endOf(first), endOf(second), requests.length], ["done", "done", 3]);
    assert.deepEqual(ofType(first, "notice"), []);
  });

  it("no reasoning with tools, remembered, and said once", async () => {
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
    assert.match(ofType(first, "notice")[0]?.text ?? "", /reasoning is off/);
    assert.deepEqual(ofType(second, "notice"), []);
  });

  it("the other name of the output limit", async () => {
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

  it("nothing where the lesson does not help", async () => {
    const { first, requests } = await twice(() => ({
      status: 400,
      body: ['{"error":{"message":"Unknown field: stream_options"}}'],
    }));
    assert.equal(endOf(first), "request");
    assert.equal(requests.length, 3);
  });

  it("a generation that failed is tried once more with what was wrong", async () => {
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

  it("ends a flood, also where nobody reads on", async () => {
    function* flood() {
      for (;;) yield chunk({ content: "x".repeat(10_000) });
    }
    const endpoint = await scriptedEndpoint([{ body: flood() }]);
    const model = openModel(targetFor(endpoint.baseUrl), { clock: quickClock() });
    for await (const event of model.stream(ask("hi"), new AbortController().signal)) if (event.type === "text") break;
    await endpoint.received[0]?.closed;
    await endpoint.close();
  });

  it("ends while a retry is waited for", async () => {
    const endpoint = await scriptedEndpoint([failing]);
    const controller = new AbortController();
    const clock = { ...quickClock(), sleep: async () => controller.abort() };
    const events = await collect(targetFor(endpoint.baseUrl), ask("hi"), { clock }, controller.signal);
    assert.deepEqual([endOf(events), endpoint.received.length], ["cancelled", 1]);
    await endpoint.close();
  });

  it("ends before anything is asked", async () => {
    const events = await collect(targetFor("http://127.0.0.1:1"), ask("hi"), {}, AbortSignal.abort());
    assert.deepEqual(events, [{ type: "stop", reason: "cancelled" }]);
  });

  it("ends while the key is looked for", async () => {
    const controller = new AbortController();
    const asked = Promise.withResolvers<void>();
    const key = () => {
      asked.resolve();
      return new Promise<string>(() => undefined);
    };
    const stream = collect(targetFor("http://127.0.0.1:1", { key }), ask("hi"), {}, controller.signal);
    await asked.promise;
    controller.abort();
    assert.equal(endOf(await stream), "cancelled");
  });
});

describe("an answer without end", () => {
  it("is cut at the cap, as too long, and its connection closed", async () => {
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

  it("is refused where one line has no end", async () => {
    function* line() {
      yield "data: ";
      for (;;) yield "x".repeat(10_000);
    }
    const { events } = await run([{ body: line() }], { limits: { lineBytes: 100_000 } });
    assert.equal(endOf(events), "protocol");
  });
});
