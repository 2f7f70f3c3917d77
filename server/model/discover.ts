/**
 * Finds model servers on this machine, the models they serve and their real context size, which is often far smaller than the model's.
 * Each kind of server reports it in a different place; a table of readers knows where.
 */

import { fetchJson } from "./fetch-json.ts";
import type { LocalAddress } from "./resolve-endpoint.ts";

export interface ServedModel {
  id: string;
  /** Context size in tokens as the server reports it; null if it does not. */
  context: number | null;
  tools: boolean | null;
  vision: boolean | null;
  reasoning: boolean | null;
  warning?: string;
}

export interface LocalServer {
  provider: string;
  baseUrl: string;
  models: ServedModel[];
}

export const probeTimeoutMs = 500;
/** Below this many tokens an agent loses track of its task. */
const minContext = 64_000;

/** The servers that respond in time, in the order of the addresses. */
export async function discoverServers(addresses: readonly LocalAddress[], ms = probeTimeoutMs): Promise<LocalServer[]> {
  const found = await Promise.all(addresses.map((address) => probe(address, ms)));
  return found.filter((server) => server !== null);
}

type Json = Record<string, unknown>;

const object = (value: unknown): Json => (typeof value === "object" && value !== null ? (value as Json) : {});
const list = (value: unknown): Json[] => (Array.isArray(value) ? value.map(object) : []);
const count = (value: unknown): number | null =>
  typeof value === "number" && Number.isInteger(value) && value > 0 ? value : null;
const stringList = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((word) => typeof word === "string") : [];

type Details = Partial<Pick<ServedModel, "context" | "tools" | "vision" | "reasoning">>;
/** Reads details of the listed models from one kind of server. */
type Reader = (
  root: string,
  ids: readonly string[],
  listed: readonly Json[],
  ms: number,
) => Promise<Map<string, Details>>;

const readers: Record<string, Reader> = {
  ollama: readOllama,
  lmstudio: readLmStudio,
  llamacpp: readLlama,
  vllm: readVllm,
};

/** Detects the kind from the response, because some servers share a port. */
async function probe({ provider, baseUrl }: LocalAddress, timeoutMs: number): Promise<LocalServer | null> {
  const started = performance.now();
  const root = baseUrl.replace(/\/v1$/, "");
  const served = await fetchJson({ url: `${baseUrl}/models`, timeoutMs });
  if (served === null) return null;
  const listed = list(served.data);
  const ids = listed.flatMap(({ id }) => (typeof id === "string" && id !== "" ? [id] : []));
  const kind = detectKind(provider, listed);
  const left = Math.max(50, Math.ceil(timeoutMs - (performance.now() - started)));
  const details = (await readers[kind]?.(root, ids, listed, left)) ?? new Map<string, Details>();
  return { provider: kind, baseUrl, models: ids.map((id) => createServedModel(kind, id, details.get(id) ?? {})) };
}

const owners: Record<string, string> = {
  llamacpp: "llamacpp",
  vllm: "vllm",
  library: "ollama",
  organization_owner: "lmstudio",
};

function detectKind(provider: string, listed: readonly Json[]): string {
  const owner = listed
    .map(({ owned_by }) => (typeof owned_by === "string" ? owners[owned_by] : undefined))
    .find(Boolean);
  if (owner !== undefined && owner !== "ollama") return owner;
  return provider === "llamacpp" && listed.length > 0 ? "localai" : provider;
}

function createServedModel(kind: string, id: string, details: Details): ServedModel {
  const { context = null, tools = null, vision = null, reasoning = null } = details;
  const warning = describeSmallContext(kind, id, context);
  return { id, context, tools, vision, reasoning, ...(warning !== null && { warning }) };
}

const contextFixes: Record<string, (model: string) => string> = {
  ollama: () => "start the server with `OLLAMA_CONTEXT_LENGTH=65536 ollama serve`",
  lmstudio: (model) => `load it with \`lms load ${model} --context-length 65536\``,
  llamacpp: () => "start the server with `llama-server --ctx-size 65536`",
  vllm: (model) => `start the server with \`vllm serve ${model} --max-model-len 65536\``,
};

