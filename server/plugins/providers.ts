/** Endpoints that plugins bring: rows as in the configuration, and keys that the plugin makes when they are needed. */
import { pluginRequests } from "../../protocol/plugin.ts";
import { configFile, type ProviderConfig } from "../config/schema.ts";
import type { Clock } from "../ports.ts";
import type { Plugin } from "./host.ts";

export interface PluginProvider {
  config: ProviderConfig;
  /** A key for the next request. */
  token(): Promise<string>;
}

const ASK_MS = 10_000;
const KEPT_MS = 5 * 60_000;
/** A key that is about to end is not begun with. */
const MARGIN_MS = 30_000;

/** By name; the first plugin that has a name keeps it. Nothing of a plugin stands in the place of what a person configured. */
export async function pluginProviders(
  plugins: readonly Plugin[],
  clock: Clock,
): Promise<Record<string, PluginProvider>> {
  const bringing = plugins.filter(
    ({ spec, approval }) => spec.enabled && approval?.declaration?.contributes?.includes("providers"),
  );
  const found = await Promise.all(bringing.map((plugin) => providersOf(plugin, clock).catch(() => [])));
  return Object.fromEntries(found.flat().reverse());
}

async function providersOf(plugin: Plugin, clock: Clock): Promise<[string, PluginProvider][]> {
  const link = await plugin.link();
  const answer = await link.request("tutti/provider/list", {}, { timeoutMs: ASK_MS });
  const listed = pluginRequests["tutti/provider/list"].result.safeParse(answer);
  if (!listed.success) return [];
  return Object.entries(listed.data.providers).flatMap(([name, row]): [string, PluginProvider][] => {
    const read = configFile(["providers"]).safeParse({ providers: { [name]: row } });
    const config = read.success ? read.data.providers?.[name] : undefined;
    return config?.baseUrl === undefined ? [] : [[name, { config, token: tokensOf(plugin, name, clock) }]];
  });
}

function tokensOf(plugin: Plugin, provider: string, clock: Clock): () => Promise<string> {
  let kept: { token: string; until: number } | null = null;
  return async () => {
    if (kept && clock.now() < kept.until) return kept.token;
    const link = await plugin.link();
    const answer = await link.request("tutti/provider/token", { provider }, { timeoutMs: ASK_MS });
    const read = pluginRequests["tutti/provider/token"].result.safeParse(answer);
    if (!read.success) throw new Error(`the plugin ${plugin.spec.name} gave no key for ${provider}`);
    const { token, expiresAt } = read.data;
    kept = { token, until: (expiresAt ?? clock.now() + KEPT_MS) - MARGIN_MS };
    return token;
  };
}
