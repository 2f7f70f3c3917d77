/** Fills the values of the environment into the texts of a plugin, when it is started or called. */
import type { Environment } from "../config/paths.ts";
import type { PluginSpec } from "../config/plugin-spec.ts";
import { expandVariables } from "../config/plugin-variables.ts";

/** The plugin as it is started or called. Throws if a variable is missing. */
export function resolvePluginSpec(spec: PluginSpec, env: Environment): PluginSpec {
  if (spec.variables === null) return spec;
  const expand = (text: string): string => expandVariables(text, env);
  const expandAll = <T extends string | null>(texts: Record<string, T>): Record<string, T> =>
    Object.fromEntries(
      Object.entries(texts).map(([name, text]) => [name, text === null ? text : (expand(text) as T)] as const),
    );
  const url = spec.url === undefined ? undefined : expand(spec.url);
  if (url !== undefined && !(/^https?:/.test(url) && URL.canParse(url)))
    throw new Error(`its address ${spec.url} is not an http or https URL with the values of its variables`);
  return {
    ...spec,
    ...(spec.command && { command: spec.command.map(expand) }),
    ...(url !== undefined && { url }),
    env: expandAll(spec.env),
    headers: expandAll(spec.headers),
  };
}

/** Shorter values are not secrets, and would be found inside of ordinary words. */
const MIN_MASKED_LENGTH = 4;

/** The text without the values of the plugin's variables, for a message. */
export function maskVariables({ variables }: PluginSpec, env: Environment, text: string): string {
  const values = (variables ?? [])
    .map((name) => ({ name, value: env[name] ?? "" }))
    .filter(({ value }) => value.length >= MIN_MASKED_LENGTH);
  return values
    .sort((a, b) => b.value.length - a.value.length)
    .reduce((masked, { name, value }) => masked.replaceAll(value, () => `\${${name}}`), text);
}
