/**
 * Servers on this machine: which models they serve, and how many tokens they really take, which is often far less than the model
 * could. Each kind of server says it in its own place; a table of readers knows where.
 */
import { askJson } from "./ask-json.ts";
import type { LocalAddress } from "./local-addresses.ts";

export interface ServedModel {
  id: string;
  /** Tokens that the server has room for, as it says itself; null where it does not say. */
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

export const probeMs = 500;
/** Under this many tokens an agent soon forgets what it was doing. */
const roomy = 64_000;

/** All that answer in time, in the order of the addresses. */
export async function discover(addresses: readonly LocalAddress[], ms = probeMs): Promise<LocalServer[]> {
  const found = await Promise.all(addresses.map((address) => probe(address, ms)));
  return found.filter((server) => server !== null);
}

type Json = Record<string, unknown>;

const object = (value: unknown): Json => (typeof value === "object" && value !== null ? (value as Json) : {});
const list = (value: unknown): Json[] => (Array.isArray(value) ? value.map(object) : []);
const count = (value: unknown): number | null =>
  typeof value === "number" && Number.isInteger(value) && value > 0 ? value : null;
const words = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((word) => typeof word === "string") : [];

type Details = Partial<Pick<ServedModel, "context" | "tools" | "vision" | "reasoning">>;
/** Asks one kind of server about the models it listed. */
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

/** Servers that may be told apart only by what they answer, since they share a port. */
async function probe({ provider, baseUrl }: LocalAddress, ms: number): Promise<LocalServer | null> {
  const started = performance.now();
  const root = baseUrl.replace(/\/v1$/, "");
  const served = await askJson({ url: `${baseUrl}/models`, ms });
  if (served === null) return null;
  const listed = list(served.data);
  const ids = listed.flatMap(({ id }) => (typeof id === "string" && id !== "" ? [id] : []));
  const kind = kindOf(provider, listed);
  const left = Math.max(50, Math.ceil(ms - (performance.now() - started)));
  const details = (await readers[kind]?.(root, ids, listed, left)) ?? new Map<string, Details>();
  return { provider: kind, baseUrl, models: ids.map((id) => servedModel(kind, id, details.get(id) ?? {})) };
}

const owners: Record<string, string> = {
  llamacpp: "llamacpp",
  vllm: "vllm",
  library: "ollama",
  organization_owner: "lmstudio",
};

function kindOf(provider: string, listed: readonly Json[]): string {
  const owner = listed
    .map(({ owned_by }) => (typeof owned_by === "string" ? owners[owned_by] : undefined))
    .find(Boolean);
  if (owner !== undefined && owner !== "ollama") return owner;
  return provider === "llamacpp" && listed.length > 0 ? "localai" : provider;
}

function servedModel(kind: string, id: string, details: Details): ServedModel {
  const { context = null, tools = null, vision = null, reasoning = null } = details;
  const warning = contextWarning(kind, id, context);
  return { id, context, tools, vision, reasoning, ...(warning !== null && { warning }) };
}

const remedies: Record<string, (model: string) => string> = {
  ollama: () => "start the server with `OLLAMA_CONTEXT_LENGTH=65536 ollama serve`",
  lmstudio: (model) => `load it with \`lms load ${model} --context-length 65536\``,
  llamacpp: () => "start the server with `llama-server --ctx-size 65536` and the rest as it is",
  vllm: (model) => `start the server with \`vllm serve ${model} --max-model-len 65536\``,
};

/** A sentence where the room is too small to work in, with the command that makes more. */
export function contextWarning(kind: string, model: string, context: number | null): string | null {
  if (context === null || context >= roomy) return null;
  const remedy = remedies[kind]?.(model) ?? "give it more where the server is started";
  return `${model} has room for ${context} tokens only, which a longer task soon fills; ${remedy}.`;
}

/** What one local server says of one model: asked before a session begins, so that its room is known. Null where nothing came. */
export async function askLocal(kind: string, baseUrl: string, model: string, ms = probeMs): Promise<Details | null> {
  const reader = readers[kind];
  if (reader === undefined) return null;
  const listed = kind === "vllm" ? list((await askJson({ url: `${baseUrl}/models`, ms }))?.data) : [];
  return (await reader(baseUrl.replace(/\/v1$/, ""), [model], listed, ms)).get(model) ?? null;
}

const asked = 24;

async function readOllama(
  root: string,
  ids: readonly string[],
  _: readonly Json[],
  ms: number,
): Promise<Map<string, Details>> {
  const [loaded, ...shown] = await Promise.all([
    askJson({ url: `${root}/api/ps`, ms }),
    ...ids.slice(0, asked).map((model) => askJson({ url: `${root}/api/show`, body: { model }, ms })),
  ]);
  const running = list(loaded?.models);
  return new Map(
    ids.map((id, at) => {
      const facts = shown[at] ?? null;
      const ability = words(facts?.capabilities);
      const live = running.find(({ name, model }) => name === id || model === id || name === `${id}:latest`);
      const said = /^\s*num_ctx\s+(\d+)/m.exec(typeof facts?.parameters === "string" ? facts.parameters : "")?.[1];
      const can = (word: string): boolean | null => (ability.length > 0 ? ability.includes(word) : null);
      return [
        id,
        {
          context: count(live?.context_length) ?? (said === undefined ? null : count(Number(said))),
          tools: can("tools"),
          vision: can("vision"),
          reasoning: can("thinking"),
        },
      ];
    }),
  );
}

async function readLmStudio(
  root: string,
  ids: readonly string[],
  _: readonly Json[],
  ms: number,
): Promise<Map<string, Details>> {
  const models = list((await askJson({ url: `${root}/api/v0/models`, ms }))?.data);
  return new Map(
    models.flatMap((model) => {
      if (typeof model.id !== "string" || !ids.includes(model.id)) return [];
      const able = words(model.capabilities);
      return [
        [
          model.id,
          {
            context:
              count(model.loaded_context_length) ?? (model.state === "loaded" ? count(model.max_context_length) : null),
            vision: model.type === "vlm",
            tools: able.length > 0 ? able.includes("tool_use") : null,
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
  ms: number,
): Promise<Map<string, Details>> {
  const props = await askJson({ url: `${root}/props`, ms });
  if (props === null) return new Map();
  const context = count(object(props.default_generation_settings).n_ctx) ?? count(props.n_ctx);
  const vision = object(props.modalities).vision;
  return new Map(ids.map((id) => [id, { context, vision: typeof vision === "boolean" ? vision : null }]));
}

async function readVllm(_: string, ids: readonly string[], listed: readonly Json[]): Promise<Map<string, Details>> {
  return new Map(ids.map((id) => [id, { context: count(listed.find((model) => model.id === id)?.max_model_len) }]));
}
