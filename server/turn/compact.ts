/** Compacts the history: the model writes a summary that replaces the older part. If that fails or saves nothing, the history stays as it is. */
import type { EventOf } from "../../protocol/events.ts";
import type { Message, Model, ModelRequest } from "../ports.ts";
import type { StoredMessage } from "../session/history.ts";
import { cutMiddle, findRecent, fitMessages, measureMessages } from "./context-budget.ts";

/** How many of the last messages are not summarized, if they are not too large. */
const RECENT_MESSAGES = 6;
/** The share of the budget that they may use. */
const RECENT_SHARE = 0.3;

const SUMMARY_PROMPT = `The conversation above has grown too long for the model. Write a summary from which the work can continue without it:
what the user wants, decisions and facts found out (paths, names, commands, errors word for word where they matter),
what was changed in which files, what is done and what remains, and what was being done last. Plain text, no preamble.`;

/** How many messages to summarize; 0 if that saves nothing. `budget`: tokens that the messages may use. */
export function chooseCut(messages: readonly StoredMessage[], budget: number | null): number {
  const tokens = RECENT_SHARE * Math.min(budget ?? Number.POSITIVE_INFINITY, measureMessages(messages));
  const start = findRecent(messages, tokens, RECENT_MESSAGES);
  // The last turn is kept whole, if it is small.
  const turn = messages.slice(0, start + 1).findLastIndex(({ role }) => role === "user");
  const whole = turn > 1 && measureMessages(messages.slice(turn)) <= tokens ? turn : start;
  return whole > 1 || measureMessages(messages.slice(0, whole)) > tokens ? whole : 0;
}

export async function summarizeHistory(
  model: Model,
  request: Pick<ModelRequest, "system" | "tools" | "cacheKey">,
  messages: readonly StoredMessage[],
  budget: number | null,
  signal: AbortSignal,
): Promise<{ summary: string; usage: EventOf<"usage.counted">["usage"] | null } | null> {
  const prompt: Message[] = [
    ...shortenMessages(messages, budget),
    { role: "user", content: [{ type: "text", text: SUMMARY_PROMPT }] },
  ];
  let text = "";
  let usage: EventOf<"usage.counted">["usage"] | null = null;
  for await (const event of model.stream({ ...request, messages: prompt, toolChoice: "none" }, signal)) {
    if (event.type === "text") text += event.text;
    if (event.type === "usage") usage = event.usage;
    if (event.type === "stop" && event.reason !== "done") return null;
  }
  const summary = text.trim();
  return summary !== "" && summary.length < JSON.stringify(messages).length ? { summary, usage } : null;
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
