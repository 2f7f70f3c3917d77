/** Completion at the cursor: whether it is allowed, which model serves it, and what it has cost today. */
import { describeError, TuttiError } from "../../protocol/errors.ts";
import type { ParamsOf, ResultOf } from "../../protocol/methods.ts";
import type { Config, LoadedConfig } from "../config/config.ts";
import type { Transport } from "../model/http.ts";
import { openModel } from "../model/model-client.ts";
import type { Price, Target } from "../model/target.ts";
import type { Clock } from "../ports.ts";
import { listTierModels } from "../routing/tier-table.ts";
import { isSecretPath } from "../workspace/secret-files.ts";
import { complete } from "./complete.ts";
import { openCompletionCost } from "./cost.ts";

export interface CompletionDeps {
  clock: Clock;
  costFile: string;
  transport: Transport;
  loadConfig(cwd: string): Promise<Pick<LoadedConfig, "config" | "files">>;
  /** A text that changes when one of the files changes. */
  fingerprint(files: readonly string[]): string;
  /** The target of a model; rejects if there is none. */
  resolveTarget(name: string | undefined, cwd: string): Promise<Target>;
}

type Result = ResultOf<"completionInline">;

/** The settings of one folder, cached until one of its files changes, for at most a minute. */
interface CachedSettings {
  fingerprint: string;
  files: readonly string[];
  until: number;
  config: Config;
  /** Or the reason why there is none. */
  target: Target | string;
}

const CACHE_MS = 60_000;
const MAX_FOLDERS = 32;

const createEmptyResult = (reason: string): Result => ({ text: null, reason });

export async function openCompletion({
  clock,
  costFile,
  transport,
  loadConfig,
  fingerprint,
  resolveTarget,
}: CompletionDeps) {
  const costToday = await openCompletionCost(costFile, clock);
  const cache = new Map<string, CachedSettings>();
  const chatOnly = new Set<string>();

  const loadSettings = async (cwd: string): Promise<CachedSettings> => {
    const cached = cache.get(cwd);
    if (cached && cached.until > clock.now() && cached.fingerprint === fingerprint(cached.files)) return cached;
    const { config, files } = await loadConfig(cwd);
    const currentFingerprint = fingerprint(files);
    const target = await resolveTarget(findModelName(config), cwd).catch((error: unknown) => {
      if (error instanceof TuttiError) return error.message;
      throw error;
    });
    const loaded = { fingerprint: currentFingerprint, files, until: clock.now() + CACHE_MS, config, target };
    if (cache.size >= MAX_FOLDERS) cache.clear();
    // Not cached without a target: a missing key may be there the next time.
    if (typeof target !== "string") cache.set(cwd, loaded);
    return loaded;
  };

  return async (params: ParamsOf<"completionInline">, signal: AbortSignal): Promise<Result> => {
    const { config, target } = await loadSettings(params.cwd);
    const { inline = "auto", budget } = config.completion ?? {};
    if (inline === "off") return createEmptyResult('Completion is off: completion.inline is "off".');
    if (isSecretPath(params.path))
      return createEmptyResult("The file may contain secrets, so it is not sent to a model.");
    if (typeof target === "string") return createEmptyResult(target);
    const model = `${target.provider}/${target.model}`;
    const refusal =
      inline === "auto" ? explainNotFree(target, model) : explainOverBudget(target.price, budget, costToday.today());
    if (refusal !== null) return { ...createEmptyResult(refusal), model };
    let costSaved: Promise<void> | undefined;
    try {
      const completeDeps = {
        target,
        transport,
        model: () => openModel(target, { clock, transport }),
        now: () => clock.now(),
        chatOnly,
        reportUsage({ cost }: { cost: number | null }) {
          costSaved = costToday.add(cost ?? 0);
        },
      };
      const name = params.language === undefined ? params.path : `${params.path} (${params.language})`;
      const text = await complete(completeDeps, params, name, signal);
      await costSaved;
      return text === "" ? { text: null, model } : { text, model };
    } catch (error) {
      signal.throwIfAborted();
      return { ...createEmptyResult(describeError(error)), model };
    }
  };
}

/** Prefers a small model over the session's model. */
function findModelName({ completion, tiers }: Config): string | undefined {
  return completion?.model ?? listTierModels(tiers?.quick)[0]?.model;
}

/** A local model is free unless it has a price. */
const isFree = ({ local, price }: Target): boolean => (price === null ? local : price.input + price.output === 0);

const explainNotFree = (target: Target, model: string): string | null =>
  isFree(target)
    ? null
    : `${model} costs money or has no known price. To use it, set completion.inline to "on"; to use another model, set completion.model.`;

function explainOverBudget(price: Price | null, budget: number | undefined, cost: number): string | null {
  if (budget === undefined) return null;
  if (price === null)
    return "completion.budget is set, but this model has no known price. Remove the budget or set completion.model.";
  return cost < budget
    ? null
    : `Completions cost $${cost.toFixed(4)} today, and completion.budget is $${budget}. Raise it, or wait until tomorrow (UTC).`;
}
