/** From a name to a model that can be asked: the configuration over the catalog, the key that belongs there, the room there really is. */
import { TuttiError } from "../../protocol/errors.ts";
import type { Config } from "../config/config.ts";
import type { Model } from "../ports.ts";
import { type DoorDeps, openModel } from "./adapter.ts";
import { askJson } from "./ask-json.ts";
import type { Catalog } from "./catalog.ts";
import { byFavour, defaultModel, excludedReason, type Named, nearestProvider, readName, withKeys } from "./choose.ts";
import { type Endpoint, type Environment, endpointOf, ollamaAddress } from "./endpoint.ts";
import type { Keys } from "./keys.ts";
import { type LocalAddress, usualAddresses } from "./local-addresses.ts";
import type { Rehearsals } from "./rehearsals.ts";
import type { Target } from "./target.ts";
import { targetOf } from "./target-of.ts";

export interface OpenedModel {
  model: Model;
  /** For people: where the choice came from. */
  why: string;
  warnings: string[];
}

export interface FoundTarget extends Omit<OpenedModel, "model"> {
  target: Target;
}

export interface Models {
  /** The model to use, and why it is that one. Rejects with `config` or `auth` and a sentence where there is none. */
  open(wanted: string | undefined): Promise<OpenedModel>;
  /** The same, as where and how it is reached. */
  target(wanted: string | undefined): Promise<FoundTarget>;
  endpoint(provider: string): Endpoint;
  /** Where the usual local servers are looked for. */
  addresses(): readonly LocalAddress[];
}

export interface ModelsParts {
  config(): Pick<Config, "model" | "providers">;
  env: Environment;
  catalog: Catalog;
  keys: Keys;
  rehearsals: Rehearsals;
  door: DoorDeps;
  /** Told of every key before it is used. */
  know(secret: string): void;
  /** A key that is made anew for each request, where a provider has such; null elsewhere. */
  token?(provider: string): (() => Promise<string>) | null;
  /** Where local servers are looked for; the usual places where absent. */
  addresses?: readonly LocalAddress[];
}

interface Choice extends Named {
  why: string;
  warnings: string[];
}

/** Providers that are never in the catalog: the quick start, one-off flags, and the script. */
const notInCatalog = new Set(["env", "flag", "rehearsal"]);

const rehearsalWarning =
  "No model is chosen and none was found, so a script plays one: it shows how Tutti works, but it understands nothing. For a real model set a key such as ANTHROPIC_API_KEY, OPENAI_API_KEY or OPENROUTER_API_KEY, start a local server such as Ollama, or name one with --model PROVIDER/MODEL.";

