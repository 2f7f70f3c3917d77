/** A model provider that a plugin contributes, with keys that the plugin issues. */
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { addPlugin, repository } from "../../help/plugins.ts";
import { answer, type ScriptedEndpoint, scriptedEndpoint } from "../../help/scripted-endpoint.ts";
import { type Home, useHomes } from "../../help/tutti.ts";

describe("plugin providers", function () {
  this.timeout(60_000);
  let home: Home;
  let endpoint: ScriptedEndpoint;
  let tokens: Server;
  let issued = 0;
  useHomes(
    (created) => {
      home = created;
    },
    async () => {
      tokens.close();
      await endpoint.close();
    },
  );

  it("get a short-lived key that is not stored", async () => {
    endpoint = await scriptedEndpoint([answer("From the plugin's endpoint."), answer("Again.")]);
    tokens = createServer((request, response) => {
      request.resume().on("end", () => {
        response.setHeader("content-type", "application/json");
        response.end(
          JSON.stringify({ access_token: `short-lived-token-${++issued}`, token_type: "Bearer", expires_in: 3600 }),
        );
      });
    });
    await new Promise<void>((resolve) => tokens.listen(0, "127.0.0.1", resolve));
    const { port } = tokens.address() as { port: number };
    Object.assign(home.env, {
      PROVIDER_EXAMPLE_URL: endpoint.baseUrl,
      PROVIDER_EXAMPLE_TOKEN_URL: `http://127.0.0.1:${port}/token`,
      PROVIDER_EXAMPLE_CLIENT_ID: "me",
      PROVIDER_EXAMPLE_CLIENT_SECRET: "a-secret-of-mine-42",
    });
    const names = Object.keys(home.env).filter((name) => name.startsWith("PROVIDER_EXAMPLE_"));
    const program = join(repository, "dist/plugins/provider-example.cjs");
    await addPlugin(home, "company", { command: [process.execPath, program], env: names });
    const { code, out, err } = await home.run(["run", "--model", "example/large", "Hello"]);
    assert.equal(code, 0, err);
    assert.match(out, /From the plugin's endpoint\./);
    assert.equal(endpoint.received[0]?.headers.authorization, "Bearer short-lived-token-1");
    const log = JSON.stringify(await home.events(await home.lastSession()));
    assert.doesNotMatch(log, /short-lived-token|a-secret-of-mine/);
  });

  it("cannot replace an existing provider", async () => {
    endpoint = await scriptedEndpoint([answer("never")]);
    tokens = createServer();
    Object.assign(home.env, { PROVIDER_EXAMPLE_URL: endpoint.baseUrl });
    const program = join(repository, "dist/plugins/provider-example.cjs");
    await addPlugin(home, "company", { command: [process.execPath, program], env: ["PROVIDER_EXAMPLE_URL"] });
    const { code, err } = await home.run(["run", "--model", "openai/gpt-5", "Hello"]);
    assert.equal(code, 41, err);
    assert.equal(endpoint.received.length, 0);
  });
});
