/** The included provider with short-lived tokens, against an endpoint that rejects invalid and expired tokens. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { build } from "../help/build.ts";
import { includedPlugin, type StartedPlugin, start } from "./connect.ts";

interface Endpoint {
  url: string;
  /** All tokens that were given out so far end now. */
  expire(): void;
  close(): Promise<void>;
}

const WANTED = `Basic ${Buffer.from("tutti%20agent:s%2Fecret").toString("base64")}`;

async function endpoint(): Promise<Endpoint> {
  let valid = new Set<string>();
  let count = 0;
  const server: Server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    const say = (status: number, answer: object, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(answer));
    };
    const form = new URLSearchParams(body);
    if (request.url === "/moved") say(302, {}, { location: "/token" });
    else if (request.url === "/empty") say(200, { hint: "s/ecret" });
    else if (request.url === "/token" && request.method === "POST") {
      if (request.headers.authorization !== WANTED || form.get("grant_type") !== "client_credentials")
        return say(401, { error: "invalid_client", hint: "s/ecret" });
      const token = `token-${++count}-${form.get("scope")}`;
      valid.add(token);
      say(200, { access_token: token, token_type: "Bearer", expires_in: 120 });
    } else if (request.url === "/v1/models") {
      const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
      say(valid.has(token) ? 200 : 401, { data: [] });
    } else say(404, {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    expire() {
      valid = new Set();
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

describe("the provider-example plugin", function () {
  this.timeout(30_000);
  let there: Endpoint;
  let started: StartedPlugin[];
  before(build);
  beforeEach(async () => {
    there = await endpoint();
    started = [];
  });
  afterEach(async () => {
    for (const plugin of started) await plugin.close();
    await there.close();
  });
  const startPlugin = async (env: Record<string, string>): Promise<StartedPlugin> => {
    const plugin = await start(includedPlugin("provider-example"), {
      env: {
        PROVIDER_EXAMPLE_URL: `${there.url}/v1`,
        PROVIDER_EXAMPLE_TOKEN_URL: `${there.url}/token`,
        PROVIDER_EXAMPLE_CLIENT_ID: "tutti agent",
        PROVIDER_EXAMPLE_CLIENT_SECRET: "s/ecret",
        PROVIDER_EXAMPLE_SCOPE: "models",
        ...env,
      },
    });
    started.push(plugin);
    return plugin;
  };
  const token = (plugin: StartedPlugin) => plugin.ask("tutti/provider/token", { provider: "example" });

  it("provides the endpoint with a valid token, and a new one after it expires", async () => {
    const plugin = await startPlugin({});
    const { providers } = (await plugin.ask("tutti/provider/list")) as { providers: { example: { baseUrl: string } } };
    const models = async (key: unknown): Promise<number> =>
      (await fetch(`${providers.example.baseUrl}/models`, { headers: { authorization: `Bearer ${key}` } })).status;
    assert.equal(providers.example.baseUrl, `${there.url}/v1`);
    assert.equal(await models("wrong"), 401);
    const before = Date.now();
    const first = await token(plugin);
    assert.equal(first.token, "token-1-models");
    const lasts = Number(first.expiresAt) - before;
    assert.ok(lasts >= 90_000 && lasts < 100_000, `${lasts}`);
    assert.equal(await models(first.token), 200);
    there.expire();
    assert.equal(await models(first.token), 401);
    const second = await token(plugin);
    assert.equal(second.token, "token-2-models");
    assert.equal(await models(second.token), 200);
  });

  it("reports why there is no token, without the response of the endpoint", async () => {
    const assertFailure = async (env: Record<string, string>, reason: RegExp): Promise<void> => {
      const plugin = await startPlugin(env);
      await assert.rejects(token(plugin), (error: Error) => {
        assert.match(error.message, reason);
        assert.doesNotMatch(error.message, /s\/ecret/);
        return true;
      });
    };
    await assertFailure({ PROVIDER_EXAMPLE_CLIENT_SECRET: "wrong" }, /responded with status 401/);
    await assertFailure({ PROVIDER_EXAMPLE_TOKEN_URL: `${there.url}/empty` }, /has no token/);
    await assertFailure({ PROVIDER_EXAMPLE_TOKEN_URL: `${there.url}/moved` }, /fetch failed/);
    await assertFailure({ PROVIDER_EXAMPLE_TOKEN_URL: "http://example.com/token" }, /must use https/);
    await assertFailure({ PROVIDER_EXAMPLE_TOKEN_URL: "" }, /must be set/);
  });

  it("has a default URL", async () => {
    const plugin = await start(includedPlugin("provider-example"));
    started.push(plugin);
    const { providers } = await plugin.ask("tutti/provider/list");
    assert.deepEqual(providers, { example: { baseUrl: "http://127.0.0.1:8080/v1" } });
  });
});