export function openModels(parts: ModelsParts): Models {
  const { env, catalog, keys, know } = parts;
  const configured = () => parts.config().providers;
  const row = (id: string) => (notInCatalog.has(id) ? null : catalog.provider(id));
  const isProvider = (id: string): boolean => id === "rehearsal" || configured()[id] !== undefined || row(id) !== null;
  const endpoint = (id: string): Endpoint => {
    if (!isProvider(id)) throw unknownProvider(id, [...Object.keys(configured()), ...catalog.ids()]);
    return endpointOf(id, configured()[id] ?? null, row(id), env);
  };

  async function choose(wanted: string | undefined): Promise<Choice> {
    const name = wanted ?? parts.config().model;
    if (name === undefined) return chooseWithout();
    const why = wanted === undefined ? "the configuration" : "asked for";
    const named = readName(name, isProvider) ?? bareModel(name);
    return { ...named, model: named.model || (await firstModel(named.provider)), why, warnings: [] };
  }

  /** A model without its provider: known at exactly one place that could be asked now. */
  function bareModel(name: string): Named {
    const own = Object.entries(configured()).flatMap(([id, { models = {} }]) => (models[name] ? [id] : []));
    const atHand = withKeys(catalog, (names) => keys.inEnvironment(names) !== null);
    const places =
      own.length > 0 ? own : atHand.flatMap(({ id, models }) => (models.some((one) => one.id === name) ? [id] : []));
    const [provider] = places;
    if (provider !== undefined && places.length === 1) return { provider, model: name };
    if (places.length > 1) {
      throw new TuttiError(
        "config",
        `Several providers have ${name}; say which: ${places.map((id) => `${id}/${name}`).join(", ")}.`,
      );
    }
    const first = name.split("/")[0] ?? name;
    if (name.includes("/")) throw unknownProvider(first, [...Object.keys(configured()), ...catalog.ids()]);
    const there = byFavour(catalog).filter(({ models }) => models.some(({ id }) => id === name));
    const hint =
      there.length > 0
        ? `It is served by ${there
            .slice(0, 3)
            .map(({ id }) => id)
            .join(", ")}${there.length > 3 ? " and others" : ""}: write ${there[0]?.id}/${name}, and set its key.`
        : "`tutti models` lists what there is.";
    throw new TuttiError(
      "config",
      `${name} is not a model of a provider that is configured or has a key here. ${hint}`,
    );
  }

  /** The provider alone was named. */
  async function firstModel(provider: string): Promise<string> {
    if (provider === "rehearsal") return "tour";
    const own = Object.keys(configured()[provider]?.models ?? {})[0];
    if (own !== undefined) return own;
    const known = row(provider);
    const best = known === null || known.category === "local" ? null : defaultModel(known);
    const served = best ?? (await firstServed(endpoint(provider)));
    if (served === null)
      throw new TuttiError("config", `${provider} named no model; write ${provider}/MODEL with the name of one.`);
    return served;
  }

  async function firstServed(at: Endpoint): Promise<string | null> {
    const key = at.config?.apiKey ?? (at.ownOrigin ? keys.inEnvironment(at.keyNames) : null);
    const bearer =
      key === null ? null : { [at.keyHeader]: at.keyHeader === "Authorization" ? `Bearer ${key}` : at.keyBefore + key };
    const served = await askJson({ url: `${at.baseUrl}/models`, ms: 5_000, ...(bearer && { headers: bearer }) });
    const first = Array.isArray(served?.data) ? (served.data[0] as { id?: unknown } | null)?.id : null;
    return typeof first === "string" ? first : null;
  }

  async function chooseWithout(): Promise<Choice> {
    for (const [provider, own] of Object.entries(configured())) {
      const model = own.baseUrl || own.apiKey ? await firstModel(provider) : null;
      if (model !== null) return { provider, model, why: `the provider ${provider} is configured`, warnings: [] };
    }
    for (const known of withKeys(catalog, (names) => keys.inEnvironment(names) !== null)) {
      const model = defaultModel(known);
      const name = known.keys.find((candidate) => env[candidate]);
      if (model !== null && reachable(known.id))
        return { provider: known.id, model, why: `${name} is set`, warnings: [] };
    }
    const { discover } = await import("./discover.ts");
    for (const { provider, models, baseUrl } of await discover(addresses())) {
      const best = models.find(({ tools }) => tools === true) ?? models.find(({ tools }) => tools !== false);
      if (best) return { provider, model: best.id, why: `${provider} runs at ${baseUrl}`, warnings: [] };
    }
    return { provider: "rehearsal", model: "tour", why: "no model was found", warnings: [rehearsalWarning] };
  }

  function addresses(): readonly LocalAddress[] {
    const own = parts.addresses ?? usualAddresses;
    return env.OLLAMA_HOST && !parts.addresses
      ? own.map((address) =>
          address.provider === "ollama" ? { ...address, baseUrl: ollamaAddress(env.OLLAMA_HOST ?? "") } : address,
        )
      : own;
  }

  /** False where its address cannot be told yet. */
  function reachable(id: string): boolean {
    try {
      return endpoint(id).baseUrl !== "";
    } catch (error) {
      if (error instanceof TuttiError) return false;
      throw error;
    }
  }

  /** The key that may go to this endpoint; a person is told what to do where one is needed and missing. */
  async function keyFor(at: Endpoint): Promise<{ key: string | null; warning: string | null }> {
    if (at.config?.apiKey) return { key: at.config.apiKey, warning: null };
    if (!at.ownOrigin) {
      const warning = keys.inEnvironment(at.keyNames) === null ? null : foreignAddress(at);
      if (at.open) return { key: null, warning };
      throw new TuttiError("auth", foreignAddress(at));
    }
    const found = await keys.find({ provider: at.id, names: at.keyNames, origin: at.origin });
    if (found === null && !at.open) throw noKey(at);
    return { key: found?.key ?? null, warning: null };
  }

  return {
    endpoint,
    addresses,
    target: find,
    async open(wanted) {
      const { target, ...found } = await find(wanted);
      return { model: openModel(target, parts.door), ...found };
    },
  };

  async function find(wanted: string | undefined): Promise<FoundTarget> {
    const choice = await choose(wanted);
    const { provider, model: name, why, warnings } = choice;
    if (provider === "rehearsal") return { target: await parts.rehearsals.target(name), why, warnings };
    const at = endpointFrom(choice);
    const excluded = at.row && at.config?.models?.[name] === undefined ? excludedReason(at.row, name) : null;
    if (excluded !== null) throw new TuttiError("config", excluded);
    const token = parts.token?.(provider) ?? null;
    const { key, warning } = token ? { key: null, warning: null } : await keyFor(at);
    if (key !== null) know(key);
    const made = await targetOf(at, name, key, env);
    const fresh = token && {
      key: async () => {
        const made = await token();
        know(made);
        return made;
      },
    };
    return {
      target: { ...made.target, ...fresh },
      why,
      warnings: [...warnings, ...(warning === null ? [] : [warning]), ...made.warnings],
    };
  }

  /** A server that was found may answer at another address than the catalog has. */
  function endpointFrom({ provider }: Named): Endpoint {
    const found = parts.addresses?.find((address) => address.provider === provider);
    const at = endpoint(provider);
    if (found === undefined || at.config?.baseUrl !== undefined) return at;
    return endpointOf(provider, { ...at.config, baseUrl: found.baseUrl }, at.row, env);
  }
}

function unknownProvider(id: string, ids: readonly string[]): TuttiError {
  const near = nearestProvider(id, ids);
  const hint = near === null ? "`tutti providers list` has the names." : `Did you mean ${near}?`;
  return new TuttiError(
    "config",
    `There is no provider ${JSON.stringify(id)}. ${hint} An endpoint of your own goes into providers.${id}.baseUrl.`,
  );
}

const foreignAddress = ({ id, origin }: Endpoint): string =>
  `The key of ${id} is not sent to ${origin}, because that is not ${id}'s own address; if it should go there, write it as providers.${id}.apiKey next to the address.`;

function noKey({ id, name, keyNames, row }: Endpoint): TuttiError {
  const variable = keyNames.length > 0 ? `Set ${keyNames.join(" or ")}, or run` : "Run";
  const docs = row?.docs === undefined ? "" : ` Keys and models: ${row.docs}.`;
  return new TuttiError("auth", `There is no key for ${name}. ${variable} \`tutti providers login ${id}\`.${docs}`, {
    provider: id,
    variables: keyNames,
  });
}
