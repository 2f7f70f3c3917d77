/** Completion at the cursor: whether it may be asked for, of which model, and what it has cost today. */
import { TuttiError } from "../protocol/errors.ts";
import type { ParamsOf, ResultOf } from "../protocol/methods.ts";
import type { Config } from "./config/config.ts";
import { openModel } from "./model/adapter.ts";
import { complete } from "./model/complete.ts";
import type { Price, Target } from "./model/target.ts";
import type { Transport } from "./model/transport.ts";
import type { Clock } from "./ports.ts";
import { isSecretPath } from "./workspace/secrets.ts";

export interface CompletionParts {
  clock: Clock;
  transport: Transport;
  configAt(cwd: string): Promise<Config>;
  /** Where a model is reached; rejects where there is none. */
  targetAt(wanted: string | undefined, cwd: string): Promise<Target>;
}

type Result = ResultOf<"completionInline">;

const none = (why: string): Result => ({ text: null, why });

export function openCompletion({ clock, transport, configAt, targetAt }: CompletionParts) {
  /** USD of the day that runs, since this server did. */
  let spent = { day: "", cost: 0 };
  const today = (): string => new Date(clock.now()).toISOString().slice(0, 10);
  const costToday = (): number => (spent.day === today() ? spent.cost : 0);

  return async (asked: ParamsOf<"completionInline">, signal: AbortSignal): Promise<Result> => {
    const config = await configAt(asked.cwd);
    const { inline = "auto", budget } = config.completion ?? {};
    if (inline === "off") return none("It is switched off: completion.inline is off.");
    if (isSecretPath(asked.path)) return none("The file may hold secrets, so nothing of it is sent to a model.");
    const target = await targetAt(chosenModel(config), asked.cwd).catch((error: unknown) => {
      if (error instanceof TuttiError) return error.message;
      throw error;
    });
    if (typeof target === "string") return none(target);
    const model = `${target.provider}/${target.model}`;
    const refused = inline === "auto" ? whyNotFree(target, model) : whyOverBudget(target.price, budget, costToday());
    if (refused !== null) return { ...none(refused), model };
    try {
      const parts = {
        target,
        transport,
        model: () => openModel(target, { clock, transport }),
        now: () => clock.now(),
        used({ cost }: { cost: number | null }) {
          spent = { day: today(), cost: costToday() + (cost ?? 0) };
        },
      };
      const name = asked.language === undefined ? asked.path : `${asked.path} (${asked.language})`;
      const text = await complete(parts, asked, name, signal);
      return text === "" ? { text: null, model } : { text, model };
    } catch (error) {
      signal.throwIfAborted();
      return { ...none(error instanceof Error ? error.message : String(error)), model };
    }
  };
}

/** A small model will do; the one of the conversation is the last choice. */
function chosenModel({ completion, tiers }: Config): string | undefined {
  const quick = tiers?.quick;
  return completion?.model ?? (typeof quick === "object" ? quick.model : quick);
}

/** What runs nearby is free, unless somebody gave it a price. */
const isFree = ({ local, price }: Target): boolean => (price === null ? local : price.input + price.output === 0);

const whyNotFree = (target: Target, model: string): string | null =>
  isFree(target)
    ? null
    : `${model} costs money, or nobody knows what; completion.inline: "on" asks it all the same, and completion.model names another.`;

function whyOverBudget(price: Price | null, budget: number | undefined, cost: number): string | null {
  if (budget === undefined) return null;
  if (price === null) return "completion.budget is set, and what this model costs is not known.";
  return cost < budget ? null : `Completions have cost $${cost.toFixed(4)} today, and completion.budget is $${budget}.`;
}
