/** A limit of a budget, as configured: a number of USD, or both units. Pure. */
import type { ConfigFile } from "./schema.ts";

/** Undefined is unlimited. */
export interface Limit {
  usd?: number;
  tokens?: number;
}

export const toLimit = (value: NonNullable<ConfigFile["budget"]>["session"]): Limit =>
  typeof value === "number" ? { usd: value } : { ...value };
