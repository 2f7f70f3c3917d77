/**
 * The messages of a turn's requests: they fit the context of the model, as far as it is known, and contain no image that its endpoint
 * refuses. Both are learned from failures, too.
 */

import type { Usage } from "../../protocol/events.ts";
import type { TurnContext } from "../agent/turn-context.ts";
import type { Message, ModelFailure, ToolContext } from "../ports.ts";
import type { StoredMessage } from "../session/history.ts";
import { SERVER_AUTHOR } from "../session/session.ts";
import type { TurnSession } from "../session/turn-lifecycle.ts";
import {
  cutMiddle,
  estimateTextTokens,
  fitMessages,
  getInputBudget,
  getMaxTextLength,
  listImages,
  measureMessages,
} from "./context-budget.ts";
import { loadImages } from "./load-images.ts";

export interface ContextWindowDeps {
  session: TurnSession;
  toolContext: ToolContext;
  model: { id: string; context: number | null };
  /** System prompt and tools of a request, as text. */
  fixedText(): string;
  redact(text: string): string;
  /** Summarizes the older part of the history; false if that is not possible. `budget`: tokens for its messages. */
  compact(reason: string, step: number, budget: number | null): Promise<boolean>;
  /** The context is smaller than it was thought to be. */
  onContextLearned(context: number): Promise<void>;
}

export interface ContextWindow extends Pick<TurnContext, "history" | "limitOutput" | "recover" | "onAccepted"> {
  /** Usage that the endpoint reported for the last request. */
  onUsage(usage: Usage): void;
}

/** After a compaction that failed, another one is tried when the history has this many more messages. */
const COMPACTION_PAUSE = 10;
/** What is taken for the context if it is unknown and too small, and the smallest one in which a turn can do anything. */
const UNKNOWN_CONTEXT = 128_000;
const MIN_CONTEXT = 2_000;
/** Text that takes fewer tokens than estimated may be followed by text that does not. */
const MIN_RATIO = 0.8;
/** The longest output of a call, whatever the context. */
const MAX_OUTPUT_CHARS = 400_000;

