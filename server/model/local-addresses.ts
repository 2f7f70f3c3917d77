/** Where servers on this machine usually listen. llama.cpp and LocalAI share a port and are told apart by what they answer. */
export interface LocalAddress {
  provider: string;
  baseUrl: string;
}

export const usualAddresses: readonly LocalAddress[] = [
  { provider: "ollama", baseUrl: "http://127.0.0.1:11434/v1" },
  { provider: "lmstudio", baseUrl: "http://127.0.0.1:1234/v1" },
  { provider: "vllm", baseUrl: "http://127.0.0.1:8000/v1" },
  { provider: "llamacpp", baseUrl: "http://127.0.0.1:8080/v1" },
];
