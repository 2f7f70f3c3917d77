/**
 * The neutral history, put in order for one target: every call answered once, roles in an order that it accepts, images and
 * reasoning only where it takes them. Pure, and done anew for each request, because the model may have changed.
 */
import type { AssistantContent, Message, ToolOutcome, UserContent } from "../../ports.ts";
import type { Target } from "../target.ts";

export const unseen = "[An image is here that this model cannot see.]";
const lost = "The call was interrupted; whether it did anything is unknown.";

type Assistant = Extract<Message, { role: "assistant" }>;

export const speaker = (target: Target) => `${target.provider}/${target.model}`;

/** Each call has one result right after it, in one message, and each result a call. */
export function answered(messages: readonly Message[]): Message[] {
  const out: Message[] = [];
  let open: { id: string; name: string }[] = [];
  let given: ToolOutcome[] = [];
  const close = () => {
    const results = [...given, ...open.map(missing)];
    if (results.length > 0) out.push({ role: "tool", results });
    open = [];
    given = [];
  };
  for (const message of messages) {
    if (message.role === "tool") {
      for (const result of message.results) {
        if (!open.some((call) => call.id === result.id)) continue;
        open = open.filter((call) => call.id !== result.id);
        given.push(result);
      }
      continue;
    }
    close();
    out.push(message);
    if (message.role === "assistant") {
      open = message.content.flatMap((part) => (part.type === "call" ? [{ id: part.id, name: part.name }] : []));
    }
  }
  close();
  return out;
}

const missing = (call: { id: string; name: string }): ToolOutcome => ({
  id: call.id,
  name: call.name,
  output: lost,
  failed: true,
  images: [],
});

function withoutEmptyParts(message: Assistant): Assistant {
  return { ...message, content: message.content.filter((part) => part.type !== "text" || part.text.trim() !== "") };
}

const saysNothing = (message: Message) =>
  (message.role === "assistant" && !message.content.some((part) => part.type !== "reasoning")) ||
  (message.role === "user" && message.content.length === 0);

/** What the target may be shown of earlier reasoning: its own only, and as its rules say. */
function reasoningFor(target: Target, message: Assistant, current: boolean): AssistantContent[] {
  const own = message.model === speaker(target);
  const rule = target.compat.reasoningOut ?? "reasoning_content";
  const kept = own && rule !== "none" && (rule !== "current" || current);
  return message.content.flatMap((part): AssistantContent[] => {
    if (part.type === "reasoning") return kept ? [part] : [];
    if (part.type === "call" && part.replay !== undefined && !own)
      return [{ type: "call", id: part.id, name: part.name, input: part.input }];
    return [part];
  });
}

function userFor(target: Target, content: UserContent[]): UserContent[] {
  const sees = target.vision && target.compat.imageInput !== "none";
  return content
    .map((part): UserContent => (part.type === "image" && !sees ? { type: "text", text: unseen } : part))
    .filter((part) => part.type !== "text" || part.text !== "");
}

/** Images in results stay where the target takes them there; otherwise they follow in a message of their own. */
function resultsFor(target: Target, results: ToolOutcome[]): Message[] {
  const sees = target.vision && target.compat.imageInput !== "none";
  if (results.every((result) => result.images.length === 0)) return [{ role: "tool", results }];
  const note = sees ? "[The image follows.]" : unseen;
  if (sees && target.compat.imageInToolResult === true) return [{ role: "tool", results }];
  const plain = results.map(
    (result): ToolOutcome =>
      result.images.length === 0 ? result : { ...result, output: `${result.output}\n${note}`.trim(), images: [] },
  );
  if (!sees) return [{ role: "tool", results: plain }];
  const content = results.flatMap((result): UserContent[] =>
    result.images.length === 0
      ? []
      : [
          { type: "text", text: `From ${result.name}:` },
          ...result.images.map((image): UserContent => ({ type: "image", ...image })),
        ],
  );
  return [
    { role: "tool", results: plain },
    { role: "user", content },
  ];
}

function merged(messages: Message[]): Message[] {
  const out: Message[] = [];
  for (const message of messages) {
    const last = out.at(-1);
    if (message.role !== "user" || last?.role !== "user") out.push(message);
    else out[out.length - 1] = { role: "user", content: [...last.content, ...message.content] };
  }
  return out;
}

function bridged(target: Target, messages: Message[]): Message[] {
  return messages.flatMap((message, at): Message[] => {
    const after = messages[at - 1]?.role === "tool";
    const bridge: Message = { role: "assistant", model: speaker(target), content: [{ type: "text", text: "Done." }] };
    return message.role === "user" && after ? [bridge, message] : [message];
  });
}

/** The whole history as this target may be told it. */
export function historyFor(target: Target, messages: readonly Message[]): Message[] {
  const asked = messages.findLastIndex((message) => message.role === "user");
  const shaped = messages.map((message, at): Message => {
    if (message.role === "assistant")
      return withoutEmptyParts({ ...message, content: reasoningFor(target, message, at > asked) });
    return message.role === "user" ? { role: "user", content: userFor(target, message.content) } : message;
  });
  const ordered = answered(shaped.filter((message) => !saysNothing(message)));
  const spread = ordered.flatMap((message) =>
    message.role === "tool" ? resultsFor(target, message.results) : [message],
  );
  const joined = target.compat.mergeUsers === true ? merged(spread) : spread;
  return target.compat.bridgeAfterTool === true ? bridged(target, joined) : joined;
}
