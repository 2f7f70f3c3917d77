/**
 * Variables in the texts of a plugin that another program's file names: `${NAME}` and `${NAME:-default}` as in Claude Code, `${env:NAME}`
 * as in VS Code. An approval shows and is bound to the texts as they are written; values are filled in only when an approved plugin
 * starts.
 */
import type { Environment } from "./paths.ts";

const PATTERN = /\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-([^{}]*))?\}/g;

/** VS Code asks the user for these. */
const ASKED = /\$\{input:([^{}]*)\}/;

interface PluginTexts {
  command?: readonly string[];
  url?: string;
  env: Readonly<Record<string, string | null>>;
  headers: Readonly<Record<string, string>>;
}

/** The names of the variables that the texts use, sorted. */
export function listVariables({ command = [], url = "", env, headers }: PluginTexts): string[] {
  const texts = [...command, url, ...Object.values(env), ...Object.values(headers)];
  const names = texts.flatMap((text) => [...(text ?? "").matchAll(PATTERN)].map(([, name = ""]) => name));
  return [...new Set(names)].sort();
}

/** The text with the values of the environment. An empty value counts as missing where there is a default. Throws if one is missing. */
export function expandVariables(text: string, env: Environment): string {
  const asked = ASKED.exec(text)?.[1];
  if (asked !== undefined)
    throw new Error(`it uses the input ${asked}, which only VS Code asks for; use \${env:NAME} instead`);
  return text.replace(PATTERN, (_, name: string, fallback: string | undefined) => {
    const value = env[name];
    if (fallback !== undefined) return value === undefined || value === "" ? fallback : value;
    if (value !== undefined) return value;
    throw new Error(
      `it uses the variable ${name}, which is not set; set it, or write a default as \${${name}:-default}`,
    );
  });
}
