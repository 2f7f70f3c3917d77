/** Completion at the cursor: whether it may be asked for, of which model, and what it has cost today. */
import { TuttiError } from "../protocol/errors.ts";
import type { ParamsOf, ResultOf } from "../protocol/methods.ts";
import type { Config, Loaded } from "./config/config.ts";
import { openModel } from "./model/adapter.ts";
import { complete } from "./model/complete.ts";
import type { Price, Target } from "./model/target.ts";
import type { Transport } from "./model/transport.ts";
import type { Clock } from "./ports.ts";
import { openSpent } from "./spent.ts";
import { isSecretPath } from "./workspace/secrets.ts";

export interface CompletionParts {
  clock: Clock;
  spentFile: string;
  transport: Transport;
  loadedAt(cwd: string): Promise<Pick<Loaded, "config" | "files">>;
  /** Changes with the content of any of these files. */
  markOf(files: readonly string[]): string;
  /** Where a model is reached; rejects where there is none. */
  targetAt(wanted: string | undefined, cwd: string): Promise<Target>;
}

type Result = ResultOf<"completionInline">;

/** What a folder's configuration comes to: found anew when a file of it is another one, and once a minute. */
interface Settled {
  mark: string;
  files: readonly string[];
  until: number;
  config: Config;
  /** Or why there is none. */
  target: Target | string;
}

const SETTLED_MS = 60_000;
const MOST_FOLDERS = 32;

const none = (why: string): Result => ({ text: null, why });

export async function openCompletion({ clock, spentFile, transport, loadedAt, markOf, targetAt }: CompletionParts) {
  const spent = await openSpent(spentFile, clock);
  const known = new Map<string, Settled>();

  const settle = async (cwd: string): Promise<Settled> => {
    const before = known.get(cwd);
    if (before && before.until > clock.now() && before.mark === markOf(before.files)) return before;
    const { config, files } = await loadedAt(cwd);
    const mark = markOf(files);
    const target = await targetAt(chosenModel(config), cwd).catch((error: unknown) => {
      if (error instanceof TuttiError) return error.message;
      throw error;
    });
    const settled = { mark, files, until: clock.now() + SETTLED_MS, config, target };
    if (known.size >= MOST_FOLDERS) known.clear();
    // A key that was missing may be there the next time.
    if (typeof target !== "string") known.set(cwd, settled);
    return settled;
  };

  return async (asked: ParamsOf<"completionInline">, signal: AbortSignal): Promise<Result> => {
    const { config, target } = await settle(asked.cwd);
    const { inline = "auto", budget } = config.completion ?? {};
    if (inline === "off") return none("It is switched off: completion.inline is off.");
    if (isSecretPath(asked.path)) return none("The file may hold secrets, so nothing of it is sent to a model.");
    if (typeof target === "string") return none(target);
    const model = `${target.provider}/${target.model}`;
    const refused = inline === "auto" ? whyNotFree(target, model) : whyOverBudget(target.price, budget, spent.today());
    if (refused !== null) return { ...none(refused), model };
    let counted: Promise<void> | undefined;
    try {
      const parts = {
        target,
        transport,
        model: () => openModel(target, { clock, transport }),
        now: () => clock.now(),
        used({ cost }: { cost: number | null }) {
          counted = spent.add(cost ?? 0);
        },
      };
      const name = asked.language === undefined ? asked.path : `${asked.path} (${asked.language})`;
      const text = await complete(parts, asked, name, signal);
      await counted;
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
