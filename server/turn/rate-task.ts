/** Asks a quick model once how capable a model a task needs. If anything fails, the turn continues without a rating. */
import { describeError } from "../../protocol/errors.ts";
import type { Usage } from "../../protocol/events.ts";
import type { Routing } from "../../protocol/routing.ts";
import type { Tier } from "../../protocol/settings.ts";
import type { Model } from "../ports.ts";
import { createRatingRequest, MIN_CONFIDENCE, type Rating, readRating } from "../routing/classifier.ts";
import type { TurnSession } from "../session/turn-lifecycle.ts";

/** What the router gets: the rating, or why there is none. */
export type TaskRating = NonNullable<Routing["classifier"]>;

/** Of opening the model and of its response. */
const TIMEOUT_MS = 3_000;

/** `open` may reject; its model sends only what the budget allows. */
export async function rateTask(
  { turn, signal, append }: Pick<TurnSession, "turn" | "signal" | "append">,
  task: string,
  open: () => Promise<{ model: Model; tier: Tier }>,
): Promise<TaskRating> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const stop = AbortSignal.any([signal, timeout]);
  const stopped = new Promise<TaskRating>((resolve) => {
    const end = () => resolve({ reason: timeout.aborted ? "it took too long" : "the turn was cancelled" });
    if (stop.aborted) end();
    else stop.addEventListener("abort", end, { once: true });
  });
  const rated = (async (): Promise<TaskRating> => {
    const { model, tier } = await open();
    const answer = await readAnswer(model, task, stop, (usage) =>
      append({ type: "usage.counted", turn, step: 1, model: model.id, usage, tier, purpose: "classifier" }),
    );
    return { model: model.id, ...judge(answer) };
  })().catch((error: unknown) => ({ reason: describeError(error) }));
  return Promise.race([stopped, rated]);
}

function judge(answer: string | { problem: string }): Rating | { reason: string } {
  if (typeof answer !== "string") return { reason: answer.problem };
  const rating = readRating(answer);
  if (rating === null) return { reason: "its answer was not a rating" };
  const { confidence } = rating;
  return confidence < MIN_CONFIDENCE ? { reason: `it was not sure (confidence ${confidence})` } : rating;
}

async function readAnswer(
  model: Model,
  task: string,
  signal: AbortSignal,
  onUsage: (usage: Usage) => void,
): Promise<string | { problem: string }> {
  let text = "";
  for await (const event of model.stream(createRatingRequest(task), signal)) {
    if (event.type === "text") text += event.text;
    if (event.type === "usage") onUsage(event.usage);
    // It is asked once: a later answer would delay the turn.
    if (event.type === "retry") return { problem: event.reason };
    if (event.type === "stop" && event.reason === "failed") return { problem: event.failure.message };
  }
  return text;
}
