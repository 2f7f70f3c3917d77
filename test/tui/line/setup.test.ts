/** Line mode without a model: it says how to get one, and `/setup` chooses, tests and saves one by number. */
import assert from "node:assert/strict";
import { openTestTerminal, type TestTerminal } from "../../help/screen.ts";
import { type SetupEndpoint, startSetupEndpoint } from "../../help/setup-endpoint.ts";
import { type Home, useHomes } from "../../help/tutti.ts";

/** Nothing listens there. */
const nothing = { OLLAMA_HOST: "http://127.0.0.1:9", HTTPS_PROXY: "http://127.0.0.1:9" };

describe("line mode without a model", function () {
  this.timeout(60_000);
  let home: Home;
  let person: TestTerminal | undefined;
  let endpoint: SetupEndpoint | undefined;
  useHomes(
    (fresh) => {
      home = fresh;
    },
    async () => {
      await person?.close();
      person = undefined;
      await home.stop();
      await endpoint?.close();
      endpoint = undefined;
    },
  );
  const run = (stdin: string, env: Record<string, string> = nothing) => home.run(["--line"], { env, stdin });
  const defaultModel = async (): Promise<string> => (await home.run(["config", "get", "model"])).out.trim();

  it("says how to set up a model, and exits with 2", async () => {
    const { code, out } = await run("Hello\n");
    assert.equal(code, 2);
    assert.match(
      out,
      /\nerror: No model is configured, and none was found\. Set a provider's key, .*type \/setup to choose/,
    );
    assert.equal(out.split("/setup").length, 2);
  });

  it("suggests /setup at startup in a terminal, and numbers the available models", async () => {
    person = openTestTerminal(home, ["--line"], { env: nothing });
    await person.waitFor(/notice: No model is set up\. Type \/setup to choose one\./);
    person.type("/setup\r");
    await person.waitFor(/status: To add a provider, run `tutti providers login PROVIDER`/);
    await person.waitFor(
      /Set up a model:\n( {2}\d+: .*\n)* {2}\d+: rehearsal\/tour, a scripted model[\s\S]*Type a number/,
    );
    person.type("rehearsal\r");
    await person.waitFor(/status: Using rehearsal\/tour, a scripted model, until you quit\./);
    person.type("What is here?\r");
    await person.waitFor(/agent: [\s\S]*status: The agent finished/);
    assert.doesNotMatch(await defaultModel(), /rehearsal/);
  });

  for (const [title, key] of [
    ["a model of a local server", "OLLAMA_HOST"],
    ["a model by name", ""],
    ["the default model of a provider with a key", "NEON_AI_GATEWAY_BASE_URL"],
  ] as const)
    it(`tests and saves ${title}, which then answers`, async () => {
      endpoint = await startSetupEndpoint(["qwen3:8b"]);
      const { origin } = endpoint;
      const isProvider = key === "NEON_AI_GATEWAY_BASE_URL";
      const env: Record<string, string> = { ...nothing, OLLAMA_HOST: origin };
      if (isProvider) Object.assign(env, nothing, { [key]: origin.replace("127.0.0.1", "0.0.0.0") });
      if (isProvider) await home.run(["providers", "login", "neon"], { env, stdin: "key-123" });
      const choice = { OLLAMA_HOST: "/setup\nqwen3\n", "": "/setup ollama/qwen3:8b\n" };
      const input = `${isProvider ? "/setup neon\n" : choice[key]}Hello?\n`;
      let { code, out } = await run(input, env);
      // On a busy machine, the server may not answer a search in time.
      for (let search = 1; search < 5 && !out.includes("Testing"); search++) ({ code, out } = await run(input, env));
      assert.equal(code, 0, out);
      const name = isProvider ? "neon/" : "ollama/qwen3:8b";
      assert.match(out, new RegExp(`status: Testing ${name}`));
      assert.match(
        out,
        new RegExp(`status: The test succeeded, including tool calls\\. ${name}\\S* is now your default`),
      );
      assert.match(out, /agent: Hello there\./);
      assert.ok((await defaultModel()).startsWith(name));
    });

  it("uses a scripted model only by its full name, and saves none", async () => {
    const before = await defaultModel();
    const { out } = await run("/setup rehearsals\n0\n/setup rehearsal/none\n/setup rehearsal/tour\n", nothing);
    assert.match(out, /error: .*rehearsal\/none|error: .*"none"/);
    assert.deepEqual(
      [...out.matchAll(/Using (\S+), a scripted model/g)].map(([, name]) => name),
      ["rehearsal/tour"],
      out,
    );
    assert.equal(await defaultModel(), before);
  });

  it("says why a test failed, and saves nothing", async () => {
    endpoint = await startSetupEndpoint([], "right-key-123");
    const env = { ...nothing, NEON_AI_GATEWAY_BASE_URL: endpoint.origin.replace("127.0.0.1", "0.0.0.0") };
    await home.run(["providers", "login", "neon"], { env, stdin: "wrong-key-456" });
    const before = await defaultModel();
    const { code, out } = await run("/setup neon\n", env);
    assert.match(
      out,
      /error: neon\/\S+ does not work: .*(key|401).* Nothing was saved\. Choose another model with \/setup\./,
    );
    assert.doesNotMatch(out, /wrong-key/);
    assert.equal(code, 0);
    assert.equal(await defaultModel(), before);
  });
});
