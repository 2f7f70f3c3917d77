/** A server on 127.0.0.1 that responds with JSON by path, as local model servers do; other paths get 404. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface LocalModelServer {
  baseUrl: string;
  /** Received requests, such as `GET /v1/models`, in order. */
  requests: string[];
  close(): Promise<void>;
}

/** With the value `"silent"` it never responds. */
export async function startLocalServer(answers: Record<string, unknown>): Promise<LocalModelServer> {
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

const createModel = (id: string, more: Record<string, unknown> = {}) => ({
  object: "list",
  data: [{ id, object: "model", ...more }],
});

/** The responses of each kind of server, for a model with this context size. */
export const serverKinds = {
  ollama: (context: number) => ({
    "GET /v1/models": createModel("qwen3-coder:30b", { owned_by: "library" }),
    "GET /api/ps": { models: [{ name: "qwen3-coder:30b", context_length: context }] },
    "POST /api/show": {
      capabilities: ["completion", "tools", "thinking"],
      parameters: "temperature 0.7",
      model_info: { "qwen3.context_length": 262_144 },
    },
  }),
  llamacpp: (context: number) => ({
    "GET /v1/models": createModel("model.gguf", { owned_by: "llamacpp" }),
    "GET /props": { default_generation_settings: { n_ctx: context }, modalities: { vision: false } },
  }),
  vllm: (context: number) => ({
    "GET /v1/models": createModel("served-name", { owned_by: "vllm", max_model_len: context }),
  }),
  lmstudio: (context: number) => ({
    "GET /v1/models": createModel("qwen/qwen3-coder-30b", { owned_by: "organization_owner" }),
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
  localai: () => ({ "GET /v1/models": createModel("gpt-4") }),
};
