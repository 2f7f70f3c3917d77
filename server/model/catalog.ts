/**
 * What is known of providers and models without asking anybody: the catalog that ships with Tutti, or a newer one that was fetched.
 * It is read when first asked for, and only the rows that are asked for are parsed.
 */
import { existsSync, readFileSync } from "node:fs";
import { bits, type ModelRow, type ProviderRow, type SharedRow } from "./catalog-rows.ts";
import type { Price } from "./target.ts";

export interface CatalogModel {
  id: string;
  name: string;
  context: number | null;
  output: number | null;
  tools: boolean;
  reasoning: boolean;
  vision: boolean;
  /** In which field thinking comes and goes back. */
  thinksIn: "reasoning_content" | "reasoning_details" | null;
  /** Reasoning must be off where there are tools. */
  noEffortWithTools: boolean;
  /** Alpha or beta. */
  early: boolean;
  /** The day it came out as YYMMDD, for ordering. */
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

/** Where the catalog lies that ships with Tutti: beside this file, or beside the bundle. */
export const shippedCatalog = new URL("catalog.json", import.meta.url);

/** The newer one of those that are there and can be read counts. */
export function openCatalog(files: readonly (string | URL)[]): Catalog {
  let opened: Rows | null = null;
  const rows = (): Rows => {
    opened ??= newest(files);
    return opened;
  };
  const known = new Map<string, CatalogProvider | null>();
  const provider = (id: string): CatalogProvider | null => {
    const seen = known.get(id);
    if (seen !== undefined) return seen;
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

interface Rows {
  shared: SharedRow;
  ids(): string[];
  row(id: string): ProviderRow | null;
}

function newest(files: readonly (string | URL)[]): Rows {
  const found = files.flatMap((file) => (existsSync(file) ? (readRows(readFileSync(file, "utf8")) ?? []) : []));
  const best = found.reduce<Rows | null>(
    (best, rows) => (best !== null && best.shared.generated >= rows.shared.generated ? best : rows),
    null,
  );
  return best ?? { shared: { version: 1, generated: "", names: [], efforts: [[]] }, ids: () => [], row: () => null };
}

/** Null where it is not a catalog that this version can read. */
export function readRows(text: string): Rows | null {
  const end = text.indexOf(",\n");
  const shared = (text.startsWith("[\n") ? parsed(text.slice(2, end)) : null) as SharedRow | null;
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
      return from < 0 ? null : (parsed(text.slice(from, to).replace(/,$/, "")) as ProviderRow | null);
    },
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function decode(row: ProviderRow, shared: SharedRow): CatalogProvider {
  const { keys = [], excluded = [], models, ...rest } = row;
  return { ...rest, keys, excluded, models: models.map((model) => decodeModel(model, shared)) };
}

function decodeModel(row: ModelRow, shared: SharedRow): CatalogModel {
  const [id, name, context, output, flags, day, price = 0, efforts = 0, more] = row;
  const has = (bit: number): boolean => (flags & bit) !== 0;
  const words = shared.efforts[efforts] ?? [];
  return {
    id,
    name: shared.names[name] ?? id,
    context: more?.inputLimit ?? (context || null),
    output: output || null,
    tools: has(bits.tools),
    reasoning: has(bits.reasoning),
    vision: has(bits.vision),
    thinksIn: has(bits.thinksInContentField)
      ? "reasoning_content"
      : has(bits.thinksInDetails)
        ? "reasoning_details"
        : null,
    noEffortWithTools: has(bits.noEffortWithTools),
    early: has(bits.early),
    day,
    price: price === 0 ? null : priceOf(price),
    efforts: words.length > 0 ? words : null,
    requestId: more?.requestId ?? null,
    baseUrl: more?.baseUrl ?? null,
  };
}

function priceOf([input, output, cached = -1, cacheWrite = -1]: Exclude<ModelRow[6], 0 | undefined>): Price {
  return {
    input,
    output,
    ...(cached >= 0 && { cached }),
    ...(cacheWrite >= 0 && { cacheWrite }),
  };
}
