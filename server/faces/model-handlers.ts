/** What the methods about models and providers do. What is only needed here is loaded when it is asked for. */
import { TuttiError } from "../../protocol/errors.ts";
import type { Handlers, ResultOf } from "../../protocol/methods.ts";
import type { Config } from "../config/config.ts";
import type { Catalog } from "../model/catalog.ts";
import type { Endpoint } from "../model/endpoint.ts";
import type { Keys } from "../model/keys.ts";
import type { Models } from "../model/models.ts";
import type { Clock } from "../ports.ts";

type Mine = Extract<keyof Handlers, `model${string}` | `provider${string}`>;

export interface ModelHandlerParts {
  config(): Config;
  models: Models;
  catalog: Catalog;
  keys: Keys;
  clock: Clock;
  cacheDir: string;
  rehearsals(): string[];
}

type ListedModel = ResultOf<"modelList">["models"][number];
type KeyPlace = ResultOf<"providerList">["providers"][number]["key"];

export function modelHandlers(parts: ModelHandlerParts): Pick<Handlers, Mine> {
  const { config, models, catalog, keys } = parts;
  const providerIds = (): string[] => [...new Set([...Object.keys(config().providers), ...catalog.ids()])];

  /** Null where the address cannot be told, or the provider cannot be used at all. */
  const endpointOf = (id: string): Endpoint | null => {
    try {
      return models.endpoint(id);
    } catch (error) {
      if (error instanceof TuttiError) return null;
      throw error;
    }
  };

  async function keyOf(id: string, at: Endpoint | null): Promise<KeyPlace> {
    if (config().providers[id]?.apiKey) return "configuration";
    if (at === null || !at.ownOrigin) return at?.open ? "not needed" : "none";
    const found = await keys.find({ provider: id, names: at.keyNames, origin: at.origin });
    return found?.from ?? (at.open ? "not needed" : "none");
  }

  async function modelsOf(id: string): Promise<ListedModel[]> {
    const at = endpointOf(id);
    const row = catalog.provider(id);
    const own = config().providers[id]?.models ?? {};
    const ready = at !== null && (await keyOf(id, at)) !== "none";
    const known = (row?.models ?? []).filter(({ id: name }) => own[name] === undefined);
    return [
      ...Object.entries(own).map(([name, model]) => {
        const listed = row?.models.find((one) => one.id === name);
        const price = model.cost ? { input: model.cost.input ?? 0, output: model.cost.output ?? 0 } : null;
        return {
          id: `${id}/${name}`,
          name: listed?.name ?? name,
          context: model.context ?? listed?.context ?? null,
          output: model.output ?? listed?.output ?? null,
          price: price ?? (listed?.price ? { input: listed.price.input, output: listed.price.output } : null),
          tools: model.toolCall ?? listed?.tools ?? true,
          vision: model.vision ?? listed?.vision ?? false,
          reasoning: model.reasoning ?? listed?.reasoning ?? false,
          ready,
        };
      }),
      ...known.map(({ id: name, name: shown, context, output, price, tools, vision, reasoning }) => ({
        id: `${id}/${name}`,
        name: shown,
        context,
        output,
        price: price && { input: price.input, output: price.output },
        tools,
        vision,
        reasoning,
        ready,
      })),
    ];
  }

  const rehearsed = (): ListedModel[] =>
    parts.rehearsals().map((name) => ({
      id: `rehearsal/${name}`,
      name: `${name} (a script)`,
      context: null,
      output: null,
      price: { input: 0, output: 0 },
      tools: true,
      vision: false,
      reasoning: false,
      ready: true,
    }));

  return {
    async modelList({ provider }) {
      if (provider === "rehearsal") return { models: rehearsed() };
      const named = provider !== undefined && providerIds().includes(provider);
      // Says what is wrong with the name; an address that lacks a variable hides no models.
      if (provider !== undefined && (!named || catalog.provider(provider)?.reason !== undefined))
        models.endpoint(provider);
      const ids = provider === undefined ? providerIds() : [provider];
      const listed = await Promise.all(ids.map(modelsOf));
      return { models: [...listed.flat(), ...(provider === undefined ? rehearsed() : [])] };
    },
    async modelDiscover() {
      const { discover } = await import("../model/discover.ts");
      const own = Object.keys(config().providers).flatMap((id) => {
        const at = endpointOf(id);
        return at?.local ? [{ provider: id, baseUrl: at.baseUrl }] : [];
      });
      const usual = models.addresses().filter(({ baseUrl }) => !own.some((one) => one.baseUrl === baseUrl));
      const [named, found] = await Promise.all([discover(own), discover(usual)]);
      // Known by the name that the person gave them, whatever they are.
      const mine = named.map((one) => ({
        ...one,
        provider: own.find(({ baseUrl }) => baseUrl === one.baseUrl)?.provider ?? one.provider,
      }));
      return {
        endpoints: [...mine, ...found].map(({ provider, baseUrl, models: served }) => ({
          provider,
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
      const { refreshCatalog } = await import("../model/refresh.ts");
      return refreshCatalog(config().catalog?.url, parts.cacheDir);
    },
    async providerList() {
      const rows = providerIds().map(async (id) => {
        const at = endpointOf(id);
        const row = catalog.provider(id);
        const note = row?.reason ?? row?.note;
        const own = Object.keys(config().providers[id]?.models ?? {});
        return {
          id,
          name: at?.name ?? row?.name ?? id,
          baseUrl: at?.baseUrl ?? row?.baseUrl ?? "",
          key: await keyOf(id, at),
          keyNames: row?.keys ?? [],
          models: new Set([...own, ...(row?.models ?? []).map((model) => model.id)]).size,
          ...(note !== undefined && { note }),
        };
      });
      return { providers: await Promise.all(rows) };
    },
    async providerTest({ provider, model: wanted }) {
      const { tryEndpoint } = await import("../model/try-endpoint.ts");
      const { model } = await models.open(`${provider}/${wanted ?? ""}`);
      return { model: model.id, checks: await tryEndpoint(model, parts.clock) };
    },
    async providerLogin({ provider, key }) {
      const { id, origin } = models.endpoint(provider);
      return keys.store(id, origin, key);
    },
    async providerLogout({ provider }) {
      return { forgotten: await keys.forget(provider) };
    },
  };
}
