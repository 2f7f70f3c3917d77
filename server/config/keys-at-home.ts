/**
 * A key goes only to the host that it was given for, whoever is trusted: where a project's file says at which address a provider is,
 * what a person's own files say of that provider's key, headers and query stays behind, unless the person named the same host. Pure.
 */
import type { Merged } from "./merge.ts";
import type { ProviderConfig } from "./schema.ts";

const records = ["headers", "query"] as const;

export function keepKeysHome(
  merged: Merged,
  own: Merged,
  projectFiles: readonly string[],
): { merged: Merged; problems: { file: string; message: string }[] } {
  const isProjects = (key: string): boolean => projectFiles.includes(merged.sources[key] ?? "");
  const providers = { ...merged.config.providers };
  const sources = { ...merged.sources };
  const problems: { file: string; message: string }[] = [];
  for (const [name, provider] of Object.entries(providers)) {
    const at = `providers.${name}`;
    const host = hostOf(provider.baseUrl);
    if (!isProjects(`${at}.baseUrl`) || (host !== "" && host === hostOf(own.config.providers[name]?.baseUrl))) continue;
    const lost: string[] = [];
    const left = (key: string): boolean => {
      if (isProjects(`${at}.${key}`)) return false;
      lost.push(key);
      Reflect.deleteProperty(sources, `${at}.${key}`);
      return true;
    };
    const { apiKey, ...rest } = provider;
    const next: ProviderConfig = { ...rest, ...(apiKey !== undefined && !left("apiKey") && { apiKey }) };
    for (const record of records) {
      const values = next[record];
      if (values)
        next[record] = Object.fromEntries(Object.entries(values).filter(([key]) => !left(`${record}.${key}`)));
    }
    if (lost.length === 0) continue;
    providers[name] = next;
    problems.push({
      file: merged.sources[`${at}.baseUrl`] ?? "",
      message: `Your own ${lost.map((key) => `${at}.${key}`).join(", ")} is not sent to ${host}, because only a project's file names that address; if it should go there, write the address into your own file, too.`,
    });
  }
  return { merged: { config: { ...merged.config, providers }, sources }, problems };
}

const hostOf = (address: string | undefined): string =>
  address !== undefined && URL.canParse(address) ? new URL(address).origin : "";
