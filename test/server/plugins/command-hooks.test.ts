/** Hooks that are commands, as Claude Code's settings have them, in a real run: what they read, and what each way to end does. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { answer, type Script, type ScriptedEndpoint, scriptedEndpoint } from "../../help/scripted-endpoint.ts";
import { at, calling, eachInItsHome, type Home } from "../../help/tutti.ts";

describe("hooks that are commands", function () {
  this.timeout(60_000);
  let home: Home;
  let endpoint: ScriptedEndpoint | undefined;
  eachInItsHome(
    (fresh) => {
      home = fresh;
    },
    async () => {
      await endpoint?.close();
      endpoint = undefined;
    },
  );

  /** A script of the person's own, called for this event; what it reads is kept beside it. */
  function hook(event: string, script: string, matcher?: string): void {
    const file = join(home.root, "hook.sh");
    writeFileSync(file, `#!/bin/sh\ncat >"${join(home.root, "read.json")}"\n${script}\n`, { mode: 0o755 });
    const folder = join(home.env.HOME ?? "", ".config/tutti");
    mkdirSync(folder, { recursive: true });
    const group = {
      ...(matcher !== undefined && { matcher }),
      hooks: [{ type: "command", command: file, timeout: 5 }],
    };
    writeFileSync(join(folder, "tutti.jsonc"), JSON.stringify({ hooks: { [event]: [group] } }));
  }
  const read = (): Record<string, unknown> => JSON.parse(readFileSync(join(home.root, "read.json"), "utf8"));
  async function run(scripts: Script[]) {
    endpoint = await scriptedEndpoint(scripts);
    return home.run(["run", ...at(endpoint), "--mode", "auto", "Go"]);
  }
  const body = (request: number): string => JSON.stringify(endpoint?.received[request]?.body.messages);
  const echo = (): Script[] => [calling(["bash", { command: "echo ran", timeout: 7 }]), answer("Done.")];

  it("read what Claude Code's read, by its names", async () => {
    hook("PreToolUse", "exit 0", "Bash");
    assert.equal((await run(echo())).code, 0);
    const { tool_name, tool_input, hook_event_name, cwd, session_id } = read();
    assert.deepEqual(
      [tool_name, tool_input, hook_event_name, cwd],
      ["Bash", { command: "echo ran", timeout: 7000 }, "PreToolUse", home.work],
    );
    assert.equal(session_id, await home.lastSession());
    assert.match(body(1), /ran/);
  });

  it("refuse by ending with 2, and say why on standard error", async () => {
    hook("PreToolUse", 'echo "not on this machine" >&2; exit 2', "Bash|Edit");
    await run(echo());
    assert.match(body(1), /refused: hook hook\.sh: not on this machine/);
  });

  it("refuse by what they print", async () => {
    const said = {
      hookSpecificOutput: {
        hookEventName: "PreToolUse",
        permissionDecision: "deny",
        permissionDecisionReason: "by policy",
      },
    };
    hook("PreToolUse", `echo '${JSON.stringify(said)}'`);
    await run(echo());
    assert.match(body(1), /refused: hook hook\.sh: by policy/);
  });

  it("change the input by what they print", async () => {
    const said = { hookSpecificOutput: { hookEventName: "PreToolUse", updatedInput: { command: "echo changed" } } };
    hook("PreToolUse", `echo '${JSON.stringify(said)}'`);
    await run(echo());
    assert.match(body(1), /"changed"/);
  });

  it("are left alone where they end in any other way, and that is told", async () => {
    hook("PreToolUse", 'echo "something broke" >&2; exit 1');
    await run(echo());
    assert.match(body(1), /ran/);
    const events = await home.events(await home.lastSession());
    const failed = events.flatMap(({ event }) =>
      event.type === "hook.done" && event.effect === "failed" ? [event.text] : [],
    );
    assert.deepEqual(failed, ["it ended with code 1: something broke"]);
  });

  it("are called only for the tools that they name", async () => {
    hook("PreToolUse", "exit 2", "Write|Edit");
    await run(echo());
    assert.match(body(1), /ran/);
  });

  it("tell the model what they print before a prompt", async () => {
    hook("UserPromptSubmit", "echo 'The build is red.'");
    await run([answer("Done.")]);
    assert.match(body(0), /The build is red\./);
    assert.equal(read().prompt, "Go");
  });

  it("stop a prompt", async () => {
    hook("UserPromptSubmit", 'echo "no prompts today" >&2; exit 2');
    const { code, err } = await run([answer("never")]);
    assert.equal(code, 4);
    assert.match(err, /no prompts today/);
    assert.equal(endpoint?.received.length, 0);
  });

  it("go on with a turn", async () => {
    hook(
      "Stop",
      `grep -q '"stop_hook_active":true' "${join(home.root, "read.json")}" || echo '{"decision":"block","reason":"test it, too"}'`,
    );
    await run([answer("One."), answer("Two.")]);
    assert.equal(endpoint?.received.length, 2);
    assert.match(body(1), /test it, too/);
  });
});
