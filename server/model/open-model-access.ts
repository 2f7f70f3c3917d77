/** Everything that leads to a model: catalog, keys, endpoints, scripted models; and which of them a session in a folder gets. */
import type { Config } from "../config/config.ts";
import type { Configuration } from "../config/open-configuration.ts";
import type { ProviderConfig } from "../config/schema.ts";
import type { Clock, Hash } from "../ports.ts";
import { openRehearsals, type Rehearsals } from "./builtin-rehearsals.ts";
import { type Catalog, catalogFile, openCatalog, shippedCatalog } from "./catalog.ts";
import { openTransport, type Transport } from "./http.ts";
import { openKeychain } from "./keychain.ts";
import { type Keys, openKeys } from "./keys.ts";
import { type Models, type OpenedModel, openModels } from "./models.ts";
import type { Environment } from "./resolve-endpoint.ts";
import { createTargetResolver } from "./resolve-target.ts";
import type { Target } from "./target.ts";

export interface ModelAccessDeps {
  clock: Clock;
  hash: Hash;
  env: Environment;
  dataDir: string;
  cacheDir: string;
  configuration: Pick<Configuration, "current" | "configFor">;
  /** An endpoint that a plugin of this folder contributes under this name; null where none does. */
  pluginProvider(cwd: string, name: string): Promise<{ config: ProviderConfig; token: () => Promise<string> } | null>;
  addSecret(secret: string): void;
}

export interface ModelAccess {
  /** By the configuration of the server's own folder. */
  models: Models;
  catalog: Catalog;
  keys: Keys;
  rehearsals: Rehearsals;
  transport: Transport;
  /** `name` is `provider/model`; without one, the configured or a default model. */
  openModel(name: string | undefined, cwd: string): Promise<OpenedModel>;
  resolveTarget(name: string | undefined, cwd: string): Promise<Target>;
  close(): Promise<void>;
}

export function openModelAccess(deps: ModelAccessDeps): ModelAccess {
  const { clock, env, dataDir, addSecret, configuration } = deps;
  const ownConfig = (): Config => configuration.current().config;
  const transport = openTransport({ env });
  const keys = openKeys({ env, dataDir, openKeychain: () => openKeychain(env) });
  const catalog = openCatalog([shippedCatalog, catalogFile(deps.cacheDir)]);
  const rehearsals = openRehearsals({ clock, hash: deps.hash });
  const resolveTarget = createTargetResolver();
  const client = { clock, transport };
  const modelsFor = (config: () => Config, token?: (provider: string) => (() => Promise<string>) | null): Models =>
    openModels({
      config,
      env,
      catalog,
      keys,
      rehearsals,
      resolveTarget,
      client,
      addSecret,
      ...(token && { token }),
    });
  const models = modelsFor(ownConfig);

  const modelsIn = async (name: string | undefined, cwd: string): Promise<Models> => {
    const config = await configuration.configFor(cwd);
    const id = (name ?? config.model ?? "").split("/", 1)[0] ?? "";
    const known = config.providers[id] || catalog.provider(id);
    const contributed = known ? null : await deps.pluginProvider(cwd, id);
    if (!contributed) return config === ownConfig() ? models : modelsFor(() => config);
    const extended = { ...config, providers: { ...config.providers, [id]: contributed.config } };
    return modelsFor(
      () => extended,
      (provider) => (provider === id ? contributed.token : null),
    );
  };
  return {
    models,
    catalog,
    keys,
    rehearsals,
    transport,
    openModel: async (name, cwd) => (await modelsIn(name, cwd)).open(name),
    resolveTarget: async (name, cwd) => (await (await modelsIn(name, cwd)).resolve(name)).target,
    async close() {
      await rehearsals.close();
      transport.close();
    },
  };
}
