/**
 * Adapts the neutral history to one target: one result for each call, roles in an accepted order, images and reasoning only if the
 * target accepts them. Pure, and applied to each request, because the model may have changed.
 */
import type { AssistantContent, Message, ToolOutcome, UserContent } from "../../ports.ts";
import type { Target } from "../target.ts";

export const unseenImage = "[An image is here that this model cannot see.]";
const interruptedOutput = "The call was interrupted; whether it did anything is unknown.";

type Assistant = Extract<Message, { role: "assistant" }>;

export const modelIdOf = (target: Target) => `${target.provider}/${target.model}`;

/** Ensures that each call has one result right after it, in one message, and that each result has a call. */
export function completeCalls(messages: readonly Message[]): Message[] {
  const out: Message[] = [];
  let open: { id: string; name: string }[] = [];
  let outcomes: ToolOutcome[] = [];
  const close = () => {
    const results = [...outcomes, ...open.map(createMissingResult)];
    if (results.length > 0) out.push({ role: "tool", results });
    open = [];
    outcomes = [];
  };
  for (const message of messages) {
    if (message.role === "tool") {
      for (const result of message.results) {
        if (!open.some((call) => call.id === result.id)) continue;
        open = open.filter((call) => call.id !== result.id);
        outcomes.push(result);
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

const createMissingResult = (call: { id: string; name: string }): ToolOutcome => ({
  id: call.id,
  name: call.name,
  output: interruptedOutput,
  failed: true,
  images: [],
});

function dropEmptyParts(message: Assistant): Assistant {
  return { ...message, content: message.content.filter((part) => part.type !== "text" || part.text.trim() !== "") };
}

const isEmpty = (message: Message) =>
  (message.role === "assistant" && !message.content.some((part) => part.type !== "reasoning")) ||
  (message.role === "user" && message.content.length === 0);

/** Keeps only the target's own earlier reasoning, and only as its rules allow. */
function filterReasoning(target: Target, message: Assistant, current: boolean): AssistantContent[] {
  const own = message.model === modelIdOf(target);
  const rule = target.compat.reasoningOut ?? "reasoning_content";
  const isSent = own && rule !== "none" && (rule !== "current" || current);
  return message.content.flatMap((part): AssistantContent[] => {
    if (part.type === "reasoning") return isSent ? [part] : [];
    if (part.type === "call" && part.providerMetadata !== undefined && !own)
      return [{ type: "call", id: part.id, name: part.name, input: part.input }];
    return [part];
  });
}

function adaptUserContent(target: Target, content: UserContent[]): UserContent[] {
  const sees = target.vision && target.compat.imageInput !== "none";
  return content
    .map((part): UserContent => (part.type === "image" && !sees ? { type: "text", text: unseenImage } : part))
    .filter((part) => part.type !== "text" || part.text !== "");
}

/** Images stay in results if the target accepts them there; otherwise they follow in a user message. */
function adaptResults(target: Target, results: ToolOutcome[]): Message[] {
  const sees = target.vision && target.compat.imageInput !== "none";
  if (results.every((result) => result.images.length === 0)) return [{ role: "tool", results }];
  const note = sees ? "[The image follows.]" : unseenImage;
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

function mergeUsers(messages: Message[]): Message[] {
  const out: Message[] = [];
  for (const message of messages) {
    const last = out.at(-1);
    if (message.role !== "user" || last?.role !== "user") out.push(message);
    else out[out.length - 1] = { role: "user", content: [...last.content, ...message.content] };
  }
  return out;
}

/** Stands between results and a user message where an endpoint requires a response there. */
export const BRIDGE_TEXT = "Done.";

function addBridges(target: Target, messages: Message[]): Message[] {
  return messages.flatMap((message, at): Message[] => {
    const after = messages[at - 1]?.role === "tool";
    const bridge: Message = {
      role: "assistant",
      model: modelIdOf(target),
      content: [{ type: "text", text: BRIDGE_TEXT }],
    };
    return message.role === "user" && after ? [bridge, message] : [message];
  });
}

/** The whole history as this target accepts it. */
export function adaptHistory(target: Target, messages: readonly Message[]): Message[] {
  const lastPrompt = messages.findLastIndex((message) => message.role === "user");
  const shaped = messages.map((message, at): Message => {
    if (message.role === "assistant")
      return dropEmptyParts({ ...message, content: filterReasoning(target, message, at > lastPrompt) });
    return message.role === "user" ? { role: "user", content: adaptUserContent(target, message.content) } : message;
  });
  const ordered = completeCalls(shaped.filter((message) => !isEmpty(message)));
  const spread = ordered.flatMap((message) =>
    message.role === "tool" ? adaptResults(target, message.results) : [message],
  );
  const joined = target.compat.mergeUsers === true ? mergeUsers(spread) : spread;
  return target.compat.bridgeAfterTool === true ? addBridges(target, joined) : joined;
}
