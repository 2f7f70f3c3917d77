/** `@Name` in a prompt asks for an agent: the model is asked to give it that part of the task. */
import { SERVER_AUTHOR } from "../session/session.ts";
import type { TurnSession } from "../session/turn-lifecycle.ts";
import type { Subagents } from "../subagents.ts";

const MENTION = /(?:^|[\s(,])@([A-Za-z][\w:-]*)/g;
/** Names are at the start of long prompts, not in pasted text. */
const MAX_TEXT = 10_000;

export function noteMentions(session: TurnSession, subagents: Subagents | null): void {
  const prompt = session.view().parts.findLast((part) => part.type === "prompt" && part.turn === session.turn);
  if (!subagents || prompt?.type !== "prompt") return;
  const named = [...prompt.text.slice(0, MAX_TEXT).matchAll(MENTION)].map(([, name = ""]) => name.toLowerCase());
  const found = subagents.agents.filter(({ name }) => named.includes(name.toLowerCase()));
  if (found.length === 0) return;
  const names = found.map(({ name }) => name).join(", ");
  const text = `The user mentions the ${found.length === 1 ? "agent" : "agents"} ${names}: use the task tool to give ${found.length === 1 ? "it" : "each"} what the prompt asks of it.`;
  session.append(
    { type: "hook.done", hook: "agent.mention", effect: "context", turn: session.turn, text },
    SERVER_AUTHOR,
  );
}
