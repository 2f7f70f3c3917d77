/** Replaces `{env:NAME}` and `{file:PATH}` in the texts of a trusted file. A value with a missing source is removed. */
import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Environment } from "./paths.ts";
import type { ConfigFile } from "./schema.ts";

const pattern = /\{(env|file):([^{}]+)\}/g;
const maxBytes = 64 * 1024;

export interface FilledConfig {
  value: ConfigFile;
  /** A message for each removed value. */
  missing: string[];
}

/** The reason why a placeholder is not allowed, as a clause; null if it is allowed. `name` is a variable or an absolute path. */
export type PlaceholderCheck = (kind: "env" | "file", name: string) => string | null;

/** `file`: the source of the value. Paths are relative to its folder; `~/` is the home folder. */
export function fillPlaceholders(
  value: ConfigFile,
  file: string,
  env: Environment,
  home: string,
  check: PlaceholderCheck = () => null,
): FilledConfig {
  const missing: string[] = [];
  const fillText = (template: string, path: string): string | undefined => {
    let isMissing = false;
    const filled = template.replace(pattern, (_, kind: "env" | "file", source: string) => {
      const name = kind === "env" ? source.trim() : resolve(dirname(file), source.trim().replace(/^~(?=\/)/, home));
      const refusal = check(kind, name);
      const found = refusal !== null ? undefined : kind === "env" ? env[name] : readContent(name);
      if (found !== undefined && found !== "") return found;
      const reason = kind === "env" ? `the variable ${source} is not set` : `the file ${source} cannot be read`;
      missing.push(`${path} has no effect: ${refusal ?? reason}.`);
      isMissing = true;
      return "";
    });
    return isMissing ? undefined : filled;
  };
  const fillValue = (inner: unknown, path: string): unknown => {
    if (typeof inner === "string") return inner.includes("{") ? fillText(inner, path) : inner;
    if (Array.isArray(inner))
      return inner.map((item, at) => fillValue(item, `${path}.${at}`)).filter((item) => item !== undefined);
    if (typeof inner !== "object" || inner === null) return inner;
    const pairs = Object.entries(inner).map(
      ([key, item]) => [key, fillValue(item, path === "" ? key : `${path}.${key}`)] as const,
    );
    return Object.fromEntries(pairs.filter(([, item]) => item !== undefined));
  };
  return { value: fillValue(value, "") as ConfigFile, missing };
}

function readContent(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() && stat.size <= maxBytes ? readFileSync(path, "utf8").trim() : undefined;
}
