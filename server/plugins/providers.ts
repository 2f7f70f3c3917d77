/** Model providers that plugins contribute: configuration rows, and keys that the plugin issues on demand. */
import { pluginRequests } from "../../protocol/plugin.ts";
import { buildConfigFileSchema, type ProviderConfig } from "../config/schema.ts";
import type { Clock } from "../ports.ts";
import type { Plugin } from "./host.ts";

export interface PluginProvider {
  config: ProviderConfig;
  /** A key for the next request. */
  token(): Promise<string>;
}

const ASK_MS = 10_000;
const DEFAULT_LIFETIME_MS = 5 * 60_000;
/** Keys are renewed this long before they expire. */
const MARGIN_MS = 30_000;

/** By name; the first plugin with a name wins. A configured provider is never replaced. */
export async function listPluginProviders(
  plugins: readonly Plugin[],
  clock: Clock,
): Promise<Record<string, PluginProvider>> {
  const contributors = plugins.filter(
    ({ spec, approval }) => spec.enabled && approval?.declaration?.contributes?.includes("providers"),
  );
  const found = await Promise.all(contributors.map((plugin) => fetchProviders(plugin, clock).catch(() => [])));
  return Object.fromEntries(found.flat().reverse());
}

async function fetchProviders(plugin: Plugin, clock: Clock): Promise<[string, PluginProvider][]> {
  const connection = await plugin.connect();
  const answer = await connection.request("tutti/provider/list", {}, { timeoutMs: ASK_MS });
  const listed = pluginRequests["tutti/provider/list"].result.safeParse(answer);
  if (!listed.success) return [];
  return Object.entries(listed.data.providers).flatMap(([name, row]): [string, PluginProvider][] => {
    const read = buildConfigFileSchema(["providers"]).safeParse({ providers: { [name]: row } });
    const config = read.success ? read.data.providers?.[name] : undefined;
    return config?.baseUrl === undefined ? [] : [[name, { config, token: createTokenSource(plugin, name, clock) }]];
  });
}

function createTokenSource(plugin: Plugin, provider: string, clock: Clock): () => Promise<string> {
  let cached: { token: string; until: number } | null = null;
  return async () => {
    if (cached && clock.now() < cached.until) return cached.token;
    const connection = await plugin.connect();
    const answer = await connection.request("tutti/provider/token", { provider }, { timeoutMs: ASK_MS });
    const read = pluginRequests["tutti/provider/token"].result.safeParse(answer);
    if (!read.success) throw new Error(`the plugin ${plugin.spec.name} returned no key for ${provider}`);
    const { token, expiresAt } = read.data;
    cached = { token, until: (expiresAt ?? clock.now() + DEFAULT_LIFETIME_MS) - MARGIN_MS };
    return token;
  };
}
