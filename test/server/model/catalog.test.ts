/** The shipped catalog, row by row, requests to each of its providers, and the validation of a fetched catalog. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCatalog, shippedCatalog } from "../../../server/model/catalog.ts";
import { encodeCatalog } from "../../../server/model/catalog-encode.ts";
import { compatRows } from "../../../server/model/compat.ts";
import { openTransport } from "../../../server/model/http.ts";
import { refreshCatalog } from "../../../server/model/refresh-catalog.ts";
import { type Endpoint, resolveEndpoint } from "../../../server/model/resolve-endpoint.ts";
import { explainExclusion, preferredModels } from "../../../server/model/resolve-model-name.ts";
import { createTargetResolver } from "../../../server/model/resolve-target.ts";
import { ask, collect, endOf, readTool } from "../../help/model-client.ts";
import { catalog } from "../../help/models.ts";
import { answer, scriptedEndpoint } from "../../help/scripted-endpoint.ts";

/** A value for every variable that an address could need. */
const env = new Proxy({} as Record<string, string>, {
  get: (_, name: string) =>
    name.endsWith("_URL") ? "https://own.example" : /^[A-Z0-9_]+$/.test(name) ? "own.example" : undefined,
});
const usable = catalog.all().filter(({ reason }) => reason === undefined);
const at = (id: string): Endpoint => resolveEndpoint(id, null, catalog.provider(id), id === "ollama" ? {} : env);

describe("the catalog", () => {
  it("contains every provider and model, with the reason why some cannot be used", () => {
    assert.equal(catalog.all().length, 183);
    assert.equal(usable.length, 178);
    assert.equal(
      catalog.all().reduce((sum, { models }) => sum + models.length, 0),
      3922,
    );
    for (const { reason, id } of catalog.all().filter((row) => row.reason !== undefined)) {
      assert.match(reason ?? "", /\w/);
      assert.throws(() => resolveEndpoint(id, null, catalog.provider(id), {}), /cannot be used: /);
    }
    assert.ok(readFileSync(shippedCatalog).length < 350 * 1024);
  });

  it("preserves sizes, prices and capabilities", () => {
    const model = catalog.provider("openai")?.models.find(({ id }) => id === "gpt-4.1");
    assert.deepEqual(model?.price, { input: 2, output: 8, cached: 0.5 });
    assert.equal(model?.context, 1_047_576);
    assert.deepEqual([model?.tools, model?.vision, model?.reasoning], [true, true, false]);
    assert.equal(
      catalog
        .provider("google-vertex")
        ?.models.every(({ id, requestId }) => requestId === null || requestId === `google/${id}`),
      true,
    );
  });

  it("explains a model that is not served on chat completions", () => {
    const row = catalog.provider("openai");
    assert.ok(row);
    assert.match(
      explainExclusion(row, "gpt-5-codex") ?? "",
      /not served on OpenAI's chat completions route.* Use openai\//,
    );
    assert.equal(explainExclusion(row, "gpt-5"), null);
  });

  it("contains all preferred models and all providers of the compat table", () => {
    for (const [id, model] of Object.entries(preferredModels)) {
      const row = catalog.provider(id);
      assert.ok(row, id);
      if (model !== "")
        assert.ok(
          row.models.some((one) => one.id === model && one.tools),
          `${id}/${model}`,
        );
    }
    for (const id of compatRows.flatMap(({ providers = [] }) => providers)) assert.ok(catalog.provider(id), id);
  });

  it("builds a well-formed request for every provider", async () => {
    const resolveTarget = createTargetResolver();
    const endpoint = await scriptedEndpoint([answer("yes")]);
    const transport = openTransport({ env: {} });
    try {
      for (const row of usable) {
        const model = row.models.find(({ tools }) => tools)?.id ?? row.models[0]?.id ?? "some-model";
        const { target } = await resolveTarget({ ...at(row.id), local: false }, model, "key-of-this-test", env);
        assert.match(target.baseUrl, /^https?:\/\/[^{}\s]+[^/]$/, row.id);
        const request = ask("hi", { tools: target.tools ? [readTool] : [], effort: "low", maxOutput: 100 });
        const before = endpoint.received.length;
        const events = await collect({ ...target, baseUrl: endpoint.baseUrl }, request, { transport });
        assert.equal(endOf(events), "done", row.id);
        const sent = endpoint.received[before];
        assert.ok(sent, row.id);
        const { body, headers, path } = sent;
        assert.equal(path.split("?")[0], "/v1/chat/completions");
        assert.equal(body.model, target.requestId, row.id);
        assert.equal(body.stream, true);
        assert.equal(("max_tokens" in body ? 1 : 0) + ("max_completion_tokens" in body ? 1 : 0), 1, row.id);
        assert.deepEqual(
          (body.messages as { role: string }[]).map(({ role }) => role),
          ["system", "user"],
          row.id,
        );
        assert.equal(Array.isArray(body.tools), target.tools, row.id);
        assert.match(String(headers[target.keyHeader.toLowerCase()]), /^(Bearer )?key-of-this-test$/, row.id);
        assert.doesNotMatch(JSON.stringify(headers), /[{}]optional/, row.id);
      }
      assert.equal(endpoint.received.length, 178);
    } finally {
      transport.close();
      await endpoint.close();
    }
  }).timeout(60_000);

  it("builds a complete target for every model", async () => {
    const resolveTarget = createTargetResolver();
    for (const row of usable) {
      for (const { id } of row.models) {
        const { target } = await resolveTarget({ ...at(row.id), local: false }, id, null, env);
        assert.ok(target.requestId !== "" && !/[{}]/.test(target.baseUrl), `${row.id}/${id}`);
      }
    }
  });
});

