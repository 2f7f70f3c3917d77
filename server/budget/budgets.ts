/**
 * Budgets in USD and tokens, for a session with all its subagents and for a day. Before each model request its estimated cost is reserved;
 * the reported usage replaces the estimate. A session's spending is known from its log; that of a day from a file that all servers share.
 */
import type { Envelope } from "../../protocol/events.ts";
import { type Tier, tiers as tierOrder } from "../../protocol/settings.ts";
import type { BudgetUse } from "../../protocol/stats-methods.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { Limit } from "../config/budget-limit.ts";
import type { Config } from "../config/config.ts";
import type { Model, ModelEvent, ModelRequest } from "../ports.ts";
import {
  type Amount,
  addAmounts,
  addSpending,
  CAP_SHARE,
  findOpenTier,
  formatLimit,
  hasLimit,
  type Limits,
  NOTHING,
  NOTICE_SHARE,
  readLimits,
  readSpending,
  type Spending,
  usedShare,
} from "./limits.ts";

/** What was spent today, by all servers of a data folder. */
export interface DayLedger {
  today(): Promise<Amount>;
  /** Resolves with the total of today, this amount included, when it is on disk. The same id replaces what it had. */
  put(id: string, amount: Amount): Promise<Amount>;
}

export interface TurnBudget {
  /** The highest tier that may be used; null without a cap. */
  cap: Tier | null;
  /** True if routing should prefer cheap tiers. */
  isScarce: boolean;
  /** USD of the session and its limit, if there is one. */
  usd: { spent: number; limit: number } | null;
  /** Shown once. */
  warnings(model: Model): Promise<string[]>;
  /** The model, but a request that the budget does not allow fails. */
  wrap(model: Model, tier: Tier | null): Model;
}

export interface BudgetsDeps {
  openLedger(): DayLedger;
  newId(): string;
  /** The log of a session if it is open. */
  envelopes(session: string): readonly Envelope[];
}

/** The log of a session that a person started. */
export interface SpendingLog {
  root: string;
  envelopes: readonly Envelope[];
}

export interface Budgets {
  /** What is used of each limit: of the day and, with a session, of it. */
  read(session: SpendingLog | null, config: Config["budget"]): Promise<BudgetUse[]>;
  /** Null if the configuration has no budget. */
  forTurn(view: SessionView, config: Config["budget"]): Promise<TurnBudget | null>;
}

/** What one session and its subagents share. */
interface Scope {
  spending: Spending;
  /** Of requests that run, by id. */
  reserved: Map<string, { amount: Amount; tier: Tier | null }>;
}

/** Characters per token, and the output that is reserved: more is rare, and is counted when it was used. */
const TOKEN_CHARS = 4;
const RESERVED_OUTPUT = 4_096;

export function createBudgets(deps: BudgetsDeps): Budgets {
  const scopes = new Map<string, Scope>();
  let ledger: DayLedger | null = null;
  const openLedger = (): DayLedger => {
    ledger ??= deps.openLedger();
    return ledger;
  };
  const scopeOf = (root: string): Scope => {
    const scope = scopes.get(root) ?? { spending: readSpending(deps.envelopes(root)), reserved: new Map() };
    scopes.set(root, scope);
    return scope;
  };

  return {
    async read(session, config) {
      const limits = readLimits(config);
      if (!limits) return [];
      const today = hasLimit(limits.day) ? [describeUse({ scope: "day" }, await openLedger().today(), limits.day)] : [];
      if (!session) return today;
      const spending = scopes.get(session.root)?.spending ?? readSpending(session.envelopes);
      return [...describeSessionUse(spending, limits), ...today];
    },
    async forTurn(view, config) {
      const limits = readLimits(config);
      if (!limits) return null;
      const scope = scopeOf(view.task?.root ?? view.id);
      const days = openLedger();
      const share = Math.max(
        usedShare(withReserved(scope).all, limits.session),
        usedShare(await days.today(), limits.day),
      );
      const isScarce = share >= CAP_SHARE;
      const open = findOpenTier(withReserved(scope), limits);
      const { usd } = limits.session;
      return {
        cap: isScarce ? (open === "quick" ? open : "standard") : open,
        isScarce,
        usd: usd === undefined ? null : { spent: scope.spending.all.usd, limit: usd },
        warnings: async (model) => [
          ...listWarnings(scope.spending.all, await days.today(), limits),
          ...(model.inputPrice === null && hasUsdLimit(limits) ? [formatUnpriced(model)] : []),
        ],
        wrap: (model, tier) => wrapModel(model, { scope, days, limits, tier, newId: deps.newId }),
      };
    },
  };
}

const describeSessionUse = ({ all, tiers }: Spending, limits: Limits): BudgetUse[] => [
  ...(hasLimit(limits.session) ? [describeUse({ scope: "session" }, all, limits.session)] : []),
  ...tierOrder.flatMap((tier) => {
    const limit = limits.tiers[tier];
    return limit ? [describeUse({ scope: "tier", tier }, tiers[tier] ?? NOTHING, limit)] : [];
  }),
];

