/** Command hooks in Claude Code's format, in a real run: their input, and the effect of their output and exit code. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { answer, type Script, type ScriptedEndpoint, scriptedEndpoint } from "../../help/scripted-endpoint.ts";
import { callTools, endpointFlags, type Home, useHomes } from "../../help/tutti.ts";

describe("command hooks", function () {
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

  /** Configures a script as the hook of an event; its input is stored in read.json. */
  function addHook(event: string, script: string, matcher?: string, timeout = 5): void {
    const file = join(home.root, "hook.sh");
    writeFileSync(file, `#!/bin/sh\ncat >"${join(home.root, "read.json")}"\n${script}\n`, { mode: 0o755 });
    const folder = join(home.env.HOME ?? "", ".config/tutti");
    mkdirSync(folder, { recursive: true });
    const group = {
      ...(matcher !== undefined && { matcher }),
      hooks: [{ type: "command", command: file, timeout }],
    };
    writeFileSync(join(folder, "tutti.jsonc"), JSON.stringify({ hooks: { [event]: [group] } }));
  }
  const readInput = (): Record<string, unknown> => JSON.parse(readFileSync(join(home.root, "read.json"), "utf8"));
  async function run(scripts: Script[], ...flags: string[]) {
    endpoint = await scriptedEndpoint(scripts);
    return home.run(["run", ...endpointFlags(endpoint), "--mode", "auto", ...flags, "Go"]);
  }
  const body = (request: number): string => JSON.stringify(endpoint?.received[request]?.body.messages);
  const echo = (): Script[] => [callTools(["bash", { command: "echo ran", timeout: 7 }]), answer("Done.")];

  it("get Claude Code's input with its tool names", async () => {
    addHook("PreToolUse", "exit 0", "Bash");
    assert.equal((await run(echo())).code, 0);
    const { tool_name, tool_input, hook_event_name, cwd, session_id } = readInput();
    assert.deepEqual(
      [tool_name, tool_input, hook_event_name, cwd],
      ["Bash", { command: "echo ran", timeout: 7000 }, "PreToolUse", home.work],
    );
    assert.equal(session_id, await home.lastSession());
    assert.match(body(1), /ran/);
  });

  it("refuse with exit code 2 and a reason on standard error", async () => {
    addHook("PreToolUse", 'echo "not on this machine" >&2; exit 2', "Bash|Edit");
    await run(echo());
    assert.match(body(1), /refused: hook hook\.sh: not on this machine/);
  });

  it("refuse with JSON output", async () => {
    const output = {
      hookSpecificOutput: {
        hookEventName: "PreToolUse",
        permissionDecision: "deny",
        permissionDecisionReason: "by policy",
      },
    };
    addHook("PreToolUse", `echo '${JSON.stringify(output)}'`);
    await run(echo());
    assert.match(body(1), /refused: hook hook\.sh: by policy/);
  });

  it("change the input with JSON output", async () => {
    const output = { hookSpecificOutput: { hookEventName: "PreToolUse", updatedInput: { command: "echo changed" } } };
    addHook("PreToolUse", `echo '${JSON.stringify(output)}'`);
    await run(echo());
    assert.match(body(1), /"changed"/);
  });

  it("are ignored and recorded as failed with any other exit code", async () => {
    addHook("PreToolUse", 'echo "something broke" >&2; exit 1');
    await run(echo());
    assert.match(body(1), /ran/);
    const events = await home.events(await home.lastSession());
    const failed = events.flatMap(({ event }) =>
      event.type === "hook.done" && event.effect === "failed" ? [event.text] : [],
    );
    assert.deepEqual(failed, ["it ended with code 1: something broke"]);
  });

  it("are called only for matching tools", async () => {
    addHook("PreToolUse", "exit 2", "Write|Edit");
    await run(echo());
    assert.match(body(1), /ran/);
  });

  it("add their output to a prompt", async () => {
    addHook("UserPromptSubmit", "echo 'The build is red.'");
    await run([answer("Done.")]);
    assert.match(body(0), /The build is red\./);
    assert.equal(readInput().prompt, "Go");
  });

  it("block a prompt", async () => {
    addHook("UserPromptSubmit", 'echo "no prompts today" >&2; exit 2');
    const { code, err } = await run([answer("never")]);
    assert.equal(code, 4);
    assert.match(err, /no prompts today/);
    assert.equal(endpoint?.received.length, 0);
  });

  it("continue a turn", async () => {
    addHook(
      "Stop",
      `grep -q '"stop_hook_active":true' "${join(home.root, "read.json")}" || echo '{"decision":"block","reason":"test it, too"}'`,
    );
    await run([answer("One."), answer("Two.")]);
    assert.equal(endpoint?.received.length, 2);
    assert.match(body(1), /test it, too/);
  });

  for (const [script, message] of [
    ["exit 127", /hook\.sh failed \(tool\.before\): it ended with code 127/],
    ["no-such-program", /hook\.sh failed \(tool\.before\): it ended with code 127: .*no-such/],
    ["sleep 60", /hook\.sh failed \(tool\.before\): it did not respond within 1 s/],
  ] as const)
    it(`are reported in every output format if they fail: ${script}`, async () => {
      addHook("PreToolUse", script, undefined, 1);
      const text = await run(echo());
      assert.equal(text.code, 0);
      assert.match(text.err, message);
      const json = await run(echo(), "--format", "json");
      assert.match(json.err, message);
      assert.equal(JSON.parse(json.out).is_error, false);
      const stream = await run(echo(), "--format", "stream-json");
      const lines: { subtype?: string; level?: string; text?: string }[] = stream.out
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      assert.match(
        lines.find(({ subtype, level }) => subtype === "notice" && level === "warning")?.text ?? "",
        message,
      );
    });
});
