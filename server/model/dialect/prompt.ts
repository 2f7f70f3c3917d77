/**
 * An ordered history in the AI SDK's prompt. What only one target wants on the wire rides along as options of a message, which
 * the SDK writes into it unchanged. Pure.
 */
import type {
  LanguageModelV4FilePart,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  SharedV4ProviderOptions,
} from "@ai-sdk/provider";
import type { AssistantContent, Message, ToolOutcome } from "../../ports.ts";
import type { Target } from "../target.ts";
import { speaker } from "./history.ts";
import { idFor } from "./ids.ts";

/** What makes Gemini accept a call that another model made. */
const foreignSignature = "skip_thought_signature_validator";

type Wire = Record<string, unknown>;
type Spoken = Extract<LanguageModelV4Message, { role: "assistant" }>["content"][number];
type Assistant = Extract<Message, { role: "assistant" }>;

const onWire = (fields: Wire): { providerOptions?: SharedV4ProviderOptions } =>
  Object.keys(fields).length === 0
    ? {}
    : { providerOptions: { openaiCompatible: fields as SharedV4ProviderOptions[string] } };

const file = (image: { mediaType: string; data: Uint8Array }): LanguageModelV4FilePart => ({
  type: "file",
  mediaType: image.mediaType,
  data: { type: "data", data: image.data },
});

const textOf = (content: AssistantContent[], type: "text" | "reasoning") =>
  content.flatMap((part) => (part.type === type ? [part.text] : [])).join("");

function detailsOf(content: AssistantContent[]): unknown[] {
  return content.flatMap((part) => {
    const details = part.type === "text" ? undefined : part.replay?.reasoning_details;
    return Array.isArray(details) ? details : [];
  });
}

/** The fields of an assistant message that say what was thought. */
function reasoningFields(target: Target, content: AssistantContent[]): Wire {
  const { compat } = target;
  const thought = textOf(content, "reasoning");
  const said = textOf(content, "text");
  const calls = content.some((part) => part.type === "call");
  const details = compat.reasoningDetails === true ? detailsOf(content) : [];
  if (details.length > 0) return { reasoning_details: details, reasoning_content: undefined };
  if (thought === "" && compat.reasoningRequired !== true) return {};
  switch (compat.reasoningOut ?? "reasoning_content") {
    case "reasoning":
      return { reasoning: thought, reasoning_content: undefined };
    case "thinking-part":
      if (thought === "") return {};
      return {
        reasoning_content: undefined,
        content: [
          { type: "thinking", thinking: [{ type: "text", text: thought }] },
          ...(said === "" ? [] : [{ type: "text", text: said }]),
        ],
      };
    case "think-tags":
      return {
        reasoning_content: undefined,
        ...(thought === "" ? {} : { content: `<think>${thought}</think>\n${said}${said === "" && !calls ? " " : ""}` }),
      };
    case "none":
      return { reasoning_content: undefined };
    default:
      return { reasoning_content: thought };
  }
}

function signatureFields(target: Target, message: Assistant, part: Extract<AssistantContent, { type: "call" }>): Wire {
  if (target.compat.thoughtSignatures !== true) return {};
  const own = part.replay?.thoughtSignature;
  const first = message.content.find((one) => one.type === "call") === part;
  const signature =
    typeof own === "string" ? own : first && message.model !== speaker(target) ? foreignSignature : null;
  return signature === null ? {} : { extra_content: { google: { thought_signature: signature } } };
}

function assistantMessage(target: Target, message: Assistant): LanguageModelV4Message {
  const content = message.content.flatMap((part): Spoken[] => {
    if (part.type === "text") return [{ type: "text", text: part.text }];
    if (part.type === "reasoning") return [];
    const toolCallId = idFor(part.id, target.compat.toolIds);
    const fields = onWire(signatureFields(target, message, part));
    return [{ type: "tool-call", toolCallId, toolName: part.name, input: part.input ?? {}, ...fields }];
  });
  return { role: "assistant", content, ...onWire(reasoningFields(target, message.content)) };
}

function toolMessage(target: Target, results: ToolOutcome[]): LanguageModelV4Message {
  return {
    role: "tool",
    content: results.map((result) => ({
      type: "tool-result" as const,
      toolCallId: idFor(result.id, target.compat.toolIds),
      toolName: result.name,
      output:
        result.images.length === 0
          ? { type: "text" as const, value: result.output }
          : {
              type: "content" as const,
              value: [
                ...(result.output === "" ? [] : [{ type: "text" as const, text: result.output }]),
                ...result.images.map(file),
              ],
            },
      ...onWire(target.compat.requireToolName === true ? { name: result.name } : {}),
    })),
  };
}

export function promptOf(target: Target, system: string, messages: readonly Message[]): LanguageModelV4Prompt {
  const prompt: LanguageModelV4Prompt =
    system === ""
      ? []
      : [
          {
            role: "system",
            content: system,
            ...onWire(target.compat.systemRole === "developer" ? { role: "developer" } : {}),
          },
        ];
  for (const message of messages) {
    if (message.role === "assistant") prompt.push(assistantMessage(target, message));
    else if (message.role === "tool") prompt.push(toolMessage(target, message.results));
    else
      prompt.push({
        role: "user",
        content: message.content.map((part) =>
          part.type === "text" ? { type: "text" as const, text: part.text } : file(part),
        ),
      });
  }
  return prompt;
}
