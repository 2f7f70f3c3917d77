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
  return all.some(hasLimit) ? limits : null;
}

export const hasLimit = ({ usd, tokens }: Limit): boolean => usd !== undefined || tokens !== undefined;

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

/**
 * What a session and its subagents have spent, by its log. That of subagents counts when they end, with what their own have used; one that
 * was resumed ends again, with its total.
 */
export function readSpending(envelopes: readonly Envelope[]): Spending {
  // A copy of a session starts with nothing spent.
  const start = envelopes.findLastIndex(({ event }) => event.type === "session.opened");
  const events = envelopes.slice(Math.max(0, start)).map(({ event }) => event);
  const nested = new Set(
    events.flatMap((event) => (event.type === "task.started" && event.parent ? [event.task] : [])),
  );
  const ended = new Map(events.flatMap((event) => (event.type === "task.ended" ? [[event.task, event] as const] : [])));
  const own = events.reduce<Spending>(foldSpending, NO_SPENDING);
  return [...ended.values()]
    .filter(({ task }) => !nested.has(task))
    .reduce((sum, { cost, tokens, tier }) => addSpending(sum, { usd: cost ?? 0, tokens }, tier ?? null), own);
}

function foldSpending(spending: Spending, event: SessionEvent): Spending {
  if (event.type === "model.routed") return { ...spending, tier: event.tier ?? null };
  if (event.type !== "usage.counted") return spending;
  const { input, output, cost } = event.usage;
  return addSpending(spending, { usd: cost ?? 0, tokens: input + output }, event.tier ?? spending.tier);
}

/** The highest tier that the limits of tiers leave; null if none is limited or all are used up. */
export function findOpenTier(spending: Spending, { tiers }: Limits): Tier | null {
  const isUsedUp = (tier: Tier): boolean => usedShare(spending.tiers[tier] ?? NOTHING, tiers[tier] ?? {}) >= 1;
  if (!tierOrder.some(isUsedUp)) return null;
  return tierOrder.toReversed().find((tier) => !isUsedUp(tier)) ?? null;
}
