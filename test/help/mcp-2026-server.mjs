// An MCP server that supports only version 2026-07-28. With the argument `http` it uses HTTP and prints its port.
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { createMcpHandler, inputRequired, McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";

const factory = () => {
  const server = new McpServer({ name: "modern", version: "1.0.0" });
  server.registerTool(
    "add",
    { description: "Adds.", inputSchema: z.object({ a: z.number(), b: z.number() }) },
    ({ a, b }) => ({
      content: [{ type: "text", text: String(a + b) }],
    }),
  );
  server.registerTool("greet", { description: "Asks for a name." }, (context) => {
    const given = context.mcpReq?.inputResponses?.name?.content?.name;
    if (given !== undefined) return { content: [{ type: "text", text: `Hello ${given}` }] };
    return inputRequired({
      inputRequests: {
        name: inputRequired.elicit({
          message: "Who are you?",
          requestedSchema: {
            type: "object",
            properties: { name: { type: "string", default: "Ada" } },
            required: ["name"],
          },
        }),
      },
    });
  });
  server.registerPrompt("hello", { description: "Says hello." }, () => ({
    messages: [{ role: "user", content: { type: "text", text: "Say hello." } }],
  }));
  return server;
};

if (process.argv[2] === "http") {
  const handler = createMcpHandler(factory, { legacy: "reject" });
  createServer(async (request, response) => {
    const url = `http://${request.headers.host}${request.url}`;
    const body = request.method === "POST" ? Readable.toWeb(request) : undefined;
    const answer = await handler.fetch(
      new Request(url, { method: request.method, headers: request.headers, body, duplex: "half" }),
    );
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    if (answer.body) Readable.fromWeb(answer.body).pipe(response);
    else response.end();
  }).listen(0, "127.0.0.1", function () {
    process.stdout.write(`${this.address().port}\n`);
  });
} else serveStdio(factory, { legacy: "reject" });
