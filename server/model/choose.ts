/** Which model a name means, and which one is taken where none was named. Tables and pure decisions over the catalog. */
import { nearest } from "../config/nearest.ts";
import type { Catalog, CatalogModel, CatalogProvider } from "./catalog.ts";

/** Good with tools and not dear, for the providers that people have keys of; also the order in which keys are looked for. */
export const favourites: Readonly<Record<string, string>> = {
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

/** Variables that are set for other purposes too: having one does not mean that its owner wants models with it. */
const general = new Set([
  "GITHUB_TOKEN",
  "GITLAB_TOKEN",
  "HF_TOKEN",
  "CLOUDFLARE_API_KEY",
  "CLOUDFLARE_API_TOKEN",
  "DIGITALOCEAN_ACCESS_TOKEN",
]);

/** Names that people use for providers of the catalog. */
const nicknames: Readonly<Record<string, string>> = {
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

export interface Named {
  provider: string;
  /** Empty where only the provider was named. */
  model: string;
}

/** `provider/model`, `provider/`, a provider alone, or a model that is known at exactly one of the providers at hand. */
export function readName(name: string, isProvider: (id: string) => boolean): Named | null {
  const slash = name.indexOf("/");
  const first = slash < 0 ? name : name.slice(0, slash);
  const provider = isProvider(first) ? first : (nicknames[first.toLowerCase()] ?? null);
  if (provider === null || !isProvider(provider)) return null;
  return { provider, model: slash < 0 ? "" : name.slice(slash + 1) };
}

export function nearestProvider(id: string, ids: readonly string[]): string | null {
  return nicknames[id.toLowerCase()] ?? nearest(id, ids);
}

/** The newest one that can work as an agent: calls tools, has room, and is made for text. */
export function newestAgent(models: readonly CatalogModel[]): CatalogModel | null {
  const special = /embed|audio|image|realtime|ocr|tts|translat|live|guard|omni|vision|-vl|character|search|research/i;
  const fit = models.filter(({ id, tools, context }) => tools && !special.test(id) && (context ?? 0) >= 32_000);
  const ranked = fit.toSorted((a, b) => Number(a.early) - Number(b.early) || b.day - a.day || (a.id < b.id ? -1 : 1));
  return ranked[0] ?? null;
}

export function defaultModel(row: CatalogProvider): string | null {
  const favourite = favourites[row.id];
  if (favourite && row.models.some(({ id }) => id === favourite)) return favourite;
  return newestAgent(row.models)?.id ?? null;
}

/** The favourites first, then in the order of the catalog; those that cannot be used are left out. */
export function byFavour(catalog: Catalog): CatalogProvider[] {
  const ids = [...new Set([...Object.keys(favourites), ...catalog.ids()])];
  return ids.flatMap((id) => catalog.provider(id) ?? []).filter(({ reason }) => reason === undefined);
}

/** Providers that have a key in the environment. */
export function withKeys(catalog: Catalog, has: (names: readonly string[]) => boolean): CatalogProvider[] {
  return byFavour(catalog).filter(
    ({ category, keys }) => category !== "local" && has(keys.filter((name) => !general.has(name))),
  );
}

/** Why a model cannot be had there, and what can; null where nothing speaks against it. */
export function excludedReason(row: CatalogProvider, model: string): string | null {
  if (!row.excluded.includes(model)) return null;
  const instead =
    nearest(
      model,
      row.models.map(({ id }) => id),
    ) ?? defaultModel(row);
  const why = row.note === undefined ? "" : ` ${row.note}`;
  const hint = instead === null ? "" : ` Use ${row.id}/${instead} instead, or a gateway such as openrouter.`;
  return `${model} is not served on ${row.name}'s chat completions route.${why}${hint}`;
}
