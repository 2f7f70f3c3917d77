/**
 * The catalog as it is kept on disk: a JSON array with one row a line, so that one provider can be read without the others. The first
 * row holds what many rows share; the others are providers, each with its models as short arrays. Types and bits only.
 */
export interface SharedRow {
  version: 1;
  /** Day on which the facts were gathered, `YYYY-MM-DD`. */
  generated: string;
  names: string[];
  efforts: string[][];
}

/** Bits of a model row. */
export const bits = {
  tools: 1,
  reasoning: 2,
  vision: 4,
  thinksInContentField: 8,
  thinksInDetails: 16,
  noEffortWithTools: 32,
  early: 64,
} as const;

/** What is not known is 0; what is 0 at the end is left out. */
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
  /** Variables that may hold the key. */
  keys?: string[];
  /** Where the key goes when not into Authorization as a bearer, with what stands before it. */
  keyHeader?: [name: string, before: string];
  /** True where a key is not needed. */
  open?: true;
  docs?: string;
  note?: string;
  /** Why this provider cannot be used through chat completions. */
  reason?: string;
  /** Models that exist there, but not on chat completions. */
  excluded?: string[];
  models: ModelRow[];
}
