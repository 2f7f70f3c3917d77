/** Local servers: detection, real context size, and timeouts. */
import assert from "node:assert/strict";
import { discoverServers, queryLocalModel } from "../../../server/model/discover.ts";
import { type LocalModelServer, serverKinds, startLocalServer } from "../../help/local-server.ts";
import { openModelsFixture } from "../../help/models.ts";

describe("local servers", () => {
  const servers: LocalModelServer[] = [];
  const serve = async (answers: Record<string, unknown>): Promise<LocalModelServer> => {
    const server = await startLocalServer(answers);
    servers.push(server);
    return server;
  };
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });

  const remedies = {
    ollama: /OLLAMA_CONTEXT_LENGTH=65536 ollama serve/,
    llamacpp: /--ctx-size 65536/,
    vllm: /vllm serve served-name --max-model-len 65536/,
    lmstudio: /lms load qwen\/qwen3-coder-30b --context-length 65536/,
  };
  for (const [kind, remedy] of Object.entries(remedies) as [keyof typeof remedies, RegExp][]) {
    it(`reports the context of ${kind}, and how to raise it`, async () => {
      for (const context of [4_096, 131_072]) {
        const { baseUrl } = await serve(serverKinds[kind](context));
        const [found] = await discoverServers([{ provider: kind, baseUrl }]);
        assert.equal(found?.provider, kind);
        const [model] = found?.models ?? [];
        assert.equal(model?.context, context);
        if (context === 4_096) assert.match(model?.warning ?? "", remedy);
        else assert.equal(model?.warning, undefined);
        assert.equal((await queryLocalModel(kind, baseUrl, model?.id ?? ""))?.context, context);
      }
    });
  }

  it("distinguishes LocalAI from llama.cpp, which share a port", async () => {
    const { baseUrl } = await serve(serverKinds.localai());
    assert.deepEqual(await discoverServers([{ provider: "llamacpp", baseUrl }]), [
      {
        provider: "localai",
        baseUrl,
        models: [{ id: "gpt-4", context: null, tools: null, vision: null, reasoning: null }],
      },
    ]);
  });

  it("skips servers that are absent or do not respond in time", async () => {
    const there = await serve(serverKinds.vllm(40_960));
    const silent = await serve({ "GET /v1/models": "silent" });
    const odd = await serve({ "GET /v1/models": ["what"] });
    const found = await discoverServers(
      [
        { provider: "ollama", baseUrl: silent.baseUrl },
        { provider: "lmstudio", baseUrl: "http://127.0.0.1:1/v1" },
        { provider: "llamacpp", baseUrl: odd.baseUrl },
        { provider: "vllm", baseUrl: there.baseUrl },
      ],
      150,
    );
    assert.deepEqual(
      found.filter(({ models }) => models.length > 0).map(({ provider }) => provider),
      ["vllm"],
    );
  });

  it("uses the context that the server allocated, unless it is configured", async () => {
    const { baseUrl, requests } = await serve(serverKinds.ollama(8_192));
    const providers = { ollama: { baseUrl } };
    const context = openModelsFixture({ config: { providers } });
    const { model, warnings } = await context.models.open("ollama/qwen3-coder:30b");
    assert.equal(model.context, 8_192);
    assert.equal(model.tools, true);
    assert.match(warnings.join("\n"), /is only 8192 tokens.*OLLAMA_CONTEXT_LENGTH=65536 ollama serve/);
    await context.close();

    const before = requests.length;
    const models = { "qwen3-coder:30b": { context: 32_768 } };
    const configured = openModelsFixture({ config: { providers: { ollama: { baseUrl, models } } } });
    const opened = await configured.models.open("ollama/qwen3-coder:30b");
    assert.equal(opened.model.context, 32_768);
    assert.deepEqual(opened.warnings, []);
    assert.equal(requests.length, before, "a configured context is not queried");
    await configured.close();
  });

  it("provide the default model without a configured model or key", async () => {
    const { baseUrl } = await serve(serverKinds.llamacpp(65_536));
    const context = openModelsFixture({ addresses: [{ provider: "llamacpp", baseUrl }] });
    const { model, reason, warnings } = await context.models.open(undefined);
    assert.equal(model.id, "llamacpp/model.gguf");
    assert.equal(reason, `llamacpp runs at ${baseUrl}`);
    assert.equal(model.context, 65_536);
    assert.deepEqual(warnings, []);
    await context.close();
  });
});
