/**
 * The messages of a turn's requests: they fit the context of the model, as far as it is known, and contain no image that its endpoint
 * refuses. Both are learned from failures, too.
 */

import type { Usage } from "../../protocol/events.ts";
import type { TurnContext } from "../agent/turn-context.ts";
import type { Message, ToolContext } from "../ports.ts";
import type { StoredMessage } from "../session/history.ts";
import type { TurnSession } from "../session/turn-lifecycle.ts";
import { chooseCut } from "./choose-cut.ts";
import type { Compaction, NotCompacted } from "./compact.ts";
import {
  cutMiddle,
  estimateTextTokens,
  fitMessages,
  getInputBudget,
  getMaxTextLength,
  measureMessages,
} from "./context-budget.ts";
import { loadImages } from "./load-images.ts";
import { createRefusedImages } from "./refused-images.ts";

export interface ContextWindowDeps {
  session: TurnSession;
  toolContext: ToolContext;
  model: { id: string; context: number | null };
  /** System prompt and tools of a request, as text. */
  fixedText(): string;
  redact(text: string): string;
  /** Replaces the older part of the history. Null if that was done. */
  compact(compaction: Compaction): Promise<NotCompacted | null>;
  /** The context is smaller than it was thought to be. */
  onContextLearned(context: number): Promise<void>;
}

export interface ContextWindow extends Pick<TurnContext, "history" | "limitOutput" | "recover" | "onAccepted"> {
  /** Compacts the history although it fits. Null if that was done. `focus`: what the summary covers in particular. */
  compactNow(reason: string, focus: string): Promise<NotCompacted | null>;
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
/** Space for a summary and for the message that asks for it. */
const SUMMARY_TOKENS = 3_000;
const SUMMARY_SHARE = 0.1;
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
  /** The last request's messages, their tokens, and how many messages of the history they were made of. */
  let lastRequest: { messages: readonly Message[]; tokens: number; covered: number } | null = null;
  const images = createRefusedImages(session, model.id);

  const read = (step: number) => session.history.messages({ turn: session.turn, step });
  const fixedTokens = memoize(estimateTextTokens);
  /** Estimated tokens for messages, next to the system prompt and the tools. */
  const getBudget = (): number | null => {
    const budget = getInputBudget(context);
    return budget === null ? null : Math.max(500, budget / ratio - fixedTokens(deps.fixedText()));
  };

  const isTooLong = (messages: readonly StoredMessage[]): boolean =>
    measureMessages(messages) > (getBudget() ?? Number.POSITIVE_INFINITY);

  /** The last request's messages, with those that followed if they are to be replaced, too; null if that does not fit. */
  async function extendLastRequest(messages: readonly StoredMessage[], cut: number): Promise<Message[] | null> {
    const answered = messages.findLastIndex(({ role }) => role !== "user") + 1;
    const { messages: start, tokens, covered } = lastRequest ?? { messages: [], tokens: 0, covered: 0 };
    const rest = messages.slice(covered, Math.max(cut, lastRequest ? covered : answered));
    const size = (fixedTokens(deps.fixedText()) + tokens + measureMessages(rest)) * ratio;
    const reserve = context === null ? 0 : Math.min(SUMMARY_TOKENS, context * SUMMARY_SHARE);
    if (context !== null && size + reserve > context) return null;
    return [...start, ...(await loadImages(rest, toolContext, images.isRefused))];
  }

  /** `overflowed`: the last request did not fit. */
  async function compact(reason: string, step: number, { overflowed = false, focus = "" } = {}) {
    const before = read(step);
    const budget = getBudget();
    const cut = chooseCut(before, budget);
    const extendsLast = lastRequest !== null;
    const sent = overflowed || cut === 0 ? null : await extendLastRequest(before, cut);
    const compaction = { reason, step, focus, messages: before, cut, sent, extendsLast, budget };
    const failure = cut === 0 ? ({ reason: "short" } as const) : await deps.compact(compaction);
    if (!failure) lastRequest = null;
    const messages = read(step);
    nextCompaction = failure || isTooLong(messages) ? messages.length + COMPACTION_PAUSE : 0;
    return failure;
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
      const tokens = measureMessages(sent);
      estimated = fixedTokens(deps.fixedText()) + tokens;
      const loaded = await loadImages(sent, toolContext, images.isRefused);
      lastRequest = { messages: loaded, tokens, covered: messages.length };
      return loaded;
    },

    compactNow: (reason, focus) => compact(reason, 1, { focus }),

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
      if (failure.kind !== "overflow") return images.leaveOut(failure, sent);
      // The endpoint has not cached a request that did not fit.
      lastRequest = null;
      const { contextLimit } = failure;
      if (contextLimit !== undefined) ratio = Math.max(ratio, (contextLimit * 1.05) / Math.max(1, estimated));
      if (contextLimit !== undefined && contextLimit < (context ?? Number.POSITIVE_INFINITY)) {
        context = contextLimit;
        nextCompaction = 0;
        await deps.onContextLearned(contextLimit);
        return true;
      }
      if ((await compact(failure.message, step, { overflowed: true })) === null) return true;
      return images.leaveOut(failure, sent) || assumeLess();
    },

    onUsage({ input, estimated: isEstimate }) {
      if (!isEstimate && estimated > 0) ratio = Math.min(4, Math.max(MIN_RATIO, input / estimated));
    },

    onAccepted: images.reportLeftOut,
  };

  function assumeLess(): boolean {
    const less = getSmallerContext(context, estimated * ratio);
    context = less ?? context;
    return less !== null;
  }
}

/** For an endpoint that names no limit: a quarter of what did not fit. Null if that is too small. */
function getSmallerContext(context: number | null, tokens: number): number | null {
  const less = Math.floor(Math.min(context ?? UNKNOWN_CONTEXT, tokens) / 4);
  return less < MIN_CONTEXT ? null : less;
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
