/**
 * Makes room: the older part of the history is replaced by a summary that the model itself writes. If that fails, or brings
 * nothing, the history stays as it is.
 */
import type { EventOf } from "../../protocol/events.ts";
import type { Message, Model, ModelRequest } from "../ports.ts";

/** How many of the last messages are kept as they are. */
const KEEP = 6;

const ASK = `The conversation above has grown too long for the model. Write a summary from which the work can go on without it:
what the user wants, decisions and facts found out (paths, names, commands, errors word for word where they matter),
what was changed in which files, what is done and what remains, and what was being done last. Plain text, no preamble.`;

/** How many messages go into the summary; 0 where there is nothing to gain. A call stays together with its result. */
export function cutAt(messages: readonly Pick<Message, "role">[]): number {
  let at = Math.max(0, messages.length - KEEP);
  while (at > 0 && messages[at]?.role !== "user") at -= 1;
  if (at > 1) return at;
  // One long turn: cut before an answer instead.
  at = Math.max(0, messages.length - KEEP);
  while (at < messages.length && messages[at]?.role !== "assistant") at += 1;
  return at > 1 && at < messages.length ? at : 0;
}

export async function summarise(
  model: Model,
  request: Pick<ModelRequest, "system" | "tools" | "cacheKey">,
  messages: readonly Message[],
  signal: AbortSignal,
): Promise<{ summary: string; usage: EventOf<"usage.counted">["usage"] | null } | null> {
  const asked: Message[] = [...shortened(messages), { role: "user", content: [{ type: "text", text: ASK }] }];
  let text = "";
  let usage: EventOf<"usage.counted">["usage"] | null = null;
  for await (const event of model.stream({ ...request, messages: asked, toolChoice: "none" }, signal)) {
    if (event.type === "text") text += event.text;
    if (event.type === "usage") usage = event.usage;
    if (event.type === "stop" && event.reason !== "done") return null;
  }
  const summary = text.trim();
  return summary !== "" && summary.length < sizeOf(messages) ? { summary, usage } : null;
}

/** Long results would make the summary's own request too long as well. */
const RESULT_CHARS = 2_000;

function shortened(messages: readonly Message[]): Message[] {
  return messages.map((message) => {
    if (message.role !== "tool") return message;
    const results = message.results.map((result) => ({ ...result, output: middleOut(result.output), images: [] }));
    return { ...message, results };
  });
}

function middleOut(text: string): string {
  if (text.length <= RESULT_CHARS) return text;
  const half = RESULT_CHARS / 2;
  return `${text.slice(0, half)}\n[… ${text.length - RESULT_CHARS} characters …]\n${text.slice(-half)}`;
}

const sizeOf = (messages: readonly Message[]): number =>
  JSON.stringify(messages, (key, value) => (key === "data" ? null : value)).length;
