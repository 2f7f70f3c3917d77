/**
 * The catalog of providers and models: the one that ships with Tutti, or a newer one that was fetched. The file is read on first use,
 * and only requested rows are parsed.
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ModelRow, modelFlags, type ProviderRow, type SharedRow } from "./catalog-rows.ts";
import type { Price } from "./target.ts";
import { parseJson } from "./try-parse-json.ts";

export interface CatalogModel {
  id: string;
  name: string;
  context: number | null;
  output: number | null;
  tools: boolean;
  reasoning: boolean;
  vision: boolean;
  /** The message field that carries reasoning in both directions. */
  reasoningField: "reasoning_content" | "reasoning_details" | null;
  /** Reasoning must be off when tools are present. */
  noEffortWithTools: boolean;
  /** Alpha or beta. */
  preview: boolean;
  /** Release day as YYMMDD, for ordering. */
  day: number;
  price: Price | null;
  efforts: string[] | null;
  requestId: string | null;
  baseUrl: string | null;
}

export interface CatalogProvider extends Omit<ProviderRow, "models" | "keys" | "excluded"> {
  keys: string[];
  excluded: string[];
  models: CatalogModel[];
}

export interface Catalog {
  provider(id: string): CatalogProvider | null;
  ids(): string[];
  all(): CatalogProvider[];
  generated(): string;
}

/** The catalog that ships with Tutti, next to this file or next to the bundle. */
export const shippedCatalog = new URL("catalog.json", import.meta.url);

/** Uses the newest catalog among the files that exist and can be parsed. */
export function openCatalog(files: readonly (string | URL)[]): Catalog {
  let opened: CatalogRows | null = null;
  const rows = (): CatalogRows => {
    opened ??= readNewest(files);
    return opened;
  };
  const known = new Map<string, CatalogProvider | null>();
  const provider = (id: string): CatalogProvider | null => {
    const cached = known.get(id);
    if (cached !== undefined) return cached;
    const row = rows().row(id);
    const decoded = row === null ? null : decode(row, rows().shared);
    known.set(id, decoded);
    return decoded;
  };
  return {
    provider,
    ids: () => rows().ids(),
    all: () =>
      rows()
        .ids()
        .flatMap((id) => provider(id) ?? []),
    generated: () => rows().shared.generated,
  };
}

interface CatalogRows {
  shared: SharedRow;
  ids(): string[];
  row(id: string): ProviderRow | null;
}

function readNewest(files: readonly (string | URL)[]): CatalogRows {
  const found = files.flatMap((file) => (existsSync(file) ? (parseCatalog(readFileSync(file, "utf8")) ?? []) : []));
  const best = found.reduce<CatalogRows | null>(
    (best, rows) => (best !== null && best.shared.generated >= rows.shared.generated ? best : rows),
    null,
  );
  return best ?? { shared: { version: 1, generated: "", names: [], efforts: [[]] }, ids: () => [], row: () => null };
}

/** Null if this is not a catalog that this version can read. */
export function parseCatalog(text: string): CatalogRows | null {
  const end = text.indexOf(",\n");
  const shared = (text.startsWith("[\n") ? parseJson(text.slice(2, end)) : null) as SharedRow | null;
  if (shared?.version !== 1) return null;
  let ids: string[] | null = null;
  return {
    shared,
    ids() {
      ids ??= [...text.matchAll(/^\{"id":"([^"]+)"/gm)].map((found) => found[1] ?? "");
      return ids;
    },
    row(id) {
      const from = text.indexOf(`\n{"id":${JSON.stringify(id)}`, end);
      const to = text.indexOf("\n", from + 1);
      return from < 0 ? null : (parseJson(text.slice(from, to).replace(/,$/, "")) as ProviderRow | null);
    },
  };
}

function decode(row: ProviderRow, shared: SharedRow): CatalogProvider {
  const { keys = [], excluded = [], models, ...rest } = row;
  return { ...rest, keys, excluded, models: models.map((model) => decodeModel(model, shared)) };
}

function decodeModel(row: ModelRow, shared: SharedRow): CatalogModel {
  const [id, name, context, output, flags, day, price = 0, efforts = 0, more] = row;
  const has = (bit: number): boolean => (flags & bit) !== 0;
  const effortWords = shared.efforts[efforts] ?? [];
  return {
    id,
    name: shared.names[name] ?? id,
    context: more?.inputLimit ?? (context || null),
    output: output || null,
    tools: has(modelFlags.tools),
    reasoning: has(modelFlags.reasoning),
    vision: has(modelFlags.vision),
    reasoningField: has(modelFlags.thinksInContentField)
      ? "reasoning_content"
      : has(modelFlags.thinksInDetails)
        ? "reasoning_details"
        : null,
    noEffortWithTools: has(modelFlags.noEffortWithTools),
    preview: has(modelFlags.early),
    day,
    price: price === 0 ? null : parsePrice(price),
    efforts: effortWords.length > 0 ? effortWords : null,
    requestId: more?.requestId ?? null,
    baseUrl: more?.baseUrl ?? null,
  };
}

function parsePrice([input, output, cached = -1, cacheWrite = -1]: Exclude<ModelRow[6], 0 | undefined>): Price {
  return {
    input,
    output,
    ...(cached >= 0 && { cached }),
    ...(cacheWrite >= 0 && { cacheWrite }),
  };
}

/** Names of the environment variables that hold API keys, of every provider in the catalog. */
export const listKeyNames = (cacheDir: string): string[] =>
  openCatalog([shippedCatalog, catalogFile(cacheDir)])
    .all()
    .flatMap(({ keys }) => keys);

/** The catalog that `tutti models --refresh` downloaded. */
export const catalogFile = (cacheDir: string): string => join(cacheDir, "catalog.json");
