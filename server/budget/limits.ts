/** What was spent, what may be spent, and what follows from both. Pure. */
import type { Envelope, SessionEvent } from "../../protocol/events.ts";
import { type Tier, tiers as tierOrder } from "../../protocol/settings.ts";
import { type Limit, toLimit } from "../config/budget-limit.ts";
import type { Config } from "../config/config.ts";

/** `tokens` are input and output. */
export interface Amount {
  usd: number;
  tokens: number;
}

export interface Limits {
  session: Limit;
  day: Limit;
  /** For one session, by the tier of the model. */
  tiers: Partial<Record<Tier, Limit>>;
}

type BudgetConfig = NonNullable<Config["budget"]>;

export const NOTHING: Amount = { usd: 0, tokens: 0 };

export const addAmounts = (a: Amount, b: Amount): Amount => ({ usd: a.usd + b.usd, tokens: a.tokens + b.tokens });

/** Null without a limit. */
export function readLimits(config: BudgetConfig | undefined): Limits | null {
  if (!config) return null;
  const tiers = Object.fromEntries(
    tierOrder.flatMap((tier) => (config.tiers?.[tier] === undefined ? [] : [[tier, toLimit(config.tiers[tier])]])),
  );
  const limits = { session: toLimit(config.session), day: toLimit(config.day), tiers };
  const all: Limit[] = [limits.session, limits.day, ...Object.values(limits.tiers)];
  return all.some(({ usd, tokens }) => usd !== undefined || tokens !== undefined) ? limits : null;
}

/** The used part of a limit; above 1 if it is exceeded. A limit of 0 is used up. */
export function usedShare(spent: Amount, { usd, tokens }: Limit): number {
  const share = (used: number, limit: number | undefined): number =>
    limit === undefined ? 0 : limit === 0 ? 1 : used / limit;
  return Math.max(share(spent.usd, usd), share(spent.tokens, tokens));
}

export const NOTICE_SHARE = 0.7;
export const CAP_SHARE = 0.9;

export const formatLimit = ({ usd, tokens }: Limit): string =>
  [...(usd === undefined ? [] : [`$${usd}`]), ...(tokens === undefined ? [] : [`${tokens} tokens`])].join(" and ");

export interface Spending {
  all: Amount;
  tiers: Partial<Record<Tier, Amount>>;
  /** Of the model in use. */
  tier: Tier | null;
}

export const NO_SPENDING: Spending = { all: NOTHING, tiers: {}, tier: null };

export function addSpending(spending: Spending, amount: Amount, tier: Tier | null): Spending {
  const all = addAmounts(spending.all, amount);
  if (tier === null) return { ...spending, all };
  return {
    ...spending,
    all,
    tiers: { ...spending.tiers, [tier]: addAmounts(spending.tiers[tier] ?? NOTHING, amount) },
  };
}

/** What a session and its subagents have spent, by its log: that of subagents counts when they end. */
export const readSpending = (envelopes: readonly Envelope[]): Spending =>
  envelopes.reduce<Spending>((spending, { event }) => foldSpending(spending, event), NO_SPENDING);

function foldSpending(spending: Spending, event: SessionEvent): Spending {
  switch (event.type) {
    case "session.opened":
      // A copy of a session starts with nothing spent.
      return NO_SPENDING;
    case "model.routed":
      return { ...spending, tier: event.tier ?? null };
    case "usage.counted": {
      const { input, output, cost } = event.usage;
      return addSpending(spending, { usd: cost ?? 0, tokens: input + output }, spending.tier);
    }
    case "task.ended":
      return addSpending(spending, { usd: event.cost ?? 0, tokens: event.tokens }, event.tier ?? null);
    default:
      return spending;
  }
}

/** The highest tier that the limits of tiers leave; null if none is limited or all are used up. */
export function findOpenTier(spending: Spending, { tiers }: Limits): Tier | null {
  const isUsedUp = (tier: Tier): boolean => usedShare(spending.tiers[tier] ?? NOTHING, tiers[tier] ?? {}) >= 1;
  if (!tierOrder.some(isUsedUp)) return null;
  return tierOrder.toReversed().find((tier) => !isUsedUp(tier)) ?? null;
}
