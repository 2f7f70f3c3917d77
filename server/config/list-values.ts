/** Lists the configuration for the user: every value with its key and source, with secrets masked. */
import type { LoadedConfig } from "./config.ts";

export const hiddenValue = "<hidden>";

export interface ListedValue {
  key: string;
  value: unknown;
  source: string;
}

const secretName =
  /(api[-_]?key|token|secret|password|passwd|credential|authorization|cookie|private[-_]?key|(^|\.)headers\.|(^|\.)query\.|^plugins\..*\.env\.)/i;
/** Shapes of secrets: known prefixes, signed tokens, long texts without spaces or slashes, a password in a URL. */
const secretShape =
  /\b(sk|pk|rk|gsk|xai|hf|r8|nvapi|csk|fw|tgp|ghp|gho|ghs|github_pat|glpat|xox[abprs]|AKIA|ASIA|AIza|ya29)[-_A-Za-z0-9.]{8,}|eyJ[\w-]{8,}\.|^[A-Za-z0-9+_=-]{32,}$|:\/\/[^/\s:@]+:[^/\s@]+@|\bBearer\s+\S|-----BEGIN/;
/** Keys that look like secrets but are not. */
const harmlessName = /\.(keyHeader|cacheKeyField|maxTokensField)$/;

/** Masks by key name and by the shape of the value, including everything below a masked key. */
export function maskSecrets(value: unknown, key = ""): unknown {
  if (typeof value === "string")
    return (secretName.test(key) && !harmlessName.test(key)) || secretShape.test(value) ? hiddenValue : value;
  if (Array.isArray(value)) return value.map((item) => maskSecrets(item, key));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, maskSecrets(inner, key === "" ? name : `${key}.${name}`)]),
  );
}

export function listConfig(loaded: LoadedConfig): ListedValue[] {
  return Object.entries(loaded.sources)
    .map(([key, source]) => ({ key, value: maskSecrets(findValue(loaded.config, key), key), source }))
    .filter(({ value }) => value !== undefined)
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/** One value, masked, with its source; undefined if it is not set. */
export function getConfig(loaded: LoadedConfig, key: string): ListedValue | undefined {
  const value = maskSecrets(findValue(loaded.config, key), key);
  if (value === undefined) return undefined;
  const below = Object.entries(loaded.sources).filter(([name]) => name === key || name.startsWith(`${key}.`));
  return { key, value, source: [...new Set(below.map(([, source]) => source))].join(", ") };
}

/** Names may contain dots, so each step uses the longest matching name. */
function findValue(value: unknown, key: string): unknown {
  if (key === "") return value;
  if (typeof value !== "object" || value === null) return undefined;
  const names = Object.keys(value).filter((name) => key === name || key.startsWith(`${name}.`));
  for (const name of names.toSorted((a, b) => b.length - a.length)) {
    const found = findValue((value as Record<string, unknown>)[name], key.slice(name.length + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}