const describeUse = (whose: Pick<BudgetUse, "scope" | "tier">, spent: Amount, limit: Limit): BudgetUse => ({
  ...whose,
  ...(limit.usd !== undefined && { usd: { spent: spent.usd, limit: limit.usd } }),
  ...(limit.tokens !== undefined && { tokens: { spent: spent.tokens, limit: limit.tokens } }),
  share: usedShare(spent, limit),
});

const withReserved = ({ spending, reserved }: Scope): Spending =>
  [...reserved.values()].reduce((sum, { amount, tier }) => addSpending(sum, amount, tier), spending);

const listWarnings = (session: Amount, today: Amount, { session: limit, day }: Limits): string[] => [
  ...(usedShare(session, limit) >= NOTICE_SHARE ? [formatNotice("this session", limit)] : []),
  ...(usedShare(today, day) >= NOTICE_SHARE ? [formatNotice("today", day)] : []),
];

const formatNotice = (whose: string, limit: Limit): string =>
  `More than 70 % of the budget for ${whose} (${formatLimit(limit)}) is used. From 90 %, tiers above standard are not used.`;

const formatUnpriced = ({ id }: Model): string => `${id} has no known price, so only its tokens count for the budget.`;

interface WrapContext {
  scope: Scope;
  days: DayLedger;
  limits: Limits;
  tier: Tier | null;
  newId(): string;
}

function wrapModel(model: Model, { scope, days, limits, tier, newId }: WrapContext): Model {
  return {
    ...model,
    async *stream(request, signal): AsyncGenerator<ModelEvent> {
      const id = newId();
      const estimate = estimateRequest(model, request);
      const problem = explainRefusal(addSpending(withReserved(scope), estimate, tier), tier, limits);
      if (problem !== null) return yield refuse(problem);
      // Reserved before anything is awaited, so that two requests at once cannot both take the rest.
      scope.reserved.set(id, { amount: estimate, tier });
      let used: Amount | null = null;
      let isAccepted = false;
      try {
        const today = await days.put(id, estimate);
        const over = isOver(today, limits.day) ? explainOver("today", limits.day, today) : null;
        if (over !== null) return yield refuse(over);
        for await (const event of model.stream(request, signal)) {
          isAccepted ||= event.type === "text" || event.type === "reasoning" || event.type === "call";
          if (event.type === "usage") {
            const { input, output, cost } = event.usage;
            used = addAmounts(used ?? NOTHING, { usd: cost ?? 0, tokens: input + output });
          }
          // Settled before the usage is logged, since the log is where the next server reads it.
          yield event;
        }
      } finally {
        // A response that broke off has been paid for, though its endpoint did not say how much.
        const settled = used ?? (isAccepted ? estimate : NOTHING);
        scope.reserved.delete(id);
        scope.spending = addSpending(scope.spending, settled, tier);
        await days.put(id, settled).catch(() => undefined);
      }
    },
  };
}

const refuse = (message: string): ModelEvent => ({
  type: "stop",
  reason: "failed",
  failure: { kind: "budget", message },
});

function estimateRequest({ inputPrice, outputPrice }: Model, request: ModelRequest): Amount {
  const { system, messages, tools, maxOutput } = request;
  const input = Math.ceil((system.length + JSON.stringify([messages, tools]).length) / TOKEN_CHARS);
  const output = Math.min(maxOutput ?? RESERVED_OUTPUT, RESERVED_OUTPUT);
  return { usd: (input * (inputPrice ?? 0) + output * (outputPrice ?? 0)) / 1e6, tokens: input + output };
}

const isOver = (spent: Amount, limit: Limit): boolean => usedShare(spent, limit) > 1 || isZero(limit);

const isZero = ({ usd, tokens }: Limit): boolean => usd === 0 || tokens === 0;

const hasUsdLimit = ({ session, day, tiers }: Limits): boolean =>
  [session, day, ...Object.values(tiers)].some(({ usd }) => usd !== undefined);

function explainRefusal(spending: Spending, tier: Tier | null, { session, tiers }: Limits): string | null {
  if (isOver(spending.all, session)) return explainOver("this session", session, spending.all);
  if (tier === null) return null;
  const limit = tiers[tier] ?? {};
  const spent = spending.tiers[tier] ?? NOTHING;
  return isOver(spent, limit) ? explainOver(`the ${tier} tier in this session`, limit, spent) : null;
}

const explainOver = (whose: string, limit: Limit, { usd, tokens }: Amount): string =>
  `The budget for ${whose} is ${formatLimit(limit)}, and with the next request about $${usd.toFixed(4)} and ${tokens} tokens would be used. Raise it in the configuration (\`budget\`), and prompt again to continue.`;
