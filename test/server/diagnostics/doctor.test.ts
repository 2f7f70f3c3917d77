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