/** A warning with the command that raises the context size; null if it is large enough. */
export function describeSmallContext(kind: string, model: string, context: number | null): string | null {
  if (context === null || context >= minContext) return null;
  const fix = contextFixes[kind]?.(model) ?? "raise it where the server is started";
  return `The context of ${model} is only ${context} tokens, too small for longer tasks; ${fix}.`;
}

/** What a local server reports about one model; null without a response. Queried before a session starts, to know the context size. */
export async function queryLocalModel(
  kind: string,
  baseUrl: string,
  model: string,
  timeoutMs = probeTimeoutMs,
): Promise<Details | null> {
  const reader = readers[kind];
  if (reader === undefined) return null;
  const listed = kind === "vllm" ? list((await fetchJson({ url: `${baseUrl}/models`, timeoutMs }))?.data) : [];
  return (await reader(baseUrl.replace(/\/v1$/, ""), [model], listed, timeoutMs)).get(model) ?? null;
}

const maxDetailRequests = 24;

async function readOllama(
  root: string,
  ids: readonly string[],
  _: readonly Json[],
  timeoutMs: number,
): Promise<Map<string, Details>> {
  const [loaded, ...modelDetails] = await Promise.all([
    fetchJson({ url: `${root}/api/ps`, timeoutMs }),
    ...ids
      .slice(0, maxDetailRequests)
      .map((model) => fetchJson({ url: `${root}/api/show`, body: { model }, timeoutMs })),
  ]);
  const running = list(loaded?.models);
  return new Map(
    ids.map((id, at) => {
      const details = modelDetails[at] ?? null;
      const capabilities = stringList(details?.capabilities);
      const loadedModel = running.find(({ name, model }) => name === id || model === id || name === `${id}:latest`);
      const configured = /^\s*num_ctx\s+(\d+)/m.exec(
        typeof details?.parameters === "string" ? details.parameters : "",
      )?.[1];
      const hasCapability = (word: string): boolean | null =>
        capabilities.length > 0 ? capabilities.includes(word) : null;
      return [
        id,
        {
          context: count(loadedModel?.context_length) ?? (configured === undefined ? null : count(Number(configured))),
          tools: hasCapability("tools"),
          vision: hasCapability("vision"),
          reasoning: hasCapability("thinking"),
        },
      ];
    }),
  );
}

async function readLmStudio(
  root: string,
  ids: readonly string[],
  _: readonly Json[],
  timeoutMs: number,
): Promise<Map<string, Details>> {
  const models = list((await fetchJson({ url: `${root}/api/v0/models`, timeoutMs }))?.data);
  return new Map(
    models.flatMap((model) => {
      if (typeof model.id !== "string" || !ids.includes(model.id)) return [];
      const capabilities = stringList(model.capabilities);
      return [
        [
          model.id,
          {
            context:
              count(model.loaded_context_length) ?? (model.state === "loaded" ? count(model.max_context_length) : null),
            vision: model.type === "vlm",
            tools: capabilities.length > 0 ? capabilities.includes("tool_use") : null,
          },
        ] as const,
      ];
    }),
  );
}

async function readLlama(
  root: string,
  ids: readonly string[],
  _: readonly Json[],
  timeoutMs: number,
): Promise<Map<string, Details>> {
  const props = await fetchJson({ url: `${root}/props`, timeoutMs });
  if (props === null) return new Map();
  const context = count(object(props.default_generation_settings).n_ctx) ?? count(props.n_ctx);
  const vision = object(props.modalities).vision;
  return new Map(ids.map((id) => [id, { context, vision: typeof vision === "boolean" ? vision : null }]));
}

async function readVllm(_: string, ids: readonly string[], listed: readonly Json[]): Promise<Map<string, Details>> {
  return new Map(ids.map((id) => [id, { context: count(listed.find((model) => model.id === id)?.max_model_len) }]));
}
