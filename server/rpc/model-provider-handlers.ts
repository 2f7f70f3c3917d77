/** Handlers for providers: listing them and their key sources, testing, and logging in. */
import { TuttiError } from "../../protocol/errors.ts";
import type { Handlers, ResultOf } from "../../protocol/methods.ts";
import type { Config } from "../config/config.ts";
import type { Catalog } from "../model/catalog.ts";
import type { Keys } from "../model/keys.ts";
import type { Models } from "../model/models.ts";
import type { Endpoint } from "../model/resolve-endpoint.ts";
import { sortByPreference } from "../model/resolve-model-name.ts";
import type { Clock } from "../ports.ts";

type ProviderMethod = Extract<keyof Handlers, `provider${string}`>;
type KeySource = ResultOf<"providerList">["providers"][number]["key"];

/** The providers of the catalog and the configuration. */
export interface Providers {
  ids(): string[];
  configured(id: string): Config["providers"][string] | undefined;
  /** Null if its URL is unknown, or it cannot be used. */
  endpoint(id: string): Endpoint | null;
  keySource(id: string): Promise<KeySource>;
}

export function createProviders({
  config,
  models,
  catalog,
  keys,
}: {
  config(): Config;
  models: Models;
  catalog: Catalog;
  keys: Keys;
}): Providers {
  const endpoint = (id: string): Endpoint | null => {
    try {
      return models.endpoint(id);
    } catch (error) {
      if (error instanceof TuttiError) return null;
      throw error;
    }
  };
  return {
    ids: () => [...new Set([...Object.keys(config().providers), ...catalog.ids()])],
    configured: (id) => config().providers[id],
    endpoint,
    async keySource(id) {
      if (config().providers[id]?.apiKey) return "configuration";
      const found = endpoint(id);
      const keyless = found?.keyOptional ? "not needed" : "none";
      if (!found?.ownOrigin) return keyless;
      const key = await keys.find({ provider: id, names: found.keyNames, origin: found.origin });
      return key?.source ?? keyless;
    },
  };
}

export interface ProviderHandlerDeps {
  providers: Providers;
  models: Models;
  catalog: Catalog;
  keys: Keys;
  clock: Clock;
}

export function createProviderHandlers(deps: ProviderHandlerDeps): Pick<Handlers, ProviderMethod> {
  const { providers, models, catalog, keys, clock } = deps;
  const describe = async (id: string) => {
    const endpoint = providers.endpoint(id);
    const row = catalog.provider(id);
    const note = row?.reason ?? row?.note;
    const configured = Object.keys(providers.configured(id)?.models ?? {});
    return {
      id,
      name: endpoint?.name ?? row?.name ?? id,
      baseUrl: endpoint?.baseUrl ?? row?.baseUrl ?? "",
      key: await providers.keySource(id),
      keyNames: row?.keys ?? [],
      models: new Set([...configured, ...(row?.models ?? []).map((model) => model.id)]).size,
      ...(note !== undefined && { note }),
    };
  };
  return {
    async providerList() {
      const preferred = sortByPreference(catalog).map(({ id }) => id);
      const own = providers.ids().filter((id) => providers.configured(id) !== undefined);
      const ids = [...new Set([...own, ...preferred, ...providers.ids()])];
      return { providers: await Promise.all(ids.map(describe)) };
    },
    async providerTest({ provider, model: name, key }) {
      const { tryEndpoint } = await import("../model/try-endpoint.ts");
      const { model } = await models.open(`${provider}/${name ?? ""}`, key);
      return { model: model.id, checks: await tryEndpoint(model, clock) };
    },
    async providerLogin({ provider, key }) {
      const { id, origin } = models.endpoint(provider);
      return keys.store(id, origin, key);
    },
    providerLogout: async ({ provider }) => ({ removed: await keys.forget(provider) }),
  };
}