describe("fetching a newer catalog", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tutti-catalog-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const facts = {
    meta: { generated: "2099-01-01" },
    providers: [
      {
        id: "acme",
        name: "Acme",
        category: "open",
        baseUrl: "https://api.acme.example/v1",
        env: ["ACME_API_KEY"],
        auth: "bearer",
        openaiCompatible: true,
        models: [
          {
            id: "one",
            name: "One",
            context: 1000,
            output: 100,
            toolCall: true,
            reasoning: false,
            vision: false,
            releaseDate: "2099-01-01",
          },
        ],
      },
    ],
  };
  const fetched = async (body: string) => {
    const server = await scriptedEndpoint([{ headers: { "content-type": "application/json" }, body: [body] }]);
    try {
      return await refreshCatalog(`${server.origin}/catalog.json`, folder);
    } finally {
      await server.close();
    }
  };
  const opened = () => openCatalog([shippedCatalog, join(folder, "catalog.json")]);

  it("accepts collected data and encoded rows, and uses the newest", async () => {
    assert.deepEqual(await fetched(JSON.stringify(facts)), { providers: 1, models: 1 });
    assert.deepEqual(opened().ids(), ["acme"]);
    const compact = encodeCatalog({ ...facts, meta: { generated: "2001-01-01" } });
    assert.deepEqual(await fetched(JSON.stringify(JSON.parse(compact), null, 4)), { providers: 1, models: 1 });
    assert.equal(opened().ids().length, 183, "older than what ships");
  });

  it("rejects an invalid catalog and keeps the current one", async () => {
    await fetched(JSON.stringify(facts));
    for (const body of [
      "<html>",
      "[]",
      "{}",
      JSON.stringify([{ version: 1, generated: "2100", names: [], efforts: [] }, { id: "x" }]),
    ])
      await assert.rejects(fetched(body), /is not a catalog/);
    assert.deepEqual(opened().ids(), ["acme"]);
    await assert.rejects(refreshCatalog(undefined, folder), /catalog\.url/);
  });

  it("ignores a cached file that cannot be parsed", () => {
    writeFileSync(join(folder, "catalog.json"), "half a fi");
    assert.equal(opened().ids().length, 183);
  });
});
