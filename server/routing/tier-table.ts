/** The models of each tier, as configured. */
import { type Tier, tiers as tierOrder } from "../../protocol/settings.ts";
import type { Config } from "../config/config.ts";
import type { TierModel } from "../definitions/agent.ts";

/** The models of a tier: the first usable one serves it. */
export type TierTable = Partial<Record<Tier, readonly TierModel[]>>;

/** True if something can be routed: without tiers every turn uses the model of the session. */
export const hasTiers = ({ agent, tiers }: { agent: { tiers: TierTable } | null; tiers: TierTable }): boolean =>
  tierOrder.some((tier) => (agent?.tiers[tier] ?? tiers[tier] ?? []).length > 0);

type Entry = NonNullable<NonNullable<Config["tiers"]>[Tier]>;

/** Each model with its fallbacks after it. */
export function listTierModels(entry: Entry | undefined): TierModel[] {
  if (entry === undefined) return [];
  if (Array.isArray(entry)) return entry.flatMap(listTierModels);
  if (typeof entry === "string") return [{ model: entry }];
  const { fallbacks = [], ...first } = entry;
  return [first, ...fallbacks.map((model) => ({ ...first, model }))];
}

export const readTiers = (tiers: Config["tiers"] = {}): TierTable =>
  Object.fromEntries(
    tierOrder.flatMap((tier) => {
      const models = listTierModels(tiers[tier]);
      return models.length > 0 ? [[tier, models]] : [];
    }),
  );

/** With `model` as the standard one, if other tiers have models and this has none. */
export function readTierTable(tiers: Config["tiers"], model: string | undefined): TierTable {
  const table = readTiers(tiers);
  const hasOthers = Object.keys(table).length > 0;
  return table.standard || !hasOthers || model === undefined ? table : { ...table, standard: [{ model }] };
}
