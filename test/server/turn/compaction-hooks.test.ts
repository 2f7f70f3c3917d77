/** The hooks of a session's start, which are called again for a compaction. */
import assert from "node:assert/strict";
import {
  findHookedEvent,
  type HookedSession,
  matchesHook,
  toStdin,
} from "../../../server/plugins/claude-hook-input.ts";
import type { HookSource } from "../../../server/plugins/hooks.ts";
import type { Session } from "../../../server/session/session.ts";
import { type AgentBench, ada, filterByType, openAgentBench, promptAndWait } from "../../help/agent-bench.ts";
import { done, scriptedModel, text } from "../../help/scripted-model.ts";

describe("the hooks of a session's start", () => {
  let bench: AgentBench;
  let session: Session;
  afterEach(() => bench.close());

  /** A model whose responses are long, and whose summaries are short. */
  const talkative = () =>
    scriptedModel([
      ({ messages }) =>
        JSON.stringify(messages.at(-1)).includes("Write a summary from which")
          ? [text("A summary."), done]
          : [text("Many words. ".repeat(2_000)), done],
    ]);
  const talk = async (): Promise<void> => {
    for (const words of ["One", "Two", "Three", "Four"]) await promptAndWait(session, words);
  };
  const compact = async (): Promise<void> => {
    await session.compact("", ada);
    await session.idle();
  };

  it("are called again for a compaction, and their new texts replace the earlier ones of the same hook only", async () => {
    const reasons: string[] = [];
    const hook = (name: string, answer: (call: number) => string | undefined): HookSource => {
      let count = 0;
      return {
        by: { kind: "plugin", id: name, name },
        specs: [{ event: "session.started" }],
        async call(_event, payload) {
          reasons.push(`${name} ${(payload as { reason: string }).reason}`);
          count += 1;
          const context = answer(count);
          return context === undefined ? {} : { context };
        },
      };
    };
    const hooks = [
      hook("counts", (number) => `COUNT-${number}`),
      hook("once", (number) => (number === 1 ? "ONCE" : undefined)),
      hook("fails", (number) => {
        if (number > 1) throw new Error("It broke.");
        return "FAILS-LATER";
      }),
    ];
    const model = talkative();
    bench = await openAgentBench({ model, hooks });
    session = await bench.create();
    for (const round of [2, 3]) {
      await talk();
      await compact();
      assert.equal(filterByType(session.envelopes(), "history.compacted").length, round - 1);
      await promptAndWait(session, "Go on.");
      const sent = JSON.stringify(model.requests.at(-1)?.messages);
      assert.deepEqual(sent.match(/COUNT-\d|ONCE|FAILS-LATER/g)?.toSorted(), [`COUNT-${round}`, "FAILS-LATER", "ONCE"]);
    }
    const names = ["counts", "once", "fails"];
    assert.deepEqual(
      reasons,
      ["new", "compacted", "compacted"].flatMap((reason) => names.map((name) => `${name} ${reason}`)),
    );
  });

  it("are not called if nothing is compacted", async () => {
    let called = 0;
    const hook: HookSource = {
      by: { kind: "plugin", id: "h", name: "h" },
      specs: [{ event: "session.started" }],
      async call() {
        called += 1;
        return {};
      },
    };
    const model = scriptedModel([[done], [text("Short."), done], [done]]);
    bench = await openAgentBench({ model, hooks: [hook] });
    session = await bench.create();
    await promptAndWait(session, "Hi.");
    await compact();
    assert.deepEqual(filterByType(session.envelopes(), "history.compacted"), []);
    assert.equal(called, 1);
  });

  it("get the sources of Claude Code, which their matcher selects", async () => {
    bench = await openAgentBench({ model: talkative() });
    const event = findHookedEvent("SessionStart");
    assert.ok(event);
    const of: HookedSession = { id: "s", transcript: "/t", mode: "ask", model: "a/b", agent: null };
    for (const [reason, source] of [
      ["new", "startup"],
      ["resumed", "resume"],
      ["compacted", "compact"],
    ] as const) {
      const payload = { session: "s", cwd: "/", reason };
      const stdin = toStdin(event, payload, of);
      assert.equal(stdin.source, source);
      assert.ok(matchesHook(source, event, payload, stdin));
      assert.equal(matchesHook("startup|compact", event, payload, stdin), source !== "resume");
    }
  });
});
