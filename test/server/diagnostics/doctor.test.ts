/** The commands about models, providers and the machine, through the built program. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "../../help/build.ts";
import { answer, scriptedEndpoint } from "../../help/scripted-endpoint.ts";
import { type Home, openHome } from "../../help/tutti.ts";

describe("doctor and provider commands", () => {
  let home: Home;
  before(build);
  beforeEach(async () => {
    home = await openHome();
  });
  afterEach(() => home.close());
  const env = { TUTTI_KEYCHAIN: "off" };

  it("checks the machine and restricts files that others could read", async () => {
    mkdirSync(home.data, { mode: 0o755 });
    writeFileSync(join(home.data, "keys.json"), "{}", { mode: 0o644 });
    chmodSync(home.data, 0o755);
    const { code, out, err } = await home.run(["doctor", "--format", "json"], {
      env: { ...env, TUTTI_MODEL: "rehearsal/tour" },
    });
    assert.equal(code, 0, out);
    const checks = JSON.parse(out) as { name: string; state: string; detail: string }[];
    const state = Object.fromEntries(checks.map(({ name, state }) => [name, state]));
    assert.deepEqual(Object.keys(state).toSorted(), [
      "configuration",
      "definitions",
      "disk",
      "files",
      "git",
      "keychain",
      "model",
      "node",
      "ripgrep",
      "sandbox",
      "terminal",
    ]);
    assert.deepEqual([state.node, state.ripgrep, state.model, state.keychain], ["ok", "ok", "ok", "warning"]);
    assert.match(err, /Other users could read .*fixed/);
    assert.equal(statSync(home.data).mode & 0o777, 0o700);
    assert.equal(statSync(join(home.data, "keys.json")).mode & 0o777, 0o600);
  });

  it("names the file and the line of each hook that cannot run, and those that wait for trust", async () => {
    const claude = join(home.env.HOME ?? "", ".claude");
    mkdirSync(join(claude, "hooks"), { recursive: true });
    const put = (name: string, text: string, mode: number) =>
      writeFileSync(join(claude, "hooks", name), text, { mode });
    put("bun.ts", "#!/usr/bin/env no-such-bun\n", 0o755);
    put("plain.ts", "#!/bin/sh\n", 0o644);
    put("good.sh", "#!/usr/bin/env -S sh -e\n", 0o755);
    const commands = {
      PreToolUse: "$DIR/bun.ts --fast",
      PostToolUse: "$DIR/plain.ts",
      Stop: "$DIR/missing.ts",
      SessionEnd: "$DIR/good.sh",
      SessionStart: "echo 'fine' && true",
      UserPromptSubmit: "no-such-program x",
      Notification: "sh $DIR/gone.sh",
      PreCompact: "$OTHER/x.sh",
      MadeUp: "true",
    };
    const hooks = Object.entries(commands).map(([event, command]) => [event, [{ hooks: [{ command }] }]]);
    const settings = { env: { DIR: `${"$"}{HOME}/.claude/hooks` }, hooks: Object.fromEntries(hooks) };
    writeFileSync(join(claude, "settings.json"), JSON.stringify(settings, null, 2));
    const { out } = await home.run(["doctor"], { env });
    const file = join(claude, "settings.json");
    const lines = JSON.stringify(settings, null, 2).split("\n");
    const lineOf = (command: string) => lines.findIndex((line) => line.includes(JSON.stringify(command))) + 1;
    const expected = {
      PreToolUse: `${claude}/hooks/bun.ts needs no-such-bun, which is not in PATH.`,
      PostToolUse: `The file ${claude}/hooks/plain.ts is not executable. Run \`chmod +x ${claude}/hooks/plain.ts\`.`,
      Stop: `The file ${claude}/hooks/missing.ts does not exist.`,
      UserPromptSubmit: "The hook needs no-such-program, which is not in PATH.",
      Notification: `The file ${claude}/hooks/gone.sh does not exist.`,
      PreCompact: "The command $OTHER/x.sh uses a variable that is not set.",
      MadeUp: "Tutti has no event MadeUp, so this hook is never called.",
    };
    const found = out.split("\n").filter((line) => line.startsWith("! hooks: "));
    assert.deepEqual(
      found.map((line) => line.replace("! hooks: ", "")).toSorted(),
      [
        `${file}: 9 hooks have no effect until you trust them. Review with \`tutti trust\`.`,
        ...Object.entries(expected).map(
          ([event, text]) => `${file}:${lineOf(commands[event as keyof typeof commands])}: ${text}`,
        ),
      ].toSorted(),
    );
  });

  it("reports an endpoint that does not respond", async () => {
    const { code, out } = await home.run(["doctor"], {
      env: { ...env, TUTTI_BASE_URL: "http://127.0.0.1:1/v1", TUTTI_MODEL: "m" },
    });
    assert.equal(code, 1);
    assert.match(out, /✗ model: env\/m .*127\.0\.0\.1:1 does not respond/);
  });

  it("stores, lists, uses and removes a key", async () => {
    const endpoint = await scriptedEndpoint([answer("yes")]);
    const file = join(home.root, "own.jsonc");
    writeFileSync(file, JSON.stringify({ model: "mine/m", providers: { mine: { baseUrl: endpoint.baseUrl } } }));
    const own = { ...env, TUTTI_CONFIG: file };
    const stored = await home.run(["providers", "login", "mine"], { stdin: "key-of-this-test\n", env: own });
    assert.equal(stored.code, 0, stored.err);
    assert.equal(statSync(join(home.data, "keys.json")).mode & 0o777, 0o600);
    const keyOf = async () => {
      const { out } = await home.run(["providers", "list", "--format", "json"], { env: own });
      return (JSON.parse(out) as { id: string; key: string }[]).find(({ id }) => id === "mine")?.key;
    };
    assert.equal(await keyOf(), "file");
    assert.equal((await home.run(["run", "hi"], { env: own })).code, 0);
    assert.equal(endpoint.received.at(-1)?.headers.authorization, "Bearer key-of-this-test");
    assert.equal((await home.run(["providers", "logout", "mine"], { env: own })).code, 0);
    assert.equal(await keyOf(), "not needed");
    await endpoint.close();
  });

  it("lists the models of one provider and reports an unknown name", async () => {
    const { out } = await home.run(["models", "groq", "--format", "json"], { env: { ...env, GROQ_API_KEY: "k" } });
    const models = JSON.parse(out) as { id: string; ready: boolean; context: number }[];
    assert.ok(
      models.length > 3 && models.every(({ id, ready, context }) => id.startsWith("groq/") && ready && context > 1_000),
    );
    const wrong = await home.run(["models", "grok-cloud"], { env });
    assert.notEqual(wrong.code, 0);
    assert.match(wrong.err, /Unknown provider "grok-cloud"/);
  });
});
