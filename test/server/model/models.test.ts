/** Model selection: defaults, errors, and where a key may be sent. */
import assert from "node:assert/strict";
import { TuttiError } from "../../../protocol/errors.ts";
import { ask, collectAll, endOf } from "../../help/model-client.ts";
import { type ModelsFixture, openModelsFixture } from "../../help/models.ts";
import { answer, scriptedEndpoint } from "../../help/scripted-endpoint.ts";

describe("choosing a model", () => {
  const opened = async (context: ModelsFixture, name?: string) => {
    const { models, close } = openModelsFixture(context);
    try {
      const { model, reason, warnings } = await models.open(name);
      return { id: model.id, why: reason, warnings, model };
    } finally {
      await close();
    }
  };
  const refusal = async (context: ModelsFixture, name?: string): Promise<TuttiError> => {
    const error = await opened(context, name).then(
      () => assert.fail("was opened"),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof TuttiError, String(error));
    return error;
  };
  const openai = { OPENAI_API_KEY: "sk-of-this-test" };

  it("accepts provider/model, also if the model contains slashes", async () => {
    assert.equal((await opened({ env: openai }, "openai/gpt-5")).id, "openai/gpt-5");
    const { id, model } = await opened({ env: { OPENROUTER_API_KEY: "k" } }, "openrouter/amazon/nova-lite-v1");
    assert.equal(id, "openrouter/amazon/nova-lite-v1");
    assert.equal(model.context, 300_000);
    assert.equal(model.inputPrice, 0.06);
  });

  it("accepts a provider, its alias, and a model of exactly one usable provider", async () => {
    assert.equal((await opened({ env: openai }, "openai/")).id, "openai/gpt-5-mini");
    assert.equal((await opened({ env: { GEMINI_API_KEY: "k" } }, "gemini")).id, "google/gemini-3-flash-preview");
    assert.equal((await opened({ env: openai }, "gpt-5")).id, "openai/gpt-5");
    const providers = { mine: { baseUrl: "http://127.0.0.1:1/v1", models: { first: {}, second: {} } } };
    assert.equal((await opened({ config: { providers } }, "mine/")).id, "mine/first");
    assert.equal((await opened({ config: { providers } }, "second")).id, "mine/second");
  });

  it("requires a provider if several serve the model", async () => {
    const error = await refusal({ env: { ...openai, OPENCODE_API_KEY: "k", AZURE_API_KEY: "k" } }, "gpt-5");
    assert.match(error.message, /openai\/gpt-5.*azure\/gpt-5/);
  });

  it("suggests the closest name for an unknown provider or model", async () => {
    assert.match((await refusal({}, "opnai/gpt-5")).message, /Unknown provider "opnai"\. Did you mean openai\?/);
    assert.match((await refusal({}, "gpt-5")).message, /Use openai\/gpt-5 and set its key/);
    assert.match((await refusal({}, "rehearsal/tuor")).message, /Did you mean rehearsal\/tour\?/);
    assert.match(
      (await refusal({ env: openai }, "openai/gpt-5-codex")).message,
      /not served on OpenAI's chat completions route/,
    );
    assert.match((await refusal({}, "gitlab/duo")).message, /GitLab Duo cannot be used: /);
  });

  it("warns about a model that is not in the catalog of a known provider", async () => {
    const { warnings, model } = await opened({ env: openai }, "openai/gpt-99");
    assert.match(warnings.join(), /gpt-99 is not in the catalog of OpenAI/);
    assert.equal(model.context, null);
  });

  it("names the variable and the command for a missing key", async () => {
    const error = await refusal({}, "groq/llama-3.3-70b-versatile");
    assert.equal(error.code, "auth");
    assert.match(error.message, /GROQ_API_KEY.*tutti providers login groq.*https:/);
  });

  it("names the variable that an address needs", async () => {
    const error = await refusal({ env: { AZURE_API_KEY: "k" } }, "azure/gpt-5");
    assert.equal(error.code, "config");
    assert.match(error.message, /AZURE_RESOURCE_NAME/);
    const { models, close } = openModelsFixture({
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

  it("uses the configuration, then a configured provider, then a key, and never the scripted model", async () => {
    const providers = { mine: { baseUrl: "http://127.0.0.1:1/v1", models: { one: {} } } };
    const env = { MOONSHOT_API_KEY: "k", GROQ_API_KEY: "k", GITHUB_TOKEN: "t", HF_TOKEN: "t" };
    assert.equal(
      (await opened({ env, config: { model: "groq/qwen/qwen3-32b", providers } })).id,
      "groq/qwen/qwen3-32b",
    );
    assert.equal((await opened({ env, config: { providers } })).id, "mine/one");
    const keyed = await opened({ env });
    assert.deepEqual([keyed.id, keyed.why, keyed.warnings], ["moonshotai/kimi-k2.6", "MOONSHOT_API_KEY is set", []]);
    const { models, close } = openModelsFixture({ env: { GITHUB_TOKEN: "t", HF_TOKEN: "t" } });
    for (const without of [models.open, models.check])
      await assert.rejects(without(undefined), {
        code: "noModel",
        message: /OPENAI_API_KEY.*--model.*rehearsal\/tour/,
      });
    await close();
  });

  it("checks a model before it is chosen", async () => {
    const server = await scriptedEndpoint(
      Array.from({ length: 3 }, () => ({
        headers: { "content-type": "application/json" },
        body: ['{"data":[{"id":"served-8b"},{"id":"other"}]}'],
      })),
    );
    const providers = {
      mine: { baseUrl: server.baseUrl, models: { own: {} } },
      gone: { baseUrl: "http://127.0.0.1:1/v1" },
    };
    const { models, close } = openModelsFixture({ env: { GROQ_API_KEY: "k" }, config: { providers } });
    for (const known of ["groq/openai/gpt-oss-120b", "mine/own", "mine/served-8b", "rehearsal/tour"])
      assert.deepEqual(await models.check(known), { model: known, warning: null });
    assert.match(
      (await models.check("gone/any")).warning ?? "",
      /gone\/any is not verified: http:\/\/127\.0\.0\.1:1 did not list/,
    );
    for (const [name, message] of [
      ["mine/servd-8b", /mine does not have the model "mine\/servd-8b"\. Did you mean mine\/served-8b\?/],
      ["mine/nothing-like-it", /List its models with `tutti models mine`/],
      ["grok2/x", /Unknown provider "grok2"/],
      ["nonsense", /No configured provider serves the model nonsense/],
      ["rehearsal/tuor", /Did you mean rehearsal\/tour/],
    ] as const)
      await assert.rejects(models.check(name), { code: "config", message });
    await close();
    await server.close();
  });

  it("queries the models of an endpoint that is configured without models", async () => {
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
    const context = openModelsFixture({ env, config: { providers: { groq: { baseUrl: server.baseUrl, ...own } } } });
    try {
      if (stored !== undefined) await context.keys.store("groq", "https://api.groq.com", stored);
      const { model, warnings } = await context.models.open("groq/llama-3.3-70b-versatile");
      assert.equal(endOf(await collectAll(model.stream(ask("hi"), new AbortController().signal))), "done");
      return { authorization: server.received[0]?.headers.authorization, warnings, known: context.known };
    } finally {
      await context.close();
      await server.close();
    }
  };

  it("is not sent to another address than the provider's own, with a warning", async () => {
    const { authorization, warnings } = await sentTo({}, { GROQ_API_KEY: "groq-key-of-this-test" });
    assert.equal(authorization, undefined);
    assert.match(warnings.join(), /The key for groq is not sent to http:\/\/127\.0\.0\.1:\d+.*providers\.groq\.apiKey/);
    assert.equal((await sentTo({}, {}, "stored-key-of-this-test")).authorization, undefined);
  });

  it("is sent there if it is configured with the address, and is redacted first", async () => {
    const { authorization, warnings, known } = await sentTo(
      { apiKey: "own-key-of-this-test" },
      { GROQ_API_KEY: "other" },
    );
    assert.equal(authorization, "Bearer own-key-of-this-test");
    assert.deepEqual(warnings, []);
    assert.deepEqual(known, ["own-key-of-this-test"]);
  });

  it("is rejected for a foreign address that is not private", async () => {
    const context = openModelsFixture({
      env: { GROQ_API_KEY: "k" },
      config: { providers: { groq: { baseUrl: "https://proxy.example/v1" } } },
    });
    await assert.rejects(
      context.models.open("groq/x"),
      (error: TuttiError) => error.code === "auth" && /not groq's own address/.test(error.message),
    );
    await context.close();
  });
});
