/** Testing a provider with a key that is not stored: it is sent to the provider, and kept nowhere. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectTo } from "../../../client/local.ts";
import type { Link } from "../../../protocol/link.ts";
import { answer, type ScriptedEndpoint, scriptedEndpoint } from "../../help/scripted-endpoint.ts";
import { initializeParams, startTestServer, type TestServer } from "../../help/test-server.ts";

const KEY = "unsaved-0123456789";

describe("the test of a provider with a key", () => {
  let at: TestServer;
  let link: Link;
  let endpoint: ScriptedEndpoint;
  let home: string;
  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), "tutti-provider-"));
    at = await startTestServer(undefined, home);
    link = await connectTo(at.path, undefined, { client: initializeParams.client, answers: false });
  });
  afterEach(async () => {
    await link.close();
    await at.close();
    await endpoint.close();
    rmSync(home, { recursive: true, force: true });
  });
  const configure = async (...scripts: Parameters<typeof scriptedEndpoint>[0]): Promise<void> => {
    endpoint = await scriptedEndpoint(scripts);
    const { baseUrl } = endpoint;
    await at.configure({ providers: { here: { baseUrl, models: { m: {} } }, openai: { baseUrl } } });
  };
  /** The files of the server that contain the key. */
  const filesWithKey = (): string[] =>
    readdirSync(home, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .filter((file) => readFileSync(file, "utf8").includes(KEY));

  it("sends the key, and does not store it", async () => {
    await configure(answer("One, two."));
    const { checks } = await link.call("providerTest", { provider: "here", model: "m", key: KEY });
    assert.equal(checks.find(({ name }) => name === "streaming")?.state === "failed", false);
    assert.equal(endpoint.received[0]?.headers.authorization, `Bearer ${KEY}`);
    assert.deepEqual(filesWithKey(), []);
    assert.ok(!existsSync(join(home, "data", "keys.json")));
    await link.call("providerTest", { provider: "here", model: "m" });
    assert.equal(endpoint.received.at(-1)?.headers.authorization, undefined);
  });

  it("does not include the key in errors", async () => {
    const body = [JSON.stringify({ error: { message: `Incorrect API key provided: ${KEY}` } })];
    await configure({ status: 401, headers: { "content-type": "application/json" }, body });
    const { checks } = await link.call("providerTest", { provider: "here", model: "m", key: KEY });
    const [first] = checks;
    assert.equal(first?.state, "failed");
    assert.match(first?.detail ?? "", /key/);
    assert.doesNotMatch(JSON.stringify(checks), new RegExp(KEY));
    assert.equal(at.server.redact(`a ${KEY} b`).includes(KEY), false);
  });

  it("does not send the key to another address than the provider's own", async () => {
    await configure(answer("One, two."));
    await assert.rejects(link.call("providerTest", { provider: "openai", model: "gpt-5", key: KEY }), /is not sent to/);
    assert.equal(endpoint.received.length, 0);
  });
});