export function openContextWindow(deps: ContextWindowDeps): ContextWindow {
  const { session, toolContext, model } = deps;
  const { blobs, hash } = toolContext;
  let { context } = model;
  /** Reported tokens for each estimated one. */
  let ratio = 1;
  let estimated = 0;
  let nextCompaction = 0;
  let sent: readonly StoredMessage[] = [];
  let dropped: readonly string[] = [];

  const read = (step: number) => session.history.messages({ turn: session.turn, step });
  const fixedTokens = memoize(estimateTextTokens);
  const measure = (messages: readonly StoredMessage[]) => fixedTokens(deps.fixedText()) + measureMessages(messages);
  /** Estimated tokens for messages, next to the system prompt and the tools. */
  const getBudget = (): number | null => {
    const budget = getInputBudget(context);
    return budget === null ? null : Math.max(500, budget / ratio - fixedTokens(deps.fixedText()));
  };

  const isTooLong = (messages: readonly StoredMessage[]): boolean =>
    measureMessages(messages) > (getBudget() ?? Number.POSITIVE_INFINITY);

  async function compact(reason: string, step: number): Promise<boolean> {
    const compacted = await deps.compact(reason, step, getBudget());
    const messages = read(step);
    nextCompaction = compacted && !isTooLong(messages) ? 0 : messages.length + COMPACTION_PAUSE;
    return compacted;
  }

  /** The messages with what does not fit cut; what is cut is stored, and its path is named. */
  async function cutToFit(messages: readonly StoredMessage[], budget: number): Promise<readonly StoredMessage[]> {
    const cut = new Set<string>();
    const fitting = fitMessages(messages, budget, (text, max) => {
      cut.add(text);
      return cutMiddle(text, max, describeCut(text, blobs.path(hash(text))));
    });
    const encoder = new TextEncoder();
    await Promise.all([...cut].map((text) => blobs.put(encoder.encode(text))));
    return fitting;
  }

  return {
    async history(step): Promise<Message[]> {
      let messages = read(step);
      if (isTooLong(messages) && messages.length >= nextCompaction) {
        await compact(`The conversation reached the context limit of ${model.id} (${context} tokens).`, step);
        messages = read(step);
      }
      const budget = getBudget();
      sent = budget !== null && isTooLong(messages) ? await cutToFit(messages, budget) : messages;
      estimated = measure(sent);
      const isRefused = (blob: string) => dropped.includes(blob) || session.history.isImageRefused(model.id, blob);
      return loadImages(sent, toolContext, isRefused);
    },

    async limitOutput(result) {
      const budget = getBudget();
      const max = budget === null ? MAX_OUTPUT_CHARS : Math.min(MAX_OUTPUT_CHARS, getMaxTextLength(budget));
      if (result.output.length <= max) return result;
      // Before the cut, which may leave a part of a key that is not recognized.
      const whole = deps.redact(result.output);
      if (whole.length <= max) return { ...result, output: whole };
      const blob = result.blob ?? (await blobs.putText(whole));
      return { blob, output: cutMiddle(whole, max, describeCut(whole, blobs.path(blob))) };
    },

    async recover(failure, step) {
      if (failure.kind !== "overflow") return dropImages(failure);
      const { contextLimit } = failure;
      if (contextLimit !== undefined) ratio = Math.max(ratio, (contextLimit * 1.05) / Math.max(1, estimated));
      if (contextLimit !== undefined && contextLimit < (context ?? Number.POSITIVE_INFINITY)) {
        context = contextLimit;
        nextCompaction = 0;
        await deps.onContextLearned(contextLimit);
        return true;
      }
      return (await compact(failure.message, step)) || dropImages(failure) || assumeLess();
    },

    onUsage({ input, estimated: isEstimate }) {
      if (!isEstimate && estimated > 0) ratio = Math.min(4, Math.max(MIN_RATIO, input / estimated));
    },

    onAccepted() {
      if (dropped.length === 0) return;
      const [count, rest] = dropped.length === 1 ? ["an image", "it"] : [`${dropped.length} images`, "them"];
      session.append(
        {
          type: "notice.shown",
          level: "warning",
          text: `${model.id} could not read ${count}. The conversation continues without ${rest}.`,
          refusedImages: { model: model.id, blobs: [...dropped] },
        },
        SERVER_AUTHOR,
      );
      dropped = [];
    },
  };

  /** For an endpoint that names no limit: cuts the messages to a quarter of what did not fit. */
  function assumeLess(): boolean {
    const less = Math.floor(Math.min(context ?? UNKNOWN_CONTEXT, estimated * ratio) / 4);
    if (less < MIN_CONTEXT) return false;
    context = less;
    return true;
  }

  /** Leaves out the images that no response has followed yet; if there are none, all images if the failure mentions them. */
  function dropImages({ kind, message }: ModelFailure): boolean {
    const isAboutImages = /image|multimodal|mmproj/i.test(message);
    if (dropped.length > 0 || (kind === "server" && !isAboutImages)) return false;
    const answered = sent.findLastIndex(({ role }) => role === "assistant");
    const list = (messages: readonly StoredMessage[]) =>
      messages.flatMap(listImages).filter((blob) => !session.history.isImageRefused(model.id, blob));
    const fresh = list(sent.slice(answered + 1));
    dropped = [...new Set(fresh.length > 0 || !isAboutImages ? fresh : list(sent))];
    return dropped.length > 0;
  }
}

const describeCut = (text: string, path: string): string =>
  `[… ${text.length.toLocaleString("en-US")} characters omitted to fit the context; the full text is in ${path}. Search it, or read parts of it. …]`;

/** Remembers the last result. */
function memoize<T>(compute: (text: string) => T): (text: string) => T {
  let last: { text: string; value: T } | null = null;
  return (text) => {
    if (last?.text !== text) last = { text, value: compute(text) };
    return last.value;
  };
}
