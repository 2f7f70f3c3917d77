/** Hooks see the tool that runs and its input under the names of its schema, however the model wrote the call. */
import assert from "node:assert/strict";
import type { Author } from "../../../protocol/events.ts";
import { createToolSearch } from "../../../server/plugins/find-tool.ts";
import type { HookSource } from "../../../server/plugins/hooks.ts";
import type { Tool } from "../../../server/ports.ts";
import { type AgentBench, filterByType, openAgentBench, promptAndWait } from "../../help/agent-bench.ts";
import { call, calls, done, scriptedModel } from "../../help/scripted-model.ts";

const guard: Author = { kind: "plugin", id: "guard", name: "guard" };
type Payload = Record<string, unknown> & { tool: string; input: Record<string, unknown> };

describe("the input that hooks see", () => {
  let bench: AgentBench;
  afterEach(() => bench.close());

  async function runWith(
    name: string,
    input: unknown,
    answer: (payload: Payload) => Record<string, unknown> = () => ({}),
    tools: readonly Tool[] = [],
  ) {
    const seen: { event: string; payload: Payload }[] = [];
    const source: HookSource = {
      by: guard,
      specs: [{ event: "tool.before" }, { event: "permission.asked" }, { event: "tool.after" }],
      async call(event, payload) {
        seen.push({ event, payload: payload as Payload });
        return event === "tool.before" ? answer(payload as Payload) : {};
      },
    };
    bench = await openAgentBench({
      model: scriptedModel([[call(name, input), calls], [done]]),
      judge: async () => ({ decision: "ask", reason: "it runs something" }),
      hooks: [source, source],
      tools,
    });
    const events = await promptAndWait(await bench.create());
    return { seen, ended: filterByType(events, "call.done")[0] };
  }

  for (const [name, input, expected] of [
    ["bash", { cmd: "rm x", workdir: "src" }, { command: "rm x", cwd: "src" }],
    ["bash", { script: "rm x", timeout_seconds: "5", other: 1 }, { command: "rm x", timeout: 5 }],
    ["bash", JSON.stringify({ command: "rm x" }), { command: "rm x" }],
    ["write", { file_path: "a", content: "b" }, { path: "a", content: "b" }],
    ["edit", { file: "a", old_string: "b", new_string: "c" }, { path: "a", edits: [{ old: "b", new: "c" }] }],
    ["edit", { path: "a", changes: [{ oldText: "b", newText: "c" }] }, { path: "a", edits: [{ old: "b", new: "c" }] }],
  ] as const)
    it(`of ${name} ${JSON.stringify(input)}`, async () => {
      const { seen } = await runWith(name, input);
      assert.deepEqual(
        seen.filter(({ event }) => event === "tool.before").map(({ payload }) => [payload.tool, payload.input]),
        [
          [name, expected],
          [name, expected],
        ],
      );
    });

  it("is what an earlier hook made of it, under the same names, and the approval shows it", async () => {
    const { seen } = await runWith("bash", { cmd: "echo a" }, ({ input }) =>
      input.command === "echo a" ? { input: { cmd: "echo b" } } : {},
    );
    assert.deepEqual(
      seen.map(({ event, payload }) => [event, payload.input]),
      [
        ["tool.before", { command: "echo a" }],
        ["tool.before", { command: "echo b" }],
        ["permission.asked", { command: "echo b" }],
        ["permission.asked", { command: "echo b" }],
      ],
    );
  });

  it("is that of the tool that another one calls", async () => {
    const ran: unknown[] = [];
    const target: Tool = {
      name: "files__remove",
      kind: "other",
      description: "",
      long: "",
      schema: {},
      parallel: false,
      parse: (input) => ({ ok: true, input }),
      prepare: async () => ({ title: "remove", locations: [], accesses: [{ kind: "none" }] }),
      async run(input) {
        ran.push(input);
        return { ok: true, output: "" };
      },
    };
    const many = Array.from({ length: 31 }, (_, at) => (at === 0 ? target : { ...target, name: `files__other${at}` }));
    const tools = createToolSearch(many) ?? [];
    const args = { name: "files__remove", input: { path: "/x" } };
    const { seen, ended } = await runWith("use_tool", args, () => ({ decision: "deny", reason: "no" }), tools);
    assert.deepEqual([seen[0]?.payload.tool, seen[0]?.payload.input], ["files__remove", { path: "/x" }]);
    assert.equal(ended?.state, "refused");
    assert.deepEqual(ran, []);
  });

  it("lets a guard refuse by the command", async () => {
    const { ended } = await runWith("bash", { cmd: "rm x" }, ({ input }) =>
      /rm/.test(String(input.command)) ? { decision: "deny", reason: "no rm" } : {},
    );
    assert.equal(ended?.state, "refused");
    assert.match(ended?.output ?? "", /no rm/);
  });
});
