/** Fills `{env:NAME}` and `{file:PATH}` in the texts of a file that is trusted. A value whose source is missing is left out. */
import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Environment } from "./paths.ts";
import type { ConfigFile } from "./schema.ts";

const pattern = /\{(env|file):([^{}]+)\}/g;
const maxBytes = 64 * 1024;

export interface Filled {
  value: ConfigFile;
  /** A sentence for each value that was left out. */
  missing: string[];
}

/** Why a placeholder is left out, as the end of a sentence; null where it may stand. `name` is a variable, or an absolute path. */
export type Keeper = (kind: "env" | "file", name: string) => string | null;

/** `file` is where the value was read: paths start in its folder, `~/` in the home. */
export function fill(
  value: ConfigFile,
  file: string,
  env: Environment,
  home: string,
  keeper: Keeper = () => null,
): Filled {
  const missing: string[] = [];
  const text = (whole: string, path: string): string | undefined => {
    let lost = false;
    const filled = whole.replace(pattern, (_, kind: "env" | "file", asked: string) => {
      const name = kind === "env" ? asked.trim() : resolve(dirname(file), asked.trim().replace(/^~(?=\/)/, home));
      const kept = keeper(kind, name);
      const found = kept !== null ? undefined : kind === "env" ? env[name] : contentOf(name);
      if (found !== undefined && found !== "") return found;
      const why = kind === "env" ? `the variable ${asked} is not set` : `the file ${asked} cannot be read`;
      missing.push(`${path} has no effect: ${kept ?? why}.`);
      lost = true;
      return "";
    });
    return lost ? undefined : filled;
  };
  const walk = (inner: unknown, path: string): unknown => {
    if (typeof inner === "string") return inner.includes("{") ? text(inner, path) : inner;
    if (Array.isArray(inner))
      return inner.map((item, at) => walk(item, `${path}.${at}`)).filter((item) => item !== undefined);
    if (typeof inner !== "object" || inner === null) return inner;
    const pairs = Object.entries(inner).map(
      ([key, item]) => [key, walk(item, path === "" ? key : `${path}.${key}`)] as const,
    );
    return Object.fromEntries(pairs.filter(([, item]) => item !== undefined));
  };
  return { value: walk(value, "") as ConfigFile, missing };
}

function contentOf(path: string): string | undefined {
  const facts = statSync(path, { throwIfNoEntry: false });
  return facts?.isFile() && facts.size <= maxBytes ? readFileSync(path, "utf8").trim() : undefined;
}
