/** Opens the first model of a list that can be used for a task. */
import { describeError, endSentence, TuttiError } from "../../protocol/errors.ts";
import type { TierModel } from "../definitions/agent.ts";
import type { Model } from "../ports.ts";
import { type Candidate, explainUnfit } from "../routing/choose-tier.ts";

export interface OpenCandidateDeps {
  openModel(name: string | undefined, cwd: string): Promise<{ model: Model; reason: string; warnings: string[] }>;
}

export interface OpenedCandidate {
  route: { model: Model; reason: string; warnings: string[] } & Pick<TierModel, "effort" | "maxSteps" | "maxCostUsd">;
  candidate: Candidate;
  refused: (Candidate & { why: string })[];
}

/** The last one is used even if it does not fit. Rejects if none can be opened. */
export async function openFirst(
  { openModel }: OpenCandidateDeps,
  { cwd, images, context }: { cwd: string; images: boolean; context: number },
  candidates: readonly Candidate[],
): Promise<OpenedCandidate> {
  const refused: OpenedCandidate["refused"] = [];
  for (const candidate of candidates) {
    const isLast = candidate === candidates.at(-1);
    try {
      const opened = await openModel(candidate.model, cwd);
      const unfit = isLast ? null : explainUnfit(opened.model, { tools: true, images, context });
      const { tier: _, model: __, ...limits } = candidate;
      if (unfit === null) return { candidate, refused, route: { ...opened, ...limits } };
      refused.push({ ...candidate, why: unfit });
    } catch (error) {
      if (isLast) throw refused.length > 0 ? explainAllRefused(refused, error) : error;
      refused.push({ ...candidate, why: describeError(error) });
    }
  }
  throw new TuttiError(
    "config",
    "No model is configured for this task. Set one: `tutti config set model PROVIDER/MODEL`.",
  );
}

/** The code is that of the default model, for which there is a remedy; the reasons are those of the tiers. */
const explainAllRefused = (refused: OpenedCandidate["refused"], error: unknown): TuttiError =>
  new TuttiError(
    error instanceof TuttiError ? error.code : "config",
    `No model of a tier can be used: ${refused.map(({ tier, model, why }) => `${tier} (${model}): ${endSentence(why)}`).join(" ")} The default model cannot be used, either: ${describeError(error)}`,
  );

export const explainFallback = ({ refused, candidate, route }: OpenedCandidate): string[] => {
  const [first] = refused;
  if (!first?.tier || candidate.tier === first.tier) return [];
  return [
    `No model of the ${first.tier} tier can be used (${first.model}: ${first.why.replace(/\.$/, "")}). Using ${route.model.id}${nameTier(candidate)}.`,
  ];
};

export const nameTier = ({ tier }: Candidate): string => (tier === null ? "" : ` of the ${tier} tier`);
