/**
 * Compacts the history: the model writes a summary that replaces the older part. The request for it is the last request with one more
 * message, so that the endpoint's prompt cache serves nearly all of it. What must not be lost is kept word for word next to the summary,
 * whatever the model wrote. If there is no summary, or it saves nothing, the history stays as it is.
 */
import type { Usage } from "../../protocol/events.ts";
import type { Message, Model, ModelFailure, ModelRequest } from "../ports.ts";
import { formatCompacted, type StoredMessage } from "../session/history.ts";
import type { TurnSession } from "../session/turn-lifecycle.ts";
import { cutMiddle, estimateTextTokens, fitMessages, measureMessages } from "./context-budget.ts";

const SUMMARY_PROMPT = `The conversation above has grown too long for the model. Write a summary from which the work can continue without it:
what the user wants, decisions and facts found out (paths, names, commands, errors word for word where they matter),
what was changed in which files, what is done and what remains, and what was being done last. Plain text, no preamble.
Do not call any tool now.`;

/** The message that asks for the summary. `focus`: what the user wants it to cover in particular; `context`: from plugins. */
export const formatSummaryPrompt = (focus: string, context: readonly string[] = []): string =>
  [
    SUMMARY_PROMPT,
    ...(focus === "" ? [] : [`The user wants the summary to cover this in particular: ${focus}`]),
    ...context,
  ].join("\n");

export interface Compaction {
  reason: string;
  step: number;
  focus: string;
  /** What plugins say to the model that writes the summary. */
  context?: readonly string[];
  /** The history, and how many of its messages are replaced. */
  messages: readonly StoredMessage[];
  cut: number;
  /** What the model reads for its summary, as the last request had it; null if that does not fit its context. */
  sent: Message[] | null;
  /** The last request is known, and `sent` begins with its messages. */
  extendsLast: boolean;
  /** Tokens that messages may use. */
  budget: number | null;
}

/** What a request has beside its messages: now, and in the last request, if there was one. */
export interface CompactionFrame {
  current: Omit<ModelRequest, "messages">;
  last: Omit<ModelRequest, "messages"> | null;
}

/** Why nothing was compacted: there is too little to replace, or the model wrote no summary that is shorter. */
export type NotCompacted = { reason: "short" } | { reason: "noSummary"; failure: ModelFailure | null };

/** `keep`: texts that are kept word for word, asked for once there is a summary. Null if the history was compacted. */
export async function compactHistory(
  session: TurnSession,
  model: Model,
  frame: CompactionFrame,
  compaction: Compaction,
  keep: () => Promise<readonly string[]>,
): Promise<NotCompacted | null> {
  const { turn } = session;
  const { reason, step, messages, cut } = compaction;
  const upTo = session.history.envelopeMarks()[cut - 1];
  if (upTo === undefined) return { reason: "short" };
  const { summary, usage, failure } = await summarizeHistory(model, frame, compaction, session.signal);
  if (summary === "") return { reason: "noSummary", failure };
  const texts = await keep();
  const before = measureMessages(messages);
  const after = estimateTextTokens(formatCompacted(summary, texts)) + measureMessages(messages.slice(cut));
  if (after >= before) return { reason: "short" };
  if (usage) session.append({ type: "usage.counted", turn, step, model: model.id, usage, purpose: "summary" });
  const request = usage && !usage.estimated ? { input: usage.input, cached: usage.cached } : {};
  const tokens = { before: Math.round(before), after: Math.round(after), ...request };
  const kept = texts.length === 0 ? {} : { kept: [...texts] };
  session.append({ type: "history.compacted", turn, upTo, summary, reason, ...kept, tokens });
  await session.sync();
  return null;
}

/** The summary is empty if there is none. `called`: the model called a tool instead. */
interface Summarized {
  summary: string;
  usage: Usage | null;
  called: boolean;
  failure: ModelFailure | null;
}

async function summarizeHistory(
  model: Model,
  frame: CompactionFrame,
  compaction: Compaction,
  signal: AbortSignal,
): Promise<Summarized> {
  const prompt: Message = {
    role: "user",
    content: [{ type: "text", text: formatSummaryPrompt(compaction.focus, compaction.context) }],
    appended: true,
  };
  if (compaction.sent) {
    // A schema for responses does not apply to the summary. It is the only difference from the last request.
    const { answerSchema: _, ...request } = (compaction.extendsLast ? frame.last : null) ?? frame.current;
    const messages = [...compaction.sent, prompt];
    const response = await readSummary(model, { ...request, messages }, signal);
    if (response.summary !== "" || signal.aborted) return response;
    if (response.called) return readSummary(model, { ...request, messages, toolChoice: "none" }, signal);
    if (response.failure?.kind !== "overflow") return response;
  }
  const { answerSchema: _, ...request } = frame.current;
  const shortened = shortenMessages(compaction.messages.slice(0, compaction.cut), compaction.budget);
  const messages = [...shortened, prompt];
  return readSummary(model, { ...request, messages, toolChoice: "none" }, signal);
}

async function readSummary(model: Model, request: ModelRequest, signal: AbortSignal): Promise<Summarized> {
  let text = "";
  let usage: Usage | null = null;
  let called = false;
  for await (const event of model.stream(request, signal)) {
    if (event.type === "text") text += event.text;
    if (event.type === "call") called = true;
    if (event.type === "usage") usage = event.usage;
    if (event.type !== "stop" || event.reason === "done" || event.reason === "calls") continue;
    return { summary: "", usage, called: false, failure: event.reason === "failed" ? event.failure : null };
  }
  return { summary: text.trim(), usage, called, failure: null };
}

/** Tool results are truncated, images left out and large texts cut, so that the request for the summary fits. */
const RESULT_CHARS = 2_000;

function shortenMessages(messages: readonly StoredMessage[], budget: number | null): Message[] {
  const shorter = messages.map((message): StoredMessage => {
    if (message.role !== "tool") return message;
    const results = message.results.map((result) => ({
      ...result,
      output: result.output.length <= RESULT_CHARS ? result.output : shorten(result.output, RESULT_CHARS),
    }));
    return { ...message, results };
  });
  const fitting =
    budget === null || measureMessages(shorter) <= budget ? shorter : fitMessages(shorter, budget, shorten);
  return fitting.map((message): Message => {
    if (message.role === "assistant") return message;
    if (message.role === "tool")
      return { ...message, results: message.results.map((result) => ({ ...result, images: [] })) };
    return {
      ...message,
      content: message.content.map((part) => (part.type === "text" ? part : { type: "text", text: "[an image]" })),
    };
  });
}

const shorten = (text: string, max: number): string => cutMiddle(text, max, `[… ${text.length - max} characters …]`);
