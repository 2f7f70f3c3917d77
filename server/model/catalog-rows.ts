/**
 * The format of the catalog on disk: a JSON array with one row per line, so that one provider can be parsed without the others. The
 * first row holds shared values; the others are providers, with their models as short arrays. Types and flags only.
 */
export interface SharedRow {
  version: 1;
  /** The day the data was collected, `YYYY-MM-DD`. */
  generated: string;
  names: string[];
  efforts: string[][];
}

/** Bit flags of a model row. */
export const modelFlags = {
  tools: 1,
  reasoning: 2,
  vision: 4,
  thinksInContentField: 8,
  thinksInDetails: 16,
  noEffortWithTools: 32,
  early: 64,
} as const;

/** Unknown values are 0; trailing zeros are omitted. */
export type ModelRow = [
  id: string,
  name: number,
  context: number,
  output: number,
  bits: number,
  day: number,
  price?: [input: number, output: number, cached?: number, cacheWrite?: number] | 0,
  efforts?: number,
  more?: { requestId?: string; baseUrl?: string; inputLimit?: number },
];

export interface ProviderRow {
  id: string;
  name: string;
  category: string;
  baseUrl?: string;
  /** Environment variables that may hold the key. */
  keys?: string[];
  /** The header for the key and its prefix, if not Authorization with Bearer. */
  keyHeader?: [name: string, before: string];
  /** No key is needed. */
  open?: true;
  docs?: string;
  note?: string;
  /** Why this provider cannot be used through chat completions. */
  reason?: string;
  /** Models of this provider that are not served on chat completions. */
  excluded?: string[];
  models: ModelRow[];
}
