/** A server on 127.0.0.1 that answers paths with JSON, as local model servers do; a path without an answer is 404. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface LocalModelServer {
  baseUrl: string;
  /** `GET /v1/models`, in the order in which they came. */
  requests: string[];
  close(): Promise<void>;
}

/** The value `"silent"` never answers. */
export async function localServer(answers: Record<string, unknown>): Promise<LocalModelServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const name = `${request.method} ${request.url}`;
    requests.push(name);
    request.resume();
    const answer = answers[name];
    if (answer === "silent") return;
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer ?? { error: "no such path" }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const listed = (id: string, more: Record<string, unknown> = {}) => ({
  object: "list",
  data: [{ id, object: "model", ...more }],
});

/** What each kind of server says, with a context of this many tokens. */
export const kinds = {
  ollama: (context: number) => ({
    "GET /v1/models": listed("qwen3-coder:30b", { owned_by: "library" }),
    "GET /api/ps": { models: [{ name: "qwen3-coder:30b", context_length: context }] },
    "POST /api/show": {
      capabilities: ["completion", "tools", "thinking"],
      parameters: "temperature 0.7",
      model_info: { "qwen3.context_length": 262_144 },
    },
  }),
  llamacpp: (context: number) => ({
    "GET /v1/models": listed("model.gguf", { owned_by: "llamacpp" }),
    "GET /props": { default_generation_settings: { n_ctx: context }, modalities: { vision: false } },
  }),
  vllm: (context: number) => ({
    "GET /v1/models": listed("served-name", { owned_by: "vllm", max_model_len: context }),
  }),
  lmstudio: (context: number) => ({
    "GET /v1/models": listed("qwen/qwen3-coder-30b", { owned_by: "organization_owner" }),
    "GET /api/v0/models": {
      data: [
        {
          id: "qwen/qwen3-coder-30b",
          type: "llm",
          state: "loaded",
          max_context_length: 262_144,
          loaded_context_length: context,
          capabilities: ["tool_use"],
        },
      ],
    },
  }),
  localai: () => ({ "GET /v1/models": listed("gpt-4") }),
};
