/** Without a model, the terminal UI lists what can be used, tests the choice and saves it. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bin } from "../../help/build.ts";
import { openProgram, type Size, type TestTerminal } from "../../help/screen.ts";
import { type SetupEndpoint, startSetupEndpoint } from "../../help/setup-endpoint.ts";
import { type Home, useHomes } from "../../help/tutti.ts";

describe("the first run without a model", function () {
  this.timeout(60_000);
  let home: Home;
  let terminal: TestTerminal | undefined;
  let endpoint: SetupEndpoint | undefined;
  useHomes(
    (fresh) => {
      home = fresh;
    },
    async () => {
      await terminal?.close();
      await home.stop();
      await endpoint?.close();
      endpoint = undefined;
    },
  );
  const open = (env: Record<string, string> = {}, args: readonly string[] = [], size: Size = {}): TestTerminal => {
    // Nothing listens there.
    const all = { OLLAMA_HOST: "http://127.0.0.1:9", HTTPS_PROXY: "http://127.0.0.1:9", ...env };
    terminal = openProgram(home, [process.execPath, bin, ...args], { ...size, env: all });
    return terminal;
  };
  const defaultModel = async (): Promise<string> => (await home.run(["config", "get", "model"])).out;
  const gone = (one: TestTerminal, what: RegExp): Promise<void> => one.waitFor((rows) => !what.test(rows.join("\n")));

  it("opens the list, and Esc keeps the prompt that could not be sent", async () => {
    const one = open();
    await one.waitFor(/Set up a model[\s\S]*Choose the model[\s\S]*anthropic[\s\S]*openai/);
    one.press("escape");
    await gone(one, /Choose the model/);
    await one.waitFor(/› No model is set up\. Type \/setup/);
    one.type("Explain this folder");
    await one.waitFor(/› Explain this folder/);
    one.press("enter");
    await one.waitFor(/Set up a model[\s\S]*anthropic/);
    one.press("escape");
    await gone(one, /Choose the model/);
    await one.waitFor(/› Explain this folder/);
  });

  it("offers a scripted model, which answers the next prompt and is not saved", async () => {
    const one = open();
    await one.waitFor(/Set up a model[\s\S]*anthropic/);
    one.type("rehearsal");
    await one.waitFor(/rehearsal\/tour +a scripted model/);
    one.press("enter");
    await one.waitFor(/ask {2}rehearsal\/tour/);
    one.type("Hello");
    await one.waitFor(/› Hello/);
    one.press("enter");
    await gone(one, /› Hello/);
    await one.waitFor(/Hello[\s\S]*rehearsal\/tour/);
    assert.doesNotMatch(await defaultModel(), /rehearsal/);
  });

  for (const model of ["qwen3:8b", "team/coder"])
    it(`finds ${model} on a local server, tests it and saves it`, async () => {
      endpoint = await startSetupEndpoint([model]);
      const one = open({ OLLAMA_HOST: endpoint.origin });
      await one.waitFor(/Ask anything/);
      // On a busy machine, the server may not answer a search in time.
      const found = new RegExp(`ollama/${model} +runs at ${endpoint.origin}`);
      for (let search = 0; search < 5 && !found.test(one.text().join("\n")); search++) {
        if (search > 0) {
          one.press("escape");
          await gone(one, /Set up a model .*esc/);
        }
        one.type("/setup");
        await one.waitFor(/› \/setup/);
        one.press("enter");
        await one.waitFor(/Set up a model .*esc[\s\S]*anthropic/);
      }
      await one.waitFor(found);
      one.press("enter");
      await one.waitFor(new RegExp(`ollama/${model} is now your default`));
      const tested = endpoint.prompts.length;
      assert.equal(tested, 2);
      assert.equal((await defaultModel()).trim(), `ollama/${model}`);
      one.type("What is here?");
      await one.waitFor(/› What is here\?/);
      one.press("enter");
      await one.waitFor(/Hello there\./);
      assert.match(endpoint.prompts[tested] ?? "", new RegExp(`"model":"${model}"`));
    });

  it("says that a key is wrong, saves nothing, and accepts another one", async () => {
    endpoint = await startSetupEndpoint([], "right-key-123");
    const one = open({ NEON_AI_GATEWAY_BASE_URL: endpoint.origin.replace("127.0.0.1", "0.0.0.0") });
    await one.waitFor(/Set up a model[\s\S]*anthropic/);
    one.type("neon");
    await one.waitFor(/neon +Neon/);
    one.press("enter");
    await one.waitFor(/Models of neon[\s\S]*neon\/\S+ +default/);
    one.press("enter");
    for (const key of ["wrong-key-456", "right-key-123"]) {
      await one.waitFor(/does not work[\s\S]*Nothing was saved[\s\S]*(key|401)/);
      assert.equal((await defaultModel()).includes("neon"), false);
      one.type("another API");
      await one.waitFor(/1 of \d/);
      one.press("enter");
      await one.waitFor(/API key for neon/);
      one.type(key);
      await one.waitFor(/•{13}/);
      one.press("enter");
      await gone(one, /API key for neon/);
    }
    await one.waitFor(/ask {2}neon\//);
    assert.match(await defaultModel(), /^neon\//);
    assert.doesNotMatch(one.raw(), /(wrong|right)-key/);
  });

  it("replaces a stored key only with one that works", async () => {
    endpoint = await startSetupEndpoint([], "right-key-123");
    const env = { NEON_AI_GATEWAY_BASE_URL: endpoint.origin.replace("127.0.0.1", "0.0.0.0") };
    const login = await home.run(["providers", "login", "neon"], { env, stdin: "older-key-789" });
    assert.equal(login.code, 0, login.err);
    const storedKeys = (): string => readFileSync(join(home.data, "keys.json"), "utf8");
    assert.match(storedKeys(), /older-key-789/);
    const one = open(env);
    await one.waitFor(/Set up a model[\s\S]*neon/);
    one.type("neon");
    await one.waitFor(/neon +Neon/);
    one.press("enter");
    await one.waitFor(/Models of neon[\s\S]*neon\/\S+ +default/);
    one.press("enter");
    for (const key of ["wrong-key-456", "right-key-123"]) {
      await one.waitFor(/does not work[\s\S]*Nothing was saved[\s\S]*(key|401)/);
      assert.match(storedKeys(), /older-key-789/);
      one.type("another API");
      await one.waitFor(/1 of \d/);
      one.press("enter");
      await one.waitFor(/API key for neon/);
      one.type(key);
      await one.waitFor(/•{13}/);
      one.press("enter");
      await gone(one, /API key for neon/);
    }
    await one.waitFor(/ask {2}neon\//);
    assert.match(storedKeys(), /right-key-123/);
    assert.doesNotMatch(storedKeys(), /older|wrong/);
  });

  it("asks for a missing key, and keeps it only after a test", async () => {
    const one = open();
    await one.waitFor(/Set up a model[\s\S]*anthropic/);
    one.type("openrouter");
    await one.waitFor(/openrouter +OpenRouter/);
    one.press("enter");
    await one.waitFor(/API key for openrouter/);
    one.paste("sk-or-secret");
    await one.waitFor(/•{12}/);
    one.press("enter");
    await one.waitFor(/Models of openrouter[\s\S]*openrouter\/\S+ +default/);
    one.press("enter");
    await one.waitFor(/does not work[\s\S]*Nothing was saved/);
    one.press("enter");
    await one.waitFor(/Set up a model[\s\S]*anthropic/);
    const { out } = await home.run(["providers", "list", "--format", "json"]);
    assert.match(out, /"id": "openrouter"[^}]*"key": "none"/);
    assert.doesNotMatch(one.raw(), /sk-or-secret/);
    assert.ok(!existsSync(join(home.data, "prompts.jsonl")));
  });

  it("does not open when a model is named, configured or found", async () => {
    endpoint = await startSetupEndpoint(["qwen3:8b"]);
    for (const [env, args] of [
      [{ OLLAMA_HOST: endpoint.origin }, []],
      [{}, ["--model", "rehearsal/tour"]],
    ] as const) {
      const one = open(env, args);
      await one.waitFor(/Ask anything/);
      await one.waitUntilSettled();
      assert.doesNotMatch(one.text().join("\n"), /Set up a model/);
      await one.close();
      await home.stop();
    }
  });
});
