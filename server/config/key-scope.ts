/**
 * Keeps keys with the host they are meant for, whatever is trusted. If a project's file sets a provider's address, the key, headers and
 * query from the user's own files are dropped, unless the user configured the same host. Pure.
 */
import type { Merged } from "./merge.ts";
import type { ProviderConfig } from "./schema.ts";

const records = ["headers", "query"] as const;

export function restrictKeyScope(
  merged: Merged,
  ownLayers: Merged,
  projectFiles: readonly string[],
): { merged: Merged; problems: { file: string; message: string }[] } {
  const isProjects = (key: string): boolean => projectFiles.includes(merged.sources[key] ?? "");
  const providers = { ...merged.config.providers };
  const sources = { ...merged.sources };
  const problems: { file: string; message: string }[] = [];
  for (const [name, provider] of Object.entries(providers)) {
    const at = `providers.${name}`;
    const host = getOrigin(provider.baseUrl);
    if (!isProjects(`${at}.baseUrl`) || (host !== "" && host === getOrigin(ownLayers.config.providers[name]?.baseUrl)))
      continue;
    const dropped: string[] = [];
    const drop = (key: string): boolean => {
      if (isProjects(`${at}.${key}`)) return false;
      dropped.push(key);
      Reflect.deleteProperty(sources, `${at}.${key}`);
      return true;
    };
    const { apiKey, ...rest } = provider;
    const next: ProviderConfig = { ...rest, ...(apiKey !== undefined && !drop("apiKey") && { apiKey }) };
    for (const record of records) {
      const values = next[record];
      if (values)
        next[record] = Object.fromEntries(Object.entries(values).filter(([key]) => !drop(`${record}.${key}`)));
    }
    if (dropped.length === 0) continue;
    providers[name] = next;
    problems.push({
      file: merged.sources[`${at}.baseUrl`] ?? "",
      message: `Your own ${dropped.map((key) => `${at}.${key}`).join(", ")} is not sent to ${host}, because only a project's file sets that address. To send it there, set the address in your own file too.`,
    });
  }
  return { merged: { config: { ...merged.config, providers }, sources }, problems };
}

const getOrigin = (address: string | undefined): string =>
  address !== undefined && URL.canParse(address) ? new URL(address).origin : "";
