/** Handlers for models: listing, discovering local servers, updating the catalog. Code that only they need is loaded on demand. */

import type { Handlers, ResultOf } from "../../protocol/methods.ts";
import { rehearsalProvider } from "../../protocol/rehearsal.ts";
import type { Config } from "../config/config.ts";
import type { Catalog } from "../model/catalog.ts";
import type { Models } from "../model/models.ts";
import type { Providers } from "./model-provider-handlers.ts";

type ModelMethod = Extract<keyof Handlers, `model${string}`>;
type ListedModel = ResultOf<"modelList">["models"][number];

export interface ModelHandlerDeps {
  providers: Providers;
  models: Models;
  catalog: Catalog;
  config(): Config;
  cacheDir: string;
  /** Names of the scripted models. */
  rehearsals(): string[];
}

export function createModelHandlers(deps: ModelHandlerDeps): Pick<Handlers, ModelMethod> {
  const { providers, models, catalog, config } = deps;

  async function listModels(provider: string): Promise<ListedModel[]> {
    const row = catalog.provider(provider);
    const configured = providers.configured(provider)?.models ?? {};
    const ready = providers.endpoint(provider) !== null && (await providers.keySource(provider)) !== "none";
    const others = (row?.models ?? []).filter(({ id }) => configured[id] === undefined);
    return [
      ...Object.entries(configured).map(([name, model]): ListedModel => {
        const listed = row?.models.find(({ id }) => id === name);
        const { cost } = model;
        return {
          id: `${provider}/${name}`,
          name: listed?.name ?? name,
          context: model.context ?? listed?.context ?? null,
          output: model.output ?? listed?.output ?? null,
          price: cost ? { input: cost.input ?? 0, output: cost.output ?? 0 } : toPrice(listed?.price),
          tools: model.toolCall ?? listed?.tools ?? true,
          vision: model.vision ?? listed?.vision ?? false,
          reasoning: model.reasoning ?? listed?.reasoning ?? false,
          ready,
        };
      }),
      ...others.map(({ id, name, context, output, price, tools, vision, reasoning }): ListedModel => {
        const sizes = { context, output, price: toPrice(price) };
        return { id: `${provider}/${id}`, name, ...sizes, tools, vision, reasoning, ready };
      }),
    ];
  }

  return {
    async modelList({ provider }) {
      const scripted = deps.rehearsals().map(toScriptedModel);
      if (provider === rehearsalProvider) return { models: scripted };
      if (provider === undefined) {
        const listed = await Promise.all(providers.ids().map(listModels));
        return { models: [...listed.flat(), ...scripted] };
      }
      // Throws for an unknown or unusable provider; a URL that needs a variable does not hide its models.
      const known = providers.ids().includes(provider);
      if (!known || catalog.provider(provider)?.reason !== undefined) models.endpoint(provider);
      return { models: await listModels(provider) };
    },
    modelCheck: ({ model }) => models.check(model),
    async modelDiscover() {
      const { discoverServers } = await import("../model/discover.ts");
      const configured = Object.keys(config().providers).flatMap((provider) => {
        const endpoint = providers.endpoint(provider);
        return endpoint?.local ? [{ provider, baseUrl: endpoint.baseUrl }] : [];
      });
      const providerAt = (baseUrl: string) => configured.find((provider) => provider.baseUrl === baseUrl)?.provider;
      const defaults = models.addresses().filter(({ baseUrl }) => providerAt(baseUrl) === undefined);
      const found = (await Promise.all([discoverServers(configured), discoverServers(defaults)])).flat();
      return {
        endpoints: found.map(({ provider, baseUrl, models: served }) => ({
          // A configured name wins over the detected kind of server.
          provider: providerAt(baseUrl) ?? provider,
          baseUrl,
          models: served.map(({ id, context, warning }) => ({
            id,
            context,
            ...(warning !== undefined && { warning }),
          })),
        })),
      };
    },
    async modelRefresh() {
      const { refreshCatalog } = await import("../model/refresh-catalog.ts");
      return refreshCatalog(config().catalog?.url, deps.cacheDir);
    },
  };
}

const toPrice = (price: { input: number; output: number } | null | undefined): ListedModel["price"] =>
  price ? { input: price.input, output: price.output } : null;

const toScriptedModel = (name: string): ListedModel => ({
  id: `${rehearsalProvider}/${name}`,
  name: `${name} (a script)`,
  context: null,
  output: null,
  price: { input: 0, output: 0 },
  tools: true,
  vision: false,
  reasoning: false,
  ready: true,
});
