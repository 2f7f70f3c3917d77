/** From a name to a model: what is taken where little is said, what is refused with which sentence, and where a key may go. */
import assert from "node:assert/strict";
import { TuttiError } from "../../../protocol/errors.ts";
import { all, ask, endOf } from "../../help/door.ts";
import { openWorld, type World } from "../../help/models.ts";
import { answer, scriptedEndpoint } from "../../help/scripted-endpoint.ts";

describe("choosing a model", () => {
  const opened = async (world: World, wanted?: string) => {
    const { models, close } = openWorld(world);
    try {
      const { model, why, warnings } = await models.open(wanted);
      return { id: model.id, why, warnings, model };
    } finally {
      await close();
    }
  };
  const refusal = async (world: World, wanted?: string): Promise<TuttiError> => {
    const error = await opened(world, wanted).then(
      () => assert.fail("was opened"),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof TuttiError, String(error));
    return error;
  };
  const openai = { OPENAI_API_KEY: "sk-of-this-test" };

  it("takes provider/model, also where the model has slashes", async () => {
    assert.equal((await opened({ env: openai }, "openai/gpt-5")).id, "openai/gpt-5");
    const { id, model } = await opened({ env: { OPENROUTER_API_KEY: "k" } }, "openrouter/amazon/nova-lite-v1");
    assert.equal(id, "openrouter/amazon/nova-lite-v1");
    assert.equal(model.context, 300_000);
    assert.equal(model.inputPrice, 0.06);
  });

  it("takes a provider alone, a nickname of it, and a model that only one provider at hand has", async () => {
    assert.equal((await opened({ env: openai }, "openai/")).id, "openai/gpt-5-mini");
    assert.equal((await opened({ env: { GEMINI_API_KEY: "k" } }, "gemini")).id, "google/gemini-3-flash-preview");
    assert.equal((await opened({ env: openai }, "gpt-5")).id, "openai/gpt-5");
    const providers = { mine: { baseUrl: "http://127.0.0.1:1/v1", models: { first: {}, second: {} } } };
    assert.equal((await opened({ config: { providers } }, "mine/")).id, "mine/first");
    assert.equal((await opened({ config: { providers } }, "second")).id, "mine/second");
  });

  it("asks which provider is meant where several have the model", async () => {
    const error = await refusal({ env: { ...openai, OPENCODE_API_KEY: "k", AZURE_API_KEY: "k" } }, "gpt-5");
    assert.match(error.message, /openai\/gpt-5.*azure\/gpt-5/);
  });

  it("names the nearest where there is no such provider or model", async () => {
    assert.match((await refusal({}, "opnai/gpt-5")).message, /no provider "opnai"\. Did you mean openai\?/);
    assert.match((await refusal({}, "gpt-5")).message, /write openai\/gpt-5, and set its key/);
    assert.match((await refusal({}, "rehearsal/tuor")).message, /Did you mean rehearsal\/tour\?/);
    assert.match(
      (await refusal({ env: openai }, "openai/gpt-5-codex")).message,
      /not served on OpenAI's chat completions route/,
    );
    assert.match((await refusal({}, "gitlab/duo")).message, /GitLab Duo cannot be used: /);
  });

  it("warns of a model that a known provider has and the catalog has not", async () => {
    const { warnings, model } = await opened({ env: openai }, "openai/gpt-99");
    assert.match(warnings.join(), /gpt-99 is not in the catalog of OpenAI/);
    assert.equal(model.context, null);
  });

  it("says which variable and which command where a key is missing", async () => {
    const error = await refusal({}, "groq/llama-3.3-70b-versatile");
    assert.equal(error.code, "auth");
    assert.match(error.message, /GROQ_API_KEY.*tutti providers login groq.*https:/);
  });

  it("says which variable an address needs", async () => {
    const error = await refusal({ env: { AZURE_API_KEY: "k" } }, "azure/gpt-5");
    assert.equal(error.code, "config");
    assert.match(error.message, /AZURE_RESOURCE_NAME/);
    const { models, close } = openWorld({
      env: {
        AZURE_RESOURCE_NAME: "acme",
        GOOGLE_VERTEX_LOCATION: "europe-west1",
        GOOGLE_VERTEX_PROJECT: "p",
        OLLAMA_HOST: "0.0.0.0:7777",
      },
    });
    assert.equal(models.endpoint("azure").baseUrl, "https://acme.openai.azure.com/openai/v1");
    assert.match(
      models.endpoint("google-vertex").baseUrl,
      /^https:\/\/europe-west1-aiplatform\.googleapis\.com\/v1\/projects\/p\//,
    );
    assert.equal(models.endpoint("ollama").baseUrl, "http://127.0.0.1:7777/v1");
    await close();
  });

  it("without a choice takes the configuration, then a configured provider, then a key, then the script", async () => {
    const providers = { mine: { baseUrl: "http://127.0.0.1:1/v1", models: { one: {} } } };
    const env = { MOONSHOT_API_KEY: "k", GROQ_API_KEY: "k", GITHUB_TOKEN: "t", HF_TOKEN: "t" };
    assert.equal(
      (await opened({ env, config: { model: "groq/qwen/qwen3-32b", providers } })).id,
      "groq/qwen/qwen3-32b",
    );
    assert.equal((await opened({ env, config: { providers } })).id, "mine/one");
    const keyed = await opened({ env });
    assert.deepEqual([keyed.id, keyed.why, keyed.warnings], ["moonshotai/kimi-k2.6", "MOONSHOT_API_KEY is set", []]);
    const script = await opened({ env: { GITHUB_TOKEN: "t", HF_TOKEN: "t" } });
    assert.equal(script.id, "rehearsal/tour");
    assert.match(script.warnings.join(), /a script plays one.*OPENAI_API_KEY.*--model/);
  });

  it("asks an endpoint that names no models which it serves", async () => {
    const server = await scriptedEndpoint([
      { headers: { "content-type": "application/json" }, body: ['{"data":[{"id":"served"}]}'] },
    ]);
    const providers = { env: { baseUrl: server.baseUrl, apiKey: "key-of-this-test" } };
    assert.equal((await opened({ config: { providers } })).id, "env/served");
    assert.equal(server.received[0]?.path, "/v1/models");
    assert.equal(server.received[0]?.headers.authorization, "Bearer key-of-this-test");
    await server.close();
  });
});

