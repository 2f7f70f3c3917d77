/** A plugin over HTTP: several hosts at once, and rejected requests of web pages or without a token. */
import assert from "node:assert/strict";
import { request } from "node:http";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { ResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import { type HttpServer, serveHttp } from "../../../mcp-plugins/sdk/http.ts";
import { plugin } from "../../../mcp-plugins/sdk/plugin.ts";

const choir = plugin({
  name: "choir",
  version: "1.0.0",
  tools: {
    sing: {
      description: "Sings, after asking which song.",
      input: { loud: z.boolean().default(false) },
      async run({ loud }, { elicit }) {
        const form = await elicit("Which song?", { song: z.string() });
        return `${form?.song ?? "hum"}${loud ? "!" : ""}`;
      },
    },
  },
  hooks: { "shell.env": () => ({ env: { PITCH: "440" } }) },
});

describe("a plugin over HTTP", () => {
  let server: HttpServer;
  let clients: Client[];
  beforeEach(async () => {
    server = await serveHttp(choir, { port: 0, token: "secret" });
    clients = [];
  });
  afterEach(async () => {
    for (const client of clients) await client.close();
    await server.close();
  });
  const connect = async (song: string): Promise<Client> => {
    const client = new Client({ name: "test", version: "1" }, { capabilities: { elicitation: {} } });
    client.fallbackRequestHandler = async () => ({ action: "accept", content: { song } });
    const headers = { authorization: "Bearer secret" };
    const transport = new StreamableHTTPClientTransport(new URL(server.url), { requestInit: { headers } });
    clients.push(client);
    await client.connect(transport as Transport);
    return client;
  };
  /** The status of a request as it stands; `fetch` would not send every header. */
  const status = (headers: Record<string, string>, method = "POST", path = "/mcp"): Promise<number | undefined> =>
    new Promise((done, fail) => {
      const { port } = new URL(server.url);
      const asked = request({
        host: "127.0.0.1",
        port,
        method,
        path,
        headers: { authorization: "Bearer secret", ...headers },
      });
      asked.on("error", fail);
      asked.on("response", (response) => {
        response.resume();
        done(response.statusCode);
      });
      asked.end('{"jsonrpc":"2.0","id":1,"method":"tools/list"}');
    });

  it("serves several hosts, each with its own responses", async () => {
    const [first, second] = await Promise.all([connect("alto"), connect("bass")]);
    const sung = await Promise.all(
      [first, second].map((client) => client.callTool({ name: "sing", arguments: { loud: true } })),
    );
    assert.deepEqual(
      sung.map(({ content }) => (content as { text: string }[])[0]?.text),
      ["alto!", "bass!"],
    );
    const params = { event: "shell.env", payload: { session: "s", cwd: "/" } };
    assert.deepEqual(await first.request({ method: "tutti/hook", params }, ResultSchema), { env: { PITCH: "440" } });
  });

  it("rejects requests without a token, from web pages, and of unknown hosts", async () => {
    const json = { "content-type": "application/json", accept: "application/json, text/event-stream" };
    assert.equal(await status({ ...json, authorization: "Bearer wrong" }), 401);
    assert.equal(await status({ ...json, authorization: "" }), 401);
    assert.equal(await status({ ...json, origin: "http://127.0.0.1" }), 403);
    assert.equal(await status({ ...json, host: "evil.example" }), 403);
    assert.equal(await status(json, "POST", "/other"), 404);
    assert.equal(await status({ ...json, "mcp-session-id": "none" }), 404);
    assert.equal(await status(json), 400);
  });
});
