/** Resolves a model name to an open model: configuration over catalog, the key for its endpoint, and the real context size. */
import { TuttiError } from "../../protocol/errors.ts";
import { findNearest } from "../../protocol/nearest.ts";
import { defaultRehearsal, rehearsalProvider } from "../../protocol/rehearsal.ts";
import type { Config } from "../config/config.ts";
import type { Model } from "../ports.ts";
import type { Rehearsals } from "./builtin-rehearsals.ts";
import type { Catalog } from "./catalog.ts";
import { fetchJson } from "./fetch-json.ts";
import type { Keys } from "./keys.ts";
import { type ModelClientDeps, openModel } from "./model-client.ts";
import {
  defaultLocalAddresses,
  type Endpoint,
  type Environment,
  type LocalAddress,
  parseOllamaHost,
  resolveEndpoint,
} from "./resolve-endpoint.ts";
import {
  explainExclusion,
  filterByKeys,
  findDefaultModel,
  findNearestProvider,
  type ModelName,
  parseModelName,
  sortByPreference,
} from "./resolve-model-name.ts";
import type { TargetResolver } from "./resolve-target.ts";
import type { Target } from "./target.ts";

export interface OpenedModel {
  model: Model;
  /** Shown to the user: why this model was chosen. */
  reason: string;
  warnings: string[];
}

export interface ResolvedTarget extends Omit<OpenedModel, "model"> {
  target: Target;
}

export interface Models {
  /**
   * The model to use, and why. Without a name, the configured or a default model. Rejects with `config`, `auth` or `noModel`. `key` is
   * used instead of the provider's key, and is not stored.
   */
  open(name: string | undefined, key?: string): Promise<OpenedModel>;
  /** The same, as a target. */
  resolve(name: string | undefined): Promise<ResolvedTarget>;
  /** The full name of a model that can be chosen. Rejects with `config` if its provider does not have it, and as `open` does. */
  check(name: string | undefined): Promise<ModelCheck>;
  endpoint(provider: string): Endpoint;
  /** The addresses that are probed for local servers. */
  addresses(): readonly LocalAddress[];
}

export interface ModelsDeps {
  config(): Pick<Config, "model" | "providers">;
  env: Environment;
  catalog: Catalog;
  keys: Keys;
  rehearsals: Rehearsals;
  resolveTarget: TargetResolver;
  client: ModelClientDeps;
  /** Called with every key before it is used, so that it can be redacted. */
  addSecret(secret: string): void;
  /** Returns a function that creates a key for each request; null if the provider has no such tokens. */
  token?(provider: string): (() => Promise<string>) | null;
  /** Addresses of local servers. Default: defaultLocalAddresses. */
  addresses?: readonly LocalAddress[];
}

/** A model that can be chosen. `warning`: set if its provider did not list its models. */
export interface ModelCheck {
  model: string;
  warning: string | null;
}

interface ModelChoice extends ModelName {
  reason: string;
  warnings: string[];
}

/** Providers that are never in the catalog: from the environment, from flags, and the scripted model. */
const builtInProviders = new Set(["env", "flag", rehearsalProvider]);

const noModel = `No model is configured, and none was found. Set a provider's key, such as ANTHROPIC_API_KEY, OPENAI_API_KEY or OPENROUTER_API_KEY, start a local server such as Ollama, or pass --model PROVIDER/MODEL. To try Tutti without a model, pass --model ${rehearsalProvider}/${defaultRehearsal}.`;

