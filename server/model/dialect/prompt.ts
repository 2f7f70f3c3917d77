/**
 * Builds the AI SDK's prompt from an adapted history. Fields that only one target needs are passed as options of a message, which the
 * SDK copies into the request unchanged. Pure.
 */
import type {
  LanguageModelV4FilePart,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  SharedV4ProviderOptions,
} from "@ai-sdk/provider";
import type { AssistantContent, Message, ToolOutcome } from "../../ports.ts";
import type { Target } from "../target.ts";
import { modelIdOf } from "./history.ts";
import { adaptCallId } from "./ids.ts";

/** Makes Gemini accept a call that another model made. */
const foreignSignature = "skip_thought_signature_validator";

type Wire = Record<string, unknown>;
type AssistantPart = Extract<LanguageModelV4Message, { role: "assistant" }>["content"][number];
type Assistant = Extract<Message, { role: "assistant" }>;

const addFields = (fields: Wire): { providerOptions?: SharedV4ProviderOptions } =>
  Object.keys(fields).length === 0
    ? {}
    : { providerOptions: { openaiCompatible: fields as SharedV4ProviderOptions[string] } };

const createFilePart = (image: { mediaType: string; data: Uint8Array }): LanguageModelV4FilePart => ({
  type: "file",
  mediaType: image.mediaType,
  data: { type: "data", data: image.data },
});

const joinText = (content: AssistantContent[], type: "text" | "reasoning") =>
  content.flatMap((part) => (part.type === type ? [part.text] : [])).join("");

function collectDetails(content: AssistantContent[]): unknown[] {
  return content.flatMap((part) => {
    const details = part.type === "text" ? undefined : part.providerMetadata?.reasoning_details;
    return Array.isArray(details) ? details : [];
  });
}

/** The fields of an assistant message that carry its reasoning. */
function buildReasoningFields(target: Target, content: AssistantContent[]): Wire {
  const { compat } = target;
  const reasoning = joinText(content, "reasoning");
  const text = joinText(content, "text");
  const calls = content.some((part) => part.type === "call");
  const details = compat.reasoningDetails === true ? collectDetails(content) : [];
  if (details.length > 0) return { reasoning_details: details, reasoning_content: undefined };
  if (reasoning === "" && compat.reasoningRequired !== true) return {};
  switch (compat.reasoningOut ?? "reasoning_content") {
    case "reasoning":
      return { reasoning, reasoning_content: undefined };
    case "thinking-part":
      if (reasoning === "") return {};
      return {
        reasoning_content: undefined,
        content: [
          { type: "thinking", thinking: [{ type: "text", text: reasoning }] },
          ...(text === "" ? [] : [{ type: "text", text }]),
        ],
      };
    case "think-tags":
      return {
        reasoning_content: undefined,
        ...(reasoning === ""
          ? {}
          : { content: `<think>${reasoning}</think>\n${text}${text === "" && !calls ? " " : ""}` }),
      };
    case "none":
      return { reasoning_content: undefined };
    default:
      return { reasoning_content: reasoning };
  }
}

function buildSignatureFields(
  target: Target,
  message: Assistant,
  part: Extract<AssistantContent, { type: "call" }>,
): Wire {
  if (target.compat.thoughtSignatures !== true) return {};
  const own = part.providerMetadata?.thoughtSignature;
  const first = message.content.find((one) => one.type === "call") === part;
  const signature =
    typeof own === "string" ? own : first && message.model !== modelIdOf(target) ? foreignSignature : null;
  return signature === null ? {} : { extra_content: { google: { thought_signature: signature } } };
}

function buildAssistantMessage(target: Target, message: Assistant): LanguageModelV4Message {
  const content = message.content.flatMap((part): AssistantPart[] => {
    if (part.type === "text") return [{ type: "text", text: part.text }];
    if (part.type === "reasoning") return [];
    const toolCallId = adaptCallId(part.id, target.compat.toolIds);
    const fields = addFields(buildSignatureFields(target, message, part));
    return [{ type: "tool-call", toolCallId, toolName: part.name, input: part.input ?? {}, ...fields }];
  });
  return { role: "assistant", content, ...addFields(buildReasoningFields(target, message.content)) };
}

function buildToolMessage(target: Target, results: ToolOutcome[]): LanguageModelV4Message {
  return {
    role: "tool",
    content: results.map((result) => ({
      type: "tool-result" as const,
      toolCallId: adaptCallId(result.id, target.compat.toolIds),
      toolName: result.name,
      output:
        result.images.length === 0
          ? { type: "text" as const, value: result.output }
          : {
              type: "content" as const,
              value: [
                ...(result.output === "" ? [] : [{ type: "text" as const, text: result.output }]),
                ...result.images.map(createFilePart),
              ],
            },
      ...addFields(target.compat.requireToolName === true ? { name: result.name } : {}),
    })),
  };
}

export function buildPrompt(target: Target, system: string, messages: readonly Message[]): LanguageModelV4Prompt {
  const prompt: LanguageModelV4Prompt =
    system === ""
      ? []
      : [
          {
            role: "system",
            content: system,
            ...addFields(target.compat.systemRole === "developer" ? { role: "developer" } : {}),
          },
        ];
  for (const message of messages) {
    if (message.role === "assistant") prompt.push(buildAssistantMessage(target, message));
    else if (message.role === "tool") prompt.push(buildToolMessage(target, message.results));
    else
      prompt.push({
        role: "user",
        content: message.content.map((part) =>
          part.type === "text" ? { type: "text" as const, text: part.text } : createFilePart(part),
        ),
      });
  }
  return prompt;
}
