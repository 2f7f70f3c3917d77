/** The answers to a plugin's requests have the shape that the plugin interface promises. */
import assert from "node:assert/strict";
import { hostRequests } from "../../../protocol/plugin.ts";
import { handlePluginRequest } from "../../../server/plugins/plugin-requests.ts";
import { type AgentBench, openAgentBench, promptAndWait } from "../../help/agent-bench.ts";
import { done, scriptedModel, text } from "../../help/scripted-model.ts";

describe("a plugin's requests", () => {
  let bench: AgentBench;
  afterEach(() => bench.close());

  it("read a session, and prompt it", async () => {
    bench = await openAgentBench({
      model: scriptedModel([
        [text("Ready."), done],
        [text("Again."), done],
      ]),
    });
    const session = await bench.create();
    await promptAndWait(session, "Go.");
    const { id, cwd } = session.view();
    const caller = {
      plugin: "test",
      root: cwd,
      sessions: [session],
      calls: [],
      openModel: () => Promise.reject(new Error("no model is opened here")),
      signal: new AbortController().signal,
    };
    const found = await handlePluginRequest(caller, "tutti/session/read", { session: id, parts: 1 });
    const { running, parts } = hostRequests["tutti/session/read"].result.parse(found);
    assert.deepEqual([running, parts.length], [false, 1]);
    const prompted = await handlePluginRequest(caller, "tutti/session/prompt", { session: id, text: "Again." });
    assert.notEqual(hostRequests["tutti/session/prompt"].result.parse(prompted).prompt, "");
    await session.idle();
    const prompts = session.view().parts.flatMap((part) => (part.type === "prompt" ? [part.text] : []));
    assert.deepEqual(prompts, ["Go.", "Again."]);
  });
});
