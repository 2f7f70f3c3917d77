/** An endpoint that lists models and passes the test of the set-up. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { chunk, done, finish } from "./scripted-endpoint.ts";

export interface SetupEndpoint {
  origin: string;
  /** Bodies of the requests for a response. */
  prompts: string[];
  close(): Promise<void>;
}

/** Lists these models, and calls a tool where it has one. Other keys than `key` are rejected. `port`: any free one by default. */
export async function startSetupEndpoint(models: readonly string[], key?: string, port = 0): Promise<SetupEndpoint> {
  const prompts: string[] = [];
  const call = { index: 0, id: "c", type: "function", function: { name: "weather", arguments: '{"city":"Paris"}' } };
  const respond = (body: string): string[] =>
    /"name":"population"/.test(body)
      ? [chunk({ tool_calls: [call] }), finish("tool_calls"), done]
      : [chunk({ role: "assistant", content: "Hello " }), chunk({ content: "there." }), finish(), done];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    const isAllowed = key === undefined || request.headers.authorization === `Bearer ${key}`;
    if (!isAllowed) {
      response.writeHead(401, { "content-type": "application/json" });
      return response.end(JSON.stringify({ error: { message: "Incorrect API key provided" } }));
    }
    if (request.url?.endsWith("/models"))
      return response.end(JSON.stringify({ data: models.map((id) => ({ id, owned_by: "library" })) }));
    if (!request.url?.endsWith("/chat/completions")) {
      response.writeHead(404);
      return response.end("{}");
    }
    prompts.push(body);
    response.writeHead(200, { "content-type": "text/event-stream" });
    return response.end(respond(body).join(""));
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    prompts,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
