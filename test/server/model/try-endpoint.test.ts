/** What is said of an endpoint after it was tried with a few requests. */
import assert from "node:assert/strict";
import { openModel } from "../../../server/model/adapter.ts";
import type { Target } from "../../../server/model/target.ts";
import { tryEndpoint } from "../../../server/model/try-endpoint.ts";
import { quickClock, targetFor } from "../../help/door.ts";
import { chunk, done, event, finish, type Script, scriptedEndpoint } from "../../help/scripted-endpoint.ts";

const counted = event({ choices: [], usage: { prompt_tokens: 20, completion_tokens: 9, total_tokens: 29 } });
const call = (index: number, name: string) => ({
  index,
  id: `c${index}`,
  type: "function",
  function: { name, arguments: '{"city":"Paris"}' },
});

describe("trying an endpoint", () => {
  const tried = async (scripts: Script[], more: Partial<Target> = {}) => {
    const server = await scriptedEndpoint(scripts);
    try {
      const clock = quickClock();
      const checks = await tryEndpoint(openModel(targetFor(server.baseUrl, more), { clock, random: () => 0 }), clock);
      const states = Object.fromEntries(checks.map(({ name, state }) => [name, state]));
      return { states, checks, requests: server.received.length };
    } finally {
      await server.close();
    }
  };
  const spoken: Script = {
    body: [
      chunk({ reasoning_content: "Hm." }),
      chunk({ content: "one " }),
      chunk({ content: "two" }),
      finish(),
      counted,
      done,
    ],
  };

  it("finds all of it where all of it works", async () => {
    const called: Script = {
      body: [chunk({ tool_calls: [call(0, "weather"), call(1, "population")] }), finish("tool_calls"), done],
    };
    const { states, requests } = await tried([spoken, called]);
    assert.deepEqual(states, { streaming: "ok", tools: "ok", "parallel calls": "ok", usage: "ok", reasoning: "ok" });
    assert.equal(requests, 2);
  });

  it("says what does not work, and what cannot be known", async () => {
    const silent: Script = { body: [chunk({ content: "I cannot call tools." }), finish(), done] };
    const { states, checks } = await tried([silent]);
    assert.deepEqual(states, {
      streaming: "unknown",
      tools: "failed",
      "parallel calls": "unknown",
      usage: "failed",
      reasoning: "unknown",
    });
    assert.ok(checks.every(({ detail }) => /^[A-Z0-9].*\.$/.test(detail)));
  });

  it("makes one request only where the first is refused, or there are no tools to try", async () => {
    const refused = await tried([
      { status: 401, headers: { "content-type": "application/json" }, body: ['{"error":{"message":"bad key"}}'] },
    ]);
    assert.equal(refused.states.streaming, "failed");
    assert.match(refused.checks[0]?.detail ?? "", /bad key/);
    assert.equal(refused.requests, 1);
    const plain = await tried([spoken], { tools: false });
    assert.equal(plain.states.tools, "unknown");
    assert.equal(plain.requests, 1);
  });
});
