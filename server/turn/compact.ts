/** Compacts the history: the model writes a summary that replaces the older part. If that fails or saves nothing, the history stays as it is. */
import type { EventOf } from "../../protocol/events.ts";
import type { Message, Model, ModelRequest } from "../ports.ts";

/** How many of the last messages are not summarized. */
const RECENT_MESSAGES = 6;

const SUMMARY_PROMPT = `The conversation above has grown too long for the model. Write a summary from which the work can continue without it:
what the user wants, decisions and facts found out (paths, names, commands, errors word for word where they matter),
what was changed in which files, what is done and what remains, and what was being done last. Plain text, no preamble.`;

/** How many messages to summarize; 0 if that saves nothing. A call stays together with its result. */
export function chooseCut(messages: readonly Pick<Message, "role">[]): number {
  let at = Math.max(0, messages.length - RECENT_MESSAGES);
  while (at > 0 && messages[at]?.role !== "user") at -= 1;
  if (at > 1) return at;
  // One long turn: cut before an assistant message instead.
  at = Math.max(0, messages.length - RECENT_MESSAGES);
  while (at < messages.length && messages[at]?.role !== "assistant") at += 1;
  return at > 1 && at < messages.length ? at : 0;
}

export async function summarizeHistory(
  model: Model,
  request: Pick<ModelRequest, "system" | "tools" | "cacheKey">,
  messages: readonly Message[],
  signal: AbortSignal,
): Promise<{ summary: string; usage: EventOf<"usage.counted">["usage"] | null } | null> {
  const prompt: Message[] = [
    ...shortenResults(messages),
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
  return summary !== "" && summary.length < measureSize(messages) ? { summary, usage } : null;
}

/** Tool results are truncated so that the request for the summary fits. */
const RESULT_CHARS = 2_000;

function shortenResults(messages: readonly Message[]): Message[] {
  return messages.map((message) => {
    if (message.role !== "tool") return message;
    const results = message.results.map((result) => ({ ...result, output: truncateMiddle(result.output), images: [] }));
    return { ...message, results };
  });
}

function truncateMiddle(text: string): string {
  if (text.length <= RESULT_CHARS) return text;
  const half = RESULT_CHARS / 2;
  return `${text.slice(0, half)}\n[… ${text.length - RESULT_CHARS} characters …]\n${text.slice(-half)}`;
}

const measureSize = (messages: readonly Message[]): number =>
  JSON.stringify(messages, (key, value) => (key === "data" ? null : value)).length;