export function openModels(deps: ModelsDeps): Models {
  const { env, catalog, keys, addSecret } = deps;
  const configured = () => deps.config().providers;
  const row = (id: string) => (builtInProviders.has(id) ? null : catalog.provider(id));
  const isProvider = (id: string): boolean =>
    id === rehearsalProvider || configured()[id] !== undefined || row(id) !== null;
  const endpoint = (id: string): Endpoint => {
    if (!isProvider(id)) throw unknownProviderError(id, [...Object.keys(configured()), ...catalog.ids()]);
    return resolveEndpoint(id, configured()[id] ?? null, row(id), env);
  };

  async function choose(requested: string | undefined): Promise<ModelChoice> {
    const name = requested ?? deps.config().model;
    if (name === undefined) return chooseDefault();
    const reason = requested === undefined ? "set in the configuration" : "requested";
    const named = parseModelName(name, isProvider) ?? findBareModel(name, deps, configured());
    return { ...named, model: named.model || (await pickModel(named.provider)), reason, warnings: [] };
  }

  /** The model to use when only the provider was named. */
  async function pickModel(provider: string): Promise<string> {
    if (provider === rehearsalProvider) return defaultRehearsal;
    const own = Object.keys(configured()[provider]?.models ?? {})[0];
    if (own !== undefined) return own;
    const known = row(provider);
    const best = known === null || known.category === "local" ? null : findDefaultModel(known);
    const served = best ?? (await fetchModelIds(endpoint(provider), keys))?.[0];
    if (served === undefined)
      throw new TuttiError("config", `${provider} lists no models. Name one: ${provider}/MODEL.`);
    return served;
  }

  async function chooseDefault(): Promise<ModelChoice> {
    for (const [provider, own] of Object.entries(configured())) {
      const model = own.baseUrl || own.apiKey ? await pickModel(provider) : null;
      if (model !== null) return { provider, model, reason: `the provider ${provider} is configured`, warnings: [] };
    }
    for (const known of filterByKeys(catalog, (names) => keys.findInEnvironment(names) !== null)) {
      const model = findDefaultModel(known);
      const name = known.keys.find((candidate) => env[candidate]);
      if (model !== null && isReachable(() => endpoint(known.id)))
        return { provider: known.id, model, reason: `${name} is set`, warnings: [] };
    }
    const { discoverServers } = await import("./discover.ts");
    for (const { provider, models, baseUrl } of await discoverServers(addresses())) {
      const best = models.find(({ tools }) => tools === true) ?? models.find(({ tools }) => tools !== false);
      if (best) return { provider, model: best.id, reason: `${provider} runs at ${baseUrl}`, warnings: [] };
    }
    throw new TuttiError("noModel", noModel);
  }

  function addresses(): readonly LocalAddress[] {
    const own = deps.addresses ?? defaultLocalAddresses;
    return env.OLLAMA_HOST && !deps.addresses
      ? own.map((address) =>
          address.provider === "ollama" ? { ...address, baseUrl: parseOllamaHost(env.OLLAMA_HOST ?? "") } : address,
        )
      : own;
  }

  return {
    endpoint,
    addresses,
    resolve: (name) => resolve(name),
    async check(requested) {
      const choice = await choose(requested);
      const own = configured()[choice.provider]?.models?.[choice.model];
      if (own !== undefined) return { model: `${choice.provider}/${choice.model}`, warning: null };
      return choice.provider === rehearsalProvider
        ? checkListed(choice, deps.rehearsals.names())
        : checkServed(choice, resolveChosenEndpoint(choice), keys);
    },
    async open(name, key) {
      const { target, ...found } = await resolve(name, key);
      return { model: openModel(target, deps.client), ...found };
    },
  };

  async function resolve(requested: string | undefined, unsavedKey?: string): Promise<ResolvedTarget> {
    const choice = await choose(requested);
    const { provider, model: name, reason, warnings } = choice;
    if (provider === rehearsalProvider) return { target: await deps.rehearsals.target(name), reason, warnings };
    const at = resolveChosenEndpoint(choice);
    const excluded = at.row && at.config?.models?.[name] === undefined ? explainExclusion(at.row, name) : null;
    if (excluded !== null) throw new TuttiError("config", excluded);
    const token = deps.token?.(provider) ?? null;
    const { key, warning } = token ? { key: null, warning: null } : await findKey(at, keys, unsavedKey);
    if (key !== null) addSecret(key);
    const built = await deps.resolveTarget(at, name, key, env);
    const withToken = token && {
      key: async () => {
        const made = await token();
        addSecret(made);
        return made;
      },
    };
    return {
      target: { ...built.target, ...withToken },
      reason,
      warnings: [...warnings, ...(warning === null ? [] : [warning]), ...built.warnings],
    };
  }

  /** Prefers the address of `deps.addresses` over the one in the catalog. */
  function resolveChosenEndpoint({ provider }: ModelName): Endpoint {
    const found = deps.addresses?.find((address) => address.provider === provider);
    const at = endpoint(provider);
    if (found === undefined || at.config?.baseUrl !== undefined) return at;
    return resolveEndpoint(provider, { ...at.config, baseUrl: found.baseUrl }, at.row, env);
  }
}

/** False if its address needs a variable that is not set. */
function isReachable(findEndpoint: () => Endpoint): boolean {
  try {
    return findEndpoint().baseUrl !== "";
  } catch (error) {
    if (error instanceof TuttiError) return false;
    throw error;
  }
}

/** Resolves a model without a provider: exactly one usable provider must have it. */
function findBareModel(
  name: string,
  { catalog, keys }: Pick<ModelsDeps, "catalog" | "keys">,
  providers: Config["providers"],
): ModelName {
  const own = Object.entries(providers).flatMap(([id, { models = {} }]) => (models[name] ? [id] : []));
  const withKey = filterByKeys(catalog, (names) => keys.findInEnvironment(names) !== null);
  const candidates =
    own.length > 0 ? own : withKey.flatMap(({ id, models }) => (models.some((one) => one.id === name) ? [id] : []));
  const [provider] = candidates;
  if (provider !== undefined && candidates.length === 1) return { provider, model: name };
  if (candidates.length > 1) {
    throw new TuttiError(
      "config",
      `Several providers serve ${name}. Choose one: ${candidates.map((id) => `${id}/${name}`).join(", ")}.`,
    );
  }
  const first = name.split("/")[0] ?? name;
  if (name.includes("/")) throw unknownProviderError(first, [...Object.keys(providers), ...catalog.ids()]);
  const serving = sortByPreference(catalog).filter(({ models }) => models.some(({ id }) => id === name));
  const hint =
    serving.length > 0
      ? `It is served by ${serving
          .slice(0, 3)
          .map(({ id }) => id)
          .join(", ")}${serving.length > 3 ? " and others" : ""}. Use ${serving[0]?.id}/${name} and set its key.`
      : "List the models with `tutti models`.";
  throw new TuttiError("config", `No configured provider serves the model ${name}. ${hint}`);
}

