/** Checks of an endpoint with a few requests. */
import assert from "node:assert/strict";
import { openModel } from "../../../server/model/model-client.ts";
import type { Target } from "../../../server/model/target.ts";
import { tryEndpoint } from "../../../server/model/try-endpoint.ts";
import { createTestClock, targetFor } from "../../help/model-client.ts";
import { chunk, done, event, finish, type Script, scriptedEndpoint } from "../../help/scripted-endpoint.ts";

const counted = event({ choices: [], usage: { prompt_tokens: 20, completion_tokens: 9, total_tokens: 29 } });
const call = (index: number, name: string) => ({
  index,
  id: `c${index}`,
  type: "function",
  function: { name, arguments: '{"city":"Paris"}' },
});

describe("checking an endpoint", () => {
  const runChecks = async (scripts: Script[], more: Partial<Target> = {}) => {
    const server = await scriptedEndpoint(scripts);
    try {
      const clock = createTestClock();
      const checks = await tryEndpoint(openModel(targetFor(server.baseUrl, more), { clock, random: () => 0 }), clock);
      const states = Object.fromEntries(checks.map(({ name, state }) => [name, state]));
      return { states, checks, requests: server.received.length };
    } finally {
      await server.close();
    }
  };
  const textResponse: Script = {
    body: [
      chunk({ reasoning_content: "Hm." }),
      chunk({ content: "one " }),
      chunk({ content: "two" }),
      finish(),
      counted,
      done,
    ],
  };

  it("reports everything as ok if everything works", async () => {
    const called: Script = {
      body: [chunk({ tool_calls: [call(0, "weather"), call(1, "population")] }), finish("tool_calls"), done],
    };
    const { states, requests } = await runChecks([textResponse, called]);
    assert.deepEqual(states, { streaming: "ok", tools: "ok", "parallel calls": "ok", usage: "ok", reasoning: "ok" });
    assert.equal(requests, 2);
  });

  it("reports what fails, and what is unknown", async () => {
    const silent: Script = { body: [chunk({ content: "I cannot call tools." }), finish(), done] };
    const { states, checks } = await runChecks([silent]);
    assert.deepEqual(states, {
      streaming: "unknown",
      tools: "failed",
      "parallel calls": "unknown",
      usage: "failed",
      reasoning: "unknown",
    });
    assert.ok(checks.every(({ detail }) => /^[A-Z0-9].*\.$/.test(detail)));
  });

  it("sends only one request if the first fails, or if the model has no tools", async () => {
    const refused = await runChecks([
      { status: 401, headers: { "content-type": "application/json" }, body: ['{"error":{"message":"bad key"}}'] },
    ]);
    assert.equal(refused.states.streaming, "failed");
    assert.match(refused.checks[0]?.detail ?? "", /bad key/);
    assert.equal(refused.requests, 1);
    const plain = await runChecks([textResponse], { tools: false });
    assert.equal(plain.states.tools, "unknown");
    assert.equal(plain.requests, 1);
  });
});
