/** Transcripts for hooks, with the built program: what a hook finds at its path, and which hooks a subagent has. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { createTranscriptFold } from "../../../server/plugins/transcript-lines.ts";
import { addHooks, lastTexts, parseTranscript, type TranscriptLine } from "../../help/hooks.ts";
import { arbitraryLogs } from "../../help/random-logs.ts";
import {
  answer,
  type Received,
  type Script,
  type ScriptedEndpoint,
  scriptedEndpoint,
} from "../../help/scripted-endpoint.ts";
import { callTools, endpointFlags, type Home, useHomes } from "../../help/tutti.ts";

const blocks = (lines: readonly TranscriptLine[]): Record<string, unknown>[] =>
  lines.flatMap(({ message }) => (typeof message?.content === "string" ? [] : (message?.content ?? [])));

function assertChain(lines: readonly TranscriptLine[]): void {
  assert.deepEqual(
    lines.map(({ parentUuid }) => parentUuid),
    [null, ...lines.map(({ uuid }) => uuid)].slice(0, lines.length),
  );
  assert.equal(new Set(lines.map(({ uuid }) => uuid)).size, lines.length);
}

describe("transcripts for hooks", function () {
  this.timeout(60_000);
  let home: Home;
  let endpoint: ScriptedEndpoint | undefined;
  useHomes(
    (created) => {
      home = created;
    },
    async () => {
      await endpoint?.close();
      endpoint = undefined;
    },
  );
  async function run(scripts: (Script | ((received: Received) => Script))[], ...args: string[]) {
    await endpoint?.close();
    endpoint = await scriptedEndpoint(scripts);
    const outcome = await home.run(["run", ...endpointFlags(endpoint), "--mode", "auto", ...args]);
    assert.equal(outcome.code, 0, outcome.err);
    return outcome;
  }
  const folder = (): string => join(home.data, "transcripts");

  it("have the whole turn when Stop and SessionEnd are called", async () => {
    const hooks = addHooks(home, { PreToolUse: "exit 0", Stop: "exit 0", SessionEnd: "exit 0" });
    const script = [
      callTools(["bash", { command: "echo ran" }], ["read", { path: "missing.txt" }]),
      answer("All done."),
    ];
    await run(script, "Do it");
    const session = await home.lastSession();
    for (const event of ["Stop", "SessionEnd"]) {
      const [input, ...more] = hooks.inputs(event);
      assert.ok(input, event);
      assert.equal(more.length, 0);
      const { transcript_path, session_id, transcript } = input;
      assert.deepEqual([transcript_path, session_id], [join(folder(), `${session}.jsonl`), session]);
      assert.equal(statSync(transcript_path).mode & 0o777, 0o600);
      assert.equal(statSync(folder()).mode & 0o777, 0o700);
      assertChain(transcript);
      assert.deepEqual(
        transcript.map(({ type, message }) => [type, message?.role]),
        ["user", "assistant", "assistant", "user", "user", "assistant"].map((role) => [role, role]),
      );
      assert.equal(transcript[0]?.message?.content, "Do it");
      assert.deepEqual(lastTexts(transcript), ["All done."]);
      const [bash, read, ran, failed] = blocks(transcript);
      assert.deepEqual([bash?.type, bash?.name, bash?.input], ["tool_use", "Bash", { command: "echo ran" }]);
      assert.deepEqual([read?.name, read?.input], ["Read", { file_path: "missing.txt" }]);
      assert.deepEqual([ran?.type, ran?.tool_use_id, ran?.is_error], ["tool_result", bash?.id, undefined]);
      assert.match(String(ran?.content), /ran/);
      assert.deepEqual([failed?.tool_use_id, failed?.is_error], [read?.id, true]);
      for (const line of transcript) {
        assert.deepEqual([line.sessionId, line.cwd, line.isSidechain], [session, home.work, false]);
        assert.ok(!Number.isNaN(Date.parse(String(line.timestamp))));
      }
    }
    const [before] = hooks.inputs("PreToolUse");
    assert.deepEqual(
      blocks(before?.transcript ?? []).map(({ name }) => name),
      ["Bash", "Read"],
    );
  });

  it("continue in a resumed session, and are deleted with it", async () => {
    const hooks = addHooks(home, { Stop: "exit 0" });
    await run([answer("One.")], "First");
    const session = await home.lastSession();
    const before = hooks.inputs()[0]?.transcript ?? [];
    await run([answer("Two.")], "--session", session, "Second");
    const after = hooks.inputs()[1]?.transcript ?? [];
    assertChain(after);
    assert.deepEqual(after.slice(0, before.length), before);
    assert.deepEqual(lastTexts(after), ["Two."]);
    assert.deepEqual(readdirSync(folder()), [`${session}.jsonl`]);
    assert.equal((await home.run(["sessions", "delete", session])).code, 0);
    assert.deepEqual(readdirSync(folder()), []);
  });

  it("of an ephemeral session are gone when it ends", async () => {
    const hooks = addHooks(home, { SessionEnd: "exit 0" });
    await run([answer("Here.")], "--ephemeral", "First");
    assert.deepEqual(lastTexts(hooks.inputs()[0]?.transcript ?? []), ["Here."]);
    assert.deepEqual(readdirSync(folder()), []);
  });

  it("are not written without hooks", async () => {
    await run([answer("One.")], "First");
    assert.ok(!existsSync(folder()));
  });

  it("contain no key", async () => {
    const key = "gsk_4f9a8b7c6d5e4f3a2b1c";
    const hooks = addHooks(home, { Stop: "exit 0" });
    home.env.GROQ_API_KEY = key;
    await run(
      [callTools(["bash", { command: `printf '%s' gsk_4f9a8b7c6d5e4f3a2b1c` }]), answer(`It is ${key}`)],
      `My key ${key}`,
    );
    const { transcript_path } = hooks.inputs()[0] ?? {};
    const text = readFileSync(transcript_path ?? "", "utf8");
    assert.ok(!text.includes(key));
    assert.ok(parseTranscript(text).length >= 4);
  });

  it("of a subagent are its own, and SubagentStop gets both", async () => {
    const hooks = addHooks(home, {
      SessionStart: "echo 'Only in the session of a person.'",
      SubagentStart: "echo 'Only in the subagent.'",
      UserPromptSubmit: "exit 0",
      Stop: "exit 0",
      SubagentStop: `grep -q '"stop_hook_active":true' || echo '{"decision":"block","reason":"name the file"}'`,
      SessionEnd: "exit 0",
    });
    const isChild = ({ body }: Received): boolean => JSON.stringify(body.messages).includes("Only in the subagent.");
    let children = 0;
    await run(
      [
        (received) => {
          if (isChild(received)) return answer(++children === 1 ? "Found it." : "It is in a.ts.");
          return JSON.stringify(received.body.messages).includes("It is in a.ts.")
            ? answer("Finished.")
            : callTools(["task", { agent: "explore", prompt: "Find it" }]);
        },
      ],
      "Delegate",
    );
    const session = await home.lastSession();
    const requests = endpoint?.received.map(({ body }) => JSON.stringify(body.messages)) ?? [];
    assert.equal(requests.length, 4);
    const child = requests.filter((text) => text.includes("Only in the subagent."));
    assert.equal(child.length, 2);
    for (const text of requests)
      assert.notEqual(text.includes("Only in the subagent."), text.includes("Only in the session of a person."));
    assert.match(child[1] ?? "", /name the file/);

    const order = hooks.inputs().map(({ hook_event_name }) => hook_event_name);
    assert.deepEqual(order, [
      "SessionStart",
      "UserPromptSubmit",
      "SubagentStart",
      "SubagentStop",
      "SubagentStop",
      "Stop",
      "SessionEnd",
    ]);
    const [start] = hooks.inputs("SubagentStart");
    const [first, second] = hooks.inputs("SubagentStop");
    const agent = String(start?.agent_id);
    for (const input of [start, first, second]) {
      assert.deepEqual([input?.session_id, input?.agent_id, input?.agent_type], [session, agent, "Explore"]);
      assert.equal(input?.transcript_path, join(folder(), `${session}.jsonl`));
      assert.equal(input?.transcript[0]?.message?.content, "Delegate");
    }
    for (const [input, text, active] of [
      [first, "Found it.", false],
      [second, "It is in a.ts.", true],
    ] as const) {
      assert.equal(input?.agent_transcript_path, join(folder(), `${agent}.jsonl`));
      assert.deepEqual([input?.last_assistant_message, input?.stop_hook_active], [text, active]);
      const lines = input?.agentTranscript ?? [];
      assert.deepEqual(lastTexts(lines), [text]);
      for (const line of lines)
        assert.deepEqual([line.isSidechain, line.agentId, line.sessionId], [true, agent, session]);
    }
  });

  it("continue a subagent three times at most", async () => {
    addHooks(home, { SubagentStop: `echo '{"decision":"block","reason":"again"}'` });
    let children = 0;
    await run(
      [
        ({ body }) => {
          const text = JSON.stringify(body.messages);
          if (!text.includes("Delegate")) return answer(`Number ${++children}.`);
          return children > 0 ? answer("Finished.") : callTools(["task", { agent: "general", prompt: "Find it" }]);
        },
      ],
      "Delegate",
    );
    assert.equal(children, 4);
  });
});

describe("the lines of a transcript", () => {
  const head = { session: "s", agentId: null, version: "1", createUuid: (key: string) => key };

  it("are a chain that only grows, with every text that the model would see", () => {
    fc.assert(
      fc.property(arbitraryLogs(), (log) => {
        const whole = createTranscriptFold(head);
        const lines = log.flatMap(whole.add).concat(whole.settle()) as unknown as TranscriptLine[];
        assertChain(lines);
        const texts = new Set(blocks(lines).flatMap(({ text }) => (typeof text === "string" ? [text] : [])));
        const attempts = new Map<string, number>();
        for (const { event } of log)
          if (event.type === "text.done" || event.type === "reasoning.done")
            attempts.set(`${event.turn} ${event.step}`, event.attempt ?? 1);
        for (const { event } of log) {
          if (event.type !== "text.done" || event.incomplete || event.text === "") continue;
          if (event.attempt === attempts.get(`${event.turn} ${event.step}`)) assert.ok(texts.has(event.text));
        }
        const results = blocks(lines).filter(({ type }) => type === "tool_result");
        const calls = blocks(lines).filter(({ type }) => type === "tool_use");
        for (const { tool_use_id } of results) assert.ok(calls.some(({ id }) => id === tool_use_id));
      }),
    );
  });
});
