/** Resolves a model name, and picks a default model. Tables and pure functions over the catalog. */
import { findNearest } from "../../protocol/nearest.ts";
import type { Catalog, CatalogModel, CatalogProvider } from "./catalog.ts";

/** Models that are good with tools and affordable, by provider. The order is also the order in which keys are looked up. */
export const preferredModels: Readonly<Record<string, string>> = {
  anthropic: "claude-sonnet-5",
  openai: "gpt-5-mini",
  openrouter: "deepseek/deepseek-v4-flash",
  google: "gemini-3-flash-preview",
  deepseek: "deepseek-v4-flash",
  moonshotai: "kimi-k2.6",
  zai: "glm-4.7",
  mistral: "mistral-medium-latest",
  xai: "grok-4.3",
  groq: "openai/gpt-oss-120b",
  cerebras: "gpt-oss-120b",
  alibaba: "qwen3-coder-plus",
  minimax: "MiniMax-M2.7",
  "fireworks-ai": "",
  togetherai: "",
  deepinfra: "",
};

/** Variables that are often set for other purposes, so they do not select a provider. */
const sharedVariables = new Set([
  "GITHUB_TOKEN",
  "GITLAB_TOKEN",
  "HF_TOKEN",
  "CLOUDFLARE_API_KEY",
  "CLOUDFLARE_API_TOKEN",
  "DIGITALOCEAN_ACCESS_TOKEN",
]);

/** Common names for providers of the catalog. */
const providerAliases: Readonly<Record<string, string>> = {
  azure_openai: "azure",
  bedrock: "amazon-bedrock",
  claude: "anthropic",
  cloudflare: "cloudflare-workers-ai",
  fireworks: "fireworks-ai",
  gemini: "google",
  grok: "xai",
  kimi: "moonshotai",
  "llama.cpp": "llamacpp",
  "lm-studio": "lmstudio",
  moonshot: "moonshotai",
  together: "togetherai",
  vertex: "google-vertex",
  "z.ai": "zai",
};

export interface ModelName {
  provider: string;
  /** Empty if only the provider was named. */
  model: string;
}

/** Parses `provider/model`, `provider/` or a provider alone; null if it names no known provider. */
export function parseModelName(name: string, isProvider: (id: string) => boolean): ModelName | null {
  const slash = name.indexOf("/");
  const first = slash < 0 ? name : name.slice(0, slash);
  const provider = isProvider(first) ? first : (providerAliases[first.toLowerCase()] ?? null);
  if (provider === null || !isProvider(provider)) return null;
  return { provider, model: slash < 0 ? "" : name.slice(slash + 1) };
}

export function findNearestProvider(id: string, ids: readonly string[]): string | null {
  return providerAliases[id.toLowerCase()] ?? findNearest(id, ids);
}

/** The newest model that can work as an agent: it calls tools, has enough context and is made for text. */
export function findNewestAgentModel(models: readonly CatalogModel[]): CatalogModel | null {
  const special = /embed|audio|image|realtime|ocr|tts|translat|live|guard|omni|vision|-vl|character|search|research/i;
  const candidates = models.filter(({ id, tools, context }) => tools && !special.test(id) && (context ?? 0) >= 32_000);
  const ranked = candidates.toSorted(
    (a, b) => Number(a.preview) - Number(b.preview) || b.day - a.day || (a.id < b.id ? -1 : 1),
  );
  return ranked[0] ?? null;
}

export function findDefaultModel(row: CatalogProvider): string | null {
  const preferred = preferredModels[row.id];
  if (preferred && row.models.some(({ id }) => id === preferred)) return preferred;
  return findNewestAgentModel(row.models)?.id ?? null;
}

/** Usable providers: those with a preferred model first, then in catalog order. */
export function sortByPreference(catalog: Catalog): CatalogProvider[] {
  const ids = [...new Set([...Object.keys(preferredModels), ...catalog.ids()])];
  return ids.flatMap((id) => catalog.provider(id) ?? []).filter(({ reason }) => reason === undefined);
}

/** Usable providers with a key in the environment, in order of preference. */
export function filterByKeys(catalog: Catalog, has: (names: readonly string[]) => boolean): CatalogProvider[] {
  return sortByPreference(catalog).filter(
    ({ category, keys }) => category !== "local" && has(keys.filter((name) => !sharedVariables.has(name))),
  );
}

/** Why a provider does not serve this model on chat completions, and what to use instead; null if it does. */
export function explainExclusion(row: CatalogProvider, model: string): string | null {
  if (!row.excluded.includes(model)) return null;
  const instead =
    findNearest(
      model,
      row.models.map(({ id }) => id),
    ) ?? findDefaultModel(row);
  const note = row.note === undefined ? "" : ` ${row.note}`;
  const hint = instead === null ? "" : ` Use ${row.id}/${instead} instead, or a gateway such as openrouter.`;
  return `${model} is not served on ${row.name}'s chat completions route.${note}${hint}`;
}