/** The ids that the endpoint lists; null if it does not answer or list any. */
async function fetchModelIds(at: Endpoint, keys: Keys): Promise<string[] | null> {
  const key = at.config?.apiKey ?? (at.ownOrigin ? keys.findInEnvironment(at.keyNames) : null);
  const bearer =
    key === null ? null : { [at.keyHeader]: at.keyHeader === "Authorization" ? `Bearer ${key}` : at.keyPrefix + key };
  const served = await fetchJson({
    url: `${at.baseUrl}/models`,
    timeoutMs: 5_000,
    ...(bearer && { headers: bearer }),
  });
  const listed = Array.isArray(served?.data) ? (served.data as ({ id?: unknown } | null)[]) : [];
  const ids = listed.flatMap((model) => (typeof model?.id === "string" ? [model.id] : []));
  return ids.length > 0 ? ids : null;
}

/** The key that may be sent to this endpoint. Rejects with `auth` if one is needed and missing. */
async function findKey(
  at: Endpoint,
  keys: Keys,
  unsavedKey?: string,
): Promise<{ key: string | null; warning: string | null }> {
  if (unsavedKey !== undefined) {
    if (!at.ownOrigin) throw new TuttiError("auth", describeForeignAddress(at));
    return { key: unsavedKey, warning: null };
  }
  if (at.config?.apiKey) return { key: at.config.apiKey, warning: null };
  if (!at.ownOrigin) {
    const warning = keys.findInEnvironment(at.keyNames) === null ? null : describeForeignAddress(at);
    if (at.keyOptional) return { key: null, warning };
    throw new TuttiError("auth", describeForeignAddress(at));
  }
  const found = await keys.find({ provider: at.id, names: at.keyNames, origin: at.origin });
  if (found === null && !at.keyOptional) throw missingKeyError(at);
  return { key: found?.key ?? null, warning: null };
}

function checkListed({ provider, model }: ModelName, ids: readonly string[]): ModelCheck {
  if (ids.includes(model)) return { model: `${provider}/${model}`, warning: null };
  throw unknownModelError(`${provider}/${model}`, ids);
}

/** By the catalog, or else by what the endpoint lists. */
async function checkServed(name: ModelName, at: Endpoint, keys: Keys): Promise<ModelCheck> {
  const known = at.row?.models.map(({ id }) => id) ?? [];
  if (known.includes(name.model)) return checkListed(name, known);
  const excluded = at.row ? explainExclusion(at.row, name.model) : null;
  if (excluded !== null) throw new TuttiError("config", excluded);
  const served = await fetchModelIds(at, keys);
  if (served !== null) return checkListed(name, served);
  const full = `${name.provider}/${name.model}`;
  return { model: full, warning: `${full} is not verified: ${at.origin} did not list its models.` };
}

function unknownModelError(name: string, ids: readonly string[]): TuttiError {
  const provider = name.slice(0, name.indexOf("/"));
  const near = findNearest(name.slice(provider.length + 1), ids);
  const hint =
    near === null ? `List its models with \`tutti models ${provider}\`.` : `Did you mean ${provider}/${near}?`;
  return new TuttiError("config", `${provider} does not have the model ${JSON.stringify(name)}. ${hint}`);
}

function unknownProviderError(id: string, ids: readonly string[]): TuttiError {
  const near = findNearestProvider(id, ids);
  const hint = near === null ? "List the providers with `tutti providers list`." : `Did you mean ${near}?`;
  return new TuttiError(
    "config",
    `Unknown provider ${JSON.stringify(id)}. ${hint} For your own endpoint, set providers.${id}.baseUrl.`,
  );
}

const describeForeignAddress = ({ id, origin }: Endpoint): string =>
  `The key for ${id} is not sent to ${origin}, which is not ${id}'s own address. To use a key there, set providers.${id}.apiKey next to the address.`;

function missingKeyError({ id, name, keyNames, row }: Endpoint): TuttiError {
  const variable = keyNames.length > 0 ? `Set ${keyNames.join(" or ")}, or run` : "Run";
  const docs = row?.docs === undefined ? "" : ` Keys and models: ${row.docs}.`;
  return new TuttiError("auth", `No key for ${name}. ${variable} \`tutti providers login ${id}\`.${docs}`, {
    provider: id,
    variables: keyNames,
  });
}