describe("a provider's key", () => {
  const sentTo = async (own: { apiKey?: string }, env: Record<string, string>, stored?: string) => {
    const server = await scriptedEndpoint([answer("yes")]);
    const world = openWorld({ env, config: { providers: { groq: { baseUrl: server.baseUrl, ...own } } } });
    try {
      if (stored !== undefined) await world.keys.store("groq", "https://api.groq.com", stored);
      const { model, warnings } = await world.models.open("groq/llama-3.3-70b-versatile");
      assert.equal(endOf(await all(model.stream(ask("hi"), new AbortController().signal))), "done");
      return { authorization: server.received[0]?.headers.authorization, warnings, known: world.known };
    } finally {
      await world.close();
      await server.close();
    }
  };

  it("does not go to another address than the provider's own, and a person is told", async () => {
    const { authorization, warnings } = await sentTo({}, { GROQ_API_KEY: "groq-key-of-this-test" });
    assert.equal(authorization, undefined);
    assert.match(warnings.join(), /The key of groq is not sent to http:\/\/127\.0\.0\.1:\d+.*providers\.groq\.apiKey/);
    assert.equal((await sentTo({}, {}, "stored-key-of-this-test")).authorization, undefined);
  });

  it("goes there where it is written next to the address, and is made known before", async () => {
    const { authorization, warnings, known } = await sentTo(
      { apiKey: "own-key-of-this-test" },
      { GROQ_API_KEY: "other" },
    );
    assert.equal(authorization, "Bearer own-key-of-this-test");
    assert.deepEqual(warnings, []);
    assert.deepEqual(known, ["own-key-of-this-test"]);
  });

  it("is refused for a foreign address that is not nearby", async () => {
    const world = openWorld({
      env: { GROQ_API_KEY: "k" },
      config: { providers: { groq: { baseUrl: "https://proxy.example/v1" } } },
    });
    await assert.rejects(
      world.models.open("groq/x"),
      (error: TuttiError) => error.code === "auth" && /not groq's own address/.test(error.message),
    );
    await world.close();
  });
});
